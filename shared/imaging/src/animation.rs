//! Pictures that move: of each, the first frame is the picture.

use crate::{
    Format,
    container::{Chunk, little_u32, png_chunks, riff_chunks, webp_chunks},
};

/// Bytes of a frame before its chunks (<https://developers.google.com/speed/webp/docs/riff_container#animation>).
const FRAME_HEADER: usize = 16;
/// Where in the file the first chunk starts.
const RIFF_HEADER: usize = 12;
const ALPHA_FLAG: u8 = 0x10;

/// A frame of an animated WebP, as a file of its own, and where its upper left corner is in the picture.
pub(crate) struct Still {
    pub(crate) file: Vec<u8>,
    pub(crate) left: u32,
    pub(crate) top: u32,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// Whether a picture has more than one frame, or says that it does.
pub(crate) fn is_animated(bytes: &[u8], format: Format) -> bool {
    match format {
        Format::Jpeg => false,
        // What programs show that know no animations is the picture in the usual chunks (PNG 3, 4.9).
        Format::Png => png_chunks(bytes).take_while(|chunk| chunk.name != b"IDAT").any(|chunk| chunk.name == b"acTL"),
        Format::WebP => webp_chunks(bytes).any(|chunk| chunk.name == b"ANMF"),
    }
}

/// The first frame of an animated WebP.
pub(crate) fn first_frame(bytes: &[u8]) -> Option<Still> {
    let frame = webp_chunks(bytes).find(|chunk| chunk.name == b"ANMF")?.data;
    let number = |at: usize| Some(little_u32(frame, at)? & 0x00ff_ffff);
    let (left, top) = (number(0)?.checked_mul(2)?, number(3)?.checked_mul(2)?);
    let (width, height) = (number(6)? + 1, number(9)? + 1);
    let chunks = || riff_chunks(frame, FRAME_HEADER).filter(|chunk| matches!(chunk.name, b"ALPH" | b"VP8 " | b"VP8L"));
    let flags = if chunks().any(|chunk| chunk.name == b"ALPH") { ALPHA_FLAG } else { 0 };
    let sides = frame.get(6..12)?;
    let mut file = vec![0; RIFF_HEADER];
    push(&mut file, *b"VP8X", &[&[flags, 0, 0, 0], sides].concat());
    for Chunk { name, data, .. } in chunks() {
        push(&mut file, *name, data);
    }
    let size = u32::try_from(file.len() - 8).ok()?.to_le_bytes();
    let head = [&b"RIFF"[..], &size, b"WEBP"].concat();
    file.get_mut(..RIFF_HEADER)?.copy_from_slice(&head);
    Some(Still { file, left, top, width, height })
}

fn push(file: &mut Vec<u8>, name: [u8; 4], data: &[u8]) {
    file.extend(name);
    file.extend(u32::try_from(data.len()).unwrap_or(u32::MAX).to_le_bytes());
    file.extend(data);
    file.resize(file.len() + data.len() % 2, 0);
}
