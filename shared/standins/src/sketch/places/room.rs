//! Rooms and corridors, drawn from their far wall.

use super::View;
use crate::sketch::{
    geometry::{Area, Shape, ellipse, lerp, moved, p},
    page::{BLUE, FAR, HATCH, PAPER, Page, marker},
};

pub(super) fn room(page: &mut Page, view: &View) {
    let frame = view.frame;
    let wall = shell(page, view, 0.56);
    let floor = [frame.at(0.0, 1.0), p(wall.left, wall.bottom), p(wall.right, wall.bottom), frame.at(1.0, 1.0)];
    page.fill(&floor, marker(0.08));
    planks(page, view, &wall);
    let left_window = page.rng.bool();
    let (window_at, other_at) = if left_window { (0.08, 0.6) } else { (0.52, 0.08) };
    window(
        page,
        &Area {
            left: wall.at(window_at, 0.0).x,
            top: wall.at(0.0, 0.14).y,
            right: wall.at(window_at + 0.38, 0.0).x,
            bottom: wall.at(0.0, 0.66).y,
        },
        view.night,
    );
    if page.chance(0.5) {
        door(
            page,
            &Area {
                left: wall.at(other_at + 0.06, 0.0).x,
                top: wall.at(0.0, 0.2).y,
                right: wall.at(other_at + 0.3, 0.0).x,
                bottom: wall.bottom,
            },
        );
    } else {
        shelf(
            page,
            &Area {
                left: wall.at(other_at, 0.0).x,
                top: wall.at(0.0, 0.12).y,
                right: wall.at(other_at + 0.32, 0.0).x,
                bottom: wall.bottom,
            },
        );
    }
    lamp(page, view);
    if page.chance(0.7) {
        table(page, view);
    }
}

pub(super) fn corridor(page: &mut Page, view: &View) {
    let frame = view.frame;
    let wall = shell(page, view, 0.22);
    let floor = [frame.at(0.0, 1.0), p(wall.left, wall.bottom), p(wall.right, wall.bottom), frame.at(1.0, 1.0)];
    page.fill(&floor, marker(0.12));
    page.hatch(&wall.corners(), 90.0, 8.0, HATCH);
    door(
        page,
        &Area { left: wall.at(0.2, 0.0).x, top: wall.at(0.0, 0.25).y, right: wall.at(0.8, 0.0).x, bottom: wall.bottom },
    );
    // Doors on both sides and lamps overhead, closer together as they are farther.
    for (near, far) in [(0.06, 0.3), (0.44, 0.6), (0.7, 0.8)] {
        for (edge, inner) in [(frame.left, wall.left), (frame.right, wall.right)] {
            let x = |share: f32| lerp(edge, inner, share);
            let top = |share: f32| lerp(lerp(frame.top, frame.bottom, 0.22), lerp(wall.top, wall.bottom, 0.22), share);
            let foot = |share: f32| lerp(frame.bottom, wall.bottom, share);
            let door = [p(x(near), top(near)), p(x(far), top(far)), p(x(far), foot(far)), p(x(near), foot(near))];
            page.block(&door, marker(0.2), FAR);
            let knob = ellipse(
                p(x(lerp(near, far, 0.82)), lerp(top(far), foot(far), 0.55)),
                4.0 * page.unit,
                4.0 * page.unit,
                6,
            );
            page.fill_curve(&knob, marker(0.7));
        }
        let lamp = |share: f32, across: f32| {
            let (left, right) = (lerp(frame.left, wall.left, share), lerp(frame.right, wall.right, share));
            p(lerp(left, right, across), lerp(frame.top, wall.top, share))
        };
        let light = [lamp(near, 0.42), lamp(near, 0.58), lamp(far, 0.58), lamp(far, 0.42)];
        page.block(&light, PAPER.tinted(page.accent, 0.3), FAR);
    }
    planks(page, view, &wall);
}

/// The far wall, a share of the frame, and the edges that run to its corners.
fn shell(page: &mut Page, view: &View, share: f32) -> Area {
    let frame = view.frame;
    let middle = p(view.vanishing.x, lerp(frame.top, frame.bottom, 0.44));
    let toward = |x: f32, y: f32| p(lerp(middle.x, x, share), lerp(middle.y, y, share));
    let (first, last) = (toward(frame.left, frame.top), toward(frame.right, frame.bottom));
    let wall = Area::new(first.x, first.y, last.x, last.y);
    let darkness = if view.night { 0.3 } else { 0.03 };
    page.fill(&frame.corners(), marker(darkness));
    let side = [frame.at(1.0, 0.0), wall.at(1.0, 0.0), wall.at(1.0, 1.0), frame.at(1.0, 1.0)];
    page.fill(&side, marker(darkness + 0.1));
    page.hatch(&side, 72.0, 13.0, HATCH);
    page.outline(&wall.corners(), FAR.twice());
    for (corner, outer) in wall.corners().into_iter().zip(frame.corners()) {
        page.line(outer, corner, FAR.wide(1.2));
        page.line(corner, view.vanishing, BLUE);
    }
    wall
}

fn planks(page: &mut Page, view: &View, wall: &Area) {
    let frame = view.frame;
    let lines: Vec<_> = [0.1, 0.25, 0.4, 0.55, 0.7, 0.85]
        .iter()
        .map(|share| (p(lerp(frame.left, frame.right, *share), frame.bottom), wall.at(*share, 1.0)))
        .collect();
    page.lines(&lines, FAR.faint(0.55));
}

fn window(page: &mut Page, area: &Area, night: bool) {
    let glass = if night { marker(0.6) } else { PAPER.tinted(page.accent, 0.16) };
    page.block(&area.corners(), glass, FAR.wide(1.4));
    page.outline(&area.grown(7.0 * page.unit).corners(), FAR);
    let cross = [(area.at(0.5, 0.0), area.at(0.5, 1.0)), (area.at(0.0, 0.42), area.at(1.0, 0.42))];
    page.lines(&cross, FAR.wide(1.4));
    let gleam: Vec<_> = [0.1, 0.17, 0.6].iter().map(|x| (area.at(x + 0.2, 0.08), area.at(*x, 0.36))).collect();
    page.lines(&gleam, HATCH);
    for side in [-0.12_f32, 1.12] {
        let inward = if side < 0.5 { 0.16 } else { -0.16 };
        let curtain = [
            area.at(side, -0.08),
            area.at(side + inward * 1.6, -0.08),
            area.at(side + inward, 0.5),
            area.at(side + inward * 1.3, 1.14),
            area.at(side, 1.14),
        ];
        page.form(&curtain, PAPER, FAR);
        let folds: Vec<Shape> = [0.3, 0.8]
            .iter()
            .map(|share| {
                vec![
                    area.at(side + inward * share, -0.05),
                    area.at(side + inward * share * 0.8, 0.5),
                    area.at(side + inward * share, 1.1),
                ]
            })
            .collect();
        page.curves(&folds, HATCH);
    }
}

fn door(page: &mut Page, area: &Area) {
    page.block(&area.corners(), marker(0.16), FAR.wide(1.3));
    for (top, bottom) in [(0.08, 0.45), (0.54, 0.92)] {
        let panel = Area {
            left: area.at(0.18, 0.0).x,
            top: area.at(0.0, top).y,
            right: area.at(0.82, 0.0).x,
            bottom: area.at(0.0, bottom).y,
        };
        page.outline(&panel.corners(), FAR.wide(0.7));
    }
    let size = area.width() * 0.05;
    page.form(&ellipse(area.at(0.9, 0.52), size, size, 7), marker(0.6), FAR);
}

fn shelf(page: &mut Page, area: &Area) {
    page.block(&area.corners(), marker(0.1), FAR.wide(1.2));
    for row in 0..4_u8 {
        let (top, base) = ((f32::from(row) + 0.15) / 4.0, (f32::from(row) + 1.0) / 4.0);
        page.line(area.at(0.0, base), area.at(1.0, base), FAR);
        let mut x = 0.04;
        while x < 0.9 {
            let wide = page.between(0.04, 0.09);
            let high = lerp(top, base, page.between(0.0, 0.35));
            let book = Area {
                left: area.at(x, 0.0).x,
                top: area.at(0.0, high).y,
                right: area.at(x + wide, 0.0).x,
                bottom: area.at(0.0, base).y,
            };
            let dark = page.between(0.0, 0.6);
            let ink = if page.chance(0.2) { PAPER.tinted(page.accent, 0.6) } else { marker(dark) };
            page.block(&book.corners(), ink, FAR.wide(0.6));
            x += wide + page.between(0.0, 0.05);
        }
    }
}

fn lamp(page: &mut Page, view: &View) {
    let frame = view.frame;
    let x = frame.at(page.between(0.3, 0.7), 0.0).x;
    let y = frame.at(0.0, page.between(0.1, 0.2)).y;
    let size = frame.width() * 0.045;
    page.line(p(x, frame.top), p(x, y), FAR);
    let shade = [p(x - size * 0.3, y), p(x + size * 0.3, y), p(x + size, y + size * 0.8), p(x - size, y + size * 0.8)];
    page.block(&shade, PAPER.tinted(page.accent, 0.5), FAR);
    let rays: Vec<_> = [-1.1, -0.4, 0.4, 1.1]
        .iter()
        .map(|side| (p(x + side * size, y + size), p(x + side * size * 1.7, y + size * 2.0)))
        .collect();
    page.lines(&rays, HATCH);
}

fn table(page: &mut Page, view: &View) {
    let frame = view.frame;
    let at = frame.at(if page.rng.bool() { 0.2 } else { 0.78 }, 0.78);
    let (wide, deep, tall) = (frame.width() * 0.15, frame.height() * 0.06, frame.height() * 0.16);
    let legs: Vec<_> = [(-0.85, 0.9), (0.95, 0.9), (0.75, -0.3), (-0.65, -0.3)]
        .iter()
        .map(|(x, y)| (moved(at, wide * x, deep * y), moved(at, wide * x, deep * y + tall)))
        .collect();
    page.lines(&legs, FAR.wide(2.2));
    let top = [
        moved(at, -wide * 0.8, -deep),
        moved(at, wide * 0.85, -deep),
        moved(at, wide * 1.1, deep),
        moved(at, -wide, deep),
    ];
    page.block(&top, marker(0.06), FAR.wide(1.3));
    let cup = Area::new(at.x - wide * 0.12, at.y - deep * 1.1, at.x + wide * 0.08, at.y - deep * 0.1);
    page.block(&cup.corners(), PAPER, FAR);
    let steam = vec![
        moved(cup.at(0.5, 0.0), 0.0, -4.0),
        moved(cup.at(0.7, 0.0), 0.0, -deep * 0.5),
        moved(cup.at(0.3, 0.0), 0.0, -deep),
    ];
    page.curve(&steam, HATCH);
}
