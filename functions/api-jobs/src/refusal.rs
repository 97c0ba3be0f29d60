//! Why a job was not opened, by a submit or a retry, as a problem.

use std::{error::Error, time::Duration};

use toonmill_domain::Timestamp;
use toonmill_flows::submit::SubmitError;
use toonmill_http_api::{Allowance, Problem, ProblemKind};

/// When to ask again whether a job has ended: pictures take seconds.
const RETRY_AFTER: Duration = Duration::from_secs(10);

pub(crate) fn refused(error: SubmitError, now: Timestamp) -> Problem {
    match error {
        SubmitError::InsufficientCredits { needed, available } => {
            let detail = format!("The job needs {} credits, and {} are available.", needed.get(), available.get());
            Problem::new(ProblemKind::InsufficientCredits, detail)
        }
        SubmitError::TooManyActiveJobs { set, active, limit } => {
            let counted = set.limit().counts();
            let detail = format!("The account has {active} {counted}, and {limit} are the most at once.");
            Allowance { limit: set.limit(), most: limit, left: 0, again_in: RETRY_AFTER }
                .refuse(ProblemKind::TooManyActiveJobs, detail)
        }
        SubmitError::UsedUp { limit, most } => {
            let detail = format!("{most} {} a day are the most, and too few are left today (UTC).", limit.counts());
            let again_in = limit.resets_at(now).map_or(RETRY_AFTER, |at| at.since(now));
            Allowance { limit, most, left: 0, again_in }.refuse(ProblemKind::QuotaUsedUp, detail)
        }
        SubmitError::KeyReused => Problem::new(
            ProblemKind::IdempotencyKeyReused,
            "This Idempotency-Key was sent with another request in the last 24 hours.",
        ),
        SubmitError::Price(error) => {
            tracing::error!(error = &error as &dyn Error, "a job's price does not fit");
            Problem::internal()
        }
        SubmitError::Cloud(error) => error.into(),
    }
}
