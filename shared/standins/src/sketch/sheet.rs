//! The storyboard sheet round the panels: frames, the strip with number and words, taped pictures.

use image::RgbaImage;
use tiny_skia::{Color, FilterQuality, Pixmap, PixmapPaint, Transform};
use toonmill_lettering::{Align, Hand, draw, measure, wrap};

use super::{
    figure::{Act, Anchor, Mood, Person, Stand},
    geometry::{Area, p},
    page::{BLUE, Ink, PAPER, PENCIL, Page, RED},
};

/// How a sheet is divided.
pub(super) struct Layout {
    pub(super) panels: Vec<Area>,
    strip: Area,
}

impl Layout {
    /// One panel over a strip of words; tall sheets may have two, very wide ones the strip beside.
    pub(super) fn of(page: &mut Page, width: f32, height: f32) -> Self {
        let unit = page.unit;
        let (edge, gap) = (30.0 * unit, 22.0 * unit);
        let strip_height = (height * 0.15).clamp(58.0 * unit, 104.0 * unit);
        let bottom = height - edge - strip_height;
        let strip = Area::new(edge, bottom + gap * 0.5, width - edge, height - edge * 0.6);
        let whole = Area::new(edge, edge, width - edge, bottom);
        let ratio = whole.height() / whole.width();
        let panels = if ratio > 3.0 {
            divide(page, whole, gap, 4)
        } else if ratio > 1.5 || (ratio > 1.15 && page.chance(0.35)) {
            divide(page, whole, gap, 2)
        } else {
            vec![whole]
        };
        Self { panels, strip }
    }
}

fn divide(page: &mut Page, whole: Area, gap: f32, count: u8) -> Vec<Area> {
    let each = (whole.height() - gap * f32::from(count - 1)) / f32::from(count);
    let shift = page.between(-0.14, 0.14) * each;
    (0..count)
        .map(|index| {
            let top = whole.top + f32::from(index) * (each + gap);
            let (up, down) = if index % 2 == 0 { (0.0, shift) } else { (shift, 0.0) };
            Area::new(whole.left, top + up, whole.right, top + each + down)
        })
        .collect()
}

/// The border of a panel, ruled by hand.
pub(super) fn border(page: &mut Page, frame: Area) {
    page.outline(&frame.corners(), PENCIL.wide(1.9).steady().twice());
    let over = 14.0 * page.unit;
    let corner = frame.at(1.0, 1.0);
    page.line(p(corner.x - over * 2.0, corner.y), p(corner.x + over, corner.y), PENCIL);
    page.line(p(corner.x, corner.y - over * 2.0), p(corner.x, corner.y + over * 0.8), PENCIL);
}

/// The strip: cut number, the prompt's words, the time.
pub(super) fn strip(page: &mut Page, layout: &Layout, number: u64, prompt: &str) {
    let strip = layout.strip;
    let unit = page.unit;
    let ink = Color::from_rgba8(52, 48, 52, 235);
    let label = Hand::new(13.0 * unit, Color::from_rgba8(110, 104, 104, 225)).with_weight(0.12);
    let large = Hand::new(32.0 * unit, ink).with_weight(0.13);
    let cut = format!("{number:02}");
    draw(&mut page.canvas, "cut", (strip.left + 4.0 * unit, strip.top + 19.0 * unit), Align::Left, &label);
    let baseline = strip.top + 60.0 * unit;
    draw(&mut page.canvas, &cut, (strip.left + 4.0 * unit, baseline), Align::Left, &large);
    let words_left = strip.left + (measure(&cut, &large) + 34.0 * unit).max(76.0 * unit);
    let seconds = format!("{}.{}\"", page.rng.u8(1..6), if page.rng.bool() { 0 } else { 5 });
    let small = Hand::new(19.0 * unit, ink).with_weight(0.12);
    let right = strip.right - 4.0 * unit;
    draw(&mut page.canvas, "time", (right, strip.top + 19.0 * unit), Align::Right, &label);
    draw(&mut page.canvas, &seconds, (right, strip.top + 52.0 * unit), Align::Right, &small);
    let words_right = right - 84.0 * unit;
    for x in [words_left - 16.0 * unit, words_right + 14.0 * unit] {
        page.line(p(x, strip.top + 2.0 * unit), p(x, strip.bottom), PENCIL.wide(0.7).faint(0.7));
    }
    let hand = Hand::new(16.5 * unit, ink).with_weight(0.11).with_wobble(0.7);
    let lines = if strip.height() > 74.0 * unit { 3 } else { 2 };
    let step = 26.0 * unit;
    for (index, line) in wrap(prompt, &hand, words_right - words_left, lines).iter().enumerate() {
        let y = strip.top + 24.0 * unit + index as f32 * step;
        draw(&mut page.canvas, line, (words_left, y), Align::Left, &hand);
    }
}

/// A tick, a circle, a scribble: somebody has looked at this sheet.
pub(super) fn marks(page: &mut Page, layout: &Layout) {
    let Some(frame) = layout.panels.first().copied() else {
        return;
    };
    if page.chance(0.14) {
        let hand = Hand::new(30.0 * page.unit, RED.ink.colour()).with_weight(0.13).with_wobble(1.0);
        let at = (frame.right - 16.0 * page.unit, frame.top + 46.0 * page.unit);
        draw(&mut page.canvas, "OK ✓", at, Align::Right, &hand);
    }
}

/// A small print of each reference picture, taped over the corner of the first panel.
pub(super) fn tape_references(page: &mut Page, layout: &Layout, references: &[RgbaImage]) {
    let Some(frame) = layout.panels.first().copied() else {
        return;
    };
    let side = frame.width().min(frame.height()) * if references.len() > 1 { 0.2 } else { 0.27 };
    let mut right = frame.right + 8.0 * page.unit;
    for picture in references.iter().take(3) {
        let scale = side / picture.width().max(picture.height()) as f32;
        let (width, height) = (picture.width() as f32 * scale, picture.height() as f32 * scale);
        let area = Area::new(right - width, frame.top - 10.0 * page.unit, right, frame.top - 10.0 * page.unit + height);
        right -= width + 14.0 * page.unit;
        print(page, picture, area, scale);
    }
}

fn print(page: &mut Page, picture: &RgbaImage, area: Area, scale: f32) {
    let unit = page.unit;
    let turn = page.between(-5.0, 5.0);
    let mut shadow = area.grown(9.0 * unit).corners();
    let middle = area.at(0.5, 0.5);
    for corner in &mut shadow {
        let point = super::geometry::rotated(*corner - middle, turn);
        *corner = p(point.x + middle.x + 5.0 * unit, point.y + middle.y + 6.0 * unit);
    }
    page.fill(&shadow, Ink::new(90, 84, 80, 70));
    for corner in &mut shadow {
        *corner = p(corner.x - 5.0 * unit, corner.y - 6.0 * unit);
    }
    page.block(&shadow, Ink::new(254, 253, 250, 255), PENCIL.wide(0.7));
    if let Some(pixmap) = pixmap(picture) {
        let place = Transform::from_scale(scale, scale)
            .post_translate(-area.width() / 2.0, -area.height() / 2.0)
            .post_rotate(turn)
            .post_translate(middle.x, middle.y);
        let paint = PixmapPaint { quality: FilterQuality::Bilinear, ..PixmapPaint::default() };
        page.canvas.draw_pixmap(0, 0, pixmap.as_ref(), &paint, place, None);
    }
    let tape = Area::new(middle.x - 34.0 * unit, area.top - 22.0 * unit, middle.x + 34.0 * unit, area.top + 4.0 * unit);
    page.fill(&tape.corners(), Ink::new(232, 218, 160, 170));
    page.outline(&tape.corners(), BLUE.wide(0.5).with_ink(Ink::new(170, 150, 90, 120)));
}

fn pixmap(picture: &RgbaImage) -> Option<Pixmap> {
    let mut pixmap = Pixmap::new(picture.width(), picture.height())?;
    for (from, to) in picture.pixels().zip(pixmap.pixels_mut()) {
        let [red, green, blue, alpha] = from.0;
        *to = tiny_skia::ColorU8::from_rgba(red, green, blue, alpha).premultiply();
    }
    Some(pixmap)
}

/// The model sheet: one figure from the front, from the side and between, and three faces.
pub(super) fn turnaround(page: &mut Page, frame: Area, cast: &[Person]) {
    let Some(person) = cast.first() else {
        return;
    };
    let column = Area::new(frame.at(0.76, 0.0).x, frame.top, frame.right, frame.bottom);
    faces(page, column, person);
    // The bodies under the faces reach out of their column: what is left of it is drawn after.
    let stage = Area::new(frame.left, frame.top, column.left, frame.bottom);
    page.fill(&stage.corners(), PAPER);
    let head_px = (frame.height() * 0.84 / person.heads()).min(frame.width() * 0.085);
    let ground = frame.at(0.0, 0.94).y;
    let mut level = 0.0;
    while level <= person.heads() {
        let y = ground - level * head_px;
        page.line(p(stage.left, y), p(stage.right, y), BLUE);
        level += 1.0;
    }
    let lean = page.between(-0.1, 0.1);
    for (x, turn) in [(0.17, 0.0), (0.5, 0.5 + lean), (0.82, 1.0)] {
        let facing = page.side();
        let feet = p(stage.at(x, 0.0).x, ground);
        let mood = page.pick(&[Mood::Calm, Mood::Glad]).unwrap_or(Mood::Calm);
        let stand = Stand { anchor: Anchor::Feet(feet), head_px, facing, act: Act::Calm, mood };
        if page.chance(0.6) {
            person.draw_at_ease(page, stand, turn);
        } else {
            person.draw(page, stand);
        }
    }
    page.line(p(column.left, column.top), p(column.left, column.bottom), PENCIL.wide(0.8));
}

/// Three faces of the same person, one under the other.
fn faces(page: &mut Page, column: Area, person: &Person) {
    let mut moods = Mood::ALL;
    page.rng.shuffle(&mut moods);
    let each = column.height() / 3.0;
    for (index, mood) in moods.into_iter().take(3).enumerate() {
        let top = column.top + index as f32 * each;
        let cell = Area::new(column.left, top, column.right, top + each);
        // What the head above leaves below its cell is covered here.
        page.fill(&Area { bottom: column.bottom + 60.0 * page.unit, ..cell }.corners(), PAPER);
        let head_px = (each * 0.62).min(column.width() * 0.66);
        let facing = page.side();
        let stand = Stand { anchor: Anchor::Head(cell.at(0.5, 0.48)), head_px, facing, act: Act::Calm, mood };
        let turn = page.between(0.2, 0.9);
        person.draw_at_ease(page, stand, turn);
        page.line(p(cell.left, cell.bottom), p(cell.right, cell.bottom), PENCIL.wide(0.8));
    }
}
