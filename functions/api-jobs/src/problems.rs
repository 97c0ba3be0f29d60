//! `GET /problems/{slug}`: what a problem's `type` points to.

use axum::{
    extract::Path,
    response::{IntoResponse, Response},
};
use http::header;
use toonmill_http_api::{Problem, ProblemKind};

pub(crate) async fn page(Path(slug): Path<String>) -> Result<Response, Problem> {
    let kind = ProblemKind::of_slug(&slug).ok_or_else(|| Problem::not_found("problem"))?;
    let headers =
        [(header::CONTENT_TYPE, "text/markdown; charset=utf-8"), (header::CACHE_CONTROL, "public, max-age=3600")];
    Ok((headers, kind.page()).into_response())
}
