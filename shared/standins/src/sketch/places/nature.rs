//! Woods, mountains, water.

use tiny_skia::Point;

use super::View;
use crate::sketch::{
    geometry::{Area, Shape, ellipse, lerp, moved, p},
    page::{FAR, HATCH, Ink, PAPER, Page, Pen, marker},
};

pub(super) fn forest(page: &mut Page, view: &View) {
    let frame = view.frame;
    let floor = Area::new(frame.left, view.horizon, frame.right, frame.bottom);
    page.fill(&floor.corners(), marker(if view.night { 0.3 } else { 0.05 }));
    let path = [
        moved(view.vanishing, -frame.width() * 0.02, 0.0),
        moved(view.vanishing, frame.width() * 0.02, 0.0),
        frame.at(0.72, 1.0),
        frame.at(0.24, 1.0),
    ];
    page.fill(&path, PAPER);
    page.curve(&[path[0], frame.at(0.42, 0.85), path[3]], FAR);
    page.curve(&[path[1], frame.at(0.56, 0.85), path[2]], FAR);
    for (count, near, dark) in [(9_u8, 0.0, 0.1), (6, 0.35, 0.2), (3, 0.9, 0.4)] {
        for index in 0..count {
            let share = (f32::from(index) + page.between(0.1, 0.9)) / f32::from(count);
            // The way stays open, but only where it would be blocked.
            let share = if near > 0.3 && (share - 0.5).abs() < 0.2 { share * 0.4 } else { share };
            trunk(page, view, share, near, dark + if view.night { 0.25 } else { 0.0 });
        }
    }
    foliage(page, &frame, view.night);
    grass(page, &floor);
}

fn trunk(page: &mut Page, view: &View, across: f32, near: f32, darkness: f32) {
    let frame = view.frame;
    let x = frame.at(across, 0.0).x;
    let foot = lerp(view.horizon, frame.bottom, near * 0.62) + page.between(0.0, 8.0) * page.unit;
    let half = frame.width() * lerp(0.008, 0.03, near) * page.between(0.7, 1.3);
    let bend = page.between(-0.03, 0.03) * frame.width();
    let (top, middle) = (frame.top - 10.0, lerp(frame.top, foot, 0.5));
    let shape = [
        p(x - half * 0.7 + bend, top),
        p(x - half * 0.8 + bend * 0.4, middle),
        p(x - half, foot - half),
        p(x - half * 2.1, foot + half * 0.4),
        p(x, foot + half * 0.2),
        p(x + half * 2.0, foot + half * 0.5),
        p(x + half, foot - half),
        p(x + half * 0.8 + bend * 0.4, middle),
        p(x + half * 0.7 + bend, top),
    ];
    let pen = if near > 0.5 { FAR.wide(1.6) } else { FAR.faint(0.6 + near * 0.5) };
    page.form(&shape, marker(darkness), pen);
    if near > 0.2 {
        let bark: Vec<Shape> = [-0.5, -0.1, 0.35, 0.65]
            .iter()
            .map(|side| {
                let (from, to) = (page.between(0.05, 0.5), page.between(0.55, 0.95));
                vec![
                    p(x + half * side + bend * (1.0 - from), lerp(frame.top, foot, from)),
                    p(x + half * side, lerp(frame.top, foot, to)),
                ]
            })
            .collect();
        page.curves(&bark, HATCH);
        let side = [p(x + half * 0.1, middle), p(x + half * 0.8, middle), p(x + half, foot), p(x + half * 0.2, foot)];
        page.hatch(&side, 70.0, 7.0, HATCH);
        let reach = page.side() * half * 7.0;
        let from = p(x, lerp(frame.top, foot, page.between(0.25, 0.5)));
        page.curve(&[from, moved(from, reach * 0.5, -half * 1.5), moved(from, reach, -half * 4.5)], pen);
    }
}

fn foliage(page: &mut Page, frame: &Area, night: bool) {
    let ink = marker(if night { 0.5 } else { 0.12 }).tinted(page.accent, 0.2);
    for _ in 0..12 {
        let at = frame.at(page.between(-0.05, 1.05), page.between(-0.06, 0.12));
        let size = frame.width() * page.between(0.06, 0.13);
        leaves(page, at, size, ink);
    }
}

/// A tuft of leaves: a ring of bumps with loops inside.
fn leaves(page: &mut Page, at: Point, size: f32, ink: Ink) {
    let bumps: Shape = ellipse(at, size, size * 0.55, 18)
        .into_iter()
        .enumerate()
        .map(|(index, point)| {
            let out = if index % 2 == 0 { 1.12 } else { 0.86 };
            p(lerp(at.x, point.x, out), lerp(at.y, point.y, out))
        })
        .collect();
    page.form(&bumps, ink, FAR);
    let mut loops = Vec::new();
    for _ in 0..6 {
        let (x, y) = (page.between(-0.6, 0.6), page.between(-0.3, 0.3));
        let from = moved(at, x * size, y * size);
        let s = size * 0.1;
        loops.push(vec![from, moved(from, s, -s), moved(from, 2.0 * s, 0.0), moved(from, 2.6 * s, -s * 0.8)]);
    }
    page.curves(&loops, HATCH.wide(1.2));
}

fn grass(page: &mut Page, floor: &Area) {
    let mut blades = Vec::new();
    for _ in 0..26 {
        let depth = page.between(0.08, 1.0);
        let at = floor.at(page.between(0.0, 1.0), depth);
        let tall = lerp(8.0, 26.0, depth) * page.unit;
        for lean in [-0.5, 0.0, 0.5] {
            let lean = lean + page.between(-0.2, 0.2);
            blades.push((at, moved(at, lean * tall, -tall * page.between(0.7, 1.0))));
        }
    }
    page.lines(&blades, FAR.wide(0.8));
}

pub(super) fn mountains(page: &mut Page, view: &View) {
    let frame = view.frame;
    for (height, dark, pen) in [(0.42, 0.06, FAR.faint(0.7)), (0.26, 0.14, FAR)] {
        let height = frame.height() * height;
        let mut ridge = vec![p(frame.left - 10.0, view.horizon - height * 0.3)];
        let mut x = frame.left;
        let mut peak = page.rng.bool();
        while x < frame.right + frame.width() * 0.1 {
            x += frame.width() * page.between(0.07, 0.15);
            let y = if peak { page.between(0.65, 1.1) } else { page.between(0.2, 0.5) };
            ridge.push(p(x, view.horizon - height * y));
            peak = !peak;
        }
        let mut shape = ridge.clone();
        shape.extend([p(x, view.horizon + 6.0), p(frame.left - 10.0, view.horizon + 6.0)]);
        page.fill(&shape, marker(dark + if view.night { 0.2 } else { 0.0 }));
        page.corners(&ridge, pen);
        slopes(page, &ridge, view.horizon);
    }
    super::city::ground(page, view);
    pines(page, view);
    grass(page, &Area::new(frame.left, view.horizon, frame.right, frame.bottom));
}

/// The shaded side of every peak.
fn slopes(page: &mut Page, ridge: &[Point], base: f32) {
    for triple in ridge.windows(3) {
        if let [before, peak, after] = triple
            && peak.y < before.y
            && peak.y < after.y
        {
            let fold = p(lerp(peak.x, after.x, 0.25), lerp(peak.y, base, 0.55));
            let shade = [*peak, *after, p(after.x, lerp(after.y, base, 0.4)), fold];
            page.hatch(&shade, 62.0, 8.0, HATCH);
            page.curve(&[*peak, p(lerp(peak.x, after.x, 0.06), lerp(peak.y, fold.y, 0.5)), fold], FAR.wide(0.8));
        }
    }
}

fn pines(page: &mut Page, view: &View) {
    let frame = view.frame;
    for _ in 0..page.rng.u8(3..9) {
        let share = page.between(0.0, 1.0);
        let share = if (share - 0.5).abs() < 0.25 { share * 0.5 } else { share };
        let foot = p(frame.at(share, 0.0).x, view.horizon + frame.height() * page.between(0.0, 0.12));
        let tall = frame.height() * page.between(0.1, 0.22);
        let mut edge = vec![moved(foot, 0.0, -tall)];
        for step in [0.3_f32, 0.55, 0.8] {
            edge.push(moved(foot, tall * 0.2 * step, -tall * (1.0 - step)));
            edge.push(moved(foot, tall * 0.1 * step, -tall * (1.0 - step) - tall * 0.02));
        }
        let mirrored: Shape = edge.iter().rev().map(|point| p(2.0 * foot.x - point.x, point.y)).collect();
        edge.extend(mirrored);
        page.block(&edge, marker(0.32), FAR);
        page.hatch(&edge, 75.0, 7.0, HATCH);
        page.line(foot, moved(foot, 0.0, -tall * 0.2), FAR.wide(1.8));
    }
}

pub(super) fn sea(page: &mut Page, view: &View) {
    let frame = view.frame;
    let water = Area::new(frame.left, view.horizon, frame.right, frame.bottom);
    page.fill(&water.corners(), marker(if view.night { 0.3 } else { 0.04 }).tinted(page.accent, 0.22));
    page.line(p(frame.left, view.horizon), p(frame.right, view.horizon), FAR.wide(1.2));
    let mut waves = Vec::new();
    for row in 1..12_u8 {
        let depth = f32::from(row) / 12.0;
        let y = lerp(view.horizon, frame.bottom, depth * depth * 0.8 + 0.04);
        for _ in 0..5 {
            let x = frame.at(page.between(0.0, 1.0), 0.0).x;
            let (long, tall) = (frame.width() * lerp(0.02, 0.07, depth), frame.height() * lerp(0.003, 0.014, depth));
            waves.push(vec![p(x, y), p(x + long * 0.3, y - tall), p(x + long * 0.6, y), p(x + long, y - tall * 0.7)]);
        }
    }
    page.curves(&waves, FAR.wide(0.9));
    if page.chance(0.6) {
        boat(page, view, FAR);
    }
    let beach = [
        frame.at(-0.02, 0.94),
        frame.at(0.3, 0.82),
        frame.at(0.65, 0.86),
        frame.at(1.02, 0.74),
        frame.at(1.02, 1.04),
        frame.at(-0.02, 1.04),
    ];
    page.form(&beach, PAPER, FAR);
    page.hatch(&beach, 4.0, 16.0, HATCH.faint(0.6));
}

fn boat(page: &mut Page, view: &View, pen: Pen) {
    let size = view.frame.width() * page.between(0.04, 0.08);
    let at = p(view.frame.at(page.between(0.12, 0.88), 0.0).x, view.horizon + size * 0.12);
    let hull = [
        moved(at, -size, -size * 0.22),
        moved(at, size, -size * 0.28),
        moved(at, size * 0.6, 0.0),
        moved(at, -size * 0.7, 0.0),
    ];
    page.block(&hull, marker(0.4), pen);
    let sail = [moved(at, 0.0, -size * 1.7), moved(at, size * 0.75, -size * 0.4), moved(at, 0.0, -size * 0.36)];
    page.block(&sail, PAPER, pen);
    page.line(moved(at, 0.0, -size * 1.8), moved(at, 0.0, -size * 0.25), pen);
}
