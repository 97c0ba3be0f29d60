//! Heads. A face is drawn with as much detail as its size bears.

use tiny_skia::Point;

use super::{Joints, Person, hair};
use crate::sketch::{
    geometry::{Shape, ellipse, lerp, p, rotated},
    page::{BLUE, HATCH, PAPER, PENCIL, Page, marker},
};

/// What somebody feels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sketch) enum Mood {
    Calm,
    Glad,
    Angry,
    Afraid,
    Sad,
}

impl Mood {
    pub(in crate::sketch) const ALL: [Self; 5] = [Self::Calm, Self::Glad, Self::Angry, Self::Afraid, Self::Sad];
}

/// A head's own coordinates: x ahead and y down, both in heads from the middle of the head.
pub(super) struct Skull {
    centre: Point,
    unit: f32,
    facing: f32,
    tilt: f32,
    /// 0 from the front, 1 three quarters.
    pub(super) turn: f32,
}

impl Skull {
    pub(super) fn of(joints: &Joints) -> Self {
        Self {
            centre: joints.head,
            unit: joints.unit,
            facing: joints.facing,
            tilt: joints.lean * 0.4 + joints.nod,
            turn: joints.turn,
        }
    }

    pub(super) fn at(&self, x: f32, y: f32) -> Point {
        let point = rotated(p(x * self.facing, y), self.tilt);
        p(self.centre.x + point.x * self.unit, self.centre.y + point.y * self.unit)
    }

    pub(super) fn shape(&self, points: &[(f32, f32)]) -> Shape {
        points.iter().map(|(x, y)| self.at(*x, *y)).collect()
    }

    /// The place between where something is on a front view and on a three-quarter one.
    fn turned(&self, front: (f32, f32), quarter: (f32, f32)) -> (f32, f32) {
        (lerp(front.0, quarter.0, self.turn), lerp(front.1, quarter.1, self.turn))
    }
}

/// The outline from the crown clockwise: as seen from the front, and from three quarters.
const OUTLINE: [((f32, f32), (f32, f32)); 16] = [
    ((0.0, -0.5), (0.02, -0.5)),
    ((0.2, -0.46), (0.2, -0.46)),
    ((0.33, -0.3), (0.315, -0.3)),
    ((0.365, -0.12), (0.33, -0.14)),
    ((0.355, 0.02), (0.292, 0.0)),
    ((0.34, 0.13), (0.315, 0.1)),
    ((0.285, 0.28), (0.265, 0.27)),
    ((0.17, 0.42), (0.195, 0.42)),
    ((0.06, 0.5), (0.12, 0.495)),
    ((-0.06, 0.5), (0.02, 0.485)),
    ((-0.17, 0.42), (-0.1, 0.39)),
    ((-0.285, 0.28), (-0.205, 0.24)),
    ((-0.34, 0.13), (-0.3, 0.06)),
    ((-0.365, -0.12), (-0.42, -0.14)),
    ((-0.33, -0.3), (-0.385, -0.34)),
    ((-0.2, -0.46), (-0.2, -0.48)),
];

pub(super) fn draw(page: &mut Page, person: &Person, joints: &Joints, mood: Mood) {
    let skull = Skull::of(joints);
    let outline: Vec<_> = OUTLINE.iter().map(|(front, quarter)| skull.turned(*front, *quarter)).collect();
    page.form(&skull.shape(&outline), PAPER, PENCIL);
    let size = joints.unit / page.unit;
    if size > 46.0 {
        construction(page, &skull);
    }
    ear(page, &skull);
    shade(page, &skull);
    eyes(page, &skull, mood, size);
    nose_and_mouth(page, &skull, mood, size);
    hair::over(page, person, joints, &skull);
}

/// The cross that a face is hung on, left standing as sketches have it.
fn construction(page: &mut Page, skull: &Skull) {
    let x = 0.13 * skull.turn;
    page.curve(&skull.shape(&[(x * 0.6, -0.5), (x * 1.5, 0.0), (x * 1.1, 0.52)]), BLUE);
    page.curve(&skull.shape(&[(-0.4, 0.02), (x, 0.09), (0.38, 0.02)]), BLUE);
}

fn ear(page: &mut Page, skull: &Skull) {
    let ears: &[f32] = if skull.turn < 0.35 { &[-1.0, 1.0] } else { &[-1.0] };
    for side in ears {
        let x = lerp(0.365, 0.16, skull.turn) * side;
        let out = 0.075 * side;
        let shape = skull.shape(&[(x, -0.03), (x + out, -0.06), (x + out, 0.08), (x + out * 0.4, 0.17), (x, 0.14)]);
        page.form(&shape, PAPER, PENCIL.wide(0.8));
    }
}

fn shade(page: &mut Page, skull: &Skull) {
    let x = skull.turn * 0.1;
    let cheek = skull.shape(&[(-0.32 + x, 0.1), (-0.2 + x, 0.12), (-0.12 + x, 0.36), (-0.24 + x, 0.26)]);
    page.hatch(&cheek, 58.0, 7.0, HATCH);
}

fn eyes(page: &mut Page, skull: &Skull, mood: Mood, size: f32) {
    let middle = 0.12 * skull.turn;
    let near = (middle - 0.17 + 0.02 * skull.turn, 0.088);
    let far = (middle + 0.17 - 0.05 * skull.turn, 0.088 * (1.0 - 0.36 * skull.turn));
    for ((x, half), out) in [(near, -1.0), (far, 1.0)] {
        let open = match mood {
            Mood::Afraid => 1.25,
            Mood::Angry => 0.75,
            Mood::Calm | Mood::Sad => 0.9,
            Mood::Glad => 0.55,
        };
        brow(page, skull, mood, x, half, out);
        if size < 34.0 {
            page.line(skull.at(x, 0.0), skull.at(x, 0.08), PENCIL.wide(1.3));
            continue;
        }
        eye(page, skull, x, half, open, out, size);
    }
}

fn brow(page: &mut Page, skull: &Skull, mood: Mood, x: f32, half: f32, out: f32) {
    // Positive lowers the inner end: anger. Negative raises it: fear and grief.
    let slant = match mood {
        Mood::Angry => 0.075,
        Mood::Afraid => -0.06,
        Mood::Sad => -0.05,
        Mood::Calm => 0.012,
        Mood::Glad => -0.01,
    };
    let y = if mood == Mood::Afraid { -0.15 } else { -0.115 };
    let (inner, outer) = (x - out * half, x + out * half * 1.15);
    let shape = skull.shape(&[(inner, y + slant), (x + out * half * 0.3, y - 0.025), (outer, y + 0.005 - slant * 0.3)]);
    page.curve(&shape, PENCIL.wide(1.5));
}

fn eye(page: &mut Page, skull: &Skull, x: f32, half: f32, open: f32, out: f32, size: f32) {
    let (inner, outer) = (x - out * half, x + out * half);
    let top = 0.035 - 0.085 * open;
    let lid = skull.shape(&[
        (inner, 0.04),
        (x - out * half * 0.5, top + 0.02),
        (x + out * half * 0.2, top),
        (outer, 0.01),
        (outer + out * 0.02, 0.03),
    ]);
    let low = skull.shape(&[(inner + out * 0.03, 0.085), (x, 0.1), (outer - out * 0.01, 0.07)]);
    let mut white = lid.clone();
    white.extend(low.iter().rev());
    page.fill_curve(&white, PAPER);
    let tall = 0.062 * open.max(0.65);
    let iris = ellipse(p(0.0, 0.0), half * 0.52, tall, 10);
    let iris: Vec<_> = iris.iter().map(|point| (x + point.x + 0.012 * skull.turn, 0.042 + point.y)).collect();
    let (iris, light) = (skull.shape(&iris), skull.at(x + half * 0.16, 0.02));
    if size < 80.0 {
        page.fill_curve(&iris, marker(0.9));
        page.curve(&lid, PENCIL.wide(1.2));
        return;
    }
    page.form(&iris, marker(0.78), PENCIL.wide(0.7));
    if size > 60.0 {
        let pupil =
            ellipse(skull.at(x + 0.012 * skull.turn, 0.045), half * 0.24 * skull.unit, tall * 0.5 * skull.unit, 8);
        page.fill_curve(&pupil, marker(1.0));
    }
    let glint = ellipse(light, half * 0.17 * skull.unit, tall * 0.3 * skull.unit, 7);
    page.fill_curve(&glint, PAPER);
    page.curve(&lid, PENCIL.wide(if size > 90.0 { 2.4 } else { 1.7 }));
    page.curve(&low, PENCIL.wide(0.6));
    if size > 90.0 {
        let crease = skull.shape(&[(inner + out * 0.02, top - 0.005), (x, top - 0.035), (outer, -0.03)]);
        let lashes = [
            vec![skull.at(outer, 0.01), skull.at(outer + out * 0.035, -0.01)],
            vec![skull.at(outer - out * 0.02, -0.01), skull.at(outer + out * 0.015, -0.035)],
            crease,
        ];
        page.curves(&lashes, PENCIL.wide(0.7));
    }
}

fn nose_and_mouth(page: &mut Page, skull: &Skull, mood: Mood, size: f32) {
    let x = 0.14 * skull.turn;
    let tip = x + 0.07 * skull.turn + 0.012;
    let nose = skull.shape(&[(x + 0.02, 0.1), (tip, 0.205), (x - 0.01, 0.222)]);
    page.curve(&nose, PENCIL.wide(0.7));
    let half = 0.085;
    let y = 0.325;
    let mouth = match mood {
        Mood::Calm => [(x - half, y), (x, y + 0.012), (x + half * 0.8, y - 0.004)],
        Mood::Glad => [(x - half * 1.2, y - 0.02), (x, y + 0.045), (x + half, y - 0.024)],
        Mood::Sad => [(x - half, y + 0.02), (x, y - 0.012), (x + half * 0.8, y + 0.018)],
        Mood::Angry | Mood::Afraid => {
            let tall = if mood == Mood::Angry { 0.06 } else { 0.085 };
            let wide = if mood == Mood::Angry { half * 1.2 } else { half * 0.7 };
            let open = skull.shape(&[
                (x - wide, y - 0.02),
                (x, y - 0.035),
                (x + wide * 0.85, y - 0.02),
                (x + wide * 0.6, y + tall),
                (x - wide * 0.6, y + tall),
            ]);
            page.form(&open, marker(0.72), PENCIL.wide(0.9));
            if size > 60.0 {
                let teeth = skull.shape(&[
                    (x - wide * 0.8, y - 0.015),
                    (x + wide * 0.7, y - 0.015),
                    (x + wide * 0.55, y + 0.012),
                    (x - wide * 0.6, y + 0.012),
                ]);
                page.fill(&teeth, PAPER);
            }
            return;
        }
    };
    page.curve(&skull.shape(&mouth), PENCIL.wide(1.1));
    if size > 60.0 {
        page.curve(&skull.shape(&[(x - 0.03, y + 0.05), (x, y + 0.058), (x + 0.03, y + 0.05)]), HATCH);
    }
}
