//! What a JPEG is made of: its frame, and whether its scans have every block. Nothing is turned into pixels here.

mod bits;
mod blocks;
mod frame;
mod huffman;
mod scans;

pub(crate) use frame::{Colour, Component, Frame, Process, is_frame};
pub(crate) use scans::{End, walk};

use crate::container::JpegSegments;

/// Where the last end marker after the first scan ends. Within a scan's data FF is always followed by 00 or a restart
/// marker, and the ends of thumbnails are in segments before it.
pub(crate) fn end_of(bytes: &[u8]) -> Option<usize> {
    let start = JpegSegments::new(bytes).find(|segment| segment.marker == 0xda)?.end;
    let data = bytes.get(start..)?;
    data.windows(2).rposition(|pair| pair == b"\xff\xd9").map(|end| start + end + 2)
}
