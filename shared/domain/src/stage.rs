//! One stage: its record, an index of its slots small enough to be read at once.

use std::collections::BTreeSet;

use crate::{
    Choice, Choices, Credits, Epoch, Failover, ModelId, Prices, ProviderId, Round, SlotIndex, StageKey, Stamp,
    Timestamp, WorkKind,
};

/// Slots that may be in flight at once for one stage.
pub const DEFAULT_WINDOW: u32 = 200;

/// A stage's record. The slots' own records are the truth; the two sets are an index of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    pub key: StageKey,
    pub quantity: u32,
    pub epoch: Epoch,
    pub round: Round,
    /// When this round was opened: re-sends are counted from it.
    pub round_started_at: Timestamp,
    pub closed: bool,
    /// The watermark: slots below it may have been sent in this epoch, those above it were not.
    pub dispatched: u32,
    /// Re-sends in this round; each doubles the wait for the next.
    pub resends: u32,
    /// The epoch in which the job's log says that it is finished, while others go on.
    pub finish_noted: Option<Epoch>,
    pub stored: BTreeSet<SlotIndex>,
    pub missed: BTreeSet<SlotIndex>,
    /// Credits for one image, of every epoch.
    pub prices: Prices,
    pub provider: ProviderId,
    pub model: ModelId,
    pub work: WorkKind,
    /// Whether its results become files of their own.
    pub keep_files: bool,
    /// When a slot may be drawn by one of the alternatives; both are the plan's, and none in older records.
    pub failover: Failover,
    pub alternatives: Vec<Choice>,
}

impl Stage {
    /// Who may draw it.
    pub fn choices(&self) -> Choices<'_> {
        let Self { failover, provider, model, alternatives, .. } = self;
        Choices { failover: *failover, provider, model, alternatives }
    }

    pub const fn stamp(&self) -> Stamp {
        Stamp::new(self.epoch, self.round)
    }

    /// Credits for one image that is stored in this epoch.
    pub fn price(&self) -> Credits {
        self.prices.in_epoch(self.epoch)
    }

    /// `|stored ∪ missed|`.
    pub fn settled(&self) -> u32 {
        let only_missed = self.missed.difference(&self.stored).count();
        u32::try_from(self.stored.len().saturating_add(only_missed)).unwrap_or(u32::MAX)
    }

    pub fn is_full(&self) -> bool {
        self.settled() >= self.quantity
    }

    pub fn all_stored(&self) -> bool {
        u32::try_from(self.stored.len()).is_ok_and(|stored| stored >= self.quantity)
    }

    /// Slots that were sent and have not come back: dispatched less those settled below the watermark.
    pub fn in_flight(&self) -> u32 {
        let below =
            |set: &BTreeSet<SlotIndex>| set.range(..SlotIndex(self.dispatched)).copied().collect::<BTreeSet<_>>();
        let settled = below(&self.stored).union(&below(&self.missed)).count();
        self.dispatched.saturating_sub(u32::try_from(settled).unwrap_or(u32::MAX))
    }

    /// The slots that the stage is next allowed to send, as the watermark's new value: when at most half of
    /// the window is in flight and some slots were never sent.
    pub fn next_watermark(&self, window: u32) -> Option<u32> {
        let window = window.max(1);
        let in_flight = self.in_flight();
        let may = !self.closed && self.dispatched < self.quantity && in_flight <= window.checked_div(2).unwrap_or(0);
        may.then(|| self.watermark_after(window.saturating_sub(in_flight)))
    }

    /// The watermark that lets `room` more slots out. Those that an earlier epoch stored take no room: a window full
    /// of them would send nothing, and nobody would come back to ring for the next.
    fn watermark_after(&self, room: u32) -> u32 {
        let mut left = room;
        let mut to = self.dispatched;
        while to < self.quantity {
            let settled = self.stored.contains(&SlotIndex(to)) || self.missed.contains(&SlotIndex(to));
            if !settled && left == 0 {
                break;
            }
            left = left.saturating_sub(u32::from(!settled));
            to = to.saturating_add(1);
        }
        to
    }

    /// Whether the one who counted must ring (PROTOCOL, ring rule): the stage is full, or its window may move.
    /// A stage whose slots were all sent has no window left to move, and rings only when it is full.
    pub fn must_ring(&self, window: u32) -> bool {
        self.is_full() || self.next_watermark(window).is_some()
    }

    /// All slots, in order.
    pub fn slots(&self) -> impl Iterator<Item = SlotIndex> + use<> {
        (0..self.quantity).map(SlotIndex)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    fn set(slots: impl IntoIterator<Item = u32>) -> BTreeSet<SlotIndex> {
        slots.into_iter().map(SlotIndex).collect()
    }

    fn stage(quantity: u32, dispatched: u32) -> Stage {
        Stage { dispatched, ..fixtures::stage(quantity) }
    }

    #[test]
    fn a_slot_in_both_sets_is_settled_once() {
        let mut stage = stage(3, 3);
        (stage.stored, stage.missed) = (set([0, 1]), set([1]));
        assert_eq!(stage.settled(), 2);
        assert_eq!(stage.in_flight(), 1);
        assert!(!stage.is_full());
    }

    #[test]
    fn a_slot_stored_in_an_earlier_epoch_is_not_in_flight() {
        let mut stage = stage(10, 0);
        stage.stored = set([8, 9]);
        assert_eq!(stage.in_flight(), 0);
    }

    #[test]
    fn the_window_moves_when_half_of_it_has_come_back() {
        let mut stage = stage(1_000, 200);
        stage.stored = set(0..99);
        assert_eq!(stage.next_watermark(200), None);
        stage.stored = set(0..100);
        assert_eq!(stage.next_watermark(200), Some(300));
        stage.dispatched = 1_000;
        assert_eq!(stage.next_watermark(200), None);
    }

    #[test]
    fn a_window_passes_over_what_an_earlier_epoch_stored() {
        let mut stage = stage(10, 0);
        stage.stored = set([0, 1, 2, 4, 9]);
        assert_eq!(stage.next_watermark(2), Some(6), "3 and 5 are sent");
        stage.dispatched = 6;
        stage.stored.extend(set([3, 5]));
        assert_eq!(stage.next_watermark(3), Some(10), "6, 7 and 8");
    }

    #[test]
    fn a_closed_stage_sends_nothing() {
        let mut stage = stage(10, 0);
        assert_eq!(stage.next_watermark(200), Some(10));
        stage.closed = true;
        assert_eq!(stage.next_watermark(200), None);
    }

    #[test]
    fn the_last_count_rings_and_those_before_it_do_not() {
        let mut stage = stage(50, 50);
        stage.stored = set(0..49);
        assert!(!stage.must_ring(200));
        stage.missed = set([49]);
        assert!(stage.must_ring(200));
    }
}
