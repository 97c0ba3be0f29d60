//! What an attempt can end in, and the one table that says what follows.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Why an attempt stored nothing. The spelling is kept in records and shown by the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
            | Self::WorkerCrash => (TryAgain, true, true),
            Self::Refused => (TryOnceMore, true, true),
            Self::BadRequest => (GiveUp, true, false),
            Self::Unauthorised | Self::QuotaExhausted | Self::ModelRetired => (StopJob, true, false),
        };
        Policy { follow, uses_try, maybe_paid }
    }

    /// The code as records and the API spell it.
    pub const fn as_str(self) -> &'static str {
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
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.as_str() == text)
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
        }
        assert_eq!(FailureCode::parse("nonsense"), None);
    }

    #[test]
    fn only_being_told_to_wait_gives_the_try_back() {
        for code in FailureCode::ALL {
            assert_eq!(code.policy().uses_try, code != FailureCode::RateLimited, "{code:?}");
        }
    }
}
