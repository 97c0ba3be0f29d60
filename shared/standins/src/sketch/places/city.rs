//! Streets, skylines and roofs.

use tiny_skia::{Color, Point};
use toonmill_lettering::{Align, Hand};

use super::View;
use crate::sketch::{
    geometry::{Area, between, lerp, moved, p},
    page::{BLUE, FAR, HATCH, PAPER, Page, marker},
};

const SIGNS: &[&str] = &["카페", "약국", "서점", "라면", "PC방", "BAR", "호텔", "분식", "HOF", "만화"];

/// A street that runs to the vanishing point between two rows of houses.
pub(super) fn street(page: &mut Page, view: &View) {
    let frame = view.frame.grown(4.0 * page.unit);
    let vanish = view.vanishing;
    for corner in [frame.at(0.0, 1.0), frame.at(1.0, 1.0), frame.at(0.0, 0.0), frame.at(1.0, 0.0)] {
        page.line(corner, vanish, BLUE);
    }
    let dark = if view.night { 0.34 } else { 0.06 };
    row(page, view, frame.left, dark);
    row(page, view, frame.right, dark + 0.1);
    road(page, view);
    wires(page, view);
}

fn row(page: &mut Page, view: &View, edge: f32, darkness: f32) {
    let vanish = view.vanishing;
    let frame = view.frame;
    // Shares of the way to the vanishing point at which one house ends and the next begins.
    let ends = [0.0, 0.3, 0.52, 0.68, 0.8, 0.88];
    let mut houses: Vec<(f32, f32, f32)> = Vec::new();
    for pair in ends.windows(2) {
        if let [from, to] = pair {
            houses.push((*from, *to, page.between(0.75, 1.5)));
        }
    }
    let street_edge = frame.height() * 0.46;
    for (index, (from, to, tall)) in houses.into_iter().enumerate().rev() {
        let near = lerp(edge, vanish.x, from);
        let far = lerp(edge, vanish.x, to);
        let top = |share: f32| lerp(vanish.y - frame.height() * 0.62 * tall, vanish.y, share);
        let foot = |share: f32| lerp(vanish.y + street_edge, vanish.y, share);
        let wall = [p(near, top(from)), p(far, top(to)), p(far, foot(to)), p(near, foot(from))];
        let ink = marker(darkness + 0.05 * (index % 2) as f32);
        page.block(&wall, ink, FAR);
        windows(page, &wall, view.night);
        if from < 0.5 && page.chance(0.85) {
            sign(page, lerp(near, far, 0.55), lerp(top(from), foot(from), 0.52), frame.height() * 0.05 * (1.2 - from));
        }
    }
}

/// Windows in a wall that runs into the picture, or across it.
fn windows(page: &mut Page, wall: &[Point; 4], night: bool) {
    let [near_top, far_top, far_foot, near_foot] = *wall;
    let at = |x: f32, y: f32| {
        let (top, foot) = (lerp(near_top.y, far_top.y, x), lerp(near_foot.y, far_foot.y, x));
        p(lerp(near_top.x, far_top.x, x), lerp(top, foot, y))
    };
    let width = (far_top.x - near_top.x).abs() / page.unit;
    let columns = (width / 42.0).clamp(1.0, 5.0).floor();
    let rows = ((near_foot.y - near_top.y).abs() / page.unit / 62.0).clamp(2.0, 8.0).floor();
    let lit = PAPER.tinted(page.accent, 0.45);
    let mut frames = Vec::new();
    for row in 0..rows as u8 - 1 {
        for column in 0..columns as u8 {
            let (x, y) = (f32::from(column), f32::from(row));
            let (left, right) = ((x + 0.24) / columns, (x + 0.76) / columns);
            let (top, foot) = ((y + 0.3) / rows, (y + 0.82) / rows);
            let glass = [at(left, top), at(right, top), at(right, foot), at(left, foot)];
            if night && page.chance(0.4) {
                page.fill(&glass, lit);
            } else if page.chance(0.5) {
                page.hatch(&glass, 60.0, 6.0, HATCH);
            }
            frames.extend(glass.iter().copied().zip(glass.iter().copied().cycle().skip(1)));
        }
    }
    page.lines(&frames, FAR.wide(0.7));
}

fn sign(page: &mut Page, x: f32, y: f32, size: f32) {
    let Some(text) = page.pick(SIGNS) else {
        return;
    };
    let letters = text.chars().count() as f32;
    let (width, height) = (size * 1.25, size * (letters * 1.12 + 0.5));
    let board = Area::new(x - width / 2.0, y - height / 2.0, x + width / 2.0, y + height / 2.0);
    let ink = PAPER.tinted(page.accent, if page.rng.bool() { 0.4 } else { 0.0 });
    page.block(&board.corners(), ink, FAR);
    let hand = Hand::new(size * 0.72, Color::from_rgba8(60, 56, 62, 230)).with_weight(0.11);
    let mut baseline = board.top + size * 1.05;
    for letter in text.chars() {
        let mut buffer = [0; 4];
        let at = (x, baseline);
        toonmill_lettering::draw(&mut page.canvas, letter.encode_utf8(&mut buffer), at, Align::Centre, &hand);
        baseline += size * 1.12;
    }
}

fn road(page: &mut Page, view: &View) {
    let (frame, vanish) = (view.frame, view.vanishing);
    let mut lines = Vec::new();
    for share in [-0.02, 0.2, 0.8, 1.02] {
        lines.push((p(lerp(frame.left, frame.right, share), frame.bottom), vanish));
    }
    page.lines(&lines, FAR);
    // The broken line in the middle shrinks with the distance.
    for (near, far) in [(0.06, 0.22), (0.36, 0.5), (0.6, 0.69), (0.76, 0.81)] {
        let middle = lerp(frame.left, frame.right, 0.5);
        let y = |share: f32| lerp(frame.bottom, vanish.y, share);
        let x = |share: f32, side: f32| lerp(middle + side * frame.width() * 0.014, vanish.x, share);
        let stripe =
            [p(x(near, -1.0), y(near)), p(x(near, 1.0), y(near)), p(x(far, 1.0), y(far)), p(x(far, -1.0), y(far))];
        page.outline(&stripe, FAR.wide(0.8));
    }
}

fn wires(page: &mut Page, view: &View) {
    let frame = view.frame;
    if page.chance(0.35) {
        return;
    }
    let x = lerp(frame.left, frame.right, if page.rng.bool() { 0.2 } else { 0.8 });
    let (top, foot) = (p(x, frame.at(0.0, 0.12).y), p(x, lerp(view.horizon, frame.bottom, 0.45)));
    page.line(top, foot, FAR.wide(2.4));
    let arm = frame.width() * 0.035;
    let mut wires = Vec::new();
    for (drop, reach) in [(0.02, 1.0), (0.06, 0.8)] {
        let y = top.y + frame.height() * drop;
        page.line(p(x - arm * reach, y), p(x + arm * reach, y), FAR.wide(1.4));
        for side in [-1.0, 1.0] {
            let from = p(x + side * arm * reach, y);
            let edge = if side < 0.0 { frame.left } else { frame.right };
            let to = p(edge, y - frame.height() * page.between(0.02, 0.1));
            wires.push(vec![from, moved(between(from, to, 0.5), 0.0, frame.height() * 0.06), to]);
        }
    }
    page.curves(&wires, FAR.wide(0.8));
}

/// Towers against the sky, the far ones lighter.
pub(super) fn skyline(page: &mut Page, view: &View) {
    let frame = view.frame;
    for (layer, (tall, dark)) in [(0.72, 0.1), (0.5, 0.24), (0.3, 0.4)].into_iter().enumerate() {
        let mut x = frame.left - frame.width() * 0.03;
        while x < frame.right {
            let width = frame.width() * page.between(0.06, 0.13);
            let top = view.horizon - frame.height() * tall * page.between(0.35, 1.0) * 0.8;
            let wall = [p(x, top), p(x + width, top), p(x + width, view.horizon + 4.0), p(x, view.horizon + 4.0)];
            let dark = dark + if view.night { 0.3 } else { 0.0 };
            page.block(&wall, marker(dark), if layer == 0 { FAR.faint(0.6) } else { FAR });
            if layer > 0 {
                windows(page, &wall, view.night);
            }
            if page.chance(0.3) {
                page.line(p(x + width * 0.5, top), p(x + width * 0.5, top - frame.height() * 0.07), FAR);
            }
            x += width * page.between(0.9, 1.3);
        }
    }
    ground(page, view);
}

/// A roof with its railing, the town below.
pub(super) fn rooftop(page: &mut Page, view: &View) {
    let frame = view.frame;
    let mut x = frame.left;
    while x < frame.right {
        let width = frame.width() * page.between(0.05, 0.11);
        let top = view.horizon - frame.height() * page.between(0.01, 0.13);
        let wall = [p(x, top), p(x + width, top), p(x + width, view.horizon + 6.0), p(x, view.horizon + 6.0)];
        page.block(&wall, marker(if view.night { 0.45 } else { 0.12 }), FAR.faint(0.7));
        x += width;
    }
    ground(page, view);
    let rail = view.horizon + frame.height() * 0.1;
    let tall = frame.height() * 0.13;
    let mut posts = vec![
        (p(frame.left, rail - tall), p(frame.right, rail - tall * 1.04)),
        (p(frame.left, rail - tall * 0.9), p(frame.right, rail - tall * 0.94)),
        (p(frame.left, rail), p(frame.right, rail)),
    ];
    let mut x = frame.left + page.between(0.0, 0.05) * frame.width();
    while x < frame.right {
        posts.push((p(x, rail - tall), p(x, rail)));
        x += frame.width() * 0.045;
    }
    page.lines(&posts, FAR.wide(1.3));
    let tank = Area::new(0.0, 0.0, frame.width() * 0.14, frame.height() * 0.24);
    if page.chance(0.6) {
        let left = frame.left + frame.width() * if page.rng.bool() { 0.04 } else { 0.8 };
        let base = rail + tank.height() * 0.15;
        let wall = [
            p(left, base - tank.height()),
            p(left + tank.width(), base - tank.height()),
            p(left + tank.width(), base),
            p(left, base),
        ];
        page.block(&wall, marker(0.16), FAR);
        page.hatch(&wall, 90.0, 12.0, HATCH);
    }
}

/// Bare ground with a few lines towards the vanishing point.
pub(super) fn ground(page: &mut Page, view: &View) {
    let frame = view.frame;
    let floor = Area::new(frame.left, view.horizon, frame.right, frame.bottom);
    page.fill(&floor.corners(), marker(if view.night { 0.2 } else { 0.03 }));
    page.line(p(frame.left, view.horizon), p(frame.right, view.horizon), FAR);
    let lines: Vec<_> = [-0.6, 0.0, 0.35, 0.65, 1.0, 1.6]
        .iter()
        .map(|share| {
            let from = p(lerp(frame.left, frame.right, *share), frame.bottom);
            (from, p(lerp(from.x, view.vanishing.x, 0.92), lerp(from.y, view.horizon, 0.92)))
        })
        .collect();
    page.lines(&lines, FAR.faint(0.6));
}
