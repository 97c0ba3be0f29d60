//! The HTTP API of jobs, of the webtoon endpoints that make jobs, and of uploads and files: one file per endpoint, and the
//! router that lists them. The endpoints that make jobs differ in their bodies and results only, so that they share theirs.
//!
//! Handlers validate, write, ring and answer. What they share with other APIs is `toonmill-http-api`'s matter,
//! what a request means is `toonmill-plans`', and what is done about it is `toonmill-flows`'.

mod answer;
mod app;
mod cancel;
mod characters;
mod estimate;
mod events;
mod file_list;
mod files;
mod health;
mod history;
mod idempotency;
mod images;
mod jobs;
mod openapi;
mod problems;
mod receipt;
mod records;
mod remembered;
mod retry;
mod routes;
mod save;
mod sheets;
mod storyboards;
mod submit;
mod uploads;
mod view;
mod watch;

use axum::{Router, routing::get};
use toonmill_http_api::edge;

pub use app::{App, Rules};
pub use routes::{routes, schemas};
pub use toonmill_http_api::gateway;

/// Every route of this API. It can be called without Lambda.
pub fn router(app: App) -> Router {
    let edge = app.edge.clone();
    // Job-events declares it, which has the stream.
    let routes = routes().into_router().route("/api/v1/jobs/{id}/events", get(events::lead));
    edge::around(routes.with_state(app), edge)
}
