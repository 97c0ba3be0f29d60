//! Google's Gemini API as clients for pictures and texts use it: `models/{model}:generateContent`, or as a stream, in
//! `v1` and `v1beta`, with its validation, its answers and its errors.

mod answer;
mod error;
mod fields;
mod models;
mod order;
mod text_config;
mod usage;
mod voice;

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Path, State},
    http::{HeaderMap, Uri},
    response::{IntoResponse, Response},
    routing::post,
};

use crate::{
    server::{Line, Studio},
    sitting::{self, Unread, collect},
};
use error::ApiError;
use order::Order;

const PROVIDER: &str = "gemini";

/// The most that a request with inline pictures may weigh.
const MAX_BODY_BYTES: usize = 20 * 1024 * 1024;

pub(crate) fn routes() -> Router<Arc<Studio>> {
    Router::new().route("/v1/models/{call}", post(call)).route("/v1beta/models/{call}", post(call))
}

async fn call(
    State(studio): State<Arc<Studio>>,
    ConnectInfo(line): ConnectInfo<Line>,
    Path(call): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let version = if uri.path().starts_with("/v1beta/") { "v1beta" } else { "v1" };
    answer(&studio, line, Request { version, call, uri, headers, body }).await
}

/// A request as it came from the socket.
struct Request {
    version: &'static str,
    /// `{model}:{method}`.
    call: String,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
}

async fn answer(studio: &Arc<Studio>, line: Line, request: Request) -> Response {
    let order = match read(studio, request).await {
        Ok(order) => order,
        Err(error) => {
            studio.rejected(PROVIDER, error.code());
            return error.into_response();
        }
    };
    sitting::serve(studio, &line, String::new(), order).await
}

/// Checks in the order in which the real one does: method, key, size, model, then the fields.
async fn read(studio: &Studio, request: Request) -> Result<Order, ApiError> {
    let Request { version, call, uri, headers, body } = request;
    let body = collect(body, MAX_BODY_BYTES).await.map_err(|unread| match unread {
        Unread::TooLarge => ApiError::too_large(),
        Unread::BrokenOff => ApiError::unreadable("the body broke off"),
    });
    let (model, method) = call.split_once(':').unwrap_or((&call, ""));
    let stream = match method {
        "generateContent" => false,
        // Without `alt=sse` the real one sends one array, bit by bit.
        "streamGenerateContent" if in_query(&uri, "alt=") == Some("sse") => true,
        _ => return Err(ApiError::unimplemented()),
    };
    authenticate(studio, &headers, &uri)?;
    let body = body?;
    let model = models::find(model, version)?;
    studio.work(move || Order::read(model, stream, &body)).await.unwrap_or_else(|| Err(ApiError::internal()))
}

/// The key is a header or a query parameter; OAuth tokens belong to another API.
fn authenticate(studio: &Studio, headers: &HeaderMap, uri: &Uri) -> Result<(), ApiError> {
    let header = headers.get("x-goog-api-key").map(|value| value.to_str().unwrap_or_default());
    match header.or_else(|| in_query(uri, "key=")) {
        Some(key) if studio.accepts(key) => Ok(()),
        Some("") | None if headers.contains_key("authorization") => Err(ApiError::wrong_credentials()),
        Some("") | None => Err(ApiError::no_key()),
        Some(_) => Err(ApiError::bad_key()),
    }
}

/// What follows this in the query.
fn in_query<'a>(uri: &'a Uri, name: &str) -> Option<&'a str> {
    uri.query()?.split('&').find_map(|pair| pair.strip_prefix(name))
}
