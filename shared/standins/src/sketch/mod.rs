//! Pictures.
use image::{
    ImageEncoder as _, RgbImage, RgbaImage,
    codecs::png::{CompressionType, FilterType, PngEncoder},
};
use std::io::Cursor;

/// What is to be drawn.
#[derive(Debug, Clone)]
pub struct Brief {
    /// Everything about the drawing follows from this number and the fields below.
    pub seed: u64,
    /// The words: they are lettered on the sheet, and they choose the place and the framing.
    pub prompt: String,
    /// The number on the sheet.
    pub number: u64,
    /// Width in pixels.
    pub width_px: u32,
    /// Height in pixels.
    pub height_px: u32,
    /// Pictures that are taped to a corner of the sheet.
    pub references: Vec<RgbaImage>,
}

/// Draws it.
pub fn draw(brief: &Brief) -> RgbImage {
    RgbImage::from_pixel(brief.width_px, brief.height_px, image::Rgb([brief.seed as u8, 4, 5]))
}
/// A sheet of paper with nothing on it.
pub fn blank(width_px: u32, height_px: u32) -> RgbImage {
    RgbImage::from_pixel(width_px, height_px, image::Rgb([0xFA, 0xF7, 0xF0]))
}
/// Encodes.
pub fn png(picture: &RgbImage) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let encoder = PngEncoder::new_with_quality(&mut bytes, CompressionType::Fast, FilterType::Sub);
    let _ = encoder.write_image(picture.as_raw(), picture.width(), picture.height(), image::ExtendedColorType::Rgb8);
    bytes.into_inner()
}
