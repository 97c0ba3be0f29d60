//! Chance that is not chance: numbers that follow from a list of facts and from nothing else.

use sha2::{Digest, Sha256};

/// A number that follows from the parts, in their order and with their borders.
pub(crate) fn of(parts: &[&[u8]]) -> u64 {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize().iter().take(8).fold(0, |number, byte| (number << 8) | u64::from(*byte))
}

/// A share between 0 (in) and 1 (out) that follows from a number.
#[expect(clippy::cast_precision_loss, reason = "53 bits are taken, which is what an f64 holds")]
pub(crate) fn share(number: u64) -> f64 {
    (number >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn borders_between_parts_count() {
        assert_ne!(of(&[b"ab", b"c"]), of(&[b"a", b"bc"]));
        assert_eq!(of(&[b"ab", b"c"]), of(&[b"ab", b"c"]));
    }

    #[test]
    fn shares_fill_the_unit_interval() {
        let shares: Vec<f64> = (0..1000_u64).map(|n| share(of(&[&n.to_le_bytes()]))).collect();
        assert!(shares.iter().all(|share| (0.0..1.0).contains(share)));
        let low = shares.iter().filter(|share| **share < 0.5).count();
        assert!((440..560).contains(&low), "{low}");
    }
}
