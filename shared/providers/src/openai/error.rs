//! Errors, by status and structured code and never by words: the message of a 401 quotes the key.
//!
//! The form is `{"error": {message, type, param, code}}`, where `code` is often `null`:
//! <https://developers.openai.com/api/docs/guides/error-codes>.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::Value;
use toonmill_domain::{Failure, FailureCode};

use crate::{detail::text, status};

pub(super) fn classify(code: StatusCode, retry_after: Option<Duration>, body: &[u8]) -> Failure {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let error = body.get("error").unwrap_or(&Value::Null);
    let name = text(error, "code");
    // A 403 with no code of its own is an organisation that is not verified for the model, or a country not served.
    status::failure(code, name.and_then(by_name), name.or_else(|| text(error, "type")), retry_after)
}

/// Codes that say more than their status.
fn by_name(name: &str) -> Option<FailureCode> {
    match name {
        "moderation_blocked" | "content_policy_violation" | "invalid_prompt" => Some(FailureCode::Refused),
        // The first is a 429 that no wait brings back, the second a 400.
        "insufficient_quota" | "billing_hard_limit_reached" => Some(FailureCode::QuotaExhausted),
        "invalid_api_key" => Some(FailureCode::Unauthorised),
        _ => None,
    }
}
