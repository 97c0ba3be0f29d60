//! Everything that is limited for one account or user. A limit is a row of the table below, and nothing else knows its
//! name, its setting or its default.

mod tally;

use std::{collections::BTreeMap, time::Duration};

pub use tally::Tally;

use crate::{JobKind, Timestamp};

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// Over which time something is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// What there is at one time.
    Standing,
    /// What there was in the last so much time, at any moment.
    Sliding(Duration),
    /// What there was since the last whole hour or day, UTC.
    Fixed(Duration),
}

macro_rules! limits {
    ($($(#[$doc:meta])* $limit:ident = $name:literal, $setting:literal, $default:literal, $window:expr, $counts:literal;)*) => {
        /// What is limited.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Limit {
            $($(#[$doc])* $limit,)*
        }

        impl Limit {
            pub const ALL: &'static [Self] = &[$(Self::$limit),*];

            /// What callers know it by.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$limit => $name),* }
            }

            /// The setting that changes it.
            pub const fn setting(self) -> &'static str {
                match self { $(Self::$limit => $setting),* }
            }

            /// How much is allowed where nobody says otherwise.
            pub const fn default_most(self) -> u32 {
                match self { $(Self::$limit => $default),* }
            }

            pub const fn window(self) -> Window {
                match self { $(Self::$limit => $window),* }
            }

            /// What is counted, for people.
            pub const fn counts(self) -> &'static str {
                match self { $(Self::$limit => $counts),* }
            }
        }
    };
}

limits! {
    /// Of an account.
    ActiveJobs = "active-jobs", "MAX_ACTIVE_JOBS", 4, Window::Standing, "unfinished pipeline and batch jobs";
    /// Of an account.
    ActiveSingleJobs = "active-single-jobs", "MAX_ACTIVE_SINGLE_JOBS", 64, Window::Standing,
        "unfinished jobs of one image or one text";
    ReadsPerMinute = "reads-per-minute", "READS_PER_MINUTE", 60, Window::Sliding(MINUTE), "requests that only read";
    WritesPerMinute = "writes-per-minute", "WRITES_PER_MINUTE", 20, Window::Sliding(MINUTE), "requests that write";
    WritesPerHour = "writes-per-hour", "WRITES_PER_HOUR", 600, Window::Fixed(HOUR), "requests that write";
    /// Of an account. Each of them occupies a function while it waits.
    Waits = "waiting-requests", "MAX_WAITS_PER_ACCOUNT", 2, Window::Standing, "requests whose answers are held at the same time";
    JobsPerDay = "jobs-per-day", "JOBS_PER_DAY", 2_000, Window::Fixed(DAY), "jobs";
    /// A job counts with all that it may come to: the characters that it sends, and the tokens that it asks for.
    TextTokensPerDay = "text-tokens-per-day", "TEXT_TOKENS_PER_DAY", 2_000_000, Window::Fixed(DAY), "tokens of text models";
}

impl Limit {
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|limit| limit.name() == name)
    }

    /// When a count that begins anew with each hour or day does so next.
    pub fn resets_at(self, now: Timestamp) -> Option<Timestamp> {
        match self.window() {
            Window::Fixed(length) => Some(start_of(now, length).plus(length)),
            Window::Standing | Window::Sliding(_) => None,
        }
    }
}

/// The last whole hour, day or minute.
pub fn start_of(now: Timestamp, length: Duration) -> Timestamp {
    let since = i64::try_from(length.as_millis()).ok().and_then(|length| now.as_millis().checked_rem_euclid(length));
    Timestamp::from_millis(now.as_millis().saturating_sub(since.unwrap_or(0)))
}

/// Requests are counted by what they do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rate {
    Read,
    Write,
}

impl Rate {
    pub const fn per_minute(self) -> Limit {
        match self {
            Self::Read => Limit::ReadsPerMinute,
            Self::Write => Limit::WritesPerMinute,
        }
    }
}

/// What was counted in the minute that runs, the request in question included, and in the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Minutes {
    pub before: u32,
    pub this: u32,
}

impl Minutes {
    /// None if `most` were not passed in the last 60 seconds; else how long it takes until one more fits. Of the minute
    /// before counts the part that those seconds reach into, as if its requests had come evenly.
    pub fn too_many(self, most: u32, now: Timestamp) -> Option<Duration> {
        let (minute, rest) = (millis(MINUTE), rest_of_minute(now));
        let (before, this, most) = (u64::from(self.before), u64::from(self.this), u64::from(most));
        if self.weighed(now) <= most.saturating_mul(minute) {
            return None;
        }
        let room = most.saturating_sub(this).saturating_mul(minute);
        let wait = match room.checked_div(before) {
            // In this minute, once enough of the one before has passed out of sight.
            Some(reach) if this <= most => rest.saturating_sub(reach),
            // In the next, of which this one is then the one before.
            _ => rest.saturating_add(minute.div_ceil(most.max(1))),
        };
        Some(Duration::from_millis(wait))
    }

    /// How many more fit now.
    pub fn left(self, most: u32, now: Timestamp) -> u32 {
        let minute = millis(MINUTE);
        let room = u64::from(most).saturating_mul(minute).saturating_sub(self.weighed(now));
        u32::try_from(room.checked_div(minute).unwrap_or(0)).unwrap_or(u32::MAX)
    }

    /// What was counted in the last 60 seconds, times the milliseconds of a minute.
    fn weighed(self, now: Timestamp) -> u64 {
        let before = u64::from(self.before).saturating_mul(rest_of_minute(now));
        before.saturating_add(u64::from(self.this).saturating_mul(millis(MINUTE)))
    }
}

/// Milliseconds until the minute is over.
fn rest_of_minute(now: Timestamp) -> u64 {
    millis(MINUTE).saturating_sub(millis(now.since(start_of(now, MINUTE))))
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// The two sets of unfinished jobs that an account has: large jobs must not keep small ones from being taken, and a
/// script's many small ones must not count as four large.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActiveSet {
    Jobs,
    Singles,
}

impl ActiveSet {
    pub const ALL: [Self; 2] = [Self::Jobs, Self::Singles];

    /// Where a job of so many slots belongs.
    pub const fn of(kind: JobKind, slots: u64) -> Self {
        if kind.has_one_stage() && slots <= 1 { Self::Singles } else { Self::Jobs }
    }

    pub const fn limit(self) -> Limit {
        match self {
            Self::Jobs => Limit::ActiveJobs,
            Self::Singles => Limit::ActiveSingleJobs,
        }
    }
}

/// How much of everything is allowed. What is not said is the default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits(BTreeMap<Limit, u32>);

impl Limits {
    pub fn get(&self, limit: Limit) -> u32 {
        self.0.get(&limit).copied().unwrap_or(limit.default_most())
    }

    #[must_use]
    pub fn with(mut self, limit: Limit, most: u32) -> Self {
        self.0.insert(limit, most);
        self
    }

    /// These, with those that `own` says in their place.
    #[must_use]
    pub fn overlaid(&self, own: &Self) -> Self {
        let mut all = self.0.clone();
        all.extend(&own.0);
        Self(all)
    }

    /// What is said, without the defaults.
    pub fn said(&self) -> impl Iterator<Item = (Limit, u32)> {
        self.0.iter().map(|(limit, most)| (*limit, *most))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_limits_have_one_name_or_one_setting() {
        let names: BTreeSet<_> = Limit::ALL.iter().map(|limit| limit.name()).collect();
        let settings: BTreeSet<_> = Limit::ALL.iter().map(|limit| limit.setting()).collect();
        assert_eq!((names.len(), settings.len()), (Limit::ALL.len(), Limit::ALL.len()));
        assert!(Limit::ALL.iter().all(|limit| Limit::of_name(limit.name()) == Some(*limit)));
    }

    #[test]
    fn one_picture_of_a_pipeline_is_a_pipeline_and_many_of_one_prompt_are_no_single_one() {
        assert_eq!(ActiveSet::of(JobKind::Pipeline, 1), ActiveSet::Jobs);
        assert_eq!(ActiveSet::of(JobKind::GenerateMonsterImage, 1), ActiveSet::Singles);
        assert_eq!(ActiveSet::of(JobKind::GenerateMonsterImage, 2), ActiveSet::Jobs);
        assert_eq!(ActiveSet::of(JobKind::SingleText, 1), ActiveSet::Singles);
    }

    #[test]
    fn a_day_begins_anew_at_midnight_utc() {
        let noon = Timestamp::from_millis(1_795_175_100_250);
        let next = Limit::JobsPerDay.resets_at(noon).map(Timestamp::to_rfc3339);
        assert_eq!(next.as_deref(), Some("2026-11-21T00:00:00Z"));
        assert_eq!(Limit::ReadsPerMinute.resets_at(noon), None);
    }

    #[test]
    fn the_last_minute_slides_over_the_minutes_of_the_clock() {
        let at = |secs: i64| Timestamp::from_millis(1_795_175_100_000_i64.div_euclid(60_000) * 60_000 + secs * 1_000);
        let too_many = |before, this, secs| Minutes { before, this }.too_many(60, at(secs));
        assert_eq!((too_many(0, 60, 0), too_many(0, 61, 30)), (None, Some(Duration::from_secs(31))));
        // A burst at the end of a minute cannot be doubled at the beginning of the next.
        assert_eq!(too_many(60, 1, 0), Some(Duration::from_secs(1)));
        assert_eq!((too_many(60, 30, 30), too_many(60, 31, 30)), (None, Some(Duration::from_secs(1))));
        // Whoever waits as long as told is let in.
        for (before, this, secs) in [(60, 1, 0), (60, 20, 3), (45, 50, 10), (60, 60, 59)] {
            let wait = too_many(before, this, secs).unwrap();
            let later = at(secs).plus(wait);
            let then = if start_of(later, MINUTE) == start_of(at(secs), MINUTE) {
                Minutes { before, this }
            } else {
                Minutes { before: this - 1, this: 1 }
            };
            assert_eq!(then.too_many(60, later), None, "{before} {this} {secs}");
        }
    }

    #[test]
    fn what_is_said_goes_before_what_is_said_for_all() {
        let all = Limits::default().with(Limit::ActiveJobs, 2).with(Limit::JobsPerDay, 9);
        let own = all.overlaid(&Limits::default().with(Limit::ActiveJobs, 100));
        assert_eq!((own.get(Limit::ActiveJobs), own.get(Limit::JobsPerDay)), (100, 9));
        assert_eq!(own.get(Limit::WritesPerMinute), 20);
    }
}
