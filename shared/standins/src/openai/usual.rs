//! The errors that all of OpenAI's endpoints have.

use super::error::ApiError;
use crate::faults::Quota;

/// The error of this status; `limit` is what runs out first at this endpoint.
pub(super) fn error(model: &str, limit: &str, status: u16) -> ApiError {
    let message = match status {
        400 => return ApiError::value("model", "x", ""),
        401 => return ApiError::bad_key("sk-0000"),
        403 => {
            let message = format!("Your organization must be verified to use the model `{model}`.");
            return ApiError::new(403, None, message);
        }
        404 => return ApiError::unknown_model(model),
        408 => "timeout",
        409 => "conflict",
        422 => "unprocessable",
        429 => {
            let message = format!("Rate limit reached for {model} in organization org-x on {limit}.");
            return ApiError::new(429, Some("rate_limit_exceeded"), message).of_kind("requests");
        }
        500 => return ApiError::internal(),
        503 => "That model is currently overloaded with other requests.",
        _ => "Unknown error.",
    };
    ApiError::new(status, None, message)
}

pub(super) fn rate_limited(model: &str, limit: &str, wait_ms: u64, quota: Quota) -> ApiError {
    if quota == Quota::PerMinute {
        return error(model, limit, 429).after(wait_ms);
    }
    let message = "You exceeded your current quota, please check your plan and billing details.";
    ApiError::new(429, Some("insufficient_quota"), message).of_kind("insufficient_quota")
}

pub(super) fn wrong_place() -> ApiError {
    let code = "unsupported_country_region_territory";
    ApiError::new(403, Some(code), "Country, region, or territory not supported")
}
