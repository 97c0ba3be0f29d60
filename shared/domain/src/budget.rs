//! A provider's budget of requests a minute: turns on one time line, which all callers share.
//!
//! The time line is one number, when its next turn is free. Whoever reserves `n` turns moves it on by `n` intervals,
//! and time moves it on when nobody does, so that turns are never saved up.

use std::{num::NonZeroU32, time::Duration};

use crate::Timestamp;

/// A message's turn that was not taken for this long is lost. Shorter, and callers that are slower than the budget would
/// reserve every turn twice. What a standstill leaves behind is bounded by what a job may have sent ahead.
pub const TURN_KEPT: Duration = Duration::from_mins(15);
/// How long a worker keeps turns that it holds for nobody in particular.
const LOT_KEPT: Duration = Duration::from_mins(2);
/// A caller whose turn is so near goes ahead: a message cannot be delayed by less than a second.
pub const CLOSE_ENOUGH: Duration = Duration::from_secs(1);
/// The most turns that one worker reserves for itself at once.
const LARGEST_LOT: u32 = 16;

/// Requests a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget(pub NonZeroU32);

/// Consecutive turns, the first at `first`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turns {
    pub first: Timestamp,
    pub count: u32,
    budget: Budget,
}

/// Turns that one worker holds for messages that come without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lot {
    turns: Turns,
    used: u32,
}

/// What a message's turn is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    Now,
    Later(Timestamp),
    /// It has none, or it is lost.
    None,
}

impl Budget {
    /// How far so many turns move the time line.
    pub fn span(self, turns: u32) -> Duration {
        let millis = u64::from(turns).saturating_mul(60_000);
        Duration::from_millis(millis.div_ceil(u64::from(self.0.get())))
    }

    pub const fn turns(self, first: Timestamp, count: u32) -> Turns {
        Turns { first, count, budget: self }
    }
}

impl Turns {
    pub fn iter(self) -> impl Iterator<Item = Timestamp> {
        (0..self.count).map(move |number| self.at(number))
    }

    fn at(self, number: u32) -> Timestamp {
        self.first.plus(self.budget.span(number))
    }
}

impl Turn {
    pub fn of(turn: Option<Timestamp>, now: Timestamp) -> Self {
        match turn {
            Some(at) if at > now.plus(CLOSE_ENOUGH) => Self::Later(at),
            Some(at) if at.plus(TURN_KEPT) > now => Self::Now,
            Some(_) | None => Self::None,
        }
    }
}

impl Lot {
    /// A lot whose first turn is for the message at hand.
    pub const fn new(turns: Turns) -> Self {
        Self { turns, used: 0 }
    }

    /// Takes the next turn that is not lost, even if it is still to come.
    pub fn take(&mut self, now: Timestamp) -> Option<Timestamp> {
        while self.used < self.turns.count {
            let at = self.turns.at(self.used);
            self.used = self.used.saturating_add(1);
            if at.plus(LOT_KEPT) > now {
                return Some(at);
            }
        }
        None
    }

    /// How many turns to reserve after this lot: twice as many if all of it was used in time, else one. A worker that
    /// rarely needs a turn of its own does not keep others'.
    pub fn next_size(last: Option<&Self>, now: Timestamp) -> u32 {
        let used_up = |lot: &&Self| lot.used >= lot.turns.count && lot.turns.first.plus(LOT_KEPT) > now;
        last.filter(used_up).map_or(1, |lot| lot.turns.count.saturating_mul(2).min(LARGEST_LOT))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::NOW;

    fn budget(per_minute: u32) -> Budget {
        Budget(NonZeroU32::new(per_minute).unwrap())
    }

    #[test]
    fn a_minute_of_turns_takes_a_minute_whatever_the_budget() {
        for per_minute in [1, 7, 300, 999, 60_000] {
            assert_eq!(budget(per_minute).span(per_minute), Duration::from_mins(1), "{per_minute}");
        }
        let turns: Vec<_> = budget(300).turns(NOW, 3).iter().map(|at| at.since(NOW).as_millis()).collect();
        assert_eq!(turns, [0, 200, 400]);
    }

    #[test]
    fn a_turn_is_waited_for_then_taken_then_lost() {
        let at = NOW.plus(Duration::from_secs(10));
        assert_eq!(Turn::of(Some(at), NOW), Turn::Later(at));
        assert_eq!(Turn::of(Some(at), NOW.plus(Duration::from_secs(9))), Turn::Now);
        assert_eq!(Turn::of(Some(at), at.plus(TURN_KEPT)), Turn::None);
        assert_eq!(Turn::of(None, NOW), Turn::None);
    }

    #[test]
    fn a_lot_gives_each_turn_once_and_none_that_is_lost() {
        let mut lot = Lot::new(budget(60).turns(NOW, 3));
        let second = NOW.plus(Duration::from_secs(1));
        assert_eq!((lot.take(NOW), lot.take(NOW)), (Some(NOW), Some(second)));
        assert_eq!(lot.take(NOW.plus(LOT_KEPT).plus(Duration::from_secs(2))), None);
        assert_eq!(lot.take(NOW), None);
    }

    #[test]
    fn lots_grow_while_they_are_used_up_in_time() {
        assert_eq!(Lot::next_size(None, NOW), 1);
        let mut lot = Lot::new(budget(60).turns(NOW, 12));
        assert_eq!(Lot::next_size(Some(&lot), NOW), 1, "not used up");
        while lot.take(NOW).is_some() {}
        assert_eq!(Lot::next_size(Some(&lot), NOW), 16);
        assert_eq!(Lot::next_size(Some(&lot), NOW.plus(LOT_KEPT)), 1, "it took too long");
    }
}
