//! JSON bodies: of a media type for JSON, in UTF-8, of at most 5 MB. What the JSON should hold is the reader's matter.

mod json;
mod media;

use axum::{
    body::{Body, Bytes},
    extract::{FromRequest, Request},
};
use serde_json::Value;

use crate::{Problem, ProblemKind};

/// The largest body (API Gateway itself takes 10 MB, and Lambda 6 with base64).
pub const LIMIT_BYTES: usize = 5_000_000;

/// A body of JSON. An empty one is a problem.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonBody(pub Value);

/// A body of JSON in which nothing has to be said: an empty or blank body, `null` and `[]` (an empty object, as PHP writes
/// it) are `None`. The media type of an empty body does not matter.
#[derive(Clone, Debug, PartialEq)]
pub struct OptionalJsonBody(pub Option<Value>);

impl<S: Send + Sync> FromRequest<S> for JsonBody {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        media::check(&parts.headers)?;
        let value = parse_json(&bytes(body).await?)?;
        value
            .map(Self)
            .ok_or_else(|| Problem::new(ProblemKind::MalformedJson, "The body is empty. Send a JSON object."))
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
        media::check(&parts.headers)?;
        let says_nothing = |value: &Value| value.is_null() || value.as_array().is_some_and(Vec::is_empty);
        Ok(Self(parse_json(&bytes)?.filter(|value| !says_nothing(value))))
    }
}

async fn bytes(body: Body) -> Result<Bytes, Problem> {
    // The one failure of reading a body that is all there is its length.
    axum::body::to_bytes(body, LIMIT_BYTES).await.map_err(|_| {
        let detail = format!("A body may have {LIMIT_BYTES} bytes. Larger images go by upload.");
        Problem::new(ProblemKind::PayloadTooLarge, detail)
    })
}

/// Reads a body as JSON in UTF-8. None if it is empty or white space.
///
/// A byte order mark before the JSON is skipped (RFC 8259, 8.1 lets a parser ignore it). These are problems:
/// - other encodings, compressed bytes and broken JSON: the detail says which, and where;
/// - half of a surrogate pair, a number that no 64-bit float holds, and a member that an object has twice with two different
///   values, also in members that nobody reads: the problem has a pointer to the member.
pub fn parse_json(bytes: &[u8]) -> Result<Option<Value>, Problem> {
    let text = media::text_of(bytes)?;
    if text.trim_matches([' ', '\t', '\n', '\r']).is_empty() { Ok(None) } else { json::parse(text).map(Some) }
}
