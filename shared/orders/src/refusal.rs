//! Why a job was not opened, by a submit or a retry, as a problem.

use std::{error::Error, time::Duration};

use toonmill_cloud::table::QuotaExceeded;
use toonmill_domain::Timestamp;
use toonmill_flows::{
    retry::{MOST_EPOCHS, RetryError},
    submit::SubmitError,
};
use toonmill_http_api::{Allowance, Problem, ProblemKind};

/// When to ask again whether a job has ended: pictures take seconds.
const RETRY_AFTER: Duration = Duration::from_secs(10);
/// When there may be room for uploads: the next cleanup may be hours away.
const ROOM_AFTER_SECS: u32 = 3_600;

/// The problem of a job that was not opened.
pub fn refused(error: SubmitError, now: Timestamp) -> Problem {
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
        // Only chats have updates.
        SubmitError::UpdateSeen => Problem::internal(),
        SubmitError::Price(error) => {
            tracing::error!(error = &error as &dyn Error, "a job's price does not fit");
            Problem::internal()
        }
        SubmitError::Cloud(error) => error.into(),
    }
}

/// The problem of an account that has uploaded as much as it may.
pub fn too_much(QuotaExceeded(quota): QuotaExceeded) -> Problem {
    let detail = format!(
        "{} files of {} bytes together are the most that may be uploaded at once. Remove some, or wait until they have expired.",
        quota.files, quota.bytes
    );
    Problem::new(ProblemKind::UploadQuota, detail).retry_after(ROOM_AFTER_SECS)
}

/// The problem of a job that was not opened again.
pub fn not_retried(error: RetryError, now: Timestamp) -> Problem {
    match error {
        RetryError::NotFound => Problem::not_found("job"),
        RetryError::NotEnded => {
            Problem::new(ProblemKind::JobNotEnded, "The job is still being drawn: what it lacks may yet come.")
        }
        RetryError::Completed => {
            Problem::new(ProblemKind::JobEnded, "The job is COMPLETED: there is nothing left to draw.")
        }
        RetryError::TooManyRetries => {
            let detail = format!("The job was retried {} times, and that is the most.", MOST_EPOCHS - 1);
            Problem::new(ProblemKind::CannotRetry, detail)
        }
        RetryError::NoSuchModel(model) => {
            let detail = format!("Its missing images were to be drawn by {model}, which is not offered any more.");
            Problem::new(ProblemKind::CannotRetry, detail)
        }
        RetryError::InputGone(file) => {
            let detail = format!("Its missing images are drawn from the file {file}, which is gone.");
            Problem::new(ProblemKind::CannotRetry, detail)
        }
        RetryError::NotOpened(error) => refused(error, now),
    }
}
