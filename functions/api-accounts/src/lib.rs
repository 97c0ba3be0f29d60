//! The HTTP API of users: signing in with Firebase, the profile, service keys, and what their hooks are told. One file per endpoint, and the
//! router that lists them.

mod app;
mod firebase;
mod hooks;
mod profile;
mod routes;
mod service_keys;
mod sign_in;

use axum::Router;
use toonmill_http_api::edge;

pub use app::{App, Rules};
pub use routes::{routes, schemas};

/// Every route of this API. It can be called without Lambda.
pub fn router(app: App) -> Router {
    let edge = app.edge.clone();
    edge::around(routes().into_router().with_state(app), edge)
}
