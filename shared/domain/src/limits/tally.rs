//! What one process knows of somebody's requests, so that not each of them costs a write before it is answered.
//!
//! Everybody's count is in the table. A process that has counted all of it alone this minute lets a few requests pass and
//! counts them with the next one that it writes down: an eighth of what is left, so that near the limit every request is
//! counted. Of several processes at most one is alone, whatever their requests' order: the others see in their first
//! answer what was counted before them. So at most an eighth of the limit is passed over, and by one process nothing.

use crate::{
    Timestamp,
    limits::{MINUTE, Minutes, start_of},
};

/// So large a part of what is left may wait to be counted.
const PART: u32 = 8;
/// What waits is lost with its process.
const MOST: u32 = 7;

/// Requests of somebody in a minute, as one process knows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    minute: Timestamp,
    /// As everybody's count was when this process wrote last.
    seen: Minutes,
    /// What of it this process has written.
    own: u32,
    /// Has passed, and is not counted yet.
    waiting: u32,
}

impl Tally {
    /// Decides about one more request: none if it may pass uncounted, else how many are to be counted now, it included.
    pub fn decide(&mut self, most: u32, now: Timestamp) -> Option<u32> {
        let runs = self.minute == start_of(now, MINUTE);
        let is_alone = self.own == self.seen.this;
        let may_wait = self.seen.left(most, now).checked_div(PART).unwrap_or(0).min(MOST);
        if runs && is_alone && self.waiting < may_wait {
            self.waiting = self.waiting.saturating_add(1);
            return None;
        }
        // What waits from a minute long ago is nobody's matter any more.
        let is_recent = now.since(self.minute) < MINUTE.saturating_mul(2);
        let waited = if is_recent { self.waiting } else { 0 };
        self.waiting = 0;
        Some(waited.saturating_add(1))
    }

    /// What is known once so many requests were counted, and everybody's count is `seen`.
    #[must_use]
    pub fn counted(before: Option<Self>, requests: u32, seen: Minutes, now: Timestamp) -> Self {
        let minute = start_of(now, MINUTE);
        let own = before.filter(|before| before.minute == minute).map_or(0, |before| before.own);
        Self { minute, seen, own: own.saturating_add(requests), waiting: 0 }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const MINUTE_BEGUN: Timestamp = Timestamp::from_millis(1_795_175_100_000);

    /// Everybody's count of one minute, with nothing in the one before.
    #[derive(Default)]
    struct Table(u32);

    /// Whether a request passes, and whether it was written down.
    fn ask(process: &mut Option<Tally>, table: &mut Table, most: u32, now: Timestamp) -> (bool, bool) {
        let requests = match process {
            Some(tally) => tally.decide(most, now),
            None => Some(1),
        };
        let Some(requests) = requests else { return (true, false) };
        let added = if table.0 < most { requests } else { 1 };
        let seen = Minutes { before: 0, this: table.0.saturating_add(added) };
        if seen.too_many(most, now).is_some() {
            table.0 = seen.this.saturating_sub(1);
            *process = None;
            return (false, true);
        }
        table.0 = seen.this;
        *process = Some(Tally::counted(*process, requests, seen, now));
        (true, true)
    }

    #[test]
    fn one_process_lets_pass_what_is_allowed_with_few_writes() {
        let (mut process, mut table) = (None, Table::default());
        let asked: Vec<_> = (0..80).map(|_| ask(&mut process, &mut table, 60, MINUTE_BEGUN)).collect();
        assert_eq!(asked.iter().filter(|(passed, _)| *passed).count(), 60);
        assert!(asked.iter().take(60).all(|(passed, _)| *passed), "none is refused before");
        let written = |requests: usize| asked.iter().take(requests).filter(|(_, written)| *written).count();
        assert_eq!((written(10), written(30), written(60)), (2, 5, 20));
    }

    #[test]
    fn several_processes_pass_over_the_limit_by_an_eighth_at_most_in_whatever_order() {
        for seed in 0..2_000 {
            let mut rng = fastrand::Rng::with_seed(seed);
            let most = rng.u32(1..200);
            let mut processes = vec![None; rng.usize(1..12)];
            let mut table = Table::default();
            let passed = (0..most * 3)
                .filter(|_| ask(rng.choice(&mut processes).unwrap(), &mut table, most, MINUTE_BEGUN).0)
                .count();
            let passed = u32::try_from(passed).unwrap();
            let over = if processes.len() == 1 { 0 } else { most / PART };
            assert!((most..=most + over).contains(&passed), "seed {seed}: {passed} of {most}");
        }
    }

    #[test]
    fn what_waits_is_counted_in_the_next_minute_and_not_in_a_later_one() {
        let mut tally = Tally::counted(None, 1, Minutes { before: 0, this: 1 }, MINUTE_BEGUN);
        for _ in 0..3 {
            assert_eq!(tally.decide(60, MINUTE_BEGUN), None);
        }
        let mut other = tally;
        assert_eq!(tally.decide(60, MINUTE_BEGUN.plus(Duration::from_secs(61))), Some(4));
        assert_eq!(other.decide(60, MINUTE_BEGUN.plus(Duration::from_secs(121))), Some(1));
    }

    #[test]
    fn who_is_not_alone_or_has_little_left_is_counted_each_time() {
        let seen = |before, this| Tally::counted(None, 1, Minutes { before, this }, MINUTE_BEGUN);
        assert_eq!(seen(0, 2).decide(60, MINUTE_BEGUN), Some(1), "somebody else has counted too");
        assert_eq!(seen(55, 1).decide(60, MINUTE_BEGUN), Some(1), "the minute before still weighs");
        assert_eq!(seen(0, 1).decide(8, MINUTE_BEGUN), Some(1), "a small limit is kept to the letter");
    }
}
