//! What an attempt can end in, and the one table that says what follows.

use std::{borrow::Cow, time::Duration};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::UnknownName;

/// Why an attempt stored nothing. The spelling is kept in records and shown by the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FailureCode {
    /// The provider asks for patience (429 that passes).
    RateLimited,
    /// The provider is down or busy: 500, 502, 503, 504, connection refused or reset.
    Overloaded,
    /// No answer in time. The provider may have drawn, and may be paid for it.
    TimedOut,
    /// The provider will not draw or write this.
    Refused,
    /// An answer of success with no picture or no text in it.
    Empty,
    /// Bytes that are no picture, or not the picture asked for.
    InvalidImage,
    /// Text that the asked schema refuses, or that was cut off before it could satisfy it.
    InvalidText,
    /// The very bytes of another slot of the stage.
    DuplicateImage,
    /// The provider says that the request is wrong.
    BadRequest,
    /// The provider does not know our key.
    Unauthorised,
    /// The provider's quota or money for us is used up.
    QuotaExhausted,
    /// The model is gone.
    ModelRetired,
    /// The worker died, or its lease ran out, before it could say.
    WorkerCrash,
    /// A code of a newer version. It is only ever read from a record: of a past attempt, of a breaker, or in statistics.
    Unknown(UnknownName),
}

/// What follows a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Follow {
    /// Try this slot again while tries and rounds last.
    TryAgain,
    /// Try once more, then give the slot up.
    TryOnceMore,
    /// No other try can end differently: give the slot up.
    GiveUp,
    /// No slot of this job can be drawn: give this one up and close the job.
    StopJob,
}

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    pub follow: Follow,
    /// Whether the attempt uses up one of the round's tries.
    pub uses_try: bool,
    /// Whether the provider may charge for it: counted as waste.
    pub maybe_paid: bool,
}

impl FailureCode {
    /// Those that this version knows.
    pub const ALL: [Self; 13] = [
        Self::RateLimited,
        Self::Overloaded,
        Self::TimedOut,
        Self::Refused,
        Self::Empty,
        Self::InvalidImage,
        Self::InvalidText,
        Self::DuplicateImage,
        Self::BadRequest,
        Self::Unauthorised,
        Self::QuotaExhausted,
        Self::ModelRetired,
        Self::WorkerCrash,
    ];

    pub const fn policy(self) -> Policy {
        use Follow::{GiveUp, StopJob, TryAgain, TryOnceMore};
        let (follow, uses_try, maybe_paid) = match self {
            Self::RateLimited => (TryAgain, false, false),
            Self::Overloaded => (TryAgain, true, false),
            Self::TimedOut
            | Self::Empty
            | Self::InvalidImage
            | Self::InvalidText
            | Self::DuplicateImage
            | Self::WorkerCrash
            // Nothing is known of it, so that it rules nothing out, and it may have been paid for.
            | Self::Unknown(_) => (TryAgain, true, true),
            Self::Refused => (TryOnceMore, true, true),
            Self::BadRequest => (GiveUp, true, false),
            Self::Unauthorised | Self::QuotaExhausted | Self::ModelRetired => (StopJob, true, false),
        };
        Policy { follow, uses_try, maybe_paid }
    }

    /// The code as records and the API spell it.
    pub const fn as_str(&self) -> &str {
        match self {
            Self::RateLimited => "rate_limited",
            Self::Overloaded => "overloaded",
            Self::TimedOut => "timed_out",
            Self::Refused => "refused",
            Self::Empty => "empty",
            Self::InvalidImage => "invalid_image",
            Self::InvalidText => "invalid_text",
            Self::DuplicateImage => "duplicate_image",
            Self::BadRequest => "bad_request",
            Self::Unauthorised => "unauthorised",
            Self::QuotaExhausted => "quota_exhausted",
            Self::ModelRetired => "model_retired",
            Self::WorkerCrash => "worker_crash",
            Self::Unknown(name) => name.as_str(),
        }
    }

    /// A code that this version knows.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.as_str() == text)
    }

    /// A code as a record has it, which may be one of a newer version. None of what no version writes.
    pub fn of_record(text: &str) -> Option<Self> {
        Self::parse(text).or_else(|| UnknownName::new(text).map(Self::Unknown))
    }
}

impl Serialize for FailureCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for FailureCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        Self::of_record(&text).ok_or_else(|| D::Error::custom("this is no code of a failure"))
    }
}

/// A failed attempt, classified where it happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub code: FailureCode,
    /// How long the provider asks us to wait, if it says.
    pub retry_after: Option<Duration>,
    /// A short reason that is safe to show: a block reason or a status, never a body or a prompt.
    pub detail: Option<String>,
}

impl Failure {
    pub const fn new(code: FailureCode) -> Self {
        Self { code, retry_after: None, detail: None }
    }

    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    #[must_use]
    pub const fn retry_after(mut self, wait: Option<Duration>) -> Self {
        self.retry_after = wait;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_spelt_the_same_in_records_and_in_json() {
        for code in FailureCode::ALL {
            assert_eq!(FailureCode::parse(code.as_str()), Some(code));
            assert_eq!(FailureCode::of_record(code.as_str()), Some(code));
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
            assert_eq!(serde_json::from_value::<FailureCode>(code.as_str().into()).unwrap(), code);
        }
        assert_eq!(FailureCode::parse("nonsense"), None);
    }

    #[test]
    fn a_code_of_a_newer_version_is_kept_as_it_is_written() {
        let code = FailureCode::of_record("moon_in_the_way").unwrap();
        assert_eq!(code.as_str(), "moon_in_the_way");
        let counted = std::collections::BTreeMap::from([(code, 3)]);
        let json = serde_json::to_string(&counted).unwrap();
        assert_eq!(json, r#"{"moon_in_the_way":3}"#);
        assert_eq!(serde_json::from_str::<std::collections::BTreeMap<FailureCode, u64>>(&json).unwrap(), counted);
        for nonsense in ["", "Moon in the way", "달"] {
            assert_eq!(FailureCode::of_record(nonsense), None, "{nonsense:?}");
        }
    }

    #[test]
    fn only_being_told_to_wait_gives_the_try_back() {
        for code in FailureCode::ALL {
            assert_eq!(code.policy().uses_try, code != FailureCode::RateLimited, "{code:?}");
        }
    }
}
