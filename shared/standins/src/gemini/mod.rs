//! Google's Gemini API as image clients use it: `models/{model}:generateContent`, in `v1` and
//! `v1beta`, with its validation, its answers and its errors.

mod answer;
mod error;
mod faults;
mod fields;
mod models;
mod order;
mod usage;

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Path, State},
    http::{HeaderMap, Uri},
    response::{IntoResponse, Response},
    routing::post,
};
use futures_util::StreamExt as _;

use crate::{
    faults::{Call, Decision},
    server::{Line, Studio},
};
use error::ApiError;
use order::Order;

const PROVIDER: &str = "gemini";

/// The most that a request with inline pictures may weigh.
const MAX_BODY_BYTES: usize = 20 * 1024 * 1024;

pub(crate) fn routes() -> Router<Arc<Studio>> {
    Router::new().route("/v1/models/{call}", post(call_v1)).route("/v1beta/models/{call}", post(call_v1beta))
}

async fn call_v1(
    State(studio): State<Arc<Studio>>,
    ConnectInfo(line): ConnectInfo<Line>,
    Path(call): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let request = Request { version: "v1", call, uri, headers, body };
    answer(&studio, line, request).await
}

async fn call_v1beta(
    State(studio): State<Arc<Studio>>,
    ConnectInfo(line): ConnectInfo<Line>,
    Path(call): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let request = Request { version: "v1beta", call, uri, headers, body };
    answer(&studio, line, request).await
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
    let call = Call { provider: PROVIDER, model: order.model.id, prompt: &order.prompt };
    let (decision, turn) = studio.take_turn(call).await;
    let Decision { number, fault, chance, .. } = decision;
    let sitting = answer::Sitting { studio, order, number, chance };
    let response = match fault {
        None => sitting.good().await,
        Some(fault) => faults::answer(sitting, fault, &line).await,
    };
    turn.answered();
    response
}

/// Checks in the order in which the real one does: method, key, size, model, then the fields.
async fn read(studio: &Studio, request: Request) -> Result<Order, ApiError> {
    let Request { version, call, uri, headers, body } = request;
    let body = collect(body).await;
    let (model, method) = call.split_once(':').unwrap_or((&call, ""));
    if method != "generateContent" {
        return Err(ApiError::unimplemented());
    }
    authenticate(studio, &headers, &uri)?;
    let body = body?;
    let model = models::find(model, version)?;
    studio.work(move || Order::read(model, &body)).await.unwrap_or_else(|| Err(ApiError::internal()))
}

/// The key is a header or a query parameter; OAuth tokens belong to another API.
fn authenticate(studio: &Studio, headers: &HeaderMap, uri: &Uri) -> Result<(), ApiError> {
    let header = headers.get("x-goog-api-key").map(|value| value.to_str().unwrap_or_default());
    let in_query = || uri.query()?.split('&').find_map(|pair| pair.strip_prefix("key="));
    match header.or_else(in_query) {
        Some(key) if studio.accepts(key) => Ok(()),
        Some("") | None if headers.contains_key("authorization") => Err(ApiError::wrong_credentials()),
        Some("") | None => Err(ApiError::no_key()),
        Some(_) => Err(ApiError::bad_key()),
    }
}

/// Reads a body to its end even when it is too long, so that the client gets to read why.
async fn collect(body: Body) -> Result<Vec<u8>, ApiError> {
    let mut chunks = body.into_data_stream();
    let mut bytes = Vec::new();
    let mut total = 0_usize;
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| ApiError::unreadable("the body broke off"))?;
        total = total.saturating_add(chunk.len());
        if total <= MAX_BODY_BYTES {
            bytes.extend_from_slice(&chunk);
        }
    }
    if total > MAX_BODY_BYTES { Err(ApiError::too_large()) } else { Ok(bytes) }
}
