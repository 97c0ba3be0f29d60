//! Errors, by status and structured code and never by words: the message of a 401 quotes the key.
//!
//! The form is `{"error": {message, type, param, code}}`, where `code` is often `null`:
//! <https://developers.openai.com/api/docs/guides/error-codes>.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::Value;
use toonmill_domain::{Failure, FailureCode};

use crate::detail::{text, tokens};

pub(super) fn classify(status: StatusCode, retry_after: Option<Duration>, body: &[u8]) -> Failure {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let error = body.get("error").unwrap_or(&Value::Null);
    let name = text(error, "code");
    let code = name.and_then(by_name).unwrap_or(match status.as_u16() {
        402 => FailureCode::QuotaExhausted,
        429 => FailureCode::RateLimited,
        // 403 is an organisation that is not verified for the model, or a country that is not served.
        401 | 403 => FailureCode::Unauthorised,
        404 | 410 => FailureCode::ModelRetired,
        // A gateway that stopped waiting: behind it the picture may have been drawn, and calls have no idempotency key.
        504 => FailureCode::TimedOut,
        408 | 409 | 425 | 499 | 500..=599 => FailureCode::Overloaded,
        _ => FailureCode::BadRequest,
    });
    let waits = matches!(code, FailureCode::RateLimited | FailureCode::Overloaded);
    let name = name.or_else(|| text(error, "type"));
    Failure::new(code).detail(tokens([Some(status.as_str()), name])).retry_after(retry_after.filter(|_| waits))
}

/// Codes that say more than their status.
fn by_name(name: &str) -> Option<FailureCode> {
    match name {
        "moderation_blocked" | "content_policy_violation" => Some(FailureCode::Refused),
        // The first is a 429 that no wait brings back, the second a 400.
        "insufficient_quota" | "billing_hard_limit_reached" => Some(FailureCode::QuotaExhausted),
        "invalid_api_key" => Some(FailureCode::Unauthorised),
        _ => None,
    }
}
