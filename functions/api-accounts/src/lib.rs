//! The HTTP API of users: signing in with Firebase, the profile, and service keys. One file per endpoint, and the
//! router that lists them.

mod app;
mod firebase;
mod profile;
mod service_keys;
mod sign_in;

use axum::{
    Router,
    routing::{delete, get, post},
};
use toonmill_http_api::edge;

pub use app::{App, Rules};

/// Every route of this API. It can be called without Lambda.
pub fn router(app: App) -> Router {
    let edge = app.edge.clone();
    let routes = Router::new()
        .route("/api/v1/auth/verify-firebase-token", post(sign_in::verify))
        .route("/api/v1/auth/profile", get(profile::show))
        .route("/api/v1/keys", get(service_keys::list).post(service_keys::create))
        .route("/api/v1/keys/{id}", delete(service_keys::revoke))
        .with_state(app);
    edge::around(routes, edge)
}
