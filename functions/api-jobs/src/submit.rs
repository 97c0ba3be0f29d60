//! A POST that makes a job: read, check, write, ring, answer; and hold the answer if the caller would rather wait.

use axum::{
    Extension,
    extract::{Path, State},
    response::Response,
    routing::{MethodRouter, post},
};
use http::{HeaderMap, Method};
use serde_json::{Value, json};
use toonmill_domain::{CharacterId, FileId, JobKind};
use toonmill_flows::submit::{NewJob, Submitted};
use toonmill_http_api::{Arrival, Caller, JsonBody, OptionalJsonBody, Problem, prefer};
use toonmill_orders::{Ordered, job_of, refused};
use toonmill_plans::{Draft, Making};

use crate::{
    App,
    answer::{Answer, answer},
    characters::character_id,
    idempotency, records,
};

/// Where jobs are submitted whose bodies say of what kind they are.
pub(crate) const JOBS: &str = "/api/v1/jobs";

/// A request for a job.
pub(crate) struct Order<'a> {
    pub(crate) kind: JobKind,
    pub(crate) path: String,
    pub(crate) body: &'a Value,
    /// The character that the path names.
    pub(crate) subject: Option<CharacterId>,
}

/// The path of the endpoint that makes jobs of a kind. The jobs of a character are made under its own path.
pub(crate) fn path_of(kind: JobKind) -> String {
    match kind {
        JobKind::GenerateCharacterImage => "/api/characters/{id}/generate-image".to_owned(),
        _ if JobKind::WEBTOON.contains(&kind) => format!("/api/{}", kind.as_str()),
        _ => JOBS.to_owned(),
    }
}

/// The endpoint that makes jobs of a kind.
pub(crate) fn endpoint(kind: JobKind) -> MethodRouter<App> {
    if kind == JobKind::GenerateCharacterImage {
        return post(of_character);
    }
    if may_say_nothing(kind) {
        return post(
            async move |State(app): State<App>,
                        caller: Caller,
                        Extension(arrival): Extension<Arrival>,
                        headers: HeaderMap,
                        OptionalJsonBody(body): OptionalJsonBody| {
                let body = body.unwrap_or_else(|| json!({}));
                let order = Order { kind, path: path_of(kind), body: &body, subject: None };
                submit(&app, &caller, &arrival, &headers, order).await
            },
        );
    }
    post(
        async move |State(app): State<App>,
                    caller: Caller,
                    Extension(arrival): Extension<Arrival>,
                    headers: HeaderMap,
                    JsonBody(body): JsonBody| {
            let order = Order { kind, path: path_of(kind), body: &body, subject: None };
            submit(&app, &caller, &arrival, &headers, order).await
        },
    )
}

/// Whether a body of the kind has no member that must be there, so that there need be no body.
pub(crate) const fn may_say_nothing(kind: JobKind) -> bool {
    matches!(kind, JobKind::GenerateCharacterImage | JobKind::GenerateMonsterPrompt)
}

/// Of a character, which is the path's to name. A body is not needed.
async fn of_character(
    State(app): State<App>,
    caller: Caller,
    Extension(arrival): Extension<Arrival>,
    Path(id): Path<String>,
    headers: HeaderMap,
    OptionalJsonBody(body): OptionalJsonBody,
) -> Result<Response, Problem> {
    let id = character_id(&id)?;
    let body = body.unwrap_or_else(|| json!({}));
    let path = format!("/api/characters/{id}/generate-image");
    let order = Order { kind: JobKind::GenerateCharacterImage, path, body: &body, subject: Some(id) };
    submit(&app, &caller, &arrival, &headers, order).await
}

async fn submit(
    app: &App,
    caller: &Caller,
    arrival: &Arrival,
    headers: &HeaderMap,
    order: Order<'_>,
) -> Result<Response, Problem> {
    let Order { kind, body, .. } = order;
    let wait = prefer::wait(headers);
    let key = idempotency::read(headers, &Method::POST, &order.path, body)?;
    if let Some(key) = &key
        && let Some(Submitted::Before(id)) =
            app.submitter.before(&caller.account, key).await.map_err(|error| refused(error, app.clock.now()))?
    {
        return answer(app, caller, arrival, wait, Answer::Repeated(id)).await;
    }

    let records = records::load(app, caller, &order).await?;
    let draft = {
        let new_file = || FileId::new(app.edge.ids.make());
        Draft::of_kind(kind, body, Making { now: app.clock.now(), new_file: &new_file, records: &records })
    };
    let Ordered { mut planned, uploads } = app.desk.plan(caller, draft).await?;
    let warnings = std::mem::take(&mut planned.warnings);
    let new = NewJob { idempotency: key, ..job_of(planned, caller)? };
    let submitted = app.desk.submit(&app.submitter, new.clone(), &uploads).await;
    let submitted = submitted.map_err(|error| refused(error, app.clock.now()))?;
    let what = match submitted {
        Submitted::New(id) => Answer::New { id, new: Box::new(new), warnings },
        Submitted::Before(id) => Answer::Repeated(id),
    };
    answer(app, caller, arrival, wait, what).await
}
