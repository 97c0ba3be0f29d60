//! The orientation in a file's EXIF. Only this one entry is read, so that nothing else in a note can hide it: cameras and
//! editors leave notes with directories that lie outside of them, wrong counts and unknown types.

use crate::{
    Format,
    container::{JpegSegments, big_u16, big_u32, little_u16, little_u32, png_chunks, webp_chunks},
};

/// EXIF 2.32, table 4.
const ORIENTATION: u16 = 0x0112;
/// Before the TIFF in a JPEG's segment. Writers put it before the TIFF in other files too, and some end it in another
/// byte than zero.
const PREFIX: &[u8; 5] = b"Exif\0";
const PREFIX_LEN: usize = 6;
const ENTRY_LEN: usize = 12;

/// The orientation, from 1 to 8, of the first note that has one.
pub(crate) fn orientation(bytes: &[u8], format: Format) -> Option<u8> {
    match format {
        Format::Jpeg => JpegSegments::new(bytes)
            .filter(|segment| segment.marker == 0xe1 && segment.body.starts_with(PREFIX))
            .find_map(|segment| of_note(segment.body)),
        Format::Png => png_chunks(bytes).filter(|chunk| chunk.name == b"eXIf").find_map(|chunk| of_note(chunk.data)),
        Format::WebP => webp_chunks(bytes).filter(|chunk| chunk.name == b"EXIF").find_map(|chunk| of_note(chunk.data)),
    }
}

fn of_note(mut note: &[u8]) -> Option<u8> {
    while note.starts_with(PREFIX) {
        note = note.get(PREFIX_LEN..)?;
    }
    Tiff::new(note)?.orientation()
}

/// A note's TIFF, of which the first directory is read.
struct Tiff<'a> {
    bytes: &'a [u8],
    u16: fn(&[u8], usize) -> Option<u16>,
    u32: fn(&[u8], usize) -> Option<u32>,
}

impl<'a> Tiff<'a> {
    fn new(bytes: &'a [u8]) -> Option<Self> {
        match bytes.first_chunk()? {
            b"II" => Some(Self { bytes, u16: little_u16, u32: little_u32 }),
            b"MM" => Some(Self { bytes, u16: big_u16, u32: big_u32 }),
            _ => None,
        }
    }

    /// Entries that are cut off are none, whatever the directory says that it has.
    fn orientation(&self) -> Option<u8> {
        let start = usize::try_from((self.u32)(self.bytes, 4)?).ok()?;
        let count = usize::from((self.u16)(self.bytes, start)?);
        let entries = self.bytes.get(start + 2..)?.chunks_exact(ENTRY_LEN).take(count);
        entries.filter(|entry| (self.u16)(entry, 0) == Some(ORIENTATION)).find_map(|entry| self.value(entry))
    }

    /// An entry is its tag, type, count and value; a value of more than four bytes lies elsewhere, and its place is here.
    fn value(&self, entry: &[u8]) -> Option<u8> {
        let kind = (self.u16)(entry, 2)?;
        let size = match kind {
            // Bytes, shorts and longs, without and with a sign (TIFF 6.0, section 2).
            1 | 6 => 1,
            3 | 8 => 2,
            4 | 9 => 4,
            _ => return None,
        };
        let read = |bytes: &[u8], at: usize| {
            let value = match size {
                1 => bytes.get(at).copied().map(u32::from),
                2 => (self.u16)(bytes, at).map(u32::from),
                _ => (self.u32)(bytes, at),
            };
            value.and_then(|value| u8::try_from(value).ok()).filter(|value| (1..=8).contains(value))
        };
        let is_elsewhere = (self.u32)(entry, 4)?.saturating_mul(size) > 4;
        let elsewhere = || read(self.bytes, usize::try_from((self.u32)(entry, 8)?).ok()?);
        // A count that is wrong does not make the value wrong that stands here.
        is_elsewhere.then(elsewhere).flatten().or_else(|| read(entry, 8))
    }
}
