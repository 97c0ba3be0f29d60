//! The live progress of a job as server-sent events (WHATWG HTML, 9.2): snapshots, of which the latest wins, and what
//! happened to the job as a whole, of which nothing is left out.
//!
//! It stands behind a function URL, since API Gateway collects an answer before it sends it. It only reads.

mod app;
mod events;
mod feed;
mod follow;
mod place;
mod routes;
mod tell;
mod viewer;

use axum::Router;
use toonmill_http_api::edge;

pub use app::{App, Rules};
pub use routes::{routes, schemas};
pub use toonmill_http_api::gateway;

/// The one route. It can be called without Lambda.
pub fn router(app: App) -> Router {
    let edge = app.edge.clone();
    edge::around(routes().into_router().with_state(app), edge)
}
