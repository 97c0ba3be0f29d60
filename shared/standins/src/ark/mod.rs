//! BytePlus ARK as image clients use it: `POST /api/v3/images/generations`, with its validation, its answers, its
//! links and its errors. Streams are refused, and a group is never more than one picture.

mod error;
mod models;
mod order;
mod voice;

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};

use crate::{
    server::{Line, Studio},
    sitting::{self, Unread, collect},
};
use error::ApiError;
use order::Order;

const PROVIDER: &str = "seedream";
/// Fourteen pictures of the size that is allowed for one would be more; a request is not.
const MAX_BODY_BYTES: usize = 64 * 1024 * 1024;

pub(crate) fn routes() -> Router<Arc<Studio>> {
    Router::new().route("/api/v3/images/generations", post(generate)).route("/api/v3/_files/{name}", get(file))
}

async fn generate(
    State(studio): State<Arc<Studio>>,
    ConnectInfo(line): ConnectInfo<Line>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    match read(&studio, &headers, body).await {
        Ok(order) => {
            let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
            sitting::serve(&studio, &line, host.to_owned(), order).await
        }
        Err(error) => {
            studio.rejected(PROVIDER, error.status());
            error.into_response()
        }
    }
}

/// Key, then JSON, then model, then the fields.
async fn read(studio: &Studio, headers: &HeaderMap, body: Body) -> Result<Order, ApiError> {
    let body = collect(body, MAX_BODY_BYTES).await;
    let key = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    if !key.is_some_and(|key| studio.accepts(key)) {
        return Err(ApiError::unauthorised());
    }
    let body = body.map_err(|unread| match unread {
        Unread::TooLarge => ApiError::parameter("", "the request body is too large"),
        Unread::BrokenOff => ApiError::parameter("", "the request body broke off"),
    })?;
    studio.work(move || Order::read(&body)).await.unwrap_or_else(|| Err(ApiError::internal()))
}

/// What a link leads to. The real ones are of another host and live for a day.
async fn file(State(studio): State<Arc<Studio>>, Path(name): Path<String>) -> Response {
    match studio.kept(&name) {
        Some(file) => ([(header::CONTENT_TYPE, "image/jpeg")], file).into_response(),
        None => StatusCode::FORBIDDEN.into_response(),
    }
}
