//! The bits of a scan's data: FF is followed by 00, or is a marker, which ends them (T.81, F.2.2.5).

use crate::ImageProblem;

#[derive(Debug)]
pub(super) struct Bits<'a> {
    bytes: &'a [u8],
    /// Of the next byte to be taken in.
    at: usize,
    /// The bits that were taken in and not used yet, from the lowest on.
    held: u64,
    count: u32,
    /// Whether a marker, or the file's end, is next.
    ended: bool,
}

impl<'a> Bits<'a> {
    pub(super) const fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at, held: 0, count: 0, ended: false }
    }

    fn fill(&mut self) {
        while self.count <= 48 && !self.ended {
            let Some(byte) = self.bytes.get(self.at) else {
                self.ended = true;
                return;
            };
            let mut width = 1;
            if *byte == 0xff {
                if self.bytes.get(self.at + 1) != Some(&0) {
                    self.ended = true;
                    return;
                }
                width = 2;
            }
            self.held = self.held << 8 | u64::from(*byte);
            self.count += 8;
            self.at += width;
        }
    }

    /// The next 16 bits. What is not there is zeros.
    pub(super) fn peek(&mut self) -> u32 {
        if self.count < 16 {
            self.fill();
        }
        let bits = if self.count >= 16 { self.held >> (self.count - 16) } else { self.held << (16 - self.count) };
        u32::from(u16::from_le_bytes([bits.to_le_bytes()[0], bits.to_le_bytes()[1]]))
    }

    /// Uses up to 16 bits.
    pub(super) fn skip(&mut self, count: u32) -> Result<(), ImageProblem> {
        if self.count < count {
            self.fill();
        }
        self.count = self.count.checked_sub(count).ok_or(ImageProblem::Truncated)?;
        // A shift keeps what was used in the upper bits, and they go: at most 56 bits are held.
        self.held &= (1 << self.count) - 1;
        Ok(())
    }

    /// The next up to 16 bits as a number.
    pub(super) fn number(&mut self, count: u32) -> Result<u32, ImageProblem> {
        if count == 0 {
            return Ok(0);
        }
        let value = self.peek() >> (16 - count);
        self.skip(count)?;
        Ok(value)
    }

    /// Whether nothing is left but the bits that fill up the last byte.
    pub(super) const fn are_over(&self) -> bool {
        self.ended && self.count < 16
    }

    /// Goes behind the restart marker that must be next. Bytes before it that nobody needed are passed over.
    pub(super) fn restart(&mut self) -> Result<(), ImageProblem> {
        let marker = self.marker();
        match self.bytes.get(marker + 1) {
            Some(0xd0..=0xd7) => {
                *self = Self::new(self.bytes, marker + 2);
                Ok(())
            }
            Some(0xd9) | None => Err(ImageProblem::Truncated),
            Some(_) => Err(ImageProblem::Damaged),
        }
    }

    /// Where the marker is that follows the data, or the file's end.
    pub(super) fn marker(&self) -> usize {
        let mut at = self.at;
        loop {
            let rest = self.bytes.get(at..).unwrap_or_default();
            let Some(found) = rest.iter().position(|byte| *byte == 0xff) else { return self.bytes.len() };
            at += found;
            match self.bytes.get(at + 1) {
                None => return self.bytes.len(),
                Some(0) => at += 2,
                // Filling before a marker.
                Some(0xff) => at += 1,
                Some(_) => return at,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_end_at_a_marker_and_stuffed_bytes_are_one() {
        let mut bits = Bits::new(b"\xa5\xff\x00\x0f\xff\xd9", 0);
        assert_eq!((bits.number(4), bits.number(8), bits.number(12)), (Ok(0xa), Ok(0x5f), Ok(0xf0f)));
        assert_eq!((bits.peek(), bits.are_over(), bits.marker()), (0, true, 4));
        assert_eq!(bits.number(1), Err(ImageProblem::Truncated));
    }

    #[test]
    fn a_restart_is_found_behind_what_was_left() {
        let mut bits = Bits::new(b"\x80\x11\x22\xff\xff\xd3\xc0", 0);
        assert_eq!(bits.number(1), Ok(1));
        assert_eq!((bits.restart(), bits.number(2)), (Ok(()), Ok(3)));
        assert_eq!(Bits::new(b"\x80\xff\xd9", 0).restart(), Err(ImageProblem::Truncated));
        assert_eq!(Bits::new(b"\x80\xff\xc4", 0).restart(), Err(ImageProblem::Damaged));
    }
}
