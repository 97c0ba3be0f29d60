//! The endpoint, as it is declared.

use http::StatusCode;
use serde_json::{Map, Value};
use toonmill_http_api::{
    last_event_id,
    openapi::{Operation, Routes, schema::text},
    ticket,
};

use crate::{App, follow};

/// All of them.
pub fn routes() -> Routes<App> {
    let does =
        "Follows a job live, as server-sent events. The job's eventsUrl leads here, with a ticket in place of a token.";
    let events = || {
        Operation::new("jobEvents", does)
            .query(ticket::PARAMETER, text())
            .query(last_event_id::PARAMETER, text())
            .header("Last-Event-ID", text())
            .answers_events(StatusCode::OK, "The stream.")
            .answers_without_body(StatusCode::NO_CONTENT, "The job has ended, and the client knows all of it.")
            .answers_without_body(StatusCode::TEMPORARY_REDIRECT, "The stream flows elsewhere, at the job's eventsUrl.")
            .with(StatusCode::TEMPORARY_REDIRECT, "Location")
    };
    Routes::default().get("/api/v1/jobs/{id}/events", events, follow::follow)
}

/// It names none.
pub fn schemas() -> Map<String, Value> {
    Map::new()
}
