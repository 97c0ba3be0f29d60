//! Huffman tables of a JPEG (T.81, C and F.2.2.3).

use super::bits::Bits;
use crate::ImageProblem;

/// Codes up to this many bits are looked up at once.
const QUICK: u32 = 9;
const LONGEST: u32 = 16;

#[derive(Debug)]
pub(super) struct Huffman {
    /// For the next bits of a stream: a code's length and its symbol. Length 0 stands for a longer code.
    quick: Vec<(u8, u8)>,
    /// Of each length: the first code behind those of this length, left-aligned to 16 bits, and what is added to a code to find
    /// its symbol.
    lengths: Vec<(u32, i32)>,
    symbols: Vec<u8>,
}

impl Huffman {
    /// From how many codes there are of each length, and their symbols in order.
    pub(super) fn new(counts: &[u8; 16], symbols: &[u8]) -> Result<Self, ImageProblem> {
        let (mut code, mut at) = (0_u32, 0_u32);
        let mut quick = vec![(0, 0); 1 << QUICK];
        let mut lengths = Vec::with_capacity(counts.len());
        for (length, count) in (1_u32..).zip(counts) {
            let count = u32::from(*count);
            let first = i64::from(at) - i64::from(code);
            for symbol in symbols.iter().skip(at as usize).take(count as usize) {
                if length <= QUICK {
                    let shift = QUICK - length;
                    let places = quick.iter_mut().skip((code << shift) as usize).take(1 << shift);
                    places.for_each(|place| *place = (length.to_le_bytes()[0], *symbol));
                }
                code += 1;
            }
            at += count;
            if code > 1 << length {
                return Err(ImageProblem::Damaged);
            }
            lengths.push((code << (LONGEST - length), i32::try_from(first).map_err(|_| ImageProblem::Damaged)?));
            code <<= 1;
        }
        if symbols.len() != at as usize {
            return Err(ImageProblem::Damaged);
        }
        Ok(Self { quick, lengths, symbols: symbols.to_vec() })
    }

    /// The next symbol.
    pub(super) fn symbol(&self, bits: &mut Bits<'_>) -> Result<u8, ImageProblem> {
        let next = bits.peek();
        if let Some((length @ 1.., symbol)) = self.quick.get((next >> (LONGEST - QUICK)) as usize) {
            bits.skip((*length).into())?;
            return Ok(*symbol);
        }
        for (length, (end, offset)) in (1_u32..).zip(&self.lengths) {
            if next < *end {
                bits.skip(length)?;
                let code = i64::from(next >> (LONGEST - length));
                let at = usize::try_from(code + i64::from(*offset)).map_err(|_| ImageProblem::Damaged)?;
                return self.symbols.get(at).copied().ok_or(ImageProblem::Damaged);
            }
        }
        // Where the data end, the bits that are not there look like this too.
        Err(if bits.are_over() { ImageProblem::Truncated } else { ImageProblem::Damaged })
    }
}
