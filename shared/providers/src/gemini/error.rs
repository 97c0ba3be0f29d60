//! Errors, by status and structured code and never by words.
//!
//! The form is google.rpc.Status: `{"error": {code, message, status, details[]}}`, sometimes with
//! a one-element array around it. Messages are not read.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::Value;
use toonmill_domain::{Failure, FailureCode};

use crate::detail::{text, tokens};

pub(super) fn classify(status: StatusCode, retry_after: Option<Duration>, body: &[u8]) -> Failure {
    // A proxy's HTML is no JSON; the status alone has to do then.
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let body = body.as_array().and_then(|array| array.first()).unwrap_or(&body);
    classify_error(status, retry_after, body.get("error").unwrap_or(&Value::Null))
}

/// The same for the inner object, which an answer of status 200 can hold too.
pub(super) fn classify_error(status: StatusCode, retry_after: Option<Duration>, error: &Value) -> Failure {
    let name = text(error, "status");
    let reason = details(error).find_map(|detail| text(detail, "reason"));
    let spent = spent_quota(error);
    let code = match (status.as_u16(), reason, name) {
        // A wrong or expired key is 400, not 401.
        (_, Some(reason), _) if reason.starts_with("API_KEY_") => FailureCode::Unauthorised,
        (_, Some("BILLING_DISABLED"), _) | (402, ..) => FailureCode::QuotaExhausted,
        (429, ..) if spent.is_some() => FailureCode::QuotaExhausted,
        // A spending limit too, which passes. An empty prepaid account is 402 by the docs, but has
        // been 429 with nothing to tell it by but words (discuss.ai.google.dev 189883).
        (429, ..) => FailureCode::RateLimited,
        // FAILED_PRECONDITION: the account may not use the API from this country or without
        // billing, so no request of ours can end better
        // (https://ai.google.dev/gemini-api/docs/troubleshooting).
        (401 | 403, ..) | (400, _, Some("FAILED_PRECONDITION")) => FailureCode::Unauthorised,
        (404 | 410, ..) => FailureCode::ModelRetired,
        // 408 and 504 are the provider's own time-outs: failed requests are not charged
        // (https://ai.google.dev/gemini-api/docs/billing), so they are no `TimedOut`.
        (408 | 409 | 425 | 499 | 500..=599, ..) => FailureCode::Overloaded,
        _ => FailureCode::BadRequest,
    };
    let waits = matches!(code, FailureCode::RateLimited | FailureCode::Overloaded);
    let wait = details(error).find_map(retry_delay).or(retry_after).filter(|_| waits);
    Failure::new(code).detail(tokens([Some(status.as_str()), name, reason, spent])).retry_after(wait)
}

/// The HTTP status that an error object names.
pub(super) fn status_of(error: &Value) -> Option<StatusCode> {
    let code = error.get("code").and_then(Value::as_u64).and_then(|code| u16::try_from(code).ok())?;
    StatusCode::from_u16(code).ok().filter(|status| status.is_client_error() || status.is_server_error())
}

/// The quota that no wait within the life of a job brings back: one counted by the day, or one of
/// zero. `google.rpc.QuotaFailure` names it, as in
/// `GenerateRequestsPerDayPerProjectPerModel-FreeTier`. Its `RetryInfo` can say a few seconds all the same.
fn spent_quota(error: &Value) -> Option<&str> {
    details(error)
        .filter_map(|detail| detail.get("violations").and_then(Value::as_array))
        .flatten()
        .find(|violation| {
            let id = text(violation, "quotaId").unwrap_or_default();
            id.contains("PerDay") || id.contains("PerMonth") || text(violation, "quotaValue") == Some("0")
        })
        .map(|violation| text(violation, "quotaId").unwrap_or("quota"))
}

/// `google.rpc.RetryInfo`: `"34.074824224s"`.
fn retry_delay(detail: &Value) -> Option<Duration> {
    let seconds = text(detail, "retryDelay")?.strip_suffix('s')?.parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

fn details(error: &Value) -> impl Iterator<Item = &Value> {
    error.get("details").and_then(Value::as_array).into_iter().flatten()
}
