//! Whether the bytes go on to the picture's end. Decoders forgive a missing end, and fill up
//! with grey what they did not get.

use crate::{
    Format, ImageProblem,
    container::{little_u32, png_chunks},
    jpeg::{End, Frame, end_of, walk},
};

/// How long the picture is, if the bytes go on to its end. A JPEG needs no end marker if every block of it is there; one
/// that has the marker is not looked into.
pub(crate) fn whole_len(bytes: &[u8], format: Format) -> Result<usize, ImageProblem> {
    let end = match format {
        Format::Png => png_len(bytes),
        Format::Jpeg => match end_of(bytes) {
            Some(end) => Some(end),
            None => match walk(bytes, &Frame::read(bytes)?)? {
                End::Marked(end) => Some(end),
                End::Unmarked => Some(bytes.len()),
            },
        },
        Format::WebP => webp_len(bytes),
    };
    end.ok_or(ImageProblem::Truncated)
}

/// Chunk by chunk to the end of IEND.
fn png_len(bytes: &[u8]) -> Option<usize> {
    png_chunks(bytes).find(|chunk| chunk.name == b"IEND").map(|chunk| chunk.end)
}

fn webp_len(bytes: &[u8]) -> Option<usize> {
    let size = usize::try_from(little_u32(bytes, 4)?).ok()?.saturating_add(8);
    (size <= bytes.len()).then_some(size)
}
