//! OpenAI's error object: `{"error": {message, type, param, code}}`.

use axum::{
    Json,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Response},
};
use serde_json::json;

#[derive(Debug, Clone, PartialEq)]
pub(super) struct ApiError {
    status: u16,
    code: Option<String>,
    message: String,
    kind: &'static str,
    param: Option<String>,
    wait_ms: Option<u64>,
}

impl ApiError {
    pub(super) fn new(status: u16, code: Option<&str>, message: impl Into<String>) -> Self {
        Self {
            status,
            code: code.map(str::to_owned),
            message: message.into(),
            kind: if matches!(status, 408 | 409 | 500..) { "server_error" } else { "invalid_request_error" },
            param: None,
            wait_ms: None,
        }
    }

    pub(super) fn status(&self) -> u16 {
        self.status
    }

    #[must_use]
    pub(super) fn with_message(self, message: Option<String>) -> Self {
        Self { message: message.unwrap_or(self.message), ..self }
    }

    #[must_use]
    pub(super) fn of_kind(self, kind: &'static str) -> Self {
        Self { kind, ..self }
    }

    #[must_use]
    pub(super) fn after(self, wait_ms: u64) -> Self {
        Self { wait_ms: Some(wait_ms), ..self }
    }

    #[must_use]
    pub(super) fn about(self, param: &str) -> Self {
        Self { param: Some(param.to_owned()), ..self }
    }

    pub(super) fn missing(param: &str) -> Self {
        let message = format!("Missing required parameter: '{param}'.");
        Self::new(400, Some("missing_required_parameter"), message).about(param)
    }

    pub(super) fn unknown(param: &str) -> Self {
        let message = format!("Unknown parameter: '{param}'.");
        Self::new(400, Some("unknown_parameter"), message).about(param)
    }

    pub(super) fn value(param: &str, value: &str, why: &str) -> Self {
        let message = format!("Invalid value: '{value}'. {why}");
        Self::new(400, Some("invalid_value"), message.trim_end()).about(param)
    }

    pub(super) fn unreadable() -> Self {
        let message = "We could not parse the JSON body of your request. The OpenAI API expects a JSON payload.";
        Self::new(400, None, message)
    }

    pub(super) fn content_type(given: &str, wanted: &str) -> Self {
        let message = format!("Unsupported content type: '{given}'. This API method only accepts '{wanted}' requests.");
        Self::new(400, Some("unsupported_content_type"), message)
    }

    pub(super) fn bad_key(key: &str) -> Self {
        Self::new(401, Some("invalid_api_key"), format!("Incorrect API key provided: {key}."))
    }

    pub(super) fn no_key() -> Self {
        let message = "You didn't provide an API key. You need to provide your API key in an Authorization header \
             using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).";
        Self::new(401, None, message)
    }

    pub(super) fn unknown_model(model: &str) -> Self {
        let message = format!("The model `{model}` does not exist or you do not have access to it.");
        Self::new(404, Some("model_not_found"), message)
    }

    pub(super) fn moderation() -> Self {
        let message = "Your request was rejected by the safety system. If you believe this is an error, contact us at \
             help.openai.com and include the request ID req_0123456789abcdef. safety_violations=[sexual].";
        Self::new(400, Some("moderation_blocked"), message).of_kind("image_generation_user_error")
    }

    pub(super) fn internal() -> Self {
        Self::new(500, None, "The server had an error processing your request.")
    }
}

/// The headers of every answer.
pub(super) fn headers() -> HeaderMap {
    [("x-request-id", "req_0123456789abcdef"), ("openai-processing-ms", "812"), ("openai-version", "2020-10-01")]
        .into_iter()
        .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
        .collect()
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let error = json!({
            "message": self.message,
            "type": self.kind,
            "param": self.param,
            "code": self.code,
        });
        let mut headers = headers();
        if let Some(wait_ms) = self.wait_ms {
            headers.insert(RETRY_AFTER, HeaderValue::from(wait_ms.div_ceil(1000)));
            headers.insert(HeaderName::from_static("retry-after-ms"), HeaderValue::from(wait_ms));
        }
        (status, headers, Json(json!({ "error": error }))).into_response()
    }
}
