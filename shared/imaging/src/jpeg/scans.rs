//! Goes through all scans of a JPEG, and so finds out whether every block is there. Decoders do not say: they fill up with
//! grey what they did not get.

use super::{
    Frame, Process,
    bits::Bits,
    blocks::{Band, NotZero, ac_first, ac_refine, dc_first, sequential},
    frame::Component,
    huffman::Huffman,
};
use crate::{
    ImageProblem,
    container::{JpegSegments, big_u16},
};

/// More scans than any encoder makes; a file could have one for each 12 bytes.
const MOST_SCANS: usize = 100;

/// How a picture whose blocks are all there ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// In its end marker; this many bytes are its own.
    Marked(usize),
    /// The end marker is missing.
    Unmarked,
}

/// Tables, and what was seen of each component so far.
struct Walk<'a> {
    bytes: &'a [u8],
    frame: &'a Frame,
    dc: [Option<Huffman>; 4],
    ac: [Option<Huffman>; 4],
    /// Units of the picture between two restarts; 0 if there are none.
    restart: u32,
    /// Which quantisation tables were there.
    quantisers: [bool; 4],
    seen: Vec<Seen>,
}

/// What was seen of a component.
struct Seen {
    /// Blocks of a row, with those that fill up the last unit.
    stride: usize,
    /// Of progressive pictures.
    blocks: Vec<NotZero>,
    /// Of each coefficient, how many bits are still to come; none if nothing was sent of it.
    left: [Option<u8>; 64],
}

/// A component in a scan, with its tables' numbers.
#[derive(Clone, Copy)]
struct Part {
    component: usize,
    dc: usize,
    ac: usize,
}

/// Whether every block of the picture is there. Truncated if the data end before; damaged if they make no sense.
pub(crate) fn walk(bytes: &[u8], frame: &Frame) -> Result<End, ImageProblem> {
    let mut walk = Walk::new(bytes, frame);
    let (mut at, mut scans) = (2, 0);
    loop {
        let mut segments = JpegSegments::from(bytes, at);
        let scan = loop {
            let Some(segment) = segments.next() else { break None };
            match segment.marker {
                0xc4 => walk.tables(segment.body)?,
                0xdb => walk.quantisers(segment.body)?,
                0xdd => walk.restart = big_u16(segment.body, 0).ok_or(ImageProblem::Damaged)?.into(),
                0xda => break Some(segment),
                _ => {}
            }
        };
        let Some(scan) = scan else {
            let end = segments.position();
            let is_marked = bytes.get(end.saturating_sub(2)..end) == Some(b"\xff\xd9");
            return match (walk.has_all(is_marked), is_marked) {
                (false, _) => Err(ImageProblem::Truncated),
                (true, true) => Ok(End::Marked(end)),
                (true, false) => Ok(End::Unmarked),
            };
        };
        scans += 1;
        if scans > MOST_SCANS {
            return Err(ImageProblem::Unsupported("a JPEG with more than 100 scans"));
        }
        at = walk.scan(scan.body, scan.end)?;
    }
}

impl<'a> Walk<'a> {
    fn new(bytes: &'a [u8], frame: &'a Frame) -> Self {
        let (across, down) = frame.largest();
        let units = |side: u32, largest: u8| (side as usize).div_ceil(8 * usize::from(largest));
        let (columns, rows) = (units(frame.width, across), units(frame.height, down));
        let seen = |component: &Component| {
            let stride = columns * usize::from(component.across);
            let count = stride * rows * usize::from(component.down);
            let blocks = if frame.process == Process::Progressive { vec![0; count] } else { Vec::new() };
            Seen { stride, blocks, left: [None; 64] }
        };
        let seen = frame.components.iter().map(seen).collect();
        Self { bytes, frame, dc: Default::default(), ac: Default::default(), restart: 0, quantisers: [false; 4], seen }
    }

    /// One or several tables (T.81, B.2.4.2).
    fn tables(&mut self, mut body: &[u8]) -> Result<(), ImageProblem> {
        while let Some((head, rest)) = body.split_first() {
            let (counts, rest) = rest.split_first_chunk::<16>().ok_or(ImageProblem::Damaged)?;
            let count = counts.iter().map(|count| usize::from(*count)).sum();
            let (symbols, rest) = rest.split_at_checked(count).ok_or(ImageProblem::Damaged)?;
            let tables = if head >> 4 == 0 { &mut self.dc } else { &mut self.ac };
            let table = tables.get_mut(usize::from(head & 15)).ok_or(ImageProblem::Damaged)?;
            *table = Some(Huffman::new(counts, symbols)?);
            body = rest;
        }
        Ok(())
    }

    /// One or several quantisation tables, of 8 or 16 bits (T.81, B.2.4.1). What they hold does not matter here.
    fn quantisers(&mut self, mut body: &[u8]) -> Result<(), ImageProblem> {
        while let Some((head, rest)) = body.split_first() {
            let length = if head >> 4 == 0 { 64 } else { 128 };
            let (_, rest) = rest.split_at_checked(length).ok_or(ImageProblem::Damaged)?;
            *self.quantisers.get_mut(usize::from(head & 15)).ok_or(ImageProblem::Damaged)? = true;
            body = rest;
        }
        Ok(())
    }

    /// Whether nothing is missing of any component. An end marker is believed of a picture that was sent progressively,
    /// since some encoders leave the last bits out.
    fn has_all(&self, is_marked: bool) -> bool {
        let is_progressive = self.frame.process == Process::Progressive;
        self.seen.iter().all(|seen| {
            let [dc, ac @ ..] = &seen.left;
            match (is_progressive, is_marked) {
                (true, false) => *dc == Some(0) && ac.iter().all(|left| left.is_none_or(|left| left == 0)),
                _ => dc.is_some(),
            }
        })
    }

    /// Goes through a scan's data, and says where they end.
    fn scan(&mut self, header: &[u8], data: usize) -> Result<usize, ImageProblem> {
        let (parts, band, low) = self.header(header)?;
        for part in &parts {
            let component = self.frame.components.get(part.component).ok_or(ImageProblem::Damaged)?;
            if self.quantisers.get(usize::from(component.quantiser)) != Some(&true) {
                return Err(ImageProblem::Damaged);
            }
            let seen = self.seen.get_mut(part.component).ok_or(ImageProblem::Damaged)?;
            let places = seen.left.get_mut(band.first.into()..=band.last.into()).ok_or(ImageProblem::Damaged)?;
            places.fill(Some(low));
        }
        let (rows, columns) = self.units(&parts)?;
        let mut bits = Bits::new(self.bytes, data);
        let (mut until_restart, mut run) = (self.restart, 0);
        for row in 0..rows {
            for column in 0..columns {
                if self.restart > 0 {
                    if until_restart == 0 {
                        bits.restart()?;
                        (until_restart, run) = (self.restart, 0);
                    }
                    until_restart -= 1;
                }
                self.unit(&mut bits, &parts, band, (row, column), &mut run)?;
            }
        }
        Ok(bits.marker())
    }

    fn header(&self, body: &[u8]) -> Result<(Vec<Part>, Band, u8), ImageProblem> {
        let (count, rest) = body.split_first().ok_or(ImageProblem::Damaged)?;
        let (parts, rest) = rest.split_at_checked(usize::from(*count) * 2).ok_or(ImageProblem::Damaged)?;
        let part = |[id, tables]: &[u8; 2]| {
            let component = self.frame.components.iter().position(|component| component.id == *id)?;
            Some(Part { component, dc: (tables >> 4).into(), ac: (tables & 15).into() })
        };
        let parts: Option<Vec<_>> = parts.as_chunks::<2>().0.iter().map(part).collect();
        let parts = parts.filter(|parts| !parts.is_empty()).ok_or(ImageProblem::Damaged)?;
        let whole = Band { first: 0, last: 63, refines: false };
        if self.frame.process == Process::Sequential {
            return Ok((parts, whole, 0));
        }
        let [first, last, bits] = *rest.first_chunk::<3>().ok_or(ImageProblem::Damaged)?;
        // Coefficients of a progressive picture come for one component at a time, and apart from the first one.
        let is_right = first <= last && last < 64 && (first > 0 || last == 0) && (first == 0 || parts.len() == 1);
        if is_right {
            Ok((parts, Band { first, last, refines: bits >> 4 > 0 }, bits & 15))
        } else {
            Err(ImageProblem::Damaged)
        }
    }

    /// Rows and columns of units: of the picture if a scan has several components, or of the blocks of the one.
    fn units(&self, parts: &[Part]) -> Result<(usize, usize), ImageProblem> {
        let (across, down) = self.frame.largest();
        let of = |side: u32, factor: u8, largest: u8| {
            (side as usize * usize::from(factor)).div_ceil(usize::from(largest)).div_ceil(8)
        };
        if let [only] = parts {
            let component = self.frame.components.get(only.component).ok_or(ImageProblem::Damaged)?;
            let rows = of(self.frame.height, component.down, down);
            return Ok((rows, of(self.frame.width, component.across, across)));
        }
        let units = |side: u32, largest: u8| (side as usize).div_ceil(8 * usize::from(largest));
        Ok((units(self.frame.height, down), units(self.frame.width, across)))
    }

    fn unit(
        &mut self,
        bits: &mut Bits<'_>,
        parts: &[Part],
        band: Band,
        (row, column): (usize, usize),
        run: &mut u32,
    ) -> Result<(), ImageProblem> {
        for part in parts {
            let component = self.frame.components.get(part.component).ok_or(ImageProblem::Damaged)?;
            let (across, down) =
                if parts.len() == 1 { (1, 1) } else { (component.across.into(), component.down.into()) };
            for y in 0..down {
                for x in 0..across {
                    self.block(bits, *part, band, (row * down + y, column * across + x), run)?;
                }
            }
        }
        Ok(())
    }

    fn block(
        &mut self,
        bits: &mut Bits<'_>,
        part: Part,
        band: Band,
        (row, column): (usize, usize),
        run: &mut u32,
    ) -> Result<(), ImageProblem> {
        let dc = || self.dc.get(part.dc).and_then(Option::as_ref).ok_or(ImageProblem::Damaged);
        let ac = || self.ac.get(part.ac).and_then(Option::as_ref).ok_or(ImageProblem::Damaged);
        if self.frame.process == Process::Sequential {
            return sequential(bits, dc()?, ac()?);
        }
        match band {
            Band { first: 0, refines: false, .. } => dc_first(bits, dc()?),
            Band { first: 0, refines: true, .. } => bits.skip(1),
            Band { refines, .. } => {
                let seen = self.seen.get_mut(part.component).ok_or(ImageProblem::Damaged)?;
                let block = seen.blocks.get_mut(row * seen.stride + column).ok_or(ImageProblem::Damaged)?;
                if refines { ac_refine(bits, ac()?, band, run, block) } else { ac_first(bits, ac()?, band, run, block) }
            }
        }
    }
}
