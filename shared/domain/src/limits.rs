//! Everything that is limited for one account or user. A limit is a row of the table below, and nothing else knows its
//! name, its setting or its default.

use std::{collections::BTreeMap, time::Duration};

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
    fn what_is_said_goes_before_what_is_said_for_all() {
        let all = Limits::default().with(Limit::ActiveJobs, 2).with(Limit::JobsPerDay, 9);
        let own = all.overlaid(&Limits::default().with(Limit::ActiveJobs, 100));
        assert_eq!((own.get(Limit::ActiveJobs), own.get(Limit::JobsPerDay)), (100, 9));
        assert_eq!(own.get(Limit::WritesPerMinute), 20);
    }
}
