//! Answers and the faults of the script, in ARK's words.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use image::RgbImage;
use serde_json::{Map, Value, json};

use super::{
    error::{ApiError, REQUEST_ID, REQUEST_ID_HEADER},
    order::Order,
};
use crate::{
    faults::Quota,
    sitting::{Commission, Content, Picture, Sitting, Voice},
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

    fn format(&self) -> (&'static str, fn(&RgbImage) -> Vec<u8>) {
        if self.png { ("image/png", sketch::png) } else { ("image/jpeg", sketch::jpeg) }
    }

    async fn picture(sitting: &Sitting<'_, Self>, picture: Picture) -> Response {
        let Commission { width_px, height_px, .. } = sitting.order.commission;
        let mut item = Map::new();
        item.insert("size".into(), format!("{width_px}x{height_px}").into());
        let bytes = match picture.content {
            Content::File(file) => file,
            Content::Text(text) if sitting.order.as_link => text.as_bytes().to_vec(),
            Content::Text(text) => {
                item.insert("b64_json".into(), text.into());
                return sitting.order.envelope(&[item.into()]);
            }
        };
        if sitting.order.as_link {
            let name = format!("{:016x}", sitting.chance);
            let query = "X-Tos-Algorithm=TOS4-HMAC-SHA256&X-Tos-Expires=86400&X-Tos-Signature=00";
            item.insert("url".into(), format!("http://{}/api/v3/_files/{name}?{query}", sitting.host).into());
            sitting.studio.keep(name, bytes);
        } else {
            item.insert("b64_json".into(), BASE64_STANDARD.encode(bytes).into());
        }
        if sitting.order.model.formats {
            item.insert("output_format".into(), picture.media_type.trim_start_matches("image/").into());
        }
        sitting.order.envelope(&[item.into()])
    }

    fn text_only(sitting: &Sitting<'_, Self>) -> Response {
        sitting.order.envelope(&[])
    }

    fn blocked(_: &Sitting<'_, Self>, reason: &str) -> Response {
        let code = own_word(reason).unwrap_or("InputTextSensitiveContentDetected");
        sensitive(code, "input text").into_response()
    }

    fn finished(sitting: &Sitting<'_, Self>, reason: &str) -> Response {
        let refused = ["SAFETY", "PROHIBITED", "RECITATION"].iter().any(|word| reason.contains(word));
        let code = own_word(reason).or(refused.then_some("OutputImageSensitiveContentDetected"));
        match code {
            Some(code) => {
                let item = json!({ "error": sensitive(code, "output image").item() });
                sitting.order.envelope(&[item])
            }
            None => sitting.order.envelope(&[]),
        }
    }

    fn error(&self, status: u16, message: Option<String>, _: bool) -> Response {
        error(status).with_message(message).into_response()
    }

    fn coded(&self, status: u16, code: &str) -> Response {
        ApiError::new(status, code, "The request failed.").into_response()
    }

    fn rate_limited(&self, wait_ms: u64, quota: Quota) -> Response {
        match quota {
            Quota::PerMinute => {
                let message = "The images-per-minute limit of the model for this account was exceeded.";
                let error = ApiError::new(429, "ModelAccountIpmRateLimitExceeded", message);
                error.after(wait_ms.div_ceil(1000)).into_response()
            }
            Quota::PerDay => {
                let message = "Your account has exhausted its free trial quota for the model.";
                ApiError::new(429, "QuotaExceeded", message).into_response()
            }
            Quota::Spend => {
                let message = "Your account has reached the inference limit that was set for the model.";
                ApiError::new(429, "SetLimitExceeded", message).into_response()
            }
            Quota::Prepaid => error(403).into_response(),
        }
    }

    fn bad_key(&self) -> Response {
        ApiError::unauthorised().into_response()
    }

    fn wrong_place(&self) -> Response {
        let message = "The operation is denied for your account.";
        ApiError::new(403, "OperationDenied.PermissionDenied", message).into_response()
    }

    fn retired(&self) -> Response {
        ApiError::unknown_model().into_response()
    }
}

impl Order {
    fn envelope(&self, items: &[Value]) -> Response {
        let drawn = items.iter().filter(|item| item.get("error").is_none()).count() as u64;
        let tokens = drawn * u64::from(self.commission.width_px) * u64::from(self.commission.height_px) / 256;
        let body = json!({
            "model": self.model.id,
            "created": 1_763_600_000,
            "data": items,
            "usage": { "generated_images": drawn, "output_tokens": tokens, "total_tokens": tokens },
        });
        ([(REQUEST_ID_HEADER, REQUEST_ID)], Json(body)).into_response()
    }
}

/// Scripts name reasons in Gemini's capitals; what is not in capitals is meant as it stands.
fn own_word(reason: &str) -> Option<&str> {
    reason.contains(|c: char| c.is_ascii_lowercase()).then_some(reason)
}

fn sensitive(code: &str, what: &str) -> ApiError {
    let message = format!("The request failed because the {what} may contain sensitive information.");
    ApiError::new(400, code, message)
}

fn error(status: u16) -> ApiError {
    let (code, message) = match status {
        400 => return ApiError::parameter("size", "image size must be at least 3686400 pixels"),
        401 => return ApiError::unauthorised(),
        403 => ("AccountOverdueError", "The request failed because your account has an overdue balance."),
        404 => ("ModelNotOpen", "Your account has not activated the model."),
        408 => ("RequestTimeout", "timeout"),
        409 => ("Conflict", "conflict"),
        422 => ("Unprocessable", "unprocessable"),
        429 => {
            let message = "The service is currently unable to handle additional requests due to server overload.";
            ("ServerOverloaded", message)
        }
        500 => return ApiError::internal(),
        503 => ("ServiceUnavailable", "The service is temporarily unavailable."),
        504 => ("GatewayTimeout", "The service did not answer in time."),
        _ => ("Unknown", "Unknown error."),
    };
    ApiError::new(status, code, message)
}
