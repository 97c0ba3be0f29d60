//! A POST that makes a job: read, check, write, ring, answer; and hold the answer if the caller would rather wait.

use axum::{
    Extension,
    extract::State,
    response::Response,
    routing::{MethodRouter, post},
};
use http::{HeaderMap, Method};
use serde_json::Value;
use toonmill_domain::{FileId, JobKind};
use toonmill_flows::submit::{NewJob, Submitted};
use toonmill_http_api::{Arrival, Caller, JsonBody, Problem, prefer};
use toonmill_plans::{Draft, Making};

use crate::{
    App,
    answer::{Answer, answer},
    idempotency,
    planning::plan,
    refusal::refused,
};

/// Where jobs are submitted whose bodies say of what kind they are.
pub(crate) const JOBS: &str = "/api/v1/jobs";

/// The path of the endpoint that makes jobs of a kind.
pub(crate) fn path_of(kind: JobKind) -> String {
    if JobKind::WEBTOON.contains(&kind) { format!("/api/{}", kind.as_str()) } else { JOBS.to_owned() }
}

/// The endpoint that makes jobs of a kind.
pub(crate) fn endpoint(kind: JobKind) -> MethodRouter<App> {
    post(
        async move |State(app): State<App>,
                    caller: Caller,
                    Extension(arrival): Extension<Arrival>,
                    headers: HeaderMap,
                    JsonBody(body): JsonBody| { submit(&app, &caller, &arrival, &headers, kind, &body).await },
    )
}

async fn submit(
    app: &App,
    caller: &Caller,
    arrival: &Arrival,
    headers: &HeaderMap,
    kind: JobKind,
    body: &Value,
) -> Result<Response, Problem> {
    let wait = prefer::wait(headers);
    let key = idempotency::read(headers, &Method::POST, &path_of(kind), body)?;
    if let Some(key) = &key
        && let Some(Submitted::Before(id)) = app.submitter.before(&caller.account, key).await.map_err(refused)?
    {
        return answer(app, caller, arrival, wait, Answer::Repeated(id)).await;
    }

    let draft = {
        let new_file = || FileId::new(app.edge.ids.make());
        Draft::of_kind(kind, body, Making { now: app.clock.now(), new_file: &new_file })
    };
    let mut planned = plan(app, caller, draft).await?;
    let warnings = std::mem::take(&mut planned.warnings);
    let new = NewJob {
        account: caller.account.clone(),
        user: caller.user.clone(),
        kind: planned.kind,
        stages: planned.stages,
        production_id: planned.production_id,
        max_rounds: planned.max_rounds,
        deadline: planned.deadline,
        idempotency: key,
    };
    let submitted = app.submitter.submit(new.clone()).await.map_err(refused)?;
    let what = match submitted {
        Submitted::New(id) => Answer::New { id, new: Box::new(new), warnings },
        Submitted::Before(id) => Answer::Repeated(id),
    };
    answer(app, caller, arrival, wait, what).await
}
