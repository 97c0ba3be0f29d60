//! Whether the bytes go on to the picture's end. Decoders forgive a missing end, and fill up
//! with grey what they did not get.

use crate::header::{Format, JpegSegments, big_u32, little_u32};

/// How long the picture is, if the bytes go on to its end.
pub(crate) fn whole_len(bytes: &[u8], format: Format) -> Option<usize> {
    match format {
        Format::Png => png_len(bytes),
        Format::Jpeg => jpeg_len(bytes),
        Format::WebP => webp_len(bytes),
    }
}

/// Chunk by chunk (length, name, data, checksum) to the end of IEND.
fn png_len(bytes: &[u8]) -> Option<usize> {
    let mut at = 8_usize;
    loop {
        let (length, name) = big_u32(bytes, at).zip(bytes.get(at + 4..at + 8))?;
        at = at.saturating_add(usize::try_from(length).unwrap_or(usize::MAX)).saturating_add(12);
        if at > bytes.len() {
            return None;
        }
        if name == b"IEND" {
            return Some(at);
        }
    }
}

/// To the last end marker after the first scan. Within a scan's data FF is always followed by 00 or a
/// restart marker, and the ends of thumbnails are in segments before it.
fn jpeg_len(bytes: &[u8]) -> Option<usize> {
    let start = JpegSegments::new(bytes).find(|segment| segment.marker == 0xda)?.end;
    let data = bytes.get(start..)?;
    data.windows(2).rposition(|pair| pair == b"\xff\xd9").map(|end| start + end + 2)
}

fn webp_len(bytes: &[u8]) -> Option<usize> {
    let size = usize::try_from(little_u32(bytes, 4)?).ok()?.saturating_add(8);
    (size <= bytes.len()).then_some(size)
}
