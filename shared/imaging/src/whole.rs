//! Whether the bytes go on to the picture's end. Decoders forgive a missing end, and fill up
//! with grey what they did not get.

use crate::header::{Format, JpegSegments, big_u32, little_u32};

pub(crate) fn is_whole(bytes: &[u8], format: Format) -> bool {
    match format {
        Format::Png => png_is_whole(bytes),
        Format::Jpeg => jpeg_is_whole(bytes),
        Format::WebP => webp_is_whole(bytes),
    }
}

/// Chunk by chunk (length, name, data, checksum) to the end of IEND.
fn png_is_whole(bytes: &[u8]) -> bool {
    let mut at = 8_usize;
    loop {
        let Some((length, name)) = big_u32(bytes, at).zip(bytes.get(at + 4..at + 8)) else { return false };
        at = at.saturating_add(usize::try_from(length).unwrap_or(usize::MAX)).saturating_add(12);
        if at > bytes.len() {
            return false;
        }
        if name == b"IEND" {
            return true;
        }
    }
}

/// An end marker after the first scan. Within a scan's data FF is always followed by 00 or a
/// restart marker, and the ends of thumbnails are in segments before it.
fn jpeg_is_whole(bytes: &[u8]) -> bool {
    let scan = JpegSegments::new(bytes).find(|segment| segment.marker == 0xda).map(|segment| segment.end);
    let data = scan.and_then(|start| bytes.get(start..)).unwrap_or_default();
    data.windows(2).any(|pair| pair == b"\xff\xd9")
}

fn webp_is_whole(bytes: &[u8]) -> bool {
    little_u32(bytes, 4)
        .and_then(|size| usize::try_from(size).ok())
        .is_some_and(|size| size.saturating_add(8) <= bytes.len())
}
