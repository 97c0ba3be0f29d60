//! The gate between two worlds: a ring of light, broken pillars, steps.

use super::{View, city};
use crate::sketch::{
    geometry::{Shape, along, ellipse, lerp, moved, p},
    page::{BLUE, FAR, HATCH, PAPER, PENCIL, Page, marker},
};

pub(super) fn gate(page: &mut Page, view: &View) {
    let frame = view.frame;
    city::ground(page, view);
    let centre = p(view.vanishing.x, lerp(frame.top, view.horizon, 0.52));
    let size = (view.horizon - frame.top).min(frame.width()) * page.between(0.36, 0.72);
    glow(page, centre, size);
    let stone = [1.16, 1.0];
    for (index, share) in stone.iter().enumerate() {
        let ring = ellipse(centre, size * share * 0.86, size * share, 22);
        let ink = if index == 0 { marker(0.3) } else { PAPER.tinted(page.accent, 0.5) };
        page.form(&ring, ink, PENCIL.wide(0.9));
    }
    swirl(page, centre, size);
    blocks(page, centre, size);
    steps(page, view, centre.x, size);
    for (side, far) in [(-1.0, 1.0), (1.0, 1.0), (-1.0, 1.6), (1.0, 1.6)] {
        if page.chance(0.72) {
            let x = view.vanishing.x + side * far * (size * 1.1 + frame.width() * page.between(0.04, 0.14));
            pillar(page, view, x, far);
        }
    }
    rubble(page, view);
}

fn glow(page: &mut Page, centre: tiny_skia::Point, size: f32) {
    let mut rays = Vec::new();
    for step in 0..26_u8 {
        let degrees = f32::from(step) * 360.0 / 26.0 + page.between(-4.0, 4.0);
        let (from, to) = (page.between(1.24, 1.32), page.between(1.4, 1.9));
        rays.push((along(centre, degrees, size * from), along(centre, degrees, size * to)));
    }
    page.lines(&rays, HATCH);
    page.ring(&ellipse(centre, size * 1.3 * 0.9, size * 1.3, 20), BLUE);
}

/// Arms that wind into the middle.
fn swirl(page: &mut Page, centre: tiny_skia::Point, size: f32) {
    let mut arms: Vec<Shape> = Vec::new();
    for arm in 0..7_u8 {
        let start = f32::from(arm) * 360.0 / 7.0 + page.between(-10.0, 10.0);
        let arm = (0..9_u8)
            .map(|step| {
                let share = f32::from(step) / 8.0;
                let point = along(p(0.0, 0.0), start + share * 170.0, size * (0.92 - share * 0.86));
                moved(centre, point.x * 0.86, point.y)
            })
            .collect();
        arms.push(arm);
    }
    page.curves(&arms, PENCIL.wide(0.8));
    page.fill_curve(&ellipse(centre, size * 0.2, size * 0.24, 10), PAPER);
    page.ring(&ellipse(centre, size * 0.2, size * 0.24, 10), FAR);
}

/// The joints between the stones of the ring.
fn blocks(page: &mut Page, centre: tiny_skia::Point, size: f32) {
    let mut joints = Vec::new();
    for step in 0..16_u8 {
        let degrees = f32::from(step) * 22.5 + page.between(-5.0, 5.0);
        let at = |reach: f32| {
            let point = along(p(0.0, 0.0), degrees, size * reach);
            moved(centre, point.x * 0.86, point.y)
        };
        joints.push((at(1.0), at(1.16)));
    }
    page.lines(&joints, PENCIL.wide(0.8));
}

fn steps(page: &mut Page, view: &View, x: f32, size: f32) {
    for step in (0..4_u8).rev() {
        let share = f32::from(step) / 4.0;
        let half = size * (0.9 + share * 0.7);
        let top = view.horizon + view.frame.height() * (0.01 + share * 0.09);
        let tall = view.frame.height() * 0.035;
        let block = [p(x - half, top), p(x + half, top), p(x + half, top + tall), p(x - half, top + tall)];
        page.block(&block, marker(0.05 + share * 0.1), FAR);
        let front = [
            p(x - half, top + tall * 0.4),
            p(x + half, top + tall * 0.4),
            p(x + half, top + tall),
            p(x - half, top + tall),
        ];
        page.hatch(&front, 90.0, 10.0, HATCH);
    }
}

fn pillar(page: &mut Page, view: &View, x: f32, near: f32) {
    let frame = view.frame;
    let half = frame.width() * 0.03 * near;
    let foot = view.horizon + frame.height() * 0.1 * near * near;
    let top = lerp(frame.top, view.horizon, page.between(-0.1, 0.5));
    let jag = [page.between(-0.4, 0.6), page.between(-0.4, 0.6)].map(|share| share * half);
    let shaft = [
        p(x - half, top + jag[0]),
        p(x - half * 0.3, top - half * 0.5),
        p(x + half * 0.2, top + jag[1]),
        p(x + half, top - half * 0.2),
        p(x + half, foot),
        p(x - half, foot),
    ];
    page.block(&shaft, marker(0.14), PENCIL.wide(0.9));
    let flutes: Vec<_> =
        [-0.5, 0.0, 0.5].iter().map(|side| (p(x + half * side, top + half), p(x + half * side, foot))).collect();
    page.lines(&flutes, FAR);
    let shade = [p(x + half * 0.2, top + half), p(x + half, top + half), p(x + half, foot), p(x + half * 0.2, foot)];
    page.hatch(&shade, 60.0, 7.0, HATCH);
    let base = [
        p(x - half * 1.5, foot),
        p(x + half * 1.5, foot),
        p(x + half * 1.5, foot + half * 0.7),
        p(x - half * 1.5, foot + half * 0.7),
    ];
    page.block(&base, marker(0.1), PENCIL.wide(0.9));
}

fn rubble(page: &mut Page, view: &View) {
    for _ in 0..9 {
        let depth = page.between(0.3, 1.0);
        let at = p(view.frame.at(page.between(0.0, 1.0), 0.0).x, lerp(view.horizon, view.frame.bottom, depth));
        let size = view.frame.width() * 0.016 * depth * page.between(0.6, 1.6);
        let stone: Shape = ellipse(at, size, size * 0.7, 6)
            .into_iter()
            .map(|point| moved(point, page.between(-0.2, 0.2) * size, page.between(-0.2, 0.2) * size))
            .collect();
        page.block(&stone, marker(0.12), FAR);
    }
}
