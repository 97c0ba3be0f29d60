//! Paper: its tooth, which shows through every pencil line, and the file it ends up in.

use std::{io::Cursor, sync::LazyLock};

use fastrand::Rng;
use image::{
    ExtendedColorType, ImageEncoder, RgbImage,
    codecs::{
        jpeg::JpegEncoder,
        png::{CompressionType, FilterType, PngEncoder},
        webp::WebPEncoder,
    },
};
use tiny_skia::Pixmap;

use super::page::PAPER;

/// Side of the piece of paper that every sheet is cut from, in pixels.
const TILE: usize = 512;

/// The tooth of the paper, from 0 in its pits to 255 on its hills.
static TOOTH: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut rng = Rng::with_seed(0x0070_6170_6572);
    let fine: Vec<u8> = (0..TILE * TILE).map(|_| rng.u8(..)).collect();
    let at = |x: usize, y: usize| fine.get((y % TILE) * TILE + x % TILE).map_or(0, |value| u32::from(*value));
    let mut tooth = Vec::with_capacity(TILE * TILE);
    for y in 0..TILE {
        for x in 0..TILE {
            // Two parts of the pixel itself and the rest of its neighbours: coarse, not misty.
            let sum = at(x, y) * 3
                + at(x + 1, y)
                + at(x, y + 1)
                + at(x + TILE - 1, y)
                + at(x, y + TILE - 1)
                + at(x + 1, y + 1);
            tooth.push((sum / 8) as u8);
        }
    }
    tooth
});

/// Lays a finished drawing on paper: the ground gets its grain, and pencil and marker take less
/// in the pits than on the hills.
pub(super) fn laid_on_paper(drawing: &Pixmap, rng: &mut Rng) -> RgbImage {
    let (width, height) = (drawing.width(), drawing.height());
    let (shift_x, shift_y) = (rng.usize(..TILE), rng.usize(..TILE));
    // Sheets differ a little in warmth, as they do when they come from different blocks.
    let warmth = rng.i32(-3..=3);
    let ground = [PAPER.red, PAPER.green, PAPER.blue].map(i32::from);
    let mut bytes = Vec::with_capacity(width as usize * height as usize * 3);
    for (y, row) in drawing.data().chunks_exact(width as usize * 4).enumerate() {
        let start = (y + shift_y) % TILE * TILE;
        let tooth = TOOTH.get(start..start + TILE).unwrap_or_default();
        let grains = tooth.iter().cycle().skip(shift_x);
        for (pixel, grain) in row.chunks_exact(4).zip(grains) {
            let grain = i32::from(*grain) - 128;
            // 256 is all of the drawing; a pit keeps some of it back.
            let takes = 244 + (grain / 2).min(20);
            let light = grain * 3 / 64;
            for ((part, ground), warm) in pixel.iter().zip(ground).zip([warmth, 0, -warmth]) {
                let drawn = (i32::from(*part) - ground) * takes / 256;
                bytes.push((ground + warm + light + drawn).clamp(0, 255) as u8);
            }
        }
    }
    RgbImage::from_raw(width, height, bytes).unwrap_or_else(|| RgbImage::new(width, height))
}

/// A picture as a PNG file, written for speed.
pub fn png(picture: &RgbImage) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    write(picture, PngEncoder::new_with_quality(&mut file, CompressionType::Fast, FilterType::Up));
    file.into_inner()
}

/// A picture as a JPEG file.
pub fn jpeg(picture: &RgbImage) -> Vec<u8> {
    let mut file = Vec::new();
    write(picture, JpegEncoder::new_with_quality(&mut file, 90));
    file
}

/// A picture as a WebP file, without loss.
pub fn webp(picture: &RgbImage) -> Vec<u8> {
    let mut file = Vec::new();
    write(picture, WebPEncoder::new_lossless(&mut file));
    file
}

fn write(picture: &RgbImage, encoder: impl ImageEncoder) {
    let (width, height) = picture.dimensions();
    // Writing to memory fails only when the buffer does not fit the size, and an `RgbImage`'s does.
    let _ = encoder.write_image(picture.as_raw(), width, height, ExtendedColorType::Rgb8);
}
