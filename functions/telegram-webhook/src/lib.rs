//! The bot's ear: an update comes in, and a job or an answer is written in one transaction with the update's id, so that an
//! update that comes again does nothing. Nothing here writes to a chat.

mod app;
mod desk;
mod jobs;
mod photo;
mod refusal;
mod unread;
mod webhook;

use axum::{Router, routing::post};
use toonmill_http_api::edge;

pub use app::{App, Rules};

/// The one route. It can be called without Lambda.
pub fn router(app: App) -> Router {
    let edge = app.edge.clone();
    edge::around(Router::new().route("/telegram/webhook", post(webhook::take)).with_state(app), edge)
}
