//! Errors as callers see them: RFC 9457, with our own members.

mod kind;

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;

pub use kind::ProblemKind;

/// One thing that is wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// Into the body, by RFC 6901; `/query/…` and `/header/…` for what is not in the body.
    pub pointer: String,
    pub detail: String,
}

impl FieldError {
    pub fn new(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), detail: detail.into() }
    }
}

/// What went wrong, in words that are safe to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem(Box<Inner>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Inner {
    kind: ProblemKind,
    detail: String,
    errors: Vec<FieldError>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    r#type: String,
    title: &'static str,
    status: u16,
    detail: &'a str,
    instance: &'a str,
    code: String,
    request_id: &'a str,
    retryable: bool,
    /// Credits. An answer of failure has taken none.
    charged: u64,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldError],
}

impl Problem {
    pub fn new(kind: ProblemKind, detail: impl Into<String>) -> Self {
        Self(Box::new(Inner { kind, detail: detail.into(), errors: Vec::new(), headers: Vec::new() }))
    }

    /// A request with these things wrong in it.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let detail = match errors.as_slice() {
            [only] => format!("{}: {}", only.pointer, only.detail),
            many => format!("{} things are wrong with the request.", many.len()),
        };
        let mut problem = Self::new(ProblemKind::InvalidRequest, detail);
        problem.0.errors = errors;
        problem
    }

    pub fn not_found(what: &str) -> Self {
        Self::new(ProblemKind::NotFound, format!("There is no such {what}."))
    }

    /// What a bare status, such as a router's own, stands for.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        let (kind, detail) = match status {
            StatusCode::NOT_FOUND => (ProblemKind::NotFound, "There is nothing at this path."),
            StatusCode::METHOD_NOT_ALLOWED => {
                (ProblemKind::MethodNotAllowed, "The Allow header has the methods of this path.")
            }
            StatusCode::PAYLOAD_TOO_LARGE => (ProblemKind::PayloadTooLarge, "The body is too large."),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => (ProblemKind::UnsupportedMediaType, "Send application/json."),
            status if status.is_client_error() => (ProblemKind::InvalidRequest, "The request cannot be read."),
            _ => return Self::internal(),
        };
        Self::new(kind, detail)
    }

    /// A fault of ours. What it is stands in the log, under the request's id.
    pub fn internal() -> Self {
        Self::new(ProblemKind::Internal, "Something failed on our side. The request id finds it in our logs.")
    }

    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.push((name, value));
        self
    }

    #[must_use]
    pub fn retry_after(self, seconds: u32) -> Self {
        self.header(header::RETRY_AFTER, seconds.into())
    }

    /// How long it says to wait.
    pub fn retry_in(&self) -> Option<Duration> {
        let (_, value) = self.0.headers.iter().find(|(name, _)| *name == header::RETRY_AFTER)?;
        Some(Duration::from_secs(value.to_str().ok()?.parse().ok()?))
    }

    pub fn kind(&self) -> ProblemKind {
        self.0.kind
    }

    pub fn status(&self) -> StatusCode {
        self.0.kind.status()
    }

    pub(crate) fn render(&self, instance: &str, request_id: &str) -> Response {
        let kind = self.0.kind;
        let document = Document {
            r#type: format!("/problems/{}", kind.slug()),
            title: kind.title(),
            status: kind.status().as_u16(),
            detail: &self.0.detail,
            instance,
            code: kind.code(),
            request_id,
            retryable: kind.is_retryable(),
            charged: 0,
            errors: &self.0.errors,
        };
        let body = serde_json::to_vec(&document).unwrap_or_default();
        let content_type = (header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        let mut response = (kind.status(), [content_type], body).into_response();
        response.headers_mut().extend(self.0.headers.iter().cloned());
        response
    }
}

impl IntoResponse for Problem {
    /// Leaves the problem for the edge, which knows the request that it is about.
    fn into_response(self) -> Response {
        let mut response = self.render("", "");
        response.extensions_mut().insert(self);
        response
    }
}
