//! `POST /api/v1/jobs/{id}/retry`: an ended job is opened again for what it lacks, and answered for like a new one.

use axum::{
    Extension,
    extract::{Path, State},
    response::Response,
};
use http::{HeaderMap, Method};
use serde_json::Value;
use toonmill_domain::Timestamp;
use toonmill_flows::{
    retry::{Again, RetryError},
    submit::Submitted,
};
use toonmill_http_api::{Arrival, Caller, OptionalJsonBody, Problem, ProblemKind, prefer};
use toonmill_plans::deadline_of_retry;

use crate::{
    App,
    answer::{Answer, answer},
    app::{invalid, job_id, no_such_job},
    idempotency,
    refusal::refused,
    view::status_url,
};

pub(crate) async fn retry(
    State(app): State<App>,
    caller: Caller,
    Extension(arrival): Extension<Arrival>,
    Path(id): Path<String>,
    headers: HeaderMap,
    OptionalJsonBody(body): OptionalJsonBody,
) -> Result<Response, Problem> {
    let job = job_id(&id)?;
    let wait = prefer::wait(&headers);
    let path = format!("{}/retry", status_url(job));
    let again = Again {
        job,
        account: caller.account.clone(),
        deadline: deadline_of_retry(body.as_ref()).map_err(invalid)?,
        idempotency: idempotency::read(&headers, &Method::POST, &path, body.as_ref().unwrap_or(&Value::Null))?,
        limits: caller.limits.clone(),
    };
    let what = match app.retrier.retry(&again).await.map_err(|error| not_retried(error, app.clock.now()))? {
        Submitted::New(job) => Answer::Reopened(job),
        Submitted::Before(job) => Answer::Repeated(job),
    };
    answer(&app, &caller, &arrival, wait, what).await
}

fn not_retried(error: RetryError, now: Timestamp) -> Problem {
    match error {
        RetryError::NotFound => no_such_job(),
        RetryError::NotEnded => {
            Problem::new(ProblemKind::JobNotEnded, "The job is still being drawn: what it lacks may yet come.")
        }
        RetryError::Completed => {
            Problem::new(ProblemKind::JobEnded, "The job is COMPLETED: there is nothing left to draw.")
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
