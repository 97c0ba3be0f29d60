//! Format and size, from the first bytes alone: a bomb is refused before anything is unpacked.

use crate::ImageProblem;

/// The longest side that WebP can hold: <https://developers.google.com/speed/webp/faq>.
const MAX_SIDE: u32 = 16_383;
/// Three times the pixels of a 4K answer; unpacked they are 150 MB.
const MAX_PIXELS: u64 = 50_000_000;

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
    if width > MAX_SIDE || height > MAX_SIDE || u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(ImageProblem::TooLarge { width, height });
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
            // Start of frame of any kind; C4, C8 and CC are tables and reserved.
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
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

/// The segments of a JPEG up to its first scan, which is the last one given.
pub(crate) struct JpegSegments<'a> {
    bytes: &'a [u8],
    at: usize,
}

pub(crate) struct JpegSegment<'a> {
    pub(crate) marker: u8,
    pub(crate) body: &'a [u8],
    /// Where the next one starts, or for a scan its data.
    pub(crate) end: usize,
}

impl<'a> JpegSegments<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 2 }
    }
}

impl<'a> Iterator for JpegSegments<'a> {
    type Item = JpegSegment<'a>;

    fn next(&mut self) -> Option<JpegSegment<'a>> {
        let start = *self.bytes.get(self.at)?;
        let mut marker = *self.bytes.get(self.at + 1)?;
        if start != 0xff {
            return None;
        }
        // Any number of FF may fill up before a marker.
        while marker == 0xff {
            self.at += 1;
            marker = *self.bytes.get(self.at + 1)?;
        }
        let length = usize::from(big_u16(self.bytes, self.at + 2)?);
        let end = self.at + 2 + length;
        let body = self.bytes.get(self.at + 4..end)?;
        self.at = if marker == 0xda { self.bytes.len() } else { end };
        Some(JpegSegment { marker, body, end })
    }
}

pub(crate) fn big_u32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn big_u16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn little_u16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

pub(crate) fn little_u32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}
