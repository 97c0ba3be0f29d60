//! Monsters: a hulk with spines, or a winged serpent. Dark masses with bright eyes.

use tiny_skia::Point;

use super::{
    geometry::{Shape, along, between, ellipse, moved, p},
    page::{HATCH, Ink, PAPER, PENCIL, Page, marker},
};

/// A place for a monster: its own coordinates run from -1 to 1 and from 0 (ground) to -2 (top).
struct Lair {
    foot: Point,
    size: f32,
    facing: f32,
}

impl Lair {
    fn at(&self, x: f32, y: f32) -> Point {
        moved(self.foot, x * self.size * self.facing, y * self.size)
    }

    fn shape(&self, points: &[(f32, f32)]) -> Shape {
        points.iter().map(|(x, y)| self.at(*x, *y)).collect()
    }
}

/// Draws one of them with its feet here; it stands two sizes high.
pub(super) fn draw(page: &mut Page, foot: Point, size: f32, facing: f32) {
    let lair = Lair { foot, size, facing };
    if page.rng.bool() { hulk(page, &lair) } else { serpent(page, &lair) }
}

fn hulk(page: &mut Page, lair: &Lair) {
    let hide = marker(page.between(0.5, 0.68));
    spines(page, lair, &[(-0.72, -1.25), (-0.5, -1.58), (-0.2, -1.78), (0.1, -1.84), (0.36, -1.74)], 0.34);
    limb(page, lair, &[(-0.66, -1.3), (-0.98, -0.8), (-0.86, -0.16)], &[0.22, 0.2, 0.17, 0.19, 0.16], hide);
    for side in [-0.36, 0.34] {
        limb(
            page,
            lair,
            &[(side, -0.72), (side * 1.25, -0.36), (side * 1.2, -0.04)],
            &[0.25, 0.23, 0.18, 0.15, 0.18],
            hide,
        );
    }
    let trunk = lair.shape(&[
        (0.0, -1.86),
        (0.4, -1.78),
        (0.72, -1.5),
        (0.74, -1.16),
        (0.52, -0.8),
        (0.46, -0.52),
        (0.0, -0.44),
        (-0.46, -0.52),
        (-0.58, -0.86),
        (-0.8, -1.2),
        (-0.72, -1.5),
        (-0.4, -1.76),
    ]);
    page.form(&trunk, hide, PENCIL.wide(1.2));
    page.hatch(&trunk, 64.0, 8.0, HATCH.wide(1.3));
    let chest: Vec<Shape> = [-0.25_f32, 0.25]
        .iter()
        .map(|side| lair.shape(&[(side * 0.2, -1.1), (side * 1.6, -1.0), (side * 2.3, -1.2)]))
        .collect();
    page.curves(&chest, PENCIL);
    head(page, lair, (0.34, -1.56), 0.36, hide);
    limb(page, lair, &[(0.62, -1.32), (1.0, -0.9), (0.94, -0.22)], &[0.25, 0.22, 0.18, 0.21, 0.17], hide);
    for hand in [(-0.86, -0.1), (0.94, -0.16)] {
        claws(page, lair, hand);
    }
}

fn serpent(page: &mut Page, lair: &Lair) {
    let hide = marker(page.between(0.42, 0.6)).tinted(page.accent, 0.2);
    wing(page, lair, -1.0, hide);
    let course: Shape = lair.shape(&[
        (-1.2, -0.1),
        (-0.7, -0.04),
        (-0.2, -0.28),
        (-0.3, -0.8),
        (0.06, -1.1),
        (0.4, -1.3),
        (0.36, -1.66),
    ]);
    let course = super::geometry::curve(&course, false, lair.size * 0.12);
    let count = course.len().max(1) as f32;
    let widths: Vec<f32> = (0..course.len() * 2)
        .map(|index| {
            let share = index as f32 / 2.0 / count;
            lair.size * (0.05 + 0.3 * (share * std::f32::consts::PI).sin().max(0.0) * (1.0 - share * 0.45))
        })
        .collect();
    let body = super::figure::sleeve(&course, &widths);
    page.block(&body, hide, PENCIL.wide(1.1));
    page.hatch(&body, 58.0, 9.0, HATCH.wide(1.2));
    let mut scales = Vec::new();
    for pair in course.windows(2).step_by(2) {
        if let [from, to] = pair {
            let side = super::geometry::normal(*from, *to);
            let w = lair.size * 0.1;
            scales.push(vec![moved(*from, side.x * w, side.y * w), *to, moved(*from, -side.x * w, -side.y * w)]);
        }
    }
    page.curves(&scales, PENCIL.wide(0.7));
    wing(page, lair, 0.4, hide);
    head(page, lair, (0.46, -1.74), 0.34, hide);
}

fn wing(page: &mut Page, lair: &Lair, lean: f32, hide: Ink) {
    let root = (-0.16, -0.95);
    let tips = [(-1.5 + lean * 0.3, -1.75), (-1.55, -1.15), (-1.3, -0.75), (-0.85, -0.55)];
    let elbow = (-0.72 + lean * 0.2, -1.95);
    let mut edge = vec![root, elbow];
    for pair in tips.windows(2) {
        if let [from, to] = pair {
            edge.push(*from);
            edge.push(((from.0 + to.0) * 0.5 + 0.16, (from.1 + to.1) * 0.5 - 0.02));
        }
    }
    edge.extend(tips.last());
    let shape = lair.shape(&edge);
    page.block(&shape, hide.tinted(PAPER, 0.35), PENCIL);
    page.hatch(&shape, 40.0, 10.0, HATCH);
    let bones: Vec<Shape> = tips
        .iter()
        .map(|(x, y)| lair.shape(&[elbow, ((elbow.0 + x) * 0.5 - 0.06, (elbow.1 + y) * 0.5), (*x, *y)]))
        .collect();
    page.curves(&bones, PENCIL.wide(1.2));
}

/// A skull with horns, a jaw full of teeth and an eye that glows.
fn head(page: &mut Page, lair: &Lair, (x, y): (f32, f32), size: f32, hide: Ink) {
    let at = |dx: f32, dy: f32| (x + dx * size, y + dy * size);
    for (root, tip) in [((-0.5, -0.5), (-1.3, -1.3)), ((0.05, -0.62), (-0.35, -1.6))] {
        let middle = ((root.0 + tip.0) * 0.5 - 0.12, (root.1 + tip.1) * 0.5 + 0.24);
        let horn = lair.shape(&[
            at(root.0 - 0.16, root.1 + 0.1),
            at(middle.0 - 0.06, middle.1),
            at(tip.0, tip.1),
            at(middle.0 + 0.16, middle.1 + 0.02),
            at(root.0 + 0.18, root.1),
        ]);
        page.form(&horn, PAPER, PENCIL);
    }
    let lower = lair.shape(&[at(-0.5, 0.3), at(0.1, 0.5), at(0.86, 0.66), at(1.0, 0.5), at(0.2, 0.26), at(-0.3, 0.1)]);
    page.form(&lower, hide, PENCIL);
    let mouth = lair.shape(&[at(-0.1, 0.16), at(1.02, 0.16), at(0.92, 0.52), at(0.1, 0.36)]);
    page.fill(&mouth, marker(1.0));
    let upper = lair.shape(&[
        at(-0.7, 0.2),
        at(-0.74, -0.3),
        at(-0.3, -0.66),
        at(0.25, -0.6),
        at(0.62, -0.26),
        at(1.12, -0.12),
        at(1.16, 0.16),
        at(0.5, 0.2),
        at(0.0, 0.18),
    ]);
    page.form(&upper, hide, PENCIL.wide(1.1));
    page.hatch(&upper, 55.0, 7.0, HATCH.wide(1.2));
    for step in 0..5_u8 {
        let dx = 0.16 + f32::from(step) * 0.2;
        let fang = lair.shape(&[at(dx - 0.07, 0.15), at(dx + 0.07, 0.15), at(dx, 0.15 + page.between(0.14, 0.26))]);
        page.block(&fang, PAPER, PENCIL.wide(0.6));
        let fang = lair.shape(&[at(dx - 0.04, 0.5), at(dx + 0.08, 0.52), at(dx + 0.02, 0.34)]);
        page.block(&fang, PAPER, PENCIL.wide(0.6));
    }
    let eye = lair.shape(&[at(0.1, -0.28), at(0.34, -0.3), at(0.5, -0.14), at(0.26, -0.12)]);
    page.block(&eye, PAPER.tinted(page.accent, 0.75), PENCIL.wide(1.3));
    page.curve(&lair.shape(&[at(0.0, -0.36), at(0.3, -0.36), at(0.6, -0.16)]), PENCIL.wide(1.8));
}

fn limb(page: &mut Page, lair: &Lair, course: &[(f32, f32)], widths: &[f32], hide: Ink) {
    let widths: Vec<f32> = widths.iter().map(|width| width * lair.size).collect();
    let shape = super::figure::sleeve(&lair.shape(course), &widths);
    page.form(&shape, hide, PENCIL.wide(1.2));
    page.hatch(&shape, 62.0, 8.0, HATCH.wide(1.3));
}

fn claws(page: &mut Page, lair: &Lair, (x, y): (f32, f32)) {
    for step in -1..=1_i8 {
        let root = lair.at(x + f32::from(step) * 0.1, y + 0.02);
        let tip = along(root, f32::from(step) * 14.0 * lair.facing, lair.size * 0.2);
        let side = lair.size * 0.045;
        page.block(&[moved(root, -side, 0.0), moved(root, side, 0.0), tip], PAPER, PENCIL.wide(0.7));
    }
}

fn spines(page: &mut Page, lair: &Lair, roots: &[(f32, f32)], size: f32) {
    let heart = lair.at(0.0, -1.0);
    for (x, y) in roots {
        let root = lair.at(*x, *y);
        let tip = between(heart, root, 1.0 + size * page.between(0.8, 1.3));
        let across = super::geometry::normal(heart, root);
        let half = lair.size * 0.09;
        let base = between(heart, root, 0.9);
        let shape =
            [moved(base, across.x * half, across.y * half), tip, moved(base, -across.x * half, -across.y * half)];
        page.block(&shape, marker(0.3), PENCIL);
    }
    page.fill_curve(&ellipse(p(heart.x, heart.y), lair.size * 0.3, lair.size * 0.3, 8), marker(0.5));
}
