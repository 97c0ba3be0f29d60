//! The control endpoints, which the module above lists.

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, Path, Query, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Action, ActionError, Outcome, Settings, Telegram, limits::UPLOAD_BYTES};
use crate::{faults::Rule, server::Studio};

/// The largest file, as base64, and the words around it.
const BODY_BYTES: usize = UPLOAD_BYTES * 4 / 3 + 64 * 1024;

pub(super) fn routes() -> Router<Arc<Studio>> {
    let bot = Router::new()
        .route("/actions", post(act).layer(DefaultBodyLimit::max(BODY_BYTES)))
        .route("/updates", post(deliver))
        .route("/calls", get(calls))
        .route("/deliveries", get(deliveries))
        .route("/chats/{chat}", get(history))
        .route("/chats/{chat}/messages/{message}/file", get(file));
    Router::new()
        .route("/_control/telegram", get(show).put(set).post(change).delete(reset))
        .route("/_control/telegram/rules", post(add_rule))
        .nest("/_control/telegram/bots/{bot}", bot)
}

async fn show(State(studio): State<Arc<Studio>>) -> Response {
    state(studio.telegram())
}

async fn set(State(studio): State<Arc<Studio>>, body: String) -> Response {
    match serde_json::from_str(&body) {
        Ok(settings) => put(studio.telegram(), settings),
        Err(error) => unreadable(&error),
    }
}

async fn change(State(studio): State<Arc<Studio>>, body: String) -> Response {
    match changed(&studio.telegram().settings(), &body) {
        Ok(settings) => put(studio.telegram(), settings),
        Err(error) => unreadable(&error),
    }
}

fn changed(settings: &Settings, body: &str) -> Result<Settings, serde_json::Error> {
    let mut fields = serde_json::to_value(settings)?;
    let changes: Map<String, Value> = serde_json::from_str(body)?;
    if let Some(fields) = fields.as_object_mut() {
        fields.extend(changes);
    }
    serde_json::from_value(fields)
}

async fn reset(State(studio): State<Arc<Studio>>) -> Response {
    studio.telegram().reset();
    state(studio.telegram())
}

async fn add_rule(State(studio): State<Arc<Studio>>, body: String) -> Response {
    match serde_json::from_str::<Rule>(&body) {
        Ok(rule) => {
            let mut settings = studio.telegram().settings();
            settings.script.rules.push(rule);
            put(studio.telegram(), settings)
        }
        Err(error) => unreadable(&error),
    }
}

/// How long an answer may wait for something to happen.
#[derive(Deserialize)]
struct Patience {
    wait_ms: Option<u64>,
    since: Option<u64>,
}

async fn act(
    State(studio): State<Arc<Studio>>,
    Path(bot): Path<String>,
    Query(patience): Query<Patience>,
    body: String,
) -> Response {
    let action: Action = match serde_json::from_str(&body) {
        Ok(action) => action,
        Err(error) => return unreadable(&error),
    };
    let outcome = studio.telegram().act(&bot, action).await;
    told(studio.telegram(), &bot, outcome, &patience).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    update: Value,
    #[serde(default = "once")]
    times: u32,
}

fn once() -> u32 {
    1
}

async fn deliver(
    State(studio): State<Arc<Studio>>,
    Path(bot): Path<String>,
    Query(patience): Query<Patience>,
    body: String,
) -> Response {
    let Raw { update, times } = match serde_json::from_str(&body) {
        Ok(raw) => raw,
        Err(error) => return unreadable(&error),
    };
    let outcome = studio.telegram().deliver(&bot, update, times);
    told(studio.telegram(), &bot, outcome, &patience).await
}

async fn told(telegram: &Telegram, bot: &str, outcome: Result<Outcome, ActionError>, patience: &Patience) -> Response {
    let outcome = match outcome {
        Ok(outcome) => outcome,
        Err(error) => return impossible(&error),
    };
    let mut answer = json!(outcome);
    if let (Some(wait_ms), Some(update_id)) = (patience.wait_ms, outcome.update_id) {
        let arrived = telegram.arrived(bot, update_id, Duration::from_millis(wait_ms)).await;
        if let Some(answer) = answer.as_object_mut() {
            answer.insert("arrived".into(), arrived.into());
        }
    }
    Json(answer).into_response()
}

async fn history(
    State(studio): State<Arc<Studio>>,
    Path((bot, chat)): Path<(String, i64)>,
    Query(patience): Query<Patience>,
) -> Response {
    let telegram = studio.telegram();
    if let Patience { wait_ms: Some(wait_ms), since: Some(since) } = patience {
        // What is there when the time is over is as good an answer.
        telegram.until(Duration::from_millis(wait_ms), || telegram.version() > since).await;
    }
    match telegram.history(&bot, chat) {
        Ok(history) => Json(history).into_response(),
        Err(error) => impossible(&error),
    }
}

#[derive(Deserialize)]
struct Which {
    #[serde(default, rename = "as")]
    shape: String,
}

async fn file(
    State(studio): State<Arc<Studio>>,
    Path((bot, chat, message)): Path<(String, i64, i64)>,
    Query(which): Query<Which>,
) -> Response {
    match studio.telegram().file(&bot, chat, message, which.shape == "sent") {
        Ok(file) => ([(header::CONTENT_TYPE, file.media_type)], file.bytes).into_response(),
        Err(error) => impossible(&error),
    }
}

#[derive(Deserialize)]
struct Only {
    method: Option<String>,
}

async fn calls(State(studio): State<Arc<Studio>>, Path(bot): Path<String>, Query(only): Query<Only>) -> Response {
    let mut calls = studio.telegram().calls(&bot);
    calls.retain(|call| only.method.as_ref().is_none_or(|method| *method == call.method));
    Json(calls).into_response()
}

async fn deliveries(State(studio): State<Arc<Studio>>, Path(bot): Path<String>) -> Response {
    Json(studio.telegram().deliveries(&bot)).into_response()
}

fn put(telegram: &Telegram, settings: Settings) -> Response {
    telegram.set_settings(settings);
    state(telegram)
}

fn state(telegram: &Telegram) -> Response {
    Json(telegram.overview()).into_response()
}

fn unreadable(error: &serde_json::Error) -> Response {
    refused(StatusCode::BAD_REQUEST, &format!("it cannot be read: {error}"))
}

fn impossible(error: &ActionError) -> Response {
    let status = match error {
        ActionError::NoBot | ActionError::NoChat | ActionError::NoMessage(_) => StatusCode::NOT_FOUND,
        _ => StatusCode::BAD_REQUEST,
    };
    refused(status, &error.to_string())
}

fn refused(status: StatusCode, why: &str) -> Response {
    (status, Json(json!({ "error": why }))).into_response()
}
