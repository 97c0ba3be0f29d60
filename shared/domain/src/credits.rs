//! Credits: whole numbers, checked, never a float.

use serde::{Deserialize, Serialize};

/// An amount of credits. Arithmetic is checked: an overflow is an error, not a wrong balance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Credits(u64);

/// A sum of credits that does not fit, which only a corrupt record or a bug can produce.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the amount of credits is out of range")]
pub struct CreditsOutOfRange;

impl Credits {
    pub const ZERO: Self = Self(0);
    /// The largest amount that DynamoDB, JSON readers and signed ledger deltas all keep exactly.
    pub const MAX: Self = Self(1 << 53);

    pub const fn new(credits: u64) -> Option<Self> {
        if credits <= Self::MAX.0 { Some(Self(credits)) } else { None }
    }

    pub const fn get(self) -> u64 {
        self.0
    }

    pub fn plus(self, other: Self) -> Result<Self, CreditsOutOfRange> {
        self.0.checked_add(other.0).and_then(Self::new).ok_or(CreditsOutOfRange)
    }

    pub fn minus(self, other: Self) -> Result<Self, CreditsOutOfRange> {
        self.0.checked_sub(other.0).map(Self).ok_or(CreditsOutOfRange)
    }

    pub fn times(self, count: u64) -> Result<Self, CreditsOutOfRange> {
        self.0.checked_mul(count).and_then(Self::new).ok_or(CreditsOutOfRange)
    }

    pub fn sum(amounts: impl IntoIterator<Item = Self>) -> Result<Self, CreditsOutOfRange> {
        amounts.into_iter().try_fold(Self::ZERO, Self::plus)
    }

    /// The amount as a signed ledger delta. `MAX` fits in an `i64`.
    pub fn as_delta(self) -> i64 {
        i64::try_from(self.0).unwrap_or(i64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_checked() {
        let max = Credits::MAX;
        assert_eq!(max.plus(Credits(1)), Err(CreditsOutOfRange));
        assert_eq!(Credits(3).minus(Credits(4)), Err(CreditsOutOfRange));
        assert_eq!(max.times(2), Err(CreditsOutOfRange));
        assert_eq!(Credits(3).times(50), Ok(Credits(150)));
        assert_eq!(Credits::new((1 << 53) + 1), None);
    }
}
