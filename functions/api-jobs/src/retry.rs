//! `POST /api/v1/jobs/{id}/retry`: an ended job is opened again for what it lacks, and answered for like a new one.

use axum::{
    Extension,
    extract::{Path, State},
    response::Response,
};
use http::{HeaderMap, Method};
use serde_json::Value;
use toonmill_cloud::table::Telling;
use toonmill_flows::{retry::Again, submit::Submitted};
use toonmill_http_api::{Arrival, Caller, OptionalJsonBody, Problem, prefer};
use toonmill_orders::{invalid, not_retried};
use toonmill_plans::deadline_of_retry;

use crate::{
    App,
    answer::{Answer, answer},
    app::job_id,
    idempotency,
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
    app.desk.check_open()?;
    let job = job_id(&id)?;
    let wait = prefer::wait(&headers);
    let path = format!("{}/retry", status_url(job));
    let again = Again {
        job,
        account: caller.account.clone(),
        deadline: deadline_of_retry(body.as_ref()).map_err(invalid)?,
        idempotency: idempotency::read(&headers, &Method::POST, &path, body.as_ref().unwrap_or(&Value::Null))?,
        limits: caller.limits.clone(),
        telling: Telling::default(),
    };
    let what = match app.retrier.retry(&again).await.map_err(|error| not_retried(error, app.clock.now()))? {
        Submitted::New(job) => Answer::Reopened(job),
        Submitted::Before(job) => Answer::Repeated(job),
    };
    answer(&app, &caller, &arrival, wait, what).await
}
