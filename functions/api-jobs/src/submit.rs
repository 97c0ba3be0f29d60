//! `POST /api/v1/jobs`: read, check, write, ring, answer; and hold the answer if the caller would rather wait.

mod answer;
mod refusal;

use std::{collections::BTreeMap, time::Duration};

use axum::{Extension, extract::State, response::Response};
use futures_util::{StreamExt, TryStreamExt, stream};
use http::{HeaderMap, Method};
use toonmill_domain::{FileId, InputImage, Timestamp};
use toonmill_flows::submit::{NewJob, Submitted};
use toonmill_http_api::{Arrival, Caller, JsonBody, Problem, ProblemKind, prefer};
use toonmill_plans::{Draft, WantedFile};

use crate::{App, app::invalid, idempotency};
use answer::{Answer, answer};
use refusal::refused;

const PATH: &str = "/api/v1/jobs";
/// Input files that are read at once: an unchecked one is up to 14 MB of memory.
const FILES_AT_ONCE: usize = 4;
/// Inputs outlive the job's deadline by this much, so that its last calls still find them.
const KEPT_LONGER: Duration = Duration::from_hours(1);

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

    let draft = Draft::read(&body);
    if draft.user_id().is_some_and(|user| user != caller.user.as_str()) {
        let detail = "The userId is not the caller's. The owner of a job is always the caller: leave it out.";
        return Err(Problem::new(ProblemKind::WrongUser, detail));
    }
    let until = app.clock.now().plus(draft.deadline()).plus(KEPT_LONGER);
    let inputs = load_inputs(&app, &caller, draft.wanted_files(), until).await?;
    let mut planned = draft.finish(app.studio(), &inputs).map_err(invalid)?;
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

/// Every file that the request names: the picture, or why it cannot be an input.
async fn load_inputs(
    app: &App,
    caller: &Caller,
    wanted: Vec<WantedFile>,
    until: Timestamp,
) -> Result<BTreeMap<FileId, Result<InputImage, String>>, Problem> {
    let loaded = stream::iter(wanted)
        .map(|wanted| async move {
            let loaded = app.inputs.load(wanted.file, &caller.account, until).await?;
            Ok::<_, Problem>((wanted.file, loaded.map_err(|problem| problem.to_string())))
        })
        .buffer_unordered(FILES_AT_ONCE);
    loaded.try_collect().await
}
