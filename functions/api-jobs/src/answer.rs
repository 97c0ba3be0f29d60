//! The answer to a submit or a retry: the job as it was taken, or its result if it ended while the caller waited.

use std::time::Duration;

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde_json::Value;
use toonmill_domain::{Counts, Job, JobId, Stage};
use toonmill_flows::submit::NewJob;
use toonmill_http_api::{Arrival, Caller, Problem};
use toonmill_plans::Finding;

use crate::{
    App,
    view::{Accepted, Details, Head, ImageData, JobError, status_url},
    watch::{until, watch},
};

/// What is answered.
pub(crate) enum Answer {
    New {
        id: JobId,
        new: Box<NewJob>,
        warnings: Vec<Finding>,
    },
    /// A job that was opened again.
    Reopened(JobId),
    /// The same request was made before: its job is the answer.
    Repeated(JobId),
}

pub(crate) async fn answer(
    app: &App,
    caller: &Caller,
    arrival: &Arrival,
    wait: Option<Duration>,
    what: Answer,
) -> Result<Response, Problem> {
    let (id, is_repeated) = match &what {
        Answer::New { id, .. } | Answer::Reopened(id) => (*id, false),
        Answer::Repeated(id) => (*id, true),
    };
    let mut response = match held(app, caller, arrival, wait, id).await {
        Some(response) => response,
        None => accepted(app, caller, what).await?,
    };
    if is_repeated {
        response
            .headers_mut()
            .insert(HeaderName::from_static("idempotency-replayed"), HeaderValue::from_static("true"));
    }
    if let Ok(location) = HeaderValue::try_from(status_url(id)) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

/// The finished job's answer, if the caller waits and it ends in time. The job is taken whatever happens here, so
/// a failure of the waiting is only the end of it.
async fn held(app: &App, caller: &Caller, arrival: &Arrival, wait: Option<Duration>, id: JobId) -> Option<Response> {
    let wait = wait.filter(|wait| !wait.is_zero())?;
    let ended = |job: &Job, _: &[Stage]| job.status.is_terminal();
    let (job, stages) = watch(app, caller, id, until(arrival, wait), ended).await.ok()?;
    if !job.status.is_terminal() {
        return None;
    }
    let details = Details::load(app, &job, &stages, ImageData::Included).await.ok()?;
    let counts = Counts::of(&stages);
    let mut head = Head::of(&job, Some(counts), app.showing());
    head.name_model(&stages);
    head.arguments.clone_from(&details.arguments);
    let mut body = serde_json::to_value(&head).ok()?;
    if let Value::Object(members) = &mut body {
        members.insert("error".to_owned(), serde_json::to_value(JobError::of(&job, counts)).ok()?);
        // The result's own members last: its model is the one that really drew.
        if let Some(Value::Object(result)) = details.result(&job, &stages) {
            members.extend(result);
        }
    }
    let applied = HeaderValue::try_from(format!("wait={}", wait.as_secs())).ok()?;
    let headers = HeaderMap::from_iter([(HeaderName::from_static("preference-applied"), applied)]);
    Some((StatusCode::OK, headers, Json(body)).into_response())
}

async fn accepted(app: &App, caller: &Caller, what: Answer) -> Result<Response, Problem> {
    let body = match what {
        Answer::New { id, new, warnings } => Accepted { head: Head::new(id, &new, app.showing()), warnings },
        Answer::Reopened(id) | Answer::Repeated(id) => {
            let (job, stages) = app.load_job(caller, id).await?;
            let mut head = Head::of(&job, Some(Counts::of(&stages)), app.showing());
            head.name_model(&stages);
            head.arguments = Details::load_arguments(app, &job).await;
            Accepted { head, warnings: Vec::new() }
        }
    };
    Ok((StatusCode::ACCEPTED, Json(body)).into_response())
}
