//! `GET /openapi.json`: the document of all endpoints, of other functions too. It is made of their declarations by a
//! test, which fails when it is not what they say.

use axum::response::IntoResponse;
use http::header;

const DOCUMENT: &str = include_str!("../openapi.json");

pub(crate) async fn document() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "public, max-age=300")], DOCUMENT)
}
