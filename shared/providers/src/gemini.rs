//! Gemini: pictures and texts by `generateContent` of generativelanguage.googleapis.com.

mod answer;
mod error;
mod request;
mod text_answer;
mod text_request;

use reqwest::{
    Client,
    header::{CONTENT_TYPE, HeaderValue},
};
use std::time::Duration;

use toonmill_domain::{Failure, FailureCode, ModelId};

use crate::{
    Account, DrawFuture, DrawRequest, Drawing, Kind, Provider, SetupError, WriteFuture, WriteRequest, Writer, Writing,
    http::{self, Reply},
    schema::Schema,
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
        answer::read(self.call(&request.model.id, body, request.time_limit, FailureCode::InvalidImage).await?)
    }

    async fn generate_text(&self, request: WriteRequest<'_>) -> Result<Writing, Failure> {
        let schema = request.schema.map(Schema::compile).transpose()?;
        let body = text_request::body(&request)?;
        let answer = self.call(&request.model.id, body, request.time_limit, FailureCode::InvalidText).await?;
        text_answer::read(&answer, schema.as_ref())
    }

    /// The body of a 200.
    async fn call(
        &self,
        model: &ModelId,
        body: Vec<u8>,
        limit: Duration,
        unusable: FailureCode,
    ) -> Result<Vec<u8>, Failure> {
        // The provider gives up when we do, instead of working for nobody. The SDKs send it too.
        let server_limit = limit.as_millis().div_ceil(1000).to_string();
        let call = self
            .http
            .post(format!("{}/{model}:generateContent", self.models_url))
            .header("x-goog-api-key", self.api_key.clone())
            .header("x-server-timeout", server_limit)
            .header(CONTENT_TYPE, "application/json")
            .timeout(limit)
            .body(body);
        let Reply { status, retry_after, body } = http::send(call, unusable).await?;
        if status.is_success() { Ok(body) } else { Err(error::classify(status, retry_after, &body)) }
    }
}

impl Provider for Gemini {
    fn draw<'a>(&'a self, request: DrawRequest<'a>) -> DrawFuture<'a> {
        Box::pin(self.generate(request))
    }
}

impl Writer for Gemini {
    fn write<'a>(&'a self, request: WriteRequest<'a>) -> WriteFuture<'a> {
        Box::pin(self.generate_text(request))
    }
}
