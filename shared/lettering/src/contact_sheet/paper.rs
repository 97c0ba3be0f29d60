//! The ground of a sheet and the few marks made on it: rules, boxes, hatching, pictures, words.

use image::{RgbImage, RgbaImage};
use tiny_skia::{Color, Paint, PathBuilder, Pixmap, Rect, Stroke, Transform};

use crate::{Align, Hand, draw};

/// The colours of the sheet.
pub(super) mod ink {
    /// Warm paper.
    pub(in super::super) const GROUND: [u8; 3] = [0xF5, 0xEE, 0xE1];
    /// Titles and borders.
    pub(in super::super) const DARK: [u8; 3] = [0x33, 0x2B, 0x26];
    /// Captions and slot numbers.
    pub(in super::super) const SOFT: [u8; 3] = [0x7B, 0x6D, 0x60];
    /// Rules and shadows.
    pub(in super::super) const FAINT: [u8; 3] = [0xD9, 0xCD, 0xBA];
    /// The editor's pencil.
    pub(in super::super) const RED: [u8; 3] = [0xC2, 0x3B, 0x2E];
}

/// The largest sheet, in pixels: a quarter of a gigabyte of memory.
const MAX_PIXELS: u64 = 64_000_000;

pub(super) struct Paper {
    canvas: Pixmap,
}

impl Paper {
    /// An empty sheet, or `None` when it would be too large to hold in memory.
    pub(super) fn new(width_px: u32, height_px: u32) -> Option<Self> {
        if u64::from(width_px) * u64::from(height_px) > MAX_PIXELS {
            return None;
        }
        let mut canvas = Pixmap::new(width_px, height_px)?;
        canvas.fill(colour(ink::GROUND));
        Some(Self { canvas })
    }

    pub(super) fn words(&mut self, text: &str, at: (f32, f32), align: Align, size_px: f32, weight: f32, ink: [u8; 3]) {
        let hand = Hand::new(size_px, colour(ink)).with_weight(weight);
        draw(&mut self.canvas, text, at, align, &hand);
    }

    pub(super) fn rule(&mut self, x: f32, y: f32, width: f32, thickness: f32, ink: [u8; 3]) {
        self.fill(x, y, width, thickness, ink);
    }

    pub(super) fn fill(&mut self, x: f32, y: f32, width: f32, height: f32, ink: [u8; 3]) {
        if let Some(area) = Rect::from_xywh(x, y, width, height) {
            self.canvas.fill_rect(area, &paint(ink), Transform::identity(), None);
        }
    }

    /// A thin border whose inner edge is the given box.
    pub(super) fn border(&mut self, x: f32, y: f32, width: f32, height: f32, ink: [u8; 3]) {
        let Some(area) = Rect::from_xywh(x - 1.0, y - 1.0, width + 2.0, height + 2.0) else {
            return;
        };
        let pen = Stroke { width: 2.0, ..Stroke::default() };
        let path = PathBuilder::from_rect(area);
        self.canvas.stroke_path(&path, &paint(ink), &pen, Transform::identity(), None);
    }

    /// The hatching of an empty slot.
    pub(super) fn hatch(&mut self, x: f32, y: f32, width: f32, height: f32, ink: [u8; 3]) {
        const STEP: f32 = 12.0;
        let mut path = PathBuilder::new();
        let mut offset = STEP;
        while offset < width + height {
            let (left, right) = ((offset - height).max(0.0), offset.min(width));
            path.move_to(x + left, y + offset - left);
            path.line_to(x + right, y + offset - right);
            offset += STEP;
        }
        if let Some(path) = path.finish() {
            let pen = Stroke { width: 1.2, ..Stroke::default() };
            self.canvas.stroke_path(&path, &paint(ink), &pen, Transform::identity(), None);
        }
    }

    /// Copies a picture, with what is transparent in it showing the paper.
    pub(super) fn picture(&mut self, picture: &RgbaImage, x: u32, y: u32) {
        let stride = self.canvas.width() as usize * 4;
        let (x, width) = (x as usize * 4, picture.width() as usize * 4);
        let rows = picture.as_raw().chunks_exact(width.max(4));
        for (row, line) in rows.zip(self.canvas.data_mut().chunks_exact_mut(stride).skip(y as usize)) {
            let Some(line) = line.get_mut(x..(x + width).min(stride)) else {
                return;
            };
            for (from, to) in row.chunks_exact(4).zip(line.chunks_exact_mut(4)) {
                let alpha = u16::from(from.last().copied().unwrap_or(u8::MAX));
                for (from, to) in from.iter().zip(to.iter_mut()).take(3) {
                    let mixed = u16::from(*from) * alpha + u16::from(*to) * (255 - alpha);
                    *to = coarse(mixed / 255);
                }
            }
        }
    }

    /// The finished sheet. It is opaque everywhere, so there is no alpha to undo.
    pub(super) fn into_rgb(self) -> RgbImage {
        let (width, height) = (self.canvas.width(), self.canvas.height());
        let bytes = self.canvas.data().chunks_exact(4).flat_map(|pixel| pixel.iter().take(3));
        RgbImage::from_raw(width, height, bytes.copied().collect()).unwrap_or_else(|| RgbImage::new(width, height))
    }
}

/// The nearest of 52 steps. Nobody sees the difference on a thumbnail, but grain and sensor noise
/// do not fit between the steps, and without them the file is half as large.
fn coarse(channel: u16) -> u8 {
    const STEP: u16 = 5;
    ((channel + STEP / 2) / STEP * STEP) as u8
}

fn colour([red, green, blue]: [u8; 3]) -> Color {
    Color::from_rgba8(red, green, blue, u8::MAX)
}

fn paint(ink: [u8; 3]) -> Paint<'static> {
    let mut paint = Paint { anti_alias: true, ..Paint::default() };
    paint.set_color(colour(ink));
    paint
}
