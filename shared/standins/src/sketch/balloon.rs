//! Speech: balloons round or jagged, with a tail to whoever speaks.

use tiny_skia::{Color, Point};
use toonmill_lettering::{Align, Hand, draw, measure, wrap};

use super::{
    figure::Mood,
    geometry::{Area, Shape, along, between, distance, ellipse, moved, p},
    page::{PAPER, PENCIL, Page},
};

const CALM: &[&str] = &["…", "It begins.", "여기인가.", "So this is it.", "늦었네.", "Let's go."];
const GLAD: &[&str] = &["됐다!", "We made it!", "고마워.", "Finally!", "하하!"];
const ANGRY: &[&str] = &["비켜!", "Enough!", "용서 못 해!", "Get back!", "이 자식!"];
const AFRAID: &[&str] = &["뭐야?!", "What is that?!", "도망쳐!", "Run!", "말도 안 돼…"];
const SAD: &[&str] = &["미안해…", "I'm sorry.", "…", "왜…", "Don't go."];

/// Something to say in this mood.
pub(super) fn line_for(page: &mut Page, mood: Mood) -> &'static str {
    let lines = match mood {
        Mood::Calm => CALM,
        Mood::Glad => GLAD,
        Mood::Angry => ANGRY,
        Mood::Afraid => AFRAID,
        Mood::Sad => SAD,
    };
    page.pick(lines).unwrap_or("…")
}

/// A balloon near the top of the frame, on the side where the speaker looks to.
pub(super) fn speech(page: &mut Page, frame: &Area, speaker: Point, facing: f32, words: &str, mood: Mood) {
    let size = page.between(21.0, 26.0) * page.unit;
    let hand = Hand::new(size, Color::from_rgba8(44, 40, 44, 240)).with_weight(0.12);
    let lines = wrap(words, &hand, frame.width() * 0.24, 5);
    let widest = lines.iter().map(|line| measure(line, &hand)).fold(size, f32::max);
    let step = size * 1.62;
    let tall = step * lines.len() as f32;
    let (rx, ry) = (widest * 0.62 + size * 1.1, tall * 0.62 + size * 0.95);
    let x = speaker.x + facing * (rx + frame.width() * page.between(0.08, 0.14));
    let x = x.clamp(frame.left + rx * 1.08, (frame.right - rx * 1.08).max(frame.left + rx * 1.08));
    let above = speaker.y - ry - frame.height() * 0.1;
    let y = above.clamp(frame.top + ry * 1.14, (frame.bottom - ry * 1.3).max(frame.top + ry * 1.14));
    let centre = p(x, y);
    let loud = matches!(mood, Mood::Angry | Mood::Afraid) && page.chance(0.75);
    let outline = if loud { burst(page, centre, rx, ry) } else { ellipse(centre, rx, ry, 18) };
    let pointer = tail(centre, speaker, rx, ry);
    let pen = PENCIL.wide(1.1);
    if loud {
        page.block(&outline, PAPER, pen);
    } else {
        page.form(&outline, PAPER, pen);
    }
    page.fill(&pointer, PAPER);
    if let [from, tip, to, ..] = pointer.as_slice() {
        page.curve(&[*from, between(moved(*from, 0.0, size * 0.2), *tip, 0.55), *tip], pen);
        page.curve(&[*to, between(*to, *tip, 0.5), *tip], pen);
    }
    let mut baseline = y - tall / 2.0 + step * 0.5 + size * 0.5;
    for line in &lines {
        draw(&mut page.canvas, line, (x, baseline), Align::Centre, &hand);
        baseline += step;
    }
}

/// Two points inside the balloon and one on the way to the speaker.
fn tail(centre: Point, speaker: Point, rx: f32, ry: f32) -> Shape {
    let degrees = (speaker.x - centre.x).atan2(speaker.y - centre.y).to_degrees();
    let edge = |shift: f32| {
        let point = along(p(0.0, 0.0), degrees + shift, 0.97);
        moved(centre, point.x * rx, point.y * ry)
    };
    let reach = distance(centre, speaker).max(1.0);
    let end = ((reach - rx.min(ry) * 0.5) / reach).clamp(0.0, 0.8);
    let least = (rx.max(ry) * 1.25 / reach).min(1.2);
    vec![edge(-11.0), between(centre, speaker, end.max(least)), edge(11.0), centre]
}

fn burst(page: &mut Page, centre: Point, rx: f32, ry: f32) -> Shape {
    ellipse(centre, rx, ry, 26)
        .into_iter()
        .enumerate()
        .map(|(index, point)| {
            let out = if index % 2 == 0 { page.between(1.1, 1.28) } else { page.between(0.92, 0.98) };
            p(centre.x + (point.x - centre.x) * out, centre.y + (point.y - centre.y) * out)
        })
        .collect()
}
