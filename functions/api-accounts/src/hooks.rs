//! `PUT /api/v1/webhooks/secret`, `GET /api/v1/webhooks/deliveries` and `POST /api/v1/webhooks/deliveries/{id}/redeliver`: what an
//! account's hooks are signed with, and what they were told.

use axum::{
    Json,
    extract::{Path, State},
};
use http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};
use toonmill_domain::{Delivery, DeliveryId, DeliveryKey, DeliveryState, JobId, Sink, Timestamp};
use toonmill_http_api::{Caller, Page, Params, Problem, lists};
use toonmill_runtime::system::random_bytes;
use toonmill_webhooks::{Call, Secret, Secrets};

use crate::App;

/// Tries while somebody else rotates the same secret.
const TRIES: u32 = 4;

/// A delivery as its owner sees it. The body that is sent is left out: it is made of the job, which can be asked for.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct View {
    id: DeliveryId,
    job_id: Option<JobId>,
    event: String,
    url: String,
    state: DeliveryState,
    tries: u32,
    /// What the last try was answered.
    last_status: Option<u16>,
    /// Why the last try was not answered.
    last_error: Option<String>,
    last_attempt_at: Option<String>,
    next_attempt_at: Option<String>,
    created_at: String,
}

impl View {
    fn of(delivery: &Delivery) -> Result<Self, Problem> {
        let call: Call = serde_json::from_str(&delivery.document).map_err(|error| unreadable(delivery, &error))?;
        let last = call.last.as_ref();
        Ok(Self {
            id: delivery.key.id,
            job_id: delivery.job,
            state: delivery.state,
            tries: delivery.tries,
            last_status: last.and_then(|last| last.status),
            last_error: last.and_then(|last| last.error.clone()),
            last_attempt_at: last.map(|last| last.at.to_rfc3339()),
            next_attempt_at: delivery.next_attempt_at.map(Timestamp::to_rfc3339),
            created_at: delivery.created_at.to_rfc3339(),
            event: call.event,
            url: call.url,
        })
    }
}

fn unreadable(delivery: &Delivery, error: &serde_json::Error) -> Problem {
    tracing::error!(delivery.id = %delivery.key.id, error = error as &dyn std::error::Error,
        "the document of a delivery cannot be read");
    Problem::internal()
}

/// Makes the account's secret, or puts another in its place. It is shown this once; the one before is good for another day.
pub(crate) async fn rotate(State(app): State<App>, caller: Caller) -> Result<Json<Value>, Problem> {
    let now = app.clock.now();
    for _ in 0..TRIES {
        let seen = app.table.load_hook_secrets(&caller.account).await?;
        let fresh = Secret::new(random_bytes().map_err(|error| {
            tracing::error!(error = &error as &dyn std::error::Error, "a secret cannot be made");
            Problem::internal()
        })?);
        let before =
            seen.as_deref().map(serde_json::from_str::<Secrets>).transpose().map_err(|_| Problem::internal())?;
        let secrets = match before {
            Some(before) => before.rotated(fresh.clone(), now),
            None => Secrets::first(fresh.clone()),
        };
        let document = serde_json::to_string(&secrets).map_err(|_| Problem::internal())?;
        let token = app.edge.ids.token();
        if app.table.put_hook_secrets(&caller.account, seen.as_deref(), &document, &token).await? {
            let previous = secrets.previous.map(|previous| previous.good_until.to_rfc3339());
            return Ok(Json(json!({ "secret": fresh.reveal(), "previousGoodUntil": previous })));
        }
    }
    Err(Problem::internal())
}

pub(crate) async fn list(State(app): State<App>, caller: Caller, params: Params) -> Result<Json<Page<View>>, Problem> {
    let limit = usize::try_from(params.limit()).unwrap_or(1);
    let before = params.cursor(|place| place.parse::<DeliveryId>().ok());
    params.finish()?;
    // One row more than fits tells whether there is another page.
    let at_once = i32::try_from(limit.saturating_add(1)).unwrap_or(i32::MAX);
    let mut rows = app.table.list_deliveries(&caller.account, Sink::Webhook, before, at_once).await?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next_cursor = rows.last().filter(|_| more).map(|row| lists::cursor(&row.key.id.to_string()));
    Ok(Json(Page { data: rows.iter().map(View::of).collect::<Result<_, _>>()?, next_cursor }))
}

/// Sends a delivery once more, with the tries of a new one. A receiver that wanted nothing more is believed to want it again.
pub(crate) async fn redeliver(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<View>), Problem> {
    let no_such_delivery = || Problem::not_found("delivery");
    let id = id.parse().map_err(|_| no_such_delivery())?;
    let key = DeliveryKey { account: caller.account, sink: Sink::Webhook, id };
    let seen = app.table.load_delivery(&key).await?.ok_or_else(no_such_delivery)?;
    let now = app.clock.now();
    let call = serde_json::from_str::<Call>(&seen.document).map_err(|error| unreadable(&seen, &error))?;
    app.table.turn_hook(&key.account, &call.url, false, now).await?;
    let document =
        serde_json::to_string(&Call { first_at: None, ..call }).map_err(|error| unreadable(&seen, &error))?;
    // Whoever was faster has it sent too.
    app.table.reopen_delivery(&seen, &document, now).await?;
    if let Err(error) = app.outbox.ring(&key).await {
        tracing::warn!(delivery.id = %id, error = &error as &dyn std::error::Error, "the ring of a delivery was lost");
    }
    let reopened = app.table.load_delivery(&key).await?.ok_or_else(no_such_delivery)?;
    Ok((StatusCode::ACCEPTED, Json(View::of(&reopened)?)))
}
