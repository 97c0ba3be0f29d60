//! A provider's own limit of calls a minute, as it is felt from outside: a window that slides.

use std::{collections::VecDeque, time::Duration};

const WINDOW: Duration = Duration::from_mins(1);

/// Lets so many calls through in any minute.
#[derive(Debug, Clone)]
pub struct Limit {
    per_minute: usize,
    /// When the calls of the last minute were let through, since any moment at all.
    passed: VecDeque<Duration>,
}

impl Limit {
    /// A limit under which nothing has been called yet.
    pub fn new(per_minute: usize) -> Self {
        Self { per_minute, passed: VecDeque::new() }
    }

    /// Lets a call through, or says how long to wait until one may be. A call that is turned away counts for nothing.
    pub fn pass(&mut self, now: Duration) -> Result<(), Duration> {
        while self.passed.front().is_some_and(|first| *first + WINDOW <= now) {
            self.passed.pop_front();
        }
        if self.passed.len() < self.per_minute {
            self.passed.push_back(now);
            return Ok(());
        }
        let first = self.passed.front().copied().unwrap_or(now);
        Err((first + WINDOW).saturating_sub(now))
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
