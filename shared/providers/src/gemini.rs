//! Gemini: pictures by `generateContent` of generativelanguage.googleapis.com.

mod answer;
mod error;
mod request;

use reqwest::{
    Client,
    header::{CONTENT_TYPE, HeaderValue},
};
use toonmill_domain::Failure;

use crate::{
    Account, DrawFuture, DrawRequest, Drawing, Kind, Provider, SetupError,
    http::{self, Reply},
};

const BASE_URL: &str = "https://generativelanguage.googleapis.com";
/// What google-genai 3.3.0 calls. The older 1.75.0 calls `v1beta`; both take the same bodies.
const API_VERSION: &str = "v1";

#[derive(Debug)]
pub(crate) struct Gemini {
    http: Client,
    /// Marked as sensitive: neither `Debug` nor HTTP/2's header compression shows it.
    api_key: HeaderValue,
    models_url: String,
}

impl Gemini {
    pub(crate) fn new(account: &Account, http: Client) -> Result<Self, SetupError> {
        let base_url = account.base_url(Kind::Gemini, BASE_URL)?;
        let api_key = account.key_header(Kind::Gemini, "")?;
        Ok(Self { http, api_key, models_url: format!("{base_url}/{API_VERSION}/models") })
    }

    async fn generate(&self, request: DrawRequest<'_>) -> Result<Drawing, Failure> {
        let body = request::body(&request)?;
        // The provider gives up when we do, instead of drawing for nobody. The SDKs send it too.
        let server_limit = request.time_limit.as_millis().div_ceil(1000).to_string();
        let call = self
            .http
            .post(format!("{}/{}:generateContent", self.models_url, request.model.id))
            .header("x-goog-api-key", self.api_key.clone())
            .header("x-server-timeout", server_limit)
            .header(CONTENT_TYPE, "application/json")
            .timeout(request.time_limit)
            .body(body);
        let Reply { status, retry_after, body } = http::send(call).await?;
        if status.is_success() { answer::read(body) } else { Err(error::classify(status, retry_after, &body)) }
    }
}

impl Provider for Gemini {
    fn draw<'a>(&'a self, request: DrawRequest<'a>) -> DrawFuture<'a> {
        Box::pin(self.generate(request))
    }
}
