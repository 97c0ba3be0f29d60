//! ARK's error object: `{"error": {code, message, param, type}}`. Its messages end with the id of the request.

use axum::{
    Json,
    http::{HeaderName, HeaderValue, StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

pub(super) const REQUEST_ID: &str = "021763600000000000000000000000000000ffffac1e00000000001";
pub(super) const REQUEST_ID_HEADER: HeaderName = HeaderName::from_static("x-request-id");

#[derive(Debug, Clone, PartialEq)]
pub(super) struct ApiError {
    status: u16,
    code: String,
    message: String,
    param: String,
    retry_after_s: Option<u64>,
}

impl ApiError {
    pub(super) fn new(status: u16, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { status, code: code.into(), message: message.into(), param: String::new(), retry_after_s: None }
    }

    pub(super) fn status(&self) -> u16 {
        self.status
    }

    #[must_use]
    pub(super) fn with_message(self, message: Option<String>) -> Self {
        Self { message: message.unwrap_or(self.message), ..self }
    }

    #[must_use]
    pub(super) fn after(self, seconds: u64) -> Self {
        Self { retry_after_s: Some(seconds), ..self }
    }

    pub(super) fn missing(param: &str) -> Self {
        let message = format!("The request failed because it is missing `{param}` parameter");
        Self { param: param.to_owned(), ..Self::new(400, "MissingParameter", message) }
    }

    pub(super) fn parameter(param: &str, why: &str) -> Self {
        let message = format!("The parameter `{param}` specified in the request is not valid: {why}.");
        Self { param: param.to_owned(), ..Self::new(400, "InvalidParameter", message) }
    }

    pub(super) fn unauthorised() -> Self {
        Self::new(401, "AuthenticationError", "The API key or AK/SK in the request is missing or invalid.")
    }

    pub(super) fn unknown_model() -> Self {
        let message = "The model or endpoint does not exist or you do not have access to it.";
        Self::new(404, "InvalidEndpointOrModel.NotFound", message)
    }

    pub(super) fn internal() -> Self {
        Self::new(500, "InternalServiceError", "The service encountered an unexpected internal error.")
    }

    /// The error as it stands within the list of pictures.
    pub(super) fn item(&self) -> Value {
        json!({ "code": self.code, "message": self.message })
    }

    fn kind(&self) -> &'static str {
        match self.status {
            400 => "BadRequest",
            401 => "Unauthorized",
            403 => "Forbidden",
            404 => "NotFound",
            429 => "TooManyRequests",
            500 => "InternalServerError",
            503 => "ServiceUnavailable",
            _ => "",
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let error = json!({
            "code": self.code,
            "message": format!("{} Request id: {REQUEST_ID}", self.message),
            "param": self.param,
            "type": self.kind(),
        });
        let headers = [(REQUEST_ID_HEADER, REQUEST_ID)];
        let mut response = (status, headers, Json(json!({ "error": error }))).into_response();
        if let Some(seconds) = self.retry_after_s {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
