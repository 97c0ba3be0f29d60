//! The faults of the script, in Gemini's words.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use image::RgbImage;
use serde_json::json;

use super::{error::ApiError, order::Order};
use crate::{
    faults::Quota,
    sitting::{Commission, Picture, Sitting, Voice, Wording},
    sketch,
};

impl Voice for Order {
    const PROVIDER: &'static str = super::PROVIDER;

    fn model(&self) -> &str {
        self.model.id
    }

    fn commission(&self) -> &Commission {
        &self.commission
    }

    fn draws(&self) -> bool {
        self.picture
    }

    fn format(&self) -> (&'static str, fn(&RgbImage) -> Vec<u8>) {
        ("image/png", sketch::png)
    }

    async fn picture(sitting: &Sitting<'_, Self>, picture: Picture) -> Response {
        sitting.with_picture(&picture).await
    }

    fn text_only(sitting: &Sitting<'_, Self>) -> Response {
        sitting.with_words()
    }

    fn text(sitting: &Sitting<'_, Self>, wording: Wording) -> Response {
        sitting.with_text(wording)
    }

    fn blocked(sitting: &Sitting<'_, Self>, reason: &str) -> Response {
        sitting.without_candidates(reason)
    }

    fn finished(sitting: &Sitting<'_, Self>, reason: &str) -> Response {
        sitting.ended(reason)
    }

    fn error(&self, status: u16, message: Option<String>, wrapped: bool) -> Response {
        if status == 408 {
            return (StatusCode::REQUEST_TIMEOUT, message.unwrap_or_else(|| "timeout".into())).into_response();
        }
        error(status).with_message(message).wrapped(wrapped).into_response()
    }

    fn coded(&self, status: u16, code: &str) -> Response {
        error(status).because(code).into_response()
    }

    fn rate_limited(&self, wait_ms: u64, quota: Quota) -> Response {
        rate_limited(self.model.id, wait_ms, quota).into_response()
    }

    fn bad_key(&self) -> Response {
        ApiError::bad_key().into_response()
    }

    fn wrong_place(&self) -> Response {
        let message = "User location is not supported for the API use.";
        ApiError::new(400, "FAILED_PRECONDITION", message).into_response()
    }

    fn retired(&self) -> Response {
        ApiError::retired_model(self.model.id).into_response()
    }
}

fn error(status: u16) -> ApiError {
    let (name, message) = match status {
        400 => return ApiError::value("generation_config.image_config.aspect_ratio"),
        401 => return ApiError::wrong_credentials(),
        403 => ("PERMISSION_DENIED", "Your API key was reported as leaked. Please use another API key."),
        404 => ("NOT_FOUND", "Requested entity was not found."),
        409 => ("ABORTED", "The operation was aborted."),
        429 => ("RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota)."),
        499 => ("CANCELLED", "The operation was cancelled."),
        500 => return ApiError::internal(),
        503 => ("UNAVAILABLE", "The model is overloaded. Please try again later."),
        504 => ("DEADLINE_EXCEEDED", "Deadline expired before operation could complete."),
        _ => ("UNKNOWN", "Unknown error."),
    };
    ApiError::new(status, name, message)
}

fn rate_limited(model: &str, wait_ms: u64, quota: Quota) -> ApiError {
    let (message, id, value) = match quota {
        Quota::PerMinute => {
            ("You exceeded your current quota.", "GenerateRequestsPerMinutePerProjectPerModel-PaidTier", "20")
        }
        Quota::PerDay => (
            "You exceeded your current quota, please check your plan and billing details.",
            "GenerateRequestsPerDayPerProjectPerModel-PaidTier",
            "250",
        ),
        Quota::Spend => {
            ("Your project has exceeded its spend-based rate limit.", "SpendPerTenMinutesPerProject-PaidTier", "10")
        }
        Quota::Prepaid => {
            let message = "Your prepayment credits are depleted. Please go to AI Studio to manage \
                 your project and billing.";
            return ApiError::new(429, "RESOURCE_EXHAUSTED", message);
        }
    };
    let delay = format!("{}.{:03}s", wait_ms / 1000, wait_ms % 1000);
    let details = vec![
        json!({
            "@type": "type.googleapis.com/google.rpc.QuotaFailure",
            "violations": [{
                "quotaMetric": "generativelanguage.googleapis.com/generate_content_paid_tier_requests",
                "quotaId": id,
                "quotaDimensions": { "location": "global", "model": model },
                "quotaValue": value,
            }],
        }),
        json!({
            "@type": "type.googleapis.com/google.rpc.Help",
            "links": [{
                "description": "Learn more about Gemini API quotas",
                "url": "https://ai.google.dev/gemini-api/docs/rate-limits",
            }],
        }),
        json!({ "@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay }),
    ];
    ApiError::new(429, "RESOURCE_EXHAUSTED", format!("{message} Please retry in {delay}.")).with_details(details)
}
