//! Why a job was not opened, by a submit or a retry, as a problem.

use std::error::Error;

use http::{HeaderName, HeaderValue};
use toonmill_flows::submit::SubmitError;
use toonmill_http_api::{Problem, ProblemKind};

/// When to ask again whether a job has ended: pictures take seconds.
const RETRY_AFTER_SECS: u32 = 10;

pub(crate) fn refused(error: SubmitError) -> Problem {
    match error {
        SubmitError::InsufficientCredits { needed, available } => {
            let detail = format!("The job needs {} credits, and {} are available.", needed.get(), available.get());
            Problem::new(ProblemKind::InsufficientCredits, detail)
        }
        SubmitError::TooManyActiveJobs { active, limit } => {
            let detail = format!("{active} jobs are unfinished, and {limit} are the most at once.");
            let problem = Problem::new(ProblemKind::TooManyActiveJobs, detail).retry_after(RETRY_AFTER_SECS);
            let limits = [
                ("ratelimit-policy", format!("\"active-jobs\";q={limit}")),
                ("ratelimit", "\"active-jobs\";r=0".to_owned()),
            ];
            limits.into_iter().fold(problem, |problem, (name, value)| match HeaderValue::try_from(value) {
                Ok(value) => problem.header(HeaderName::from_static(name), value),
                Err(_) => problem,
            })
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
