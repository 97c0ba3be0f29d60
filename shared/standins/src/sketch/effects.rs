//! What moves: speed, impact, rain and snow, dust, the camera.

use tiny_skia::{Color, Point, Transform};
use toonmill_lettering::{Align, Hand};

use super::{
    geometry::{Area, along, between, distance, ellipse, lerp, moved, p},
    page::{HATCH, PAPER, PENCIL, Page, RED},
};

/// Lines from all sides towards a point, leaving a clearing of this size around it.
pub(super) fn focus_lines(page: &mut Page, frame: &Area, centre: Point, clearing: f32) {
    let reach = distance(frame.at(0.0, 0.0), frame.at(1.0, 1.0));
    let mut degrees = 0.0;
    while degrees < 360.0 {
        let point = along(p(0.0, 0.0), degrees, 1.0);
        let start = clearing * page.between(0.95, 1.5);
        let inner = moved(centre, point.x * start * 1.25, point.y * start);
        let outer = moved(centre, point.x * reach, point.y * reach);
        let half = page.between(0.1, 0.55);
        let spread = along(p(0.0, 0.0), degrees + half, reach);
        let wedge = [inner, outer, moved(centre, spread.x, spread.y)];
        page.fill(&wedge, PENCIL.faint(0.62).ink);
        degrees += page.between(1.6, 5.5);
    }
}

/// Parallel lines across the frame in the direction of a movement.
pub(super) fn speed_lines(page: &mut Page, frame: &Area, degrees: f32) {
    let centre = frame.at(0.5, 0.5);
    let reach = distance(frame.at(0.0, 0.0), centre);
    let mut lines = Vec::new();
    for _ in 0..46 {
        let across = page.between(-1.0, 1.0) * reach;
        // Lines crowd at the edges and leave the middle to the figure.
        if (across / reach).abs() < page.between(0.0, 0.55) {
            continue;
        }
        let start = along(centre, degrees + 90.0, across);
        let (from, to) = (page.between(-1.1, 0.2), page.between(0.0, 1.1));
        lines.push((along(start, degrees, reach * from), along(start, degrees, reach * to.max(from + 0.3))));
    }
    page.lines(&lines, PENCIL.steady().wide(0.8).faint(0.7));
}

/// A burst where something hits.
pub(super) fn impact(page: &mut Page, centre: Point, size: f32) {
    let mut star = Vec::new();
    for step in 0..22_u8 {
        let reach = if step % 2 == 0 { page.between(0.75, 1.35) } else { page.between(0.42, 0.56) };
        star.push(along(centre, f32::from(step) * 360.0 / 22.0, size * reach));
    }
    page.block(&star, PAPER, PENCIL);
    let inner: Vec<Point> = star.iter().map(|point| between(centre, *point, 0.55)).collect();
    page.fill(&inner, page.accent);
    page.outline(&inner, HATCH);
}

pub(super) fn rain(page: &mut Page, frame: &Area) {
    let degrees = page.between(6.0, 18.0) * page.side();
    let mut drops = Vec::new();
    for _ in 0..130 {
        let from = frame.at(page.between(-0.1, 1.1), page.between(-0.1, 0.95));
        drops.push((from, along(from, degrees, frame.height() * page.between(0.04, 0.13))));
    }
    page.lines(&drops, HATCH.steady().wide(0.9));
    let mut splashes = Vec::new();
    for _ in 0..16 {
        let at = frame.at(page.between(0.0, 1.0), page.between(0.8, 1.0));
        let size = 8.0 * page.unit;
        splashes.push(vec![
            moved(at, -size, -size * 0.6),
            moved(at, -size * 0.4, 0.0),
            moved(at, size * 0.4, 0.0),
            moved(at, size, -size * 0.6),
        ]);
    }
    page.curves(&splashes, HATCH);
}

pub(super) fn snow(page: &mut Page, frame: &Area) {
    for _ in 0..70 {
        let at = frame.at(page.between(0.0, 1.0), page.between(0.0, 1.0));
        let size = page.between(2.0, 6.5) * page.unit;
        page.form(&ellipse(at, size, size, 7), PAPER, HATCH);
    }
}

/// Puffs behind feet that have just left.
pub(super) fn dust(page: &mut Page, at: Point, size: f32) {
    for step in 0..4_u8 {
        let share = f32::from(step) / 3.0;
        let radius = size * lerp(0.5, 0.22, share) * page.between(0.8, 1.2);
        let centre = moved(at, size * (share - 0.5) * 1.6, -radius * 0.6);
        let puff: Vec<Point> = ellipse(centre, radius * 1.2, radius, 9)
            .into_iter()
            .enumerate()
            .map(|(index, point)| if index % 2 == 0 { point } else { between(centre, point, 0.82) })
            .collect();
        page.form(&puff, PAPER, HATCH.wide(1.2));
    }
}

/// The camera's way over the picture, in the director's red pencil.
pub(super) fn camera_note(page: &mut Page, frame: &Area) {
    let notes = ["PAN →", "T.U", "T.B", "FOLLOW", "SLOW IN", "Q.T.U"];
    let note = page.pick(&notes).unwrap_or("PAN →");
    let hand = note_hand(page, 21.0);
    let (corner, align) =
        if page.rng.bool() { (frame.at(0.03, 0.0), Align::Left) } else { (frame.at(0.97, 0.0), Align::Right) };
    let at = (corner.x, frame.bottom - 18.0 * page.unit);
    toonmill_lettering::draw(&mut page.canvas, note, at, align, &hand);
    if note.starts_with('T') || note.starts_with('Q') {
        // A truck-up is a smaller frame with arrows to its corners.
        let inner =
            Area::new(frame.at(0.22, 0.0).x, frame.at(0.0, 0.2).y, frame.at(0.78, 0.0).x, frame.at(0.0, 0.78).y);
        page.outline(&inner.corners(), RED.wide(0.6).faint(0.7));
        for (inner, outer) in inner.corners().into_iter().zip(frame.corners()) {
            arrow(page, between(outer, inner, 0.35), between(outer, inner, 0.85));
        }
    } else {
        let y = frame.at(0.0, page.between(0.12, 0.3)).y;
        let (from, to) = (page.between(0.12, 0.3), page.between(0.66, 0.86));
        let (a, b) = (p(frame.at(from, 0.0).x, y), p(frame.at(to, 0.0).x, y + page.between(-20.0, 20.0) * page.unit));
        if page.rng.bool() { arrow(page, a, b) } else { arrow(page, b, a) }
    }
}

fn arrow(page: &mut Page, from: Point, to: Point) {
    let degrees = (to.x - from.x).atan2(to.y - from.y).to_degrees();
    let barb = 20.0 * page.unit;
    let lines = [(from, to), (to, along(to, degrees + 152.0, barb)), (to, along(to, degrees - 152.0, barb))];
    page.lines(&lines, RED.wide(0.9));
}

fn note_hand(page: &Page, size: f32) -> Hand {
    Hand::new(size * page.unit, RED.ink.colour()).with_weight(0.13).with_wobble(0.8)
}

const SOUNDS_LOUD: &[&str] = &["쾅!", "콰앙", "쿵", "퍽!", "챙!", "BAM!", "CRASH", "와장창"];
const SOUNDS_FAST: &[&str] = &["휙", "슈욱", "타닷", "파앗", "WHOOSH", "샤악"];
const SOUNDS_LOW: &[&str] = &["스윽", "두근", "웅성웅성", "사락", "똑…", "쉬이…"];

/// What a sound is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sound {
    Loud,
    Fast,
    Low,
}

/// A sound, lettered as large as it is.
pub(super) fn sound(page: &mut Page, frame: &Area, kind: Sound) {
    let (words, size) = match kind {
        Sound::Loud => (SOUNDS_LOUD, page.between(78.0, 112.0)),
        Sound::Fast => (SOUNDS_FAST, page.between(54.0, 80.0)),
        Sound::Low => (SOUNDS_LOW, page.between(30.0, 42.0)),
    };
    let word = page.pick(words).unwrap_or("쿵");
    let ink = Color::from_rgba8(30, 27, 32, 245);
    let mut hand = Hand { size_px: size * page.unit, weight: 0.125, wobble: 0.9, slant: 0.22, colour: ink };
    let long = toonmill_lettering::measure(word, &hand) / (frame.width() * 0.36);
    hand.size_px /= long.max(1.0);
    let size = hand.size_px;
    let room = (frame.width() * 0.96 - toonmill_lettering::measure(word, &hand)).max(0.0);
    // Along the edges, where faces rarely are.
    let left = if page.rng.bool() { page.between(0.0, 0.08) } else { page.between(0.88, 1.0) };
    let height = if page.rng.bool() { page.between(0.2, 0.3) } else { page.between(0.72, 0.9) };
    let x = frame.left + frame.width() * 0.02 + room * left;
    let y = frame.at(0.0, height).y.max(frame.top + size * 1.5);
    let tilt = page.between(-14.0, 4.0);
    let place = Transform::from_rotate(tilt).post_translate(x, y);
    let border = (size * 0.09, PAPER.colour());
    toonmill_lettering::draw_bordered(&mut page.canvas, word, &hand, border, place);
}
