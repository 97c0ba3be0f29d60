//! Errors, by status and structured code and never by words.
//!
//! The form is `{"error": {code, message, param, type}}`. Codes have suffixes after a dot, and new ones come, so
//! families are matched by how they begin: <https://docs.byteplus.com/en/docs/ModelArk/1299023>.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::Value;
use toonmill_domain::{Failure, FailureCode};

use crate::{
    detail::{text, tokens},
    status,
};

pub(super) fn classify(code: StatusCode, retry_after: Option<Duration>, body: &[u8]) -> Failure {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let name = body.get("error").and_then(|error| text(error, "code"));
    // ServerOverloaded is a 429 that passes, and no try is used up by waiting.
    status::failure(code, name.and_then(by_name), name, retry_after)
}

/// The error of one picture within an answer of success.
pub(super) fn classify_item(error: &Value) -> Failure {
    let name = text(error, "code");
    let code = name.and_then(by_name).unwrap_or(match name {
        Some(name) if name.starts_with("Internal") => FailureCode::Overloaded,
        _ => FailureCode::Empty,
    });
    Failure::new(code).detail(tokens([Some("200"), name]))
}

/// Codes that say more than their status.
fn by_name(name: &str) -> Option<FailureCode> {
    let family = name.split('.').next().unwrap_or(name);
    // Of InputText, InputImage and OutputImage, each with suffixes for what is in it.
    if family.ends_with("SensitiveContentDetected") || family.ends_with("RiskDetection") {
        return Some(FailureCode::Refused);
    }
    match family {
        // The last two are 429 all the same; no wait brings them back.
        "AccountOverdueError" | "QuotaExceeded" | "SetLimitExceeded" => Some(FailureCode::QuotaExhausted),
        "OperationDenied" if name.ends_with("Overdue") => Some(FailureCode::QuotaExhausted),
        // The second is 404, but the model is well: this account has not switched it on.
        "AuthenticationError" | "ModelNotOpen" => Some(FailureCode::Unauthorised),
        "InvalidEndpointOrModel" if name.ends_with("ModelIDAccessDisabled") => Some(FailureCode::Unauthorised),
        "InvalidEndpoint" => Some(FailureCode::ModelRetired),
        _ => None,
    }
}
