//! Two times: the one that messages carry, and the one that rates are measured by.

use std::time::{Duration, Instant, SystemTime};

/// A moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    /// Since the server began. It never goes back.
    pub(super) since: Duration,
    /// Seconds since 1970, as messages have it.
    pub(super) date: i64,
}

impl Moment {
    /// Milliseconds since the server began.
    pub(super) fn at_ms(self) -> u64 {
        u64::try_from(self.since.as_millis()).unwrap_or(u64::MAX)
    }
}

#[derive(Debug)]
pub(super) struct Clock {
    began: Instant,
    date: Duration,
}

impl Clock {
    #[expect(
        clippy::disallowed_methods,
        reason = "Telegram dates messages by its own clock, and this is the stand-in's; it is read once"
    )]
    pub(super) fn start() -> Self {
        let date = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Self { began: Instant::now(), date }
    }

    pub(super) fn now(&self) -> Moment {
        let since = self.began.elapsed();
        Moment { since, date: i64::try_from((self.date + since).as_secs()).unwrap_or(i64::MAX) }
    }
}
