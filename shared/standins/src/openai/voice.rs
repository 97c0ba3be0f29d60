//! Answers and the faults of the script, in OpenAI's words.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use image::RgbImage;
use serde_json::{Value, json};

use super::{
    error::{ApiError, headers},
    order::{Format, Order},
};
use crate::{
    faults::Quota,
    sitting::{Commission, Content, Picture, Sitting, Voice},
    sketch,
};

/// Tokens of a picture in a request.
const TOKENS_PER_REFERENCE: u64 = 323;

impl Voice for Order {
    const PROVIDER: &'static str = super::PROVIDER;

    fn model(&self) -> &str {
        self.model.id
    }

    fn commission(&self) -> &Commission {
        &self.commission
    }

    fn format(&self) -> (&'static str, fn(&RgbImage) -> Vec<u8>) {
        match self.format {
            Format::Png => ("image/png", sketch::png),
            Format::Jpeg => ("image/jpeg", sketch::jpeg),
            Format::WebP => ("image/webp", sketch::webp),
        }
    }

    async fn picture(sitting: &Sitting<'_, Self>, picture: Picture) -> Response {
        let data = match picture.content {
            Content::File(file) => BASE64_STANDARD.encode(file),
            Content::Text(text) => text.to_owned(),
        };
        let format = picture.media_type.trim_start_matches("image/");
        sitting.order.envelope(&json!([{ "b64_json": data }]), format)
    }

    fn text_only(sitting: &Sitting<'_, Self>) -> Response {
        sitting.order.envelope(&json!([]), sitting.order.format().0.trim_start_matches("image/"))
    }

    fn blocked(_: &Sitting<'_, Self>, _: &str) -> Response {
        ApiError::moderation().into_response()
    }

    fn finished(sitting: &Sitting<'_, Self>, reason: &str) -> Response {
        let refused = ["SAFETY", "PROHIBITED", "RECITATION", "moderation"].iter().any(|word| reason.contains(word));
        if refused { ApiError::moderation().into_response() } else { Self::text_only(sitting) }
    }

    fn error(&self, status: u16, message: Option<String>, _: bool) -> Response {
        self.usual_error(status).with_message(message).into_response()
    }

    fn rate_limited(&self, wait_ms: u64, quota: Quota) -> Response {
        if quota == Quota::PerMinute {
            return self.usual_error(429).after(wait_ms).into_response();
        }
        let message = "You exceeded your current quota, please check your plan and billing details.";
        ApiError::new(429, Some("insufficient_quota"), message).of_kind("insufficient_quota").into_response()
    }

    fn bad_key(&self) -> Response {
        ApiError::bad_key("sk-0000").into_response()
    }

    fn wrong_place(&self) -> Response {
        let code = "unsupported_country_region_territory";
        ApiError::new(403, Some(code), "Country, region, or territory not supported").into_response()
    }

    fn retired(&self) -> Response {
        ApiError::unknown_model(self.model.id).into_response()
    }
}

impl Order {
    fn envelope(&self, items: &Value, format: &str) -> Response {
        let Commission { prompt, references, width_px, height_px } = &self.commission;
        let text = (prompt.chars().count() as u64).div_ceil(4).max(1);
        let image = references.len() as u64 * TOKENS_PER_REFERENCE;
        let drawn = if items.as_array().is_some_and(Vec::is_empty) { 0 } else { 1056 };
        let body = json!({
            "created": 1_763_600_000,
            "background": if self.background == "auto" { "opaque" } else { &self.background },
            "data": items,
            "output_format": format,
            "quality": if self.quality == "auto" { "medium" } else { &self.quality },
            "size": format!("{width_px}x{height_px}"),
            "usage": {
                "input_tokens": text + image,
                "input_tokens_details": { "text_tokens": text, "image_tokens": image },
                "output_tokens": drawn,
                "output_tokens_details": { "image_tokens": drawn, "text_tokens": 0 },
                "total_tokens": text + image + drawn,
            },
        });
        (headers(), Json(body)).into_response()
    }

    fn usual_error(&self, status: u16) -> ApiError {
        let message = match status {
            400 => return ApiError::value("size", "x", ""),
            401 => return ApiError::bad_key("sk-0000"),
            403 => {
                let message = format!("Your organization must be verified to use the model `{}`.", self.model.id);
                return ApiError::new(403, None, message);
            }
            404 => return ApiError::unknown_model(self.model.id),
            408 => "timeout",
            409 => "conflict",
            422 => "unprocessable",
            429 => {
                let message = format!(
                    "Rate limit reached for {} in organization org-x on images per min (IPM): Limit 50, Used 50, \
                     Requested 1.",
                    self.model.id
                );
                return ApiError::new(429, Some("rate_limit_exceeded"), message).of_kind("requests");
            }
            500 => return ApiError::internal(),
            503 => "That model is currently overloaded with other requests.",
            _ => "Unknown error.",
        };
        ApiError::new(status, None, message)
    }
}
