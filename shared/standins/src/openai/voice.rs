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
    usual,
};
use crate::{
    faults::Quota,
    sitting::{Commission, Content, Picture, Sitting, Voice},
    sketch,
};

/// What runs out first.
const LIMIT: &str = "images per min (IPM): Limit 50, Used 50, Requested 1";
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
        usual::error(self.model.id, LIMIT, status).with_message(message).into_response()
    }

    fn coded(&self, status: u16, code: &str) -> Response {
        ApiError::new(status, Some(code), "The request failed.").into_response()
    }

    fn rate_limited(&self, wait_ms: u64, quota: Quota) -> Response {
        usual::rate_limited(self.model.id, LIMIT, wait_ms, quota).into_response()
    }

    fn bad_key(&self) -> Response {
        ApiError::bad_key("sk-0000").into_response()
    }

    fn wrong_place(&self) -> Response {
        usual::wrong_place().into_response()
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
}
