//! Lines of text: how wide they are, where they break, and the drawing of them.

use tiny_skia::{Color, LineCap, LineJoin, Paint, Path, PathBuilder, Pixmap, Point, Stroke as Pen, Transform};

use crate::{
    glyph::{BLANK, CAP, Glyph, SPACING, Stroke},
    hangul, latin,
};

/// How somebody writes: the size, the pen and the steadiness.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hand {
    /// Height of a capital in pixels.
    pub size_px: f32,
    /// Width of the pen as a share of the size; 0.06 is a fine pen, 0.2 a broad marker.
    pub weight: f32,
    /// How far letters stray from the line, from 0 (a stencil) to 1 (in haste).
    pub wobble: f32,
    /// Lean to the right, as x per y; 0.2 is a comic's italic.
    pub slant: f32,
    /// Colour of the pen.
    pub colour: Color,
}

impl Hand {
    /// An upright, fairly steady hand with a medium pen.
    pub fn new(size_px: f32, colour: Color) -> Self {
        Self { size_px, weight: 0.1, wobble: 0.4, slant: 0.05, colour }
    }

    /// The same hand with another pen.
    #[must_use]
    pub fn with_weight(self, weight: f32) -> Self {
        Self { weight, ..self }
    }

    /// The same hand, steadier or less so.
    #[must_use]
    pub fn with_wobble(self, wobble: f32) -> Self {
        Self { wobble, ..self }
    }

    fn scale(&self) -> f32 {
        self.size_px / CAP
    }

    /// A broad pen needs more room between letters.
    fn spacing(&self) -> f32 {
        SPACING + (self.weight - 0.1).max(0.0) * CAP
    }
}

/// Where a text stands at the point it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// The text begins at the point.
    Left,
    /// The point is under the middle of the text.
    Centre,
    /// The text ends at the point.
    Right,
}

/// Width of a line in pixels.
pub fn measure(text: &str, hand: &Hand) -> f32 {
    let units: f32 = text.chars().map(|character| advance(character, hand)).sum();
    (units - hand.spacing()).max(0.0) * hand.scale()
}

/// Breaks a text into at most `max_lines` lines of at most `max_width_px`, at blanks where there
/// are any and inside a word where one is too long. What does not fit is cut off with an ellipsis.
pub fn wrap(text: &str, hand: &Hand, max_width_px: f32, max_lines: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let joined = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
        if measure(&joined, hand) <= max_width_px {
            line = joined;
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        for character in word.chars() {
            line.push(character);
            if measure(&line, hand) > max_width_px && line.chars().count() > 1 {
                line.pop();
                lines.push(std::mem::replace(&mut line, character.to_string()));
            }
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    if lines.len() > max_lines {
        lines.truncate(max_lines);
        if let Some(last) = lines.last_mut() {
            while !last.is_empty() && measure(&format!("{last}…"), hand) > max_width_px {
                last.pop();
            }
            *last = format!("{}…", last.trim_end_matches([' ', ',', '.', ';']));
        }
    }
    lines
}

/// Writes one line on the canvas; `(x, baseline)` is in pixels, on the line the letters stand on.
pub fn draw(canvas: &mut Pixmap, text: &str, (x, baseline): (f32, f32), align: Align, hand: &Hand) {
    let shift = match align {
        Align::Left => 0.0,
        Align::Centre => measure(text, hand) / 2.0,
        Align::Right => measure(text, hand),
    };
    draw_at(canvas, text, hand, Transform::from_translate(x - shift, baseline));
}

/// Writes one line whose start on the baseline is the origin, through any transform: lettering
/// that leans, grows or climbs.
pub fn draw_at(canvas: &mut Pixmap, text: &str, hand: &Hand, transform: Transform) {
    if let Some(path) = trace(text, hand) {
        stroke(canvas, &path, hand.size_px * hand.weight, hand.colour, transform);
    }
}

/// The same with a border of another colour, `border_px` wide, that keeps the letters legible
/// over anything.
pub fn draw_bordered(canvas: &mut Pixmap, text: &str, hand: &Hand, border: (f32, Color), transform: Transform) {
    if let Some(path) = trace(text, hand) {
        let (border_px, border_colour) = border;
        let width = hand.size_px * hand.weight;
        stroke(canvas, &path, width + 2.0 * border_px, border_colour, transform);
        stroke(canvas, &path, width, hand.colour, transform);
    }
}

/// All strokes of a line as one path.
fn trace(text: &str, hand: &Hand) -> Option<Path> {
    let scale = hand.scale();
    let mut path = PathBuilder::new();
    let mut x = 0.0;
    for (index, character) in text.chars().enumerate() {
        if let Some(glyph) = glyph(character) {
            let place = stray(index, character, hand)
                .post_concat(Transform::from_row(1.0, 0.0, -hand.slant, 1.0, 0.0, 0.0))
                .post_translate(x, 0.0)
                .post_scale(scale, scale);
            // Glyphs stand on y = 20 of their grid; here the baseline is y = 0.
            glyph.trace(&mut path, place.pre_translate(0.0, -CAP));
        }
        x += advance(character, hand);
    }
    path.finish()
}

fn stroke(canvas: &mut Pixmap, path: &Path, width: f32, colour: Color, transform: Transform) {
    let mut paint = Paint { anti_alias: true, ..Paint::default() };
    paint.set_color(colour);
    let pen = Pen { width, line_cap: LineCap::Round, line_join: LineJoin::Round, ..Pen::default() };
    canvas.stroke_path(path, &paint, &pen, transform, None);
}

fn advance(character: char, hand: &Hand) -> f32 {
    match glyph(character) {
        Some(glyph) => glyph.width + hand.spacing(),
        None => BLANK,
    }
}

/// The glyph of any visible character; `None` for blanks and controls.
fn glyph(character: char) -> Option<Glyph> {
    if character.is_whitespace() || character.is_control() {
        return None;
    }
    latin::glyph(character).or_else(|| hangul::glyph(character)).or_else(|| Some(scribble(character)))
}

/// A stand-in for a script that was never learnt: a few crossing strokes, always the same ones
/// for the same character, as somebody would sketch a sign they cannot read.
fn scribble(character: char) -> Glyph {
    let wide = character as u32 >= 0x2E80;
    let width = if wide { 20.0 } else { 12.0 };
    let mut noise = mix(character as u32);
    let mut next = |limit: f32| {
        noise = mix(noise);
        (noise >> 8) as f32 / (1 << 24) as f32 * limit
    };
    let mut strokes = Vec::new();
    let bars = if wide { 3 } else { 2 };
    for bar in 0..bars {
        let y = 3.0 + bar as f32 * 14.0 / (bars - 1) as f32 + next(2.0);
        let left = next(4.0);
        strokes.push(line(&[(left, y), (width - next(4.0), y - next(1.5))]));
    }
    let x = width * 0.3 + next(width * 0.4);
    strokes.push(line(&[(x, next(4.0)), (x - next(2.0), 20.0)]));
    if wide {
        let corner = 8.0 + next(6.0);
        strokes.push(line(&[(x, corner), (next(4.0), 20.0)]));
        strokes.push(line(&[(x, corner), (width - next(4.0), 20.0)]));
    }
    Glyph { width, strokes }
}

fn line(points: &[(f32, f32)]) -> Stroke {
    Stroke { points: points.iter().map(|(x, y)| Point::from_xy(*x, *y)).collect(), smooth: false }
}

/// How one letter differs from its model: a little turned, raised and resized, but always the
/// same way at the same place of the same text.
fn stray(index: usize, character: char, hand: &Hand) -> Transform {
    let noise = mix(character as u32 ^ (index as u32).wrapping_mul(0x9E37));
    let part = |shift: u32| ((noise >> shift) & 0xFF) as f32 / 127.5 - 1.0;
    let grow = 1.0 + part(16) * 0.05 * hand.wobble;
    Transform::from_scale(grow, grow)
        .post_rotate(part(0) * 4.0 * hand.wobble)
        .post_translate(0.0, part(8) * 1.2 * hand.wobble)
}

fn mix(value: u32) -> u32 {
    let value = (value ^ (value >> 16)).wrapping_add(0x9E37_79B9).wrapping_mul(0x85EB_CA6B);
    let value = (value ^ (value >> 13)).wrapping_mul(0xC2B2_AE35);
    value ^ (value >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hand() -> Hand {
        Hand::new(20.0, Color::BLACK)
    }

    #[test]
    fn lines_keep_to_their_width_and_lose_no_word() {
        let text = "A hunter stands before the gate, rain falling on the empty street";
        let lines = wrap(text, &hand(), 300.0, 99);
        assert!(lines.len() > 2);
        assert!(lines.iter().all(|line| measure(line, &hand()) <= 300.0));
        assert_eq!(lines.join(" "), text);
    }

    #[test]
    fn what_does_not_fit_ends_in_an_ellipsis() {
        let lines = wrap("one two three four five six seven eight nine", &hand(), 150.0, 2);
        assert_eq!(lines.len(), 2);
        assert!(lines[1].ends_with('…'));
        assert!(measure(&lines[1], &hand()) <= 150.0);
    }

    #[test]
    fn a_word_longer_than_the_line_is_broken() {
        let lines = wrap(&"가".repeat(40), &hand(), 200.0, 99);
        assert!(lines.len() > 3);
        assert_eq!(lines.concat().chars().count(), 40);
    }

    #[test]
    fn every_visible_character_leaves_ink() {
        for text in ["A", "z", "7", "한", "漢", "é", "€", "😀", "Я"] {
            let mut canvas = Pixmap::new(60, 60).unwrap();
            draw(&mut canvas, text, (20.0, 40.0), Align::Left, &hand());
            assert!(canvas.data().iter().any(|byte| *byte > 0), "{text}");
        }
    }

    #[test]
    fn a_text_is_drawn_the_same_way_each_time() {
        let picture = || {
            let mut canvas = Pixmap::new(200, 40).unwrap();
            draw(&mut canvas, "Cut 07 웹툰", (5.0, 30.0), Align::Left, &hand());
            canvas.data().to_vec()
        };
        assert_eq!(picture(), picture());
    }
}
