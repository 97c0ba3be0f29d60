//! `POST /api/v1/jobs`: read, check, write, ring, answer; and hold the answer if the caller would rather wait.

use axum::{Extension, extract::State, response::Response};
use http::{HeaderMap, Method};
use toonmill_flows::submit::{NewJob, Submitted};
use toonmill_http_api::{Arrival, Caller, JsonBody, Problem, prefer};

use crate::{
    App,
    answer::{Answer, answer},
    idempotency,
    planning::plan,
    refusal::refused,
};

const PATH: &str = "/api/v1/jobs";

pub(crate) async fn submit(
    State(app): State<App>,
    caller: Caller,
    Extension(arrival): Extension<Arrival>,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let wait = prefer::wait(&headers);
    let key = idempotency::read(&headers, &Method::POST, PATH, &body)?;
    if let Some(key) = &key
        && let Some(Submitted::Before(id)) = app.submitter.before(&caller.account, key).await.map_err(refused)?
    {
        return answer(&app, &caller, &arrival, wait, Answer::Repeated(id)).await;
    }

    let mut planned = plan(&app, &caller, &body).await?;
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
    answer(&app, &caller, &arrival, wait, what).await
}
