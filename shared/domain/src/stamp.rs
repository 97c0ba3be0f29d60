//! The numbers that order a slot's life: epochs and rounds (a stamp), and fences.

use serde::{Deserialize, Serialize};

/// One opening of a job: 1 at submit, one more with each retry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Epoch(pub u32);

/// One pass over the slots of a stage, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Round(pub u32);

/// Shuts out late writers. Every claim, lapse and give-up of a slot raises it; it never falls.
/// A slot that was never claimed is at [`Fence::NONE`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fence(pub u64);

/// The epoch and round that a slot last took part in, compared in that order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp {
    pub epoch: Epoch,
    pub round: Round,
}

impl Epoch {
    pub const FIRST: Self = Self(1);

    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl Round {
    pub const FIRST: Self = Self(1);
    /// Later than every round of its epoch: a slot stamped with it is given up until a retry.
    pub const INFINITE: Self = Self(Stamp::ROUNDS_PER_EPOCH - 1);

    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1).min(Self::INFINITE.0))
    }
}

impl Fence {
    pub const NONE: Self = Self(0);

    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl Stamp {
    const ROUNDS_PER_EPOCH: u32 = 1_000;

    pub const fn new(epoch: Epoch, round: Round) -> Self {
        Self { epoch, round }
    }

    /// Given up for good in this epoch.
    pub const fn given_up(epoch: Epoch) -> Self {
        Self { epoch, round: Round::INFINITE }
    }

    pub fn is_given_up_in(self, epoch: Epoch) -> bool {
        self == Self::given_up(epoch)
    }

    /// The stamp as one number with the same order, because a condition expression cannot compare pairs.
    pub fn as_number(self) -> u64 {
        u64::from(self.epoch.0)
            .saturating_mul(u64::from(Self::ROUNDS_PER_EPOCH))
            .saturating_add(u64::from(self.round.0))
    }

    pub fn from_number(number: u64) -> Option<Self> {
        let rounds = u64::from(Self::ROUNDS_PER_EPOCH);
        let epoch = u32::try_from(number.checked_div(rounds)?).ok()?;
        let round = u32::try_from(number.checked_rem(rounds)?).ok()?;
        Some(Self { epoch: Epoch(epoch), round: Round(round) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_and_its_number_have_one_order() {
        let stamps = [
            Stamp::new(Epoch(1), Round(1)),
            Stamp::new(Epoch(1), Round(10)),
            Stamp::given_up(Epoch(1)),
            Stamp::new(Epoch(2), Round(1)),
            Stamp::given_up(Epoch(2)),
        ];
        for pair in stamps.windows(2) {
            assert!(pair[0] < pair[1]);
            assert!(pair[0].as_number() < pair[1].as_number());
        }
        for stamp in stamps {
            assert_eq!(Stamp::from_number(stamp.as_number()), Some(stamp));
        }
    }
}
