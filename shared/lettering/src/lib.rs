//! Text drawn by hand: a single-stroke alphabet in a storyboard artist's capitals, real Hangul
//! composed from its letters, and the contact sheet that is lettered with both.
//!
//! There is no font file. Every glyph is a few pen strokes, so a text is one path, it can be
//! drawn with any pen, and it takes no licence but this crate's own. What it refuses to know:
//! jobs, providers and files. It takes plain text and pixels and gives back pixels.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "pixel coordinates and colour channels stay far inside every type they are cast to"
)]

pub mod contact_sheet;
mod glyph;
mod hangul;
mod latin;
mod text;

pub use text::{Align, Hand, draw, draw_at, draw_bordered, measure, wrap};
pub use tiny_skia;
