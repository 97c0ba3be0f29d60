//! Format and size, from the first bytes alone: a bomb is refused before anything is unpacked.

use crate::{
    ImageProblem,
    container::{JpegSegments, big_u16, big_u32, little_u16, little_u32},
    jpeg::is_frame,
};

/// The longest side that is read, in pixels: a JPEG has two bytes for it.
pub const MAX_SIDE: u32 = 65_535;
/// Three times the pixels of a 4K answer; unpacked they are 150 MB.
pub const MAX_PIXELS: u64 = 50_000_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Png,
    Jpeg,
    WebP,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    pub format: Format,
    pub width: u32,
    pub height: u32,
}

impl Format {
    pub const fn mime_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::WebP => "image/webp",
        }
    }

    pub const fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::WebP => "webp",
        }
    }
}

/// What the first bytes say, whatever the sender called them.
pub fn inspect(bytes: &[u8]) -> Result<Header, ImageProblem> {
    let (format, size) = if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        (Format::Png, png(bytes))
    } else if bytes.starts_with(b"\xff\xd8\xff") {
        (Format::Jpeg, jpeg(bytes)?)
    } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        (Format::WebP, webp(bytes)?)
    } else {
        return Err(ImageProblem::NotAnImage);
    };
    let (width, height) = size.ok_or(ImageProblem::Truncated)?;
    if width == 0 || height == 0 {
        return Err(ImageProblem::NotAnImage);
    }
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(ImageProblem::TooLarge { width, height });
    }
    if width > MAX_SIDE || height > MAX_SIDE {
        return Err(ImageProblem::TooLong { width, height, most: MAX_SIDE });
    }
    Ok(Header { format, width, height })
}

/// IHDR is always the first chunk: <https://www.w3.org/TR/png-3/#5ChunkOrdering>.
fn png(bytes: &[u8]) -> Option<(u32, u32)> {
    Some((big_u32(bytes, 16)?, big_u32(bytes, 20)?))
}

fn jpeg(bytes: &[u8]) -> Result<Option<(u32, u32)>, ImageProblem> {
    for segment in JpegSegments::new(bytes) {
        match segment.marker {
            marker if is_frame(marker) => {
                let side = |at: usize| big_u16(segment.body, at).map(u32::from);
                return Ok(side(3).zip(side(1)));
            }
            0xda => return Err(ImageProblem::NotAnImage),
            _ => {}
        }
    }
    Ok(None)
}

/// <https://developers.google.com/speed/webp/docs/riff_container>.
fn webp(bytes: &[u8]) -> Result<Option<(u32, u32)>, ImageProblem> {
    let Some(kind) = bytes.get(12..16) else { return Ok(None) };
    match kind {
        // Lossy: a frame tag of 3 bytes, a start code of 3, then 14 bits of each side.
        b"VP8 " => {
            let side = |at: usize| Some(u32::from(little_u16(bytes, at)?) & 0x3fff);
            Ok(side(26).zip(side(28)))
        }
        // Lossless: a signature byte, then 14 bits of each side less one.
        b"VP8L" => Ok(little_u32(bytes, 21).map(|bits| ((bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1))),
        // Extended: 24 bits of each side less one.
        b"VP8X" => {
            let side = |at: usize| Some((little_u32(bytes, at - 1)? >> 8) + 1);
            Ok(side(24).zip(side(27)))
        }
        _ => Err(ImageProblem::NotAnImage),
    }
}
