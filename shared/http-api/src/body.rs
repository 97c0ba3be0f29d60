//! JSON bodies: of one media type, of at most 5 MB, and any JSON at all; what it should hold is the reader's matter.

use axum::{
    body::{Body, Bytes},
    extract::{FromRequest, Request},
};
use http::{HeaderMap, header};
use serde_json::Value;

use crate::{Problem, ProblemKind};

/// The largest body (API Gateway itself takes 10 MB, and Lambda 6 with base64).
pub const LIMIT_BYTES: usize = 5_000_000;

/// A body of JSON.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonBody(pub Value);

/// A body of JSON, or none at all: then its media type does not matter.
#[derive(Clone, Debug, PartialEq)]
pub struct OptionalJsonBody(pub Option<Value>);

impl<S: Send + Sync> FromRequest<S> for JsonBody {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        if !is_json(&parts.headers) {
            return Err(not_json());
        }
        parse(&bytes(body).await?).map(Self)
    }
}

impl<S: Send + Sync> FromRequest<S> for OptionalJsonBody {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let bytes = bytes(body).await?;
        if bytes.is_empty() {
            return Ok(Self(None));
        }
        if !is_json(&parts.headers) {
            return Err(not_json());
        }
        parse(&bytes).map(|value| Self(Some(value)))
    }
}

async fn bytes(body: Body) -> Result<Bytes, Problem> {
    // The one failure of reading a body that is all there is its length.
    axum::body::to_bytes(body, LIMIT_BYTES).await.map_err(|_| {
        let detail = format!("A body may have {LIMIT_BYTES} bytes. Larger images go by upload.");
        Problem::new(ProblemKind::PayloadTooLarge, detail)
    })
}

fn parse(bytes: &[u8]) -> Result<Value, Problem> {
    serde_json::from_slice(bytes).map_err(|error| {
        // The parser's own words would repeat parts of the body.
        let detail = format!("The JSON breaks off or is wrong at line {}, column {}.", error.line(), error.column());
        Problem::new(ProblemKind::MalformedJson, detail)
    })
}

fn not_json() -> Problem {
    Problem::new(ProblemKind::UnsupportedMediaType, "Send Content-Type: application/json.")
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()) else { return false };
    let mut parts = value.split(';').map(|part| part.trim().to_ascii_lowercase());
    let essence = parts.next().unwrap_or_default();
    let json = essence == "application/json" || essence.starts_with("application/") && essence.ends_with("+json");
    json && parts
        .filter_map(|part| part.strip_prefix("charset=").map(str::to_owned))
        .all(|charset| charset.trim_matches('"') == "utf-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_known_by_its_media_type_and_only_in_utf_8() {
        let is = |value: &str| is_json(&HeaderMap::from_iter([(header::CONTENT_TYPE, value.parse().unwrap())]));
        for good in [
            "application/json",
            "Application/JSON; charset=UTF-8",
            "application/problem+json",
            "application/json;charset=\"utf-8\"",
        ] {
            assert!(is(good), "{good}");
        }
        for bad in ["text/json", "application/x-www-form-urlencoded", "application/json; charset=euc-kr", "json"] {
            assert!(!is(bad), "{bad}");
        }
        assert!(!is_json(&HeaderMap::new()));
    }
}
