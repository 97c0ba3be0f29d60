//! From a provider's bytes to the WebP that is stored.

use std::io::Cursor;

use bytes::Bytes;
use image::{DynamicImage, ImageError, ImageFormat, ImageReader, Limits};
use toonmill_domain::{AspectRatio, sha256::hex_of};
use webp::{Encoder, PixelLayout, WebPConfig};

use crate::{Format, Header, ImageProblem, blank::is_blank, inspect, whole::is_whole};

/// How far a picture's sides may be off the ratio asked for. Gemini's 8:1 is 2928x352, off by
/// 3.8 %; the two ratios that are nearest to each other, 5:4 and 4:3, are 6.2 % apart.
pub const RATIO_TOLERANCE_PERCENT: u32 = 5;

const QUALITY: f32 = 90.0;
/// libwebp's effort, 0–6. Two takes half the instructions of the default four for 3.5 % more
/// bytes: 0.55 and 1.07 thousand million for a PNG of 1024x1024, decoding included.
const METHOD: i32 = 2;

/// A picture as it is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Encoded {
    pub webp: Bytes,
    pub width: u32,
    pub height: u32,
    /// Of `webp`, in lower-case hex.
    pub sha256: String,
}

/// Decodes once, looks whether it is the picture that was asked for, and encodes. The bytes are
/// taken by value so that they are gone before the encoder needs its memory.
pub fn check_and_encode(
    bytes: impl AsRef<[u8]>,
    asked: AspectRatio,
    tolerance_percent: u32,
) -> Result<Encoded, ImageProblem> {
    let header = inspect(bytes.as_ref())?;
    let Header { width, height, .. } = header;
    if !asked.fits(width, height, tolerance_percent) {
        return Err(ImageProblem::WrongRatio { width, height, asked });
    }
    if !is_whole(bytes.as_ref(), header.format) {
        return Err(ImageProblem::Truncated);
    }
    let pixels = decode(bytes.as_ref(), header)?;
    drop(bytes);
    let blank = match &pixels {
        Pixels::Rgb(pixels) => is_blank::<3>(pixels),
        Pixels::Rgba(pixels) => is_blank::<4>(pixels),
    };
    if blank {
        return Err(ImageProblem::Blank);
    }
    let webp = encode(&pixels, width, height)?;
    drop(pixels);
    let sha256 = hex_of(&webp);
    Ok(Encoded { webp, width, height, sha256 })
}

/// Pixels in one of the two layouts that libwebp takes.
enum Pixels {
    Rgb(Vec<u8>),
    Rgba(Vec<u8>),
}

fn decode(bytes: &[u8], header: Header) -> Result<Pixels, ImageProblem> {
    let format = match header.format {
        Format::Png => ImageFormat::Png,
        Format::Jpeg => ImageFormat::Jpeg,
        Format::WebP => ImageFormat::WebP,
    };
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(header.width);
    limits.max_image_height = Some(header.height);
    // Sixteen bits of four channels, and as much again for the decoder's own.
    limits.max_alloc = Some(u64::from(header.width) * u64::from(header.height) * 16 + (16 << 20));
    reader.limits(limits);
    let image = reader.decode().map_err(|error| problem(&error, header))?;
    if (image.width(), image.height()) != (header.width, header.height) {
        return Err(ImageProblem::NotAnImage);
    }
    Ok(match image {
        DynamicImage::ImageRgb8(image) => Pixels::Rgb(image.into_raw()),
        image if image.color().has_alpha() => {
            let pixels = image.into_rgba8();
            // Most pictures with an alpha channel do not use it, and it costs a plane of its own.
            if pixels.pixels().all(|pixel| pixel.0.last() == Some(&u8::MAX)) {
                Pixels::Rgb(DynamicImage::ImageRgba8(pixels).into_rgb8().into_raw())
            } else {
                Pixels::Rgba(pixels.into_raw())
            }
        }
        image => Pixels::Rgb(image.into_rgb8().into_raw()),
    })
}

fn problem(error: &ImageError, header: Header) -> ImageProblem {
    match error {
        ImageError::IoError(_) => ImageProblem::Truncated,
        ImageError::Limits(_) => ImageProblem::TooLarge { width: header.width, height: header.height },
        _ => ImageProblem::NotAnImage,
    }
}

fn encode(pixels: &Pixels, width: u32, height: u32) -> Result<Bytes, ImageProblem> {
    let (pixels, layout) = match pixels {
        Pixels::Rgb(pixels) => (pixels, PixelLayout::Rgb),
        Pixels::Rgba(pixels) => (pixels, PixelLayout::Rgba),
    };
    let mut config = WebPConfig::new().map_err(|()| ImageProblem::Encode)?;
    config.quality = QUALITY;
    config.method = METHOD;
    let webp =
        Encoder::new(pixels, layout, width, height).encode_advanced(&config).map_err(|_| ImageProblem::Encode)?;
    Ok(Bytes::copy_from_slice(&webp))
}

impl std::fmt::Debug for Encoded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Encoded({}x{}, {} bytes, {})", self.width, self.height, self.webp.len(), self.sha256)
    }
}
