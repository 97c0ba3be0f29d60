//! What a stage's images cost, epoch by epoch: frozen when an epoch begins and never changed after.

use std::collections::BTreeMap;

use crate::{Credits, Epoch};

/// The one place that says what an image cost. A slot keeps no price: its stamp says in which epoch it was stored, and
/// the worker that stored it may have known only the plan's first price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prices {
    first: Credits,
    /// By the epoch from which on it holds. A retry at an unchanged price adds nothing, so that this stays small.
    later: BTreeMap<Epoch, Credits>,
}

impl Prices {
    /// Of a new job.
    pub const fn new(first: Credits) -> Self {
        Self { first, later: BTreeMap::new() }
    }

    /// Credits for one image that was stored in this epoch.
    pub fn in_epoch(&self, epoch: Epoch) -> Credits {
        self.later.range(..=epoch).next_back().map_or(self.first, |(_, price)| *price)
    }

    /// The same, and this price from `epoch` on.
    #[must_use]
    pub fn with(mut self, epoch: Epoch, price: Credits) -> Self {
        if self.in_epoch(epoch) != price {
            self.later.insert(epoch, price);
        }
        self
    }

    pub const fn first(&self) -> Credits {
        self.first
    }

    /// The changes, by the epoch from which on each holds.
    pub fn later(&self) -> impl Iterator<Item = (Epoch, Credits)> {
        self.later.iter().map(|(epoch, price)| (*epoch, *price))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::credits;

    #[test]
    fn a_price_holds_until_another_epoch_changes_it() {
        let prices = Prices::new(credits(4)).with(Epoch(2), credits(4)).with(Epoch(3), credits(7));
        let prices = prices.with(Epoch(5), credits(6));
        let of = |epoch| prices.in_epoch(Epoch(epoch)).get();
        assert_eq!([of(1), of(2), of(3), of(4), of(5), of(9)], [4, 4, 7, 7, 6, 6]);
        assert_eq!(prices.later().count(), 2, "an unchanged price is not written twice");
    }
}
