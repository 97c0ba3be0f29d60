//! OpenAI: pictures by the Images API, `generations` without references and `edits` with them.
//!
//! Facts are of openai-python 3.51.0 and <https://developers.openai.com/api/docs/guides/image-generation>.

mod answer;
mod error;
mod form;
mod request;

use reqwest::{
    Client,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue},
};
use toonmill_domain::Failure;

use crate::{
    Account, DrawFuture, DrawRequest, Drawing, Kind, Provider, SetupError,
    http::{self, Reply},
};

const BASE_URL: &str = "https://api.openai.com/v1";

#[derive(Debug)]
pub(crate) struct OpenAi {
    http: Client,
    authorization: HeaderValue,
    images_url: String,
}

impl OpenAi {
    pub(crate) fn new(account: &Account, http: Client) -> Result<Self, SetupError> {
        let base_url = account.base_url(Kind::OpenAi, BASE_URL)?;
        let authorization = account.key_header(Kind::OpenAi, "Bearer ")?;
        Ok(Self { http, authorization, images_url: format!("{base_url}/images") })
    }

    async fn generate(&self, request: DrawRequest<'_>) -> Result<Drawing, Failure> {
        let request::Call { operation, content_type, body } = request::call(&request)?;
        let call = self
            .http
            .post(format!("{}/{operation}", self.images_url))
            .header(AUTHORIZATION, self.authorization.clone())
            .header(CONTENT_TYPE, content_type)
            .timeout(request.time_limit)
            .body(body);
        let Reply { status, retry_after, body } = http::send(call).await?;
        if status.is_success() { answer::read(body) } else { Err(error::classify(status, retry_after, &body)) }
    }
}

impl Provider for OpenAi {
    fn draw<'a>(&'a self, request: DrawRequest<'a>) -> DrawFuture<'a> {
        Box::pin(self.generate(request))
    }
}
