//! `/_control`: the script and the counters over HTTP, for tests and for the curious.
//!
//! GET shows both. PUT sets a whole script, POST only the fields it names, DELETE goes back to the
//! script of the start with every counter at zero. POST to `/_control/rules` adds one rule.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Value, json};

use super::Studio;
use crate::faults::{Rule, Script};

pub(super) fn routes() -> Router<Arc<Studio>> {
    Router::new()
        .route("/_control", get(show).put(set).post(change).delete(reset))
        .route("/_control/rules", post(add_rule))
}

async fn show(State(studio): State<Arc<Studio>>) -> Response {
    state(&studio)
}

async fn set(State(studio): State<Arc<Studio>>, body: String) -> Response {
    match serde_json::from_str(&body) {
        Ok(script) => put(&studio, script),
        Err(error) => unreadable(&error),
    }
}

async fn change(State(studio): State<Arc<Studio>>, body: String) -> Response {
    match changed(&studio.script(), &body) {
        Ok(script) => put(&studio, script),
        Err(error) => unreadable(&error),
    }
}

async fn reset(State(studio): State<Arc<Studio>>) -> Response {
    studio.reset();
    state(&studio)
}

async fn add_rule(State(studio): State<Arc<Studio>>, body: String) -> Response {
    match serde_json::from_str::<Rule>(&body) {
        Ok(rule) => {
            let mut script = studio.script();
            script.rules.push(rule);
            put(&studio, script)
        }
        Err(error) => unreadable(&error),
    }
}

fn changed(script: &Script, body: &str) -> Result<Script, serde_json::Error> {
    let mut fields = serde_json::to_value(script)?;
    let changes: serde_json::Map<String, Value> = serde_json::from_str(body)?;
    if let Some(fields) = fields.as_object_mut() {
        fields.extend(changes);
    }
    serde_json::from_value(fields)
}

fn put(studio: &Studio, script: Script) -> Response {
    if !(0.0..=1.0).contains(&script.failure_rate) {
        return refused("failure_rate is a share from 0 to 1");
    }
    studio.set_script(script);
    state(studio)
}

fn state(studio: &Studio) -> Response {
    Json(json!({ "script": studio.script(), "stats": studio.stats() })).into_response()
}

fn unreadable(error: &serde_json::Error) -> Response {
    refused(&format!("the script cannot be read: {error}"))
}

fn refused(why: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({ "error": why }))).into_response()
}
