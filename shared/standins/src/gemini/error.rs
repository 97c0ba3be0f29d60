//! Google's error object: `{"error": {code, message, status, details}}`.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

/// An error answer.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ApiError {
    code: u16,
    status: &'static str,
    message: String,
    details: Vec<Value>,
    wrapped: bool,
}

impl ApiError {
    pub(super) fn new(code: u16, status: &'static str, message: impl Into<String>) -> Self {
        Self { code, status, message: message.into(), details: Vec::new(), wrapped: false }
    }

    pub(super) fn code(&self) -> u16 {
        self.code
    }

    #[must_use]
    pub(super) fn with_details(self, details: Vec<Value>) -> Self {
        Self { details, ..self }
    }

    /// With a reason that a machine can read.
    #[must_use]
    pub(super) fn because(mut self, reason: &str) -> Self {
        self.details.push(error_info(reason));
        self
    }

    #[must_use]
    pub(super) fn with_message(self, message: Option<String>) -> Self {
        Self { message: message.unwrap_or(self.message), ..self }
    }

    /// Inside a one-element array, as some of Google's servers answer.
    #[must_use]
    pub(super) fn wrapped(self, wrapped: bool) -> Self {
        Self { wrapped, ..self }
    }

    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, "INVALID_ARGUMENT", message)
    }

    /// 400 that names the field.
    pub(super) fn field(field: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        let violation = json!({ "field": field, "description": message });
        Self::invalid(message).with_details(vec![bad_request(&violation)])
    }

    /// 400 for a value that the field's type does not have.
    pub(super) fn value(field: &str) -> Self {
        let violation = json!({ "field": field, "description": "Invalid value" });
        Self::invalid(format!("Invalid value at '{field}'")).with_details(vec![bad_request(&violation)])
    }

    /// 400 for a body that is not the JSON it should be.
    pub(super) fn unreadable(why: &str) -> Self {
        let message = format!("Invalid JSON payload received. {why}");
        let violation = json!({ "description": message });
        Self::invalid(message).with_details(vec![bad_request(&violation)])
    }

    pub(super) fn too_large() -> Self {
        Self::invalid(format!("Request payload size exceeds the limit: {} bytes.", super::MAX_BODY_BYTES))
    }

    pub(super) fn bad_key() -> Self {
        const MESSAGE: &str = "API key not valid. Please pass a valid API key.";
        Self::invalid(MESSAGE).with_details(vec![
            error_info("API_KEY_INVALID"),
            json!({
                "@type": "type.googleapis.com/google.rpc.LocalizedMessage",
                "locale": "en-US",
                "message": MESSAGE,
            }),
        ])
    }

    pub(super) fn no_key() -> Self {
        Self::new(
            403,
            "PERMISSION_DENIED",
            "Method doesn't allow unregistered callers (callers without established identity). \
             Please use API Key or other form of API consumer identity to call this API.",
        )
    }

    pub(super) fn wrong_credentials() -> Self {
        Self::new(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")
            .with_details(vec![error_info("ACCESS_TOKEN_TYPE_UNSUPPORTED")])
    }

    pub(super) fn unknown_model(model: &str, version: &str) -> Self {
        let message = format!(
            "models/{model} is not found for API version {version}, or is not supported for \
             generateContent. Call ListModels to see the list of available models and their \
             supported methods."
        );
        Self::new(404, "NOT_FOUND", message)
    }

    pub(super) fn retired_model(model: &str) -> Self {
        let message = format!(
            "This model models/{model} is no longer available. Please update your code to use a \
             newer model for the latest features and improvements."
        );
        Self::new(404, "NOT_FOUND", message)
    }

    pub(super) fn unimplemented() -> Self {
        let message = "Operation is not implemented, or supported, or enabled.";
        Self::new(501, "UNIMPLEMENTED", message)
    }

    pub(super) fn internal() -> Self {
        Self::new(500, "INTERNAL", "An internal error has occurred. Please retry.")
    }

    fn body(&self) -> Value {
        let mut error = json!({
            "code": self.code,
            "message": self.message,
            "status": self.status,
        });
        if let (Some(error), false) = (error.as_object_mut(), self.details.is_empty()) {
            error.insert("details".into(), self.details.clone().into());
        }
        let body = json!({ "error": error });
        if self.wrapped { json!([body]) } else { body }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, Json(self.body())).into_response()
    }
}

fn error_info(reason: &str) -> Value {
    json!({
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": reason,
        "domain": "googleapis.com",
        "metadata": { "service": "generativelanguage.googleapis.com" },
    })
}

fn bad_request(violation: &Value) -> Value {
    json!({
        "@type": "type.googleapis.com/google.rpc.BadRequest",
        "fieldViolations": [violation],
    })
}
