//! OpenAI's Images API, `POST /v1/images/generations` and `/v1/images/edits`, and its Responses API, `POST
//! /v1/responses`, with their validation, their answers and their errors. Streams of pictures and several pictures in
//! one call are refused.

mod error;
mod models;
mod order;
mod responses;
mod usual;
mod voice;

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, State},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
    routing::post,
};

use crate::{
    server::{Line, Studio},
    sitting::{self, Unread, Voice, collect},
};
use error::ApiError;
use order::Order;

const PROVIDER: &str = "openai";
/// No limit is known for the whole of a form but that of its pictures, of which 16 may have 50 MB each.
const MAX_BODY_BYTES: usize = 512 * 1024 * 1024;

pub(crate) fn routes() -> Router<Arc<Studio>> {
    Router::new()
        .route("/v1/images/generations", post(generate))
        .route("/v1/images/edits", post(edit))
        .route("/v1/responses", post(respond))
}

async fn generate(
    State(studio): State<Arc<Studio>>,
    ConnectInfo(line): ConnectInfo<Line>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    answer(&studio, &line, &headers, body, |content_type, body| match content_type {
        "application/json" => Order::from_json(body),
        other => Err(ApiError::content_type(other, "application/json")),
    })
    .await
}

async fn edit(
    State(studio): State<Arc<Studio>>,
    ConnectInfo(line): ConnectInfo<Line>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    answer(&studio, &line, &headers, body, |content_type, body| {
        match content_type.strip_prefix("multipart/form-data;") {
            Some(parameters) => Order::from_form(parameters, body),
            None => Err(ApiError::content_type(content_type, "multipart/form-data")),
        }
    })
    .await
}

async fn respond(
    State(studio): State<Arc<Studio>>,
    ConnectInfo(line): ConnectInfo<Line>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    answer(&studio, &line, &headers, body, |content_type, body| match content_type {
        "application/json" => responses::Order::read(body),
        other => Err(ApiError::content_type(other, "application/json")),
    })
    .await
}

async fn answer<V: Voice + 'static>(
    studio: &Arc<Studio>,
    line: &Line,
    headers: &HeaderMap,
    body: Body,
    read: fn(&str, &[u8]) -> Result<V, ApiError>,
) -> Response {
    let body = collect(body, MAX_BODY_BYTES).await;
    let order = match (authenticate(studio, headers), body) {
        (Err(error), _) => Err(error),
        (Ok(()), Err(Unread::TooLarge)) => Err(ApiError::new(413, None, "The request is too large.")),
        (Ok(()), Err(Unread::BrokenOff)) => Err(ApiError::unreadable()),
        (Ok(()), Ok(body)) => {
            let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
            let content_type = content_type.unwrap_or_default().to_owned();
            let reading = studio.work(move || read(&content_type, &body)).await;
            reading.unwrap_or_else(|| Err(ApiError::internal()))
        }
    };
    match order {
        Ok(order) => sitting::serve(studio, line, String::new(), order).await,
        Err(error) => {
            studio.rejected(PROVIDER, error.status());
            error.into_response()
        }
    }
}

fn authenticate(studio: &Studio, headers: &HeaderMap) -> Result<(), ApiError> {
    let key = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    match key {
        Some(key) if studio.accepts(key) => Ok(()),
        Some(key) if !key.is_empty() => Err(ApiError::bad_key(key)),
        _ => Err(ApiError::no_key()),
    }
}
