//! OpenAI: pictures by the Images API, `generations` without references and `edits` with them, and texts by the
//! Responses API.
//!
//! Facts are of openai-python 3.51.0 and <https://developers.openai.com/api/docs/guides/image-generation>.

mod answer;
mod error;
mod form;
mod request;
mod text_answer;
mod text_request;

use reqwest::{
    Client, RequestBuilder,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue},
};
use toonmill_domain::{Failure, FailureCode};

use crate::{
    Account, DrawFuture, DrawRequest, Drawing, Kind, Provider, SetupError, WriteFuture, WriteRequest, Writer, Writing,
    http::{self, Reply},
    schema::Schema,
};

const BASE_URL: &str = "https://api.openai.com/v1";

#[derive(Debug)]
pub(crate) struct OpenAi {
    http: Client,
    authorization: HeaderValue,
    images_url: String,
    responses_url: String,
}

impl OpenAi {
    pub(crate) fn new(account: &Account, http: Client) -> Result<Self, SetupError> {
        let base_url = account.base_url(Kind::OpenAi, BASE_URL)?;
        let authorization = account.key_header(Kind::OpenAi, "Bearer ")?;
        let (images_url, responses_url) = (format!("{base_url}/images"), format!("{base_url}/responses"));
        Ok(Self { http, authorization, images_url, responses_url })
    }

    async fn generate(&self, request: DrawRequest<'_>) -> Result<Drawing, Failure> {
        let request::Call { operation, content_type, body } = request::call(&request)?;
        let call = self.http.post(format!("{}/{operation}", self.images_url)).header(CONTENT_TYPE, content_type);
        answer::read(self.send(call.timeout(request.time_limit).body(body), FailureCode::InvalidImage).await?)
    }

    async fn respond(&self, request: WriteRequest<'_>) -> Result<Writing, Failure> {
        let schema = request.schema.map(Schema::compile).transpose()?;
        let body = text_request::body(&request)?;
        let call = self.http.post(&self.responses_url).header(CONTENT_TYPE, "application/json");
        let answer = self.send(call.timeout(request.time_limit).body(body), FailureCode::InvalidText).await?;
        text_answer::read(&answer, schema.as_ref())
    }

    /// The body of a 200.
    async fn send(&self, call: RequestBuilder, unusable: FailureCode) -> Result<Vec<u8>, Failure> {
        let call = call.header(AUTHORIZATION, self.authorization.clone());
        let Reply { status, retry_after, body } = http::send(call, unusable).await?;
        if status.is_success() { Ok(body) } else { Err(error::classify(status, retry_after, &body)) }
    }
}

impl Provider for OpenAi {
    fn draw<'a>(&'a self, request: DrawRequest<'a>) -> DrawFuture<'a> {
        Box::pin(self.generate(request))
    }
}

impl Writer for OpenAi {
    fn write<'a>(&'a self, request: WriteRequest<'a>) -> WriteFuture<'a> {
        Box::pin(self.respond(request))
    }
}
