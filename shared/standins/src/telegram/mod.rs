//! Telegram's Bot API, `/bot<token>/<method>` and `/file/bot<token>/<path>`, with chats, users and webhooks, so that a
//! whole bot can be used without Telegram.
//!
//! What bots ask is in `methods`, the three ways in which they write it down in `wire`, Telegram's limits are data in
//! `limits`. `state` is what Telegram remembers, `users` what the people in the chats do, `courier` brings bots their
//! updates. Markdown is not read, links are not followed, and no webhook is called but on this machine.
//!
//! # Control
//!
//! Everything is below `/_control/telegram`, and `{bot}` is a token or the number before its colon:
//!
//! | | |
//! |---|---|
//! | `GET /` | settings, bots, their chats, `version` |
//! | `PUT /`, `POST /`, `DELETE /` | sets [`Settings`], only the fields it names, or forgets everything |
//! | `POST /rules` | adds one rule to the script |
//! | `POST /bots/{bot}/actions` | an [`Action`] of a user; answers its [`Outcome`]. `?wait_ms=` answers only when the update has arrived, with `"arrived"` |
//! | `POST /bots/{bot}/updates` | `{"update": {…}, "times": 1}`: delivers an update as it is; `?wait_ms=` as above |
//! | `GET /bots/{bot}/chats/{chat}` | the [`History`]. `?since={version}&wait_ms=` waits for a newer version |
//! | `GET /bots/{bot}/chats/{chat}/messages/{id}/file` | what the message shows; with `?as=sent` what was uploaded |
//! | `GET /bots/{bot}/calls` | the [`Call`]s with their times; `?method=` only those of one |
//! | `GET /bots/{bot}/deliveries` | each [`Delivery`] to the webhook |

mod clock;
mod control;
mod courier;
mod handle;
mod history;
mod limits;
mod methods;
mod serve;
mod settings;
mod state;
mod users;
mod wire;

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Path, State},
    http::{HeaderMap, Uri},
    response::Response,
    routing::get,
};

use crate::server::{Line, Studio};

pub use handle::Telegram;
pub use history::{Entry, File, FileFacts, History};
pub use limits::RateLimits;
pub use settings::Settings;
pub use state::{Call, Delivery, Edit, Group, GroupKind, Person};
pub use users::{Action, ActionError, Data, Outcome, What};

pub(crate) use courier::run as deliver;

/// The name in rules.
const PROVIDER: &str = "telegram";

pub(crate) fn routes() -> Router<Arc<Studio>> {
    Router::new()
        .route("/bot{token}/{method}", get(call).post(call))
        .route("/file/bot{token}/{*path}", get(file))
        .merge(control::routes())
}

async fn call(
    State(studio): State<Arc<Studio>>,
    ConnectInfo(line): ConnectInfo<Line>,
    Path((token, method)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Response {
    serve::answer(&studio, line, serve::Request { token, method, uri, headers, body }).await
}

async fn file(State(studio): State<Arc<Studio>>, Path((token, path)): Path<(String, String)>) -> Response {
    serve::file(studio.telegram(), &token, &path)
}
