//! The blocks of a scan: which bits belong to each of them (T.81, F.2.2 and G.2). Only refinements need to know something of
//! what was decoded before: which coefficients are not zero.

use super::{bits::Bits, huffman::Huffman};
use crate::ImageProblem;

/// Which of a block's 64 coefficients are not zero, in the order in which they are sent.
pub(super) type NotZero = u64;

/// A scan's place among the coefficients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Band {
    pub(super) first: u8,
    pub(super) last: u8,
    /// Whether the coefficients get one more bit here.
    pub(super) refines: bool,
}

/// All of a block, as sequential pictures send it.
pub(super) fn sequential(bits: &mut Bits<'_>, dc: &Huffman, ac: &Huffman) -> Result<(), ImageProblem> {
    dc_first(bits, dc)?;
    let mut at = 1;
    while at < 64 {
        let (zeros, size) = nibbles(ac.symbol(bits)?);
        if size == 0 && zeros < 15 {
            break;
        }
        bits.skip(size)?;
        at += zeros + 1;
    }
    Ok(())
}

pub(super) fn dc_first(bits: &mut Bits<'_>, dc: &Huffman) -> Result<(), ImageProblem> {
    let size = dc.symbol(bits)?;
    if size > 15 {
        return Err(ImageProblem::Damaged);
    }
    bits.skip(size.into())
}

/// `run` is how many blocks more have nothing in this band.
pub(super) fn ac_first(
    bits: &mut Bits<'_>,
    ac: &Huffman,
    band: Band,
    run: &mut u32,
    block: &mut NotZero,
) -> Result<(), ImageProblem> {
    if *run > 0 {
        *run -= 1;
        return Ok(());
    }
    let mut at = u32::from(band.first);
    while at <= u32::from(band.last) {
        let (zeros, size) = nibbles(ac.symbol(bits)?);
        if size == 0 && zeros < 15 {
            *run = (1 << zeros) - 1 + bits.number(zeros)?;
            break;
        }
        at += zeros;
        if size > 0 {
            bits.skip(size)?;
            *block |= bit(at);
        }
        at += 1;
    }
    Ok(())
}

pub(super) fn ac_refine(
    bits: &mut Bits<'_>,
    ac: &Huffman,
    band: Band,
    run: &mut u32,
    block: &mut NotZero,
) -> Result<(), ImageProblem> {
    let (mut at, last) = (u32::from(band.first), u32::from(band.last));
    while *run == 0 && at <= last {
        let (mut zeros, size) = nibbles(ac.symbol(bits)?);
        if size == 0 && zeros < 15 {
            *run = (1 << zeros) + bits.number(zeros)?;
            break;
        }
        if size > 0 {
            // The sign of a coefficient that is new.
            bits.skip(1)?;
        }
        while at <= last {
            if *block & bit(at) != 0 {
                bits.skip(1)?;
            } else if zeros == 0 {
                break;
            } else {
                zeros -= 1;
            }
            at += 1;
        }
        if size > 0 && at <= last {
            *block |= bit(at);
        }
        at += 1;
    }
    if *run > 0 {
        let rest = (at..=last).filter(|at| *block & bit(*at) != 0).count();
        for _ in 0..rest {
            bits.skip(1)?;
        }
        *run -= 1;
    }
    Ok(())
}

/// How many zeros come before a coefficient, and how many bits it has.
fn nibbles(symbol: u8) -> (u32, u32) {
    (u32::from(symbol >> 4), u32::from(symbol & 15))
}

const fn bit(at: u32) -> NotZero {
    if at < 64 { 1 << at } else { 0 }
}
