//! Hair: a mass behind the head, a cap with a fringe over it, and the strands that show its flow.

use super::{Joints, Person, face::Skull};
use crate::sketch::{
    geometry::{Shape, between, curve, moved},
    page::{PAPER, PENCIL, Page, marker},
};

/// How somebody wears it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Style {
    cut: Cut,
    fringe: Fringe,
    /// How far it stands off the skull, in heads.
    volume: f32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cut {
    Short,
    Spiky,
    Bob,
    Long,
    Tail,
    Bun,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fringe {
    Swept,
    Parted,
    Jagged,
    Straight,
}

impl Style {
    pub(super) fn new(page: &mut Page, slight: bool) -> Self {
        let cuts: &[Cut] = if slight {
            &[Cut::Bob, Cut::Long, Cut::Long, Cut::Tail, Cut::Bun]
        } else {
            &[Cut::Short, Cut::Short, Cut::Spiky, Cut::Spiky, Cut::Long]
        };
        let fringes = [Fringe::Swept, Fringe::Parted, Fringe::Jagged, Fringe::Straight];
        Self {
            cut: page.pick(cuts).unwrap_or(Cut::Short),
            fringe: page.pick(&fringes).unwrap_or(Fringe::Swept),
            volume: page.between(0.07, 0.13),
        }
    }
}

/// What hangs behind the head and the shoulders.
pub(super) fn behind(page: &mut Page, person: &Person, joints: &Joints) {
    let skull = Skull::of(joints);
    let sway = page.between(-0.05, 0.35);
    let shape: &[(f32, f32)] = match person.hair.cut {
        Cut::Short | Cut::Spiky => return,
        Cut::Bob => &[
            (-0.3, -0.4),
            (-0.5, -0.05),
            (-0.48, 0.42),
            (-0.2, 0.5),
            (0.2, 0.46),
            (0.42, 0.38),
            (0.44, -0.1),
            (0.2, -0.45),
        ],
        Cut::Long => &[
            (-0.3, -0.4),
            (-0.5 - sway * 0.3, 0.1),
            (-0.58 - sway, 0.8),
            (-0.5 - sway * 1.8, 1.55),
            (-0.2 - sway, 1.42),
            (0.1 - sway * 0.5, 1.5),
            (0.36, 0.9),
            (0.44, 0.1),
            (0.2, -0.45),
        ],
        Cut::Tail => &[
            (-0.34, -0.34),
            (-0.62, -0.4),
            (-0.86 - sway, 0.0),
            (-0.92 - sway * 1.6, 0.7),
            (-0.82 - sway * 2.0, 1.3),
            (-0.68 - sway, 0.8),
            (-0.5, 0.2),
            (-0.36, -0.1),
        ],
        Cut::Bun => &[(-0.3, -0.42), (-0.42, -0.66), (-0.2, -0.78), (-0.04, -0.64), (-0.08, -0.46)],
    };
    let shape = skull.shape(shape);
    page.form(&shape, person.hair_ink.tinted(marker(1.0), 0.15), PENCIL);
    let tip = shape.get(shape.len() / 2).copied().unwrap_or_default();
    let strands: Vec<Shape> = shape
        .iter()
        .take(shape.len() / 2)
        .map(|point| vec![*point, moved(between(*point, tip, 0.5), joints.unit * 0.06, 0.0), tip])
        .collect();
    page.curves(&strands, strand_pen(person));
}

/// The cap over the skull and the fringe over the brow.
pub(super) fn over(page: &mut Page, person: &Person, joints: &Joints, skull: &Skull) {
    let style = person.hair;
    let outer = crown(page, style, skull.turn);
    let inner = fringe(page, style, skull.turn);
    let roots = outer.get(outer.len() / 2).copied().unwrap_or((0.0, -0.6));
    // The crown is round, the fringe has points.
    let (crown, tips) = (skull.shape(&outer), skull.shape(&inner));
    let spiky = style.cut == Cut::Spiky;
    let mut cap = if spiky { crown.clone() } else { curve(&crown, false, joints.unit * 0.06) };
    cap.extend(&tips);
    page.fill(&cap, person.hair_ink);
    if spiky {
        page.corners(&crown, PENCIL);
    } else {
        page.curve(&crown, PENCIL.wide(1.1));
    }
    page.corners(&tips, PENCIL);
    // Strands run from the crown to the tips of the fringe and down the sides.
    let mut strands = Vec::new();
    for (x, y) in inner.iter().chain(&outer) {
        let share = page.between(0.25, 0.5);
        let (from_x, from_y) = (roots.0 * (1.0 - share) + x * share, roots.1 * (1.0 - share) + y * share);
        strands.push(vec![
            skull.at(from_x, from_y + 0.05),
            skull.at((from_x + x) * 0.5 + 0.03, (from_y + y) * 0.5 - 0.02),
            skull.at(*x, *y),
        ]);
    }
    page.curves(&strands, strand_pen(person));
    let dark = person.hair_ink.is_dark();
    if dark && joints.unit > 34.0 * page.unit {
        let x = -0.1 + 0.1 * skull.turn;
        let shine: Vec<Shape> = [0.0, 0.05, 0.11, 0.16]
            .iter()
            .map(|step| skull.shape(&[(x + step, -0.44 + step * 0.3), (x + step - 0.03, -0.3 + step * 0.3)]))
            .collect();
        page.curves(&shine, PENCIL.wide(1.0).with_ink(PAPER).faint(0.75));
    }
}

fn strand_pen(person: &Person) -> crate::sketch::page::Pen {
    let dark = person.hair_ink.is_dark();
    if dark { PENCIL.wide(0.6).with_ink(marker(0.45)) } else { PENCIL.wide(0.6) }
}

/// From the near temple over the crown to the far one, in heads.
fn crown(page: &mut Page, style: Style, turn: f32) -> Vec<(f32, f32)> {
    let v = style.volume;
    let back = -0.37 - 0.06 * turn;
    let low = match style.cut {
        Cut::Short | Cut::Spiky | Cut::Tail | Cut::Bun => 0.1,
        Cut::Bob => 0.36,
        Cut::Long => 0.5,
    };
    let base = [
        (back + 0.1 * turn, low),
        (back - v * 0.7, -0.02),
        (back - v, -0.22),
        (back + 0.06 - v, -0.4),
        (-0.22, -0.5 - v * 0.8),
        (0.0, -0.52 - v),
        (0.2, -0.49 - v * 0.8),
        (0.33, -0.36 - v * 0.5),
        (0.385 - 0.04 * turn + v * 0.3, -0.16),
        (0.385 - 0.05 * turn, low * 0.6),
    ];
    if style.cut != Cut::Spiky {
        return base.to_vec();
    }
    let mut spiky = Vec::new();
    for pair in base.windows(2) {
        if let [from, to] = pair {
            let reach = page.between(1.12, 1.38);
            spiky.push(*from);
            spiky.push(((from.0 + to.0) * 0.5 * reach, (from.1 + to.1) * 0.5 * reach - 0.03));
        }
    }
    spiky.extend(base.last());
    spiky
}

/// From the far temple back to the near one: the lower edge of the fringe, in heads.
fn fringe(page: &mut Page, style: Style, turn: f32) -> Vec<(f32, f32)> {
    let (far, near) = (0.3 - 0.03 * turn, -0.33 + 0.12 * turn);
    let mut edge = vec![(far + 0.02, -0.12)];
    let tip = |page: &mut Page| page.between(-0.1, -0.02);
    match style.fringe {
        Fringe::Straight => {
            for step in [0.85, 0.68, 0.5, 0.34, 0.16] {
                let x = near + (far - near) * step;
                edge.push((x + 0.02, -0.09));
                edge.push((x, -0.13));
            }
        }
        Fringe::Jagged => {
            for step in [0.86, 0.64, 0.42, 0.2] {
                let x = near + (far - near) * step;
                edge.push((x + 0.05, tip(page) + 0.03));
                edge.push((x - 0.04, -0.24));
            }
        }
        Fringe::Parted => {
            let part = near + (far - near) * page.between(0.4, 0.65);
            edge.extend([(far - 0.02, -0.02), (far - 0.1, -0.18), (part + 0.04, -0.36), (part - 0.03, -0.36)]);
            edge.extend([(near + 0.14, -0.22), (near + 0.03, 0.0)]);
        }
        Fringe::Swept => {
            let low = tip(page);
            edge.extend([(far - 0.05, -0.2), (near + 0.42, -0.3), (near + 0.3, low - 0.06), (near + 0.22, -0.18)]);
            edge.extend([(near + 0.12, low + 0.02), (near + 0.08, -0.14)]);
        }
    }
    edge.push((near, -0.02));
    edge.push((near - 0.02, 0.12));
    edge
}
