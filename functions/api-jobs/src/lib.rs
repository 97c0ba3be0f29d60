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
mod file_list;
mod files;
mod health;
mod history;
mod idempotency;
mod images;
mod jobs;
mod linked;
mod planning;
mod problems;
mod receipt;
mod records;
mod refusal;
mod remembered;
mod retry;
mod save;
mod sheets;
mod storyboards;
mod submit;
mod uploads;
mod view;
mod watch;

use axum::{
    Router,
    routing::{get, post},
};
use toonmill_domain::JobKind;
use toonmill_http_api::edge;

pub use app::{App, Rules};
pub use toonmill_http_api::gateway;

use submit::{JOBS, endpoint, path_of};

/// Every route of this API. It can be called without Lambda.
pub fn router(app: App) -> Router {
    let edge = app.edge.clone();
    let webtoon = JobKind::WEBTOON.into_iter();
    let webtoon = webtoon.fold(Router::new(), |routes, kind| routes.route(&path_of(kind), endpoint(kind)));
    let routes = webtoon
        .route(JOBS, get(jobs::list).merge(endpoint(JobKind::Pipeline)))
        .route("/api/v1/jobs/estimate", post(estimate::estimate))
        .route("/api/v1/jobs/{id}", get(jobs::one))
        .route("/api/v1/jobs/{id}/images", get(images::list))
        .route("/api/v1/jobs/{id}/receipt", get(receipt::one))
        .route("/.well-known/toonmill-keys.json", get(receipt::keys))
        .route("/api/v1/jobs/{id}/cancel", post(cancel::cancel))
        .route("/api/v1/jobs/{id}/retry", post(retry::retry))
        .route("/api/v1/uploads", post(uploads::begin))
        .route("/api/v1/files", get(file_list::list))
        .route("/api/v1/files/{id}", get(files::one).delete(files::remove))
        .route("/api/characters", get(characters::list).post(characters::create))
        .route("/api/characters/{id}", get(characters::one))
        .route("/api/characters/{id}/sheets", get(sheets::list))
        .route("/api/storyboards/{id}", get(storyboards::one))
        .route("/api/regenerate-image-save", post(save::save))
        .route("/api/regenerate-image-history", get(history::list))
        .route("/api/v1/health", get(health::check))
        .route("/problems/{slug}", get(problems::page))
        .with_state(app);
    edge::around(routes, edge)
}
