//! The HTTP API of jobs, uploads and files: one file per endpoint, and the router that lists them.
//!
//! Handlers validate, write, ring and answer. What they share with other APIs is `toonmill-http-api`'s matter,
//! what a request means is `toonmill-plans`', and what is done about it is `toonmill-flows`'.

mod answer;
mod app;
mod cancel;
mod estimate;
mod files;
pub mod gateway;
mod health;
mod idempotency;
mod images;
mod jobs;
mod planning;
mod problems;
mod receipt;
mod refusal;
mod retry;
mod submit;
mod uploads;
mod view;
mod watch;

use axum::{
    Router,
    routing::{get, post},
};
use toonmill_http_api::edge;

pub use app::{App, Rules};

/// Every route of this API. It can be called without Lambda.
pub fn router(app: App) -> Router {
    let edge = app.edge.clone();
    let routes = Router::new()
        .route("/api/v1/jobs", get(jobs::list).post(submit::submit))
        .route("/api/v1/jobs/estimate", post(estimate::estimate))
        .route("/api/v1/jobs/{id}", get(jobs::one))
        .route("/api/v1/jobs/{id}/images", get(images::list))
        .route("/api/v1/jobs/{id}/receipt", get(receipt::one))
        .route("/.well-known/toonmill-keys.json", get(receipt::keys))
        .route("/api/v1/jobs/{id}/cancel", post(cancel::cancel))
        .route("/api/v1/jobs/{id}/retry", post(retry::retry))
        .route("/api/v1/uploads", post(uploads::begin))
        .route("/api/v1/files/{id}", get(files::one))
        .route("/api/v1/health", get(health::check))
        .route("/problems/{slug}", get(problems::page))
        .with_state(app);
    edge::around(routes, edge)
}
