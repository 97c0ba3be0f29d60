//! Why a wish was not fulfilled, and what the user is told about it.

use std::time::Duration;

use toonmill_domain::{Credits, Timestamp};
use toonmill_flows::{inputs::LARGEST_INPUT_BYTES, submit::SubmitError};
use toonmill_http_api::{Problem, ProblemKind};
use toonmill_orders::refused;
use toonmill_plans::{MAX_PROMPT_CHARS, letters};
use toonmill_telegram::{Saying, limits::DOWNLOAD_BYTES};

/// When a problem does not say it.
const LATER: Duration = Duration::from_mins(1);

#[derive(Debug)]
pub(crate) enum Refused {
    /// Nothing could be written down: Telegram is to send the update again.
    Failed(Problem),
    /// What the API's callers are told too.
    Problem(Problem),
    NotEnoughCredits {
        needed: Credits,
        available: Credits,
    },
    TooManyJobs {
        most: u32,
    },
    PromptTooLong {
        chars: usize,
    },
    PhotoTooLarge,
    PhotoUnreadable,
    Unavailable,
    NothingToCancel,
    NothingToRetry,
}

impl Refused {
    /// An order that cannot be planned. What storage failed at is worth another delivery of the update.
    pub(crate) fn plan(problem: Problem, prompt: &str) -> Self {
        if problem.status().is_server_error() {
            Self::Failed(problem)
        } else if letters::too_long(prompt, MAX_PROMPT_CHARS).is_some() {
            Self::PromptTooLong { chars: letters::count(prompt) }
        } else {
            Self::Problem(problem)
        }
    }

    pub(crate) fn saying(&self) -> Saying<'static> {
        match self {
            Self::Failed(_) => Saying::InternalError,
            Self::Problem(problem) => of_problem(problem),
            Self::NotEnoughCredits { needed, available } => {
                Saying::NotEnoughCredits { needed: *needed, available: *available }
            }
            Self::TooManyJobs { most } => Saying::TooManyJobs { most: *most },
            Self::PromptTooLong { chars } => Saying::PromptTooLong { chars: *chars, most_chars: MAX_PROMPT_CHARS },
            Self::PhotoTooLarge => {
                let most = usize::try_from(LARGEST_INPUT_BYTES).unwrap_or(usize::MAX).min(DOWNLOAD_BYTES);
                Saying::PhotoTooLarge { most_bytes: most }
            }
            Self::PhotoUnreadable => Saying::PhotoUnreadable,
            Self::Unavailable => Saying::ProviderUnavailable,
            Self::NothingToCancel => Saying::NothingToCancel,
            Self::NothingToRetry => Saying::NothingToRetry,
        }
    }

    /// For the log.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Failed(problem) | Self::Problem(problem) => problem.kind().slug(),
            Self::NotEnoughCredits { .. } => "insufficient-credits",
            Self::TooManyJobs { .. } => "too-many-active-jobs",
            Self::PromptTooLong { .. } => "prompt-too-long",
            Self::PhotoTooLarge => "photo-too-large",
            Self::PhotoUnreadable => "photo-unreadable",
            Self::Unavailable => "unavailable",
            Self::NothingToCancel => "nothing-to-cancel",
            Self::NothingToRetry => "nothing-to-retry",
        }
    }
}

impl Refused {
    pub(crate) fn submit(error: SubmitError, now: Timestamp) -> Self {
        match error {
            SubmitError::InsufficientCredits { needed, available } => Self::NotEnoughCredits { needed, available },
            SubmitError::TooManyActiveJobs { limit, .. } => Self::TooManyJobs { most: limit },
            error @ SubmitError::Cloud(_) => Self::Failed(refused(error, now)),
            error => Self::Problem(refused(error, now)),
        }
    }
}

fn of_problem(problem: &Problem) -> Saying<'static> {
    match problem.kind() {
        ProblemKind::TierTooLow => Saying::TierTooLow,
        ProblemKind::RateLimited | ProblemKind::QuotaUsedUp | ProblemKind::UploadQuota => {
            Saying::RateLimited { wait: problem.retry_in().unwrap_or(LATER) }
        }
        ProblemKind::Unavailable => Saying::ProviderUnavailable,
        ProblemKind::InvalidRequest | ProblemKind::MalformedJson | ProblemKind::PayloadTooLarge => {
            Saying::PromptInvalid
        }
        ProblemKind::CannotRetry | ProblemKind::JobEnded | ProblemKind::JobNotEnded | ProblemKind::NotFound => {
            Saying::NothingToRetry
        }
        ProblemKind::Unauthenticated
        | ProblemKind::InvalidToken
        | ProblemKind::InsufficientCredits
        | ProblemKind::WrongUser
        | ProblemKind::InsufficientScope
        | ProblemKind::MethodNotAllowed
        | ProblemKind::UnsupportedMediaType
        | ProblemKind::IdempotencyKeyReused
        | ProblemKind::TooManyActiveJobs
        | ProblemKind::Internal => Saying::InternalError,
    }
}
