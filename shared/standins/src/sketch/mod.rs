//! Drawing: storyboard sketches in pencil and marker, as somebody draws them who has to finish
//! fifty before lunch.
//!
//! A sketch follows from its brief and from nothing else. The prompt settles what is the same in
//! all its sketches (the cast, the one colour, the places its words name); the seed settles
//! what differs (camera, poses, weather of the line). It refuses to know who ordered it.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "pixel coordinates and colour channels stay far inside every type they are cast to"
)]

mod balloon;
mod creature;
mod effects;
mod figure;
mod geometry;
mod page;
mod paper;
mod places;
mod sheet;
mod shot;
mod words;

use fastrand::Rng;
use image::{RgbImage, RgbaImage};
use tiny_skia::Pixmap;

use crate::seed;
use figure::Person;
use page::{Ink, PAPER, Page};
use sheet::Layout;
use words::Cues;

pub use paper::{jpeg, png, webp};

/// What is to be drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Brief {
    /// Another number gives another sketch of the same prompt.
    pub seed: u64,
    /// What was asked for: it is lettered on the sheet, and its words choose place and cast.
    pub prompt: String,
    /// The number of the cut, written on the sheet.
    pub number: u64,
    /// Width in pixels, 64 to 8192; what is outside is drawn at the nearest of the two.
    pub width_px: u32,
    /// Height in pixels, 64 to 8192 too.
    pub height_px: u32,
    /// Pictures to be taped to the sheet; three of them are shown.
    pub references: Vec<RgbaImage>,
}

/// The colours of which every sheet has one.
const ACCENTS: [[u8; 3]; 8] = [
    [232, 170, 92],
    [122, 176, 190],
    [214, 122, 110],
    [156, 172, 112],
    [150, 140, 190],
    [226, 196, 96],
    [120, 154, 206],
    [206, 146, 170],
];

/// Draws a sketch.
pub fn draw(brief: &Brief) -> RgbImage {
    let (width, height) = (brief.width_px.clamp(64, 8192), brief.height_px.clamp(64, 8192));
    let Some(mut canvas) = Pixmap::new(width, height) else {
        return blank(width, height);
    };
    canvas.fill(PAPER.colour());
    let unit = (width as f32 * height as f32).sqrt() / 1000.0;
    // The cast and the colour belong to the prompt; everything else to this one sketch.
    let cast_seed = seed::of(&[b"cast", brief.prompt.as_bytes()]);
    let mut page = Page { canvas, rng: Rng::with_seed(cast_seed), unit, accent: PAPER };
    if let Some([red, green, blue]) = page.pick(&ACCENTS) {
        page.accent = Ink::new(red, green, blue, 255);
    }
    let cues = Cues::read(&brief.prompt);
    let cast: Vec<Person> = (0..3).map(|_| Person::new(&mut page, cues.armed, cues.slight)).collect();
    page.rng = Rng::with_seed(brief.seed);
    compose(&mut page, brief, &cues, &cast);
    paper::laid_on_paper(&page.canvas, &mut page.rng)
}

fn compose(page: &mut Page, brief: &Brief, cues: &Cues, cast: &[Person]) {
    let (width, height) = (page.canvas.width() as f32, page.canvas.height() as f32);
    let layout = Layout::of(page, width, height);
    for panel in &layout.panels {
        // Each panel is drawn on a sheet of its own, so that nothing runs into its neighbours.
        let mut neighbours = Pixmap::new(page.canvas.width(), page.canvas.height());
        if let Some(spare) = &mut neighbours {
            spare.fill(PAPER.colour());
            std::mem::swap(spare, &mut page.canvas);
        }
        if cues.turnaround {
            sheet::turnaround(page, *panel, cast);
        } else {
            shot::draw(page, *panel, cues, cast);
        }
        if let Some(drawn) = neighbours {
            let panel_canvas = std::mem::replace(&mut page.canvas, drawn);
            page.copy(&panel_canvas, *panel);
        }
    }
    for panel in &layout.panels {
        sheet::border(page, *panel);
    }
    sheet::strip(page, &layout, brief.number, &brief.prompt);
    sheet::marks(page, &layout);
    sheet::tape_references(page, &layout, &brief.references);
}

/// A sheet with nothing on it but the paper's colour.
pub fn blank(width_px: u32, height_px: u32) -> RgbImage {
    RgbImage::from_pixel(width_px, height_px, image::Rgb([PAPER.red, PAPER.green, PAPER.blue]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn brief(seed: u64, width_px: u32, height_px: u32) -> Brief {
        let prompt = "A hunter stands before the gate, rain, \"Run!\"".to_owned();
        Brief { seed, prompt, number: 7, width_px, height_px, references: Vec::new() }
    }

    #[test]
    fn a_sketch_follows_from_its_brief_and_from_all_of_it() {
        let sketch = draw(&brief(1, 320, 240));
        assert_eq!(draw(&brief(1, 320, 240)), sketch);
        assert_ne!(draw(&brief(2, 320, 240)), sketch);
        let other_words = Brief { prompt: "A lake".into(), ..brief(1, 320, 240) };
        assert_ne!(draw(&other_words), sketch);
        let reference = RgbaImage::from_pixel(40, 30, image::Rgba([200, 0, 0, 255]));
        let taped = Brief { references: vec![reference], ..brief(1, 320, 240) };
        let red = draw(&taped).pixels().filter(|pixel| pixel.0[0] > 150 && pixel.0[1] < 40).count();
        assert!(red > 200, "{red}");
    }

    #[test]
    fn every_shape_of_sheet_can_be_drawn_on() {
        for (width, height) in [(64, 64), (1464, 176), (176, 1464), (384, 688), (1, 1)] {
            for seed in 0..12 {
                let sketch = draw(&brief(seed, width, height));
                assert_eq!(sketch.dimensions(), (width.max(64), height.max(64)));
                let dark = sketch.pixels().filter(|pixel| pixel.0[0] < 150).count();
                assert!(dark > 20, "{width}x{height}, seed {seed}: {dark} dark pixels");
            }
        }
    }

    #[test]
    fn any_words_make_a_sketch() {
        for prompt in
            ["", "\u{0}\u{200B}", "용 🐉 전투, 밤", "character sheet", "a dragon at sea, over the shoulder", "\""]
        {
            for seed in 0..8 {
                let _sketch = draw(&Brief { prompt: prompt.into(), ..brief(seed, 240, 180) });
            }
        }
    }

    #[test]
    fn a_png_holds_the_sketch_it_was_made_from() {
        let sketch = draw(&brief(3, 300, 200));
        assert_eq!(image::load_from_memory(&png(&sketch)).unwrap().into_rgb8(), sketch);
    }
}
