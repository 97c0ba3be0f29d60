//! The parts that picture files are made of: segments of a JPEG, chunks of a PNG and of a WebP. Nothing is unpacked, and what is
//! broken ends the walk.

/// The segments of a JPEG up to its first scan, which is the last one given. Bytes between segments that belong to none are
/// passed over, as libjpeg does.
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

    /// The segments from a place on: those between scans.
    pub(crate) const fn from(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at }
    }

    /// Behind what was read last: where there are no more segments, behind the end marker, if it is there.
    pub(crate) const fn position(&self) -> usize {
        self.at
    }
}

impl<'a> Iterator for JpegSegments<'a> {
    type Item = JpegSegment<'a>;

    fn next(&mut self) -> Option<JpegSegment<'a>> {
        loop {
            self.at += self.bytes.get(self.at..)?.iter().position(|byte| *byte == 0xff)?;
            // Any number of FF may fill up before a marker.
            self.at += self.bytes.get(self.at..)?.iter().position(|byte| *byte != 0xff)?;
            let marker = *self.bytes.get(self.at)?;
            self.at += 1;
            match marker {
                // These have no body: an FF of data, TEM, restarts and another start.
                0x00 | 0x01 | 0xd0..=0xd8 => {}
                0xd9 => return None,
                _ => {
                    let length = usize::from(big_u16(self.bytes, self.at)?);
                    let end = self.at + length;
                    let body = self.bytes.get(self.at + 2..end)?;
                    self.at = if marker == 0xda { self.bytes.len() } else { end };
                    return Some(JpegSegment { marker, body, end });
                }
            }
        }
    }
}

/// A named part of a PNG or WebP.
pub(crate) struct Chunk<'a> {
    pub(crate) name: &'a [u8; 4],
    pub(crate) data: &'a [u8],
    /// Where the next one starts.
    pub(crate) end: usize,
}

/// The chunks of a PNG that are there to their ends: length, name, data, checksum.
pub(crate) fn png_chunks(bytes: &[u8]) -> impl Iterator<Item = Chunk<'_>> {
    let mut at = 8_usize;
    std::iter::from_fn(move || {
        let length = usize::try_from(big_u32(bytes, at)?).ok()?;
        let (name, data) = (bytes.get(at + 4..)?.first_chunk()?, bytes.get(at + 8..)?.get(..length)?);
        let end = at + 8 + length + 4;
        at = bytes.get(end - 4..end).map(|_| end)?;
        Some(Chunk { name, data, end })
    })
}

/// The chunks of a WebP file: name, length, data, and a byte more after an odd length. The last one may be cut.
pub(crate) fn webp_chunks(bytes: &[u8]) -> impl Iterator<Item = Chunk<'_>> {
    riff_chunks(bytes, 12)
}

/// The chunks from a place on, as WebP has them in the file and again in a frame of an animation.
pub(crate) fn riff_chunks(bytes: &[u8], from: usize) -> impl Iterator<Item = Chunk<'_>> {
    let mut at = from;
    std::iter::from_fn(move || {
        let name = bytes.get(at..)?.first_chunk()?;
        let length = usize::try_from(little_u32(bytes, at + 4)?).ok()?;
        let data = bytes.get(at + 8..)?;
        let data = data.get(..length).unwrap_or(data);
        at = (at + 8).saturating_add(length).saturating_add(length % 2);
        Some(Chunk { name, data, end: at })
    })
}

pub(crate) fn big_u32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

pub(crate) fn big_u16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

pub(crate) fn little_u16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

pub(crate) fn little_u32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}
