//! A provider's own limit of calls in a time, as it is felt from outside: a window that slides.

use std::{collections::VecDeque, time::Duration};

/// Lets so many calls through in any minute, or another time.
#[derive(Debug, Clone)]
pub struct Limit {
    window: Duration,
    calls: usize,
    /// When the calls of the last window were let through, since any moment at all.
    passed: VecDeque<Duration>,
}

impl Limit {
    /// A limit of a minute, under which nothing has been called yet.
    pub fn new(per_minute: usize) -> Self {
        Self::within(Duration::from_mins(1), per_minute)
    }

    /// A limit of another time.
    pub fn within(window: Duration, calls: usize) -> Self {
        Self { window, calls, passed: VecDeque::new() }
    }

    /// Lets a call through, or says how long to wait until one may be. A call that is turned away counts for nothing.
    pub fn pass(&mut self, now: Duration) -> Result<(), Duration> {
        let wait = self.wait(now);
        if wait.is_zero() {
            self.count(now);
            return Ok(());
        }
        Err(wait)
    }

    /// How long to wait until a call may be; nothing if it may be now.
    pub fn wait(&mut self, now: Duration) -> Duration {
        while self.passed.front().is_some_and(|first| *first + self.window <= now) {
            self.passed.pop_front();
        }
        // More than the limit may have been counted: the call after them waits for all that are too many.
        match self.passed.len().checked_sub(self.calls) {
            None => Duration::ZERO,
            Some(over) => (self.passed.get(over).copied().unwrap_or(now) + self.window).saturating_sub(now),
        }
    }

    /// Counts a call, whether or not it may be.
    pub fn count(&mut self, now: Duration) {
        self.passed.push_back(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_minute_has_more_calls_than_the_limit() {
        let mut limit = Limit::new(3);
        let seconds = Duration::from_secs;
        for second in [0, 10, 20] {
            assert_eq!(limit.pass(seconds(second)), Ok(()));
        }
        assert_eq!(limit.pass(seconds(21)), Err(seconds(39)));
        assert_eq!(limit.pass(seconds(60)), Ok(()), "the first is a minute ago");
        assert_eq!(limit.pass(seconds(61)), Err(seconds(9)));
    }
}
