//! Seedream: pictures by `images/generations` of BytePlus ARK. The call answers when the picture is drawn; there is
//! no task to ask for.
//!
//! Facts are of <https://docs.byteplus.com/en/docs/ModelArk/1299023> (errors) and of byteplus-python-sdk-v2 3.0.63.

mod answer;
mod error;
mod request;

use std::time::Instant;

use reqwest::{
    Client, Url,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue},
};
use toonmill_domain::{Failure, FailureCode};

use crate::{
    Account, DrawFuture, DrawRequest, Drawing, Kind, Provider, SetupError,
    http::{self, Reply},
};
use answer::Answered;

const BASE_URL: &str = "https://ark.ap-southeast.bytepluses.com/api/v3";

#[derive(Debug)]
pub(crate) struct Seedream {
    http: Client,
    authorization: HeaderValue,
    generations_url: String,
}

impl Seedream {
    pub(crate) fn new(account: &Account, http: Client) -> Result<Self, SetupError> {
        let base_url = account.base_url(Kind::Seedream, BASE_URL)?;
        let authorization = account.key_header(Kind::Seedream, "Bearer ")?;
        Ok(Self { http, authorization, generations_url: format!("{base_url}/images/generations") })
    }

    async fn generate(&self, request: DrawRequest<'_>) -> Result<Drawing, Failure> {
        let started = Instant::now();
        let call = self
            .http
            .post(&self.generations_url)
            .header(AUTHORIZATION, self.authorization.clone())
            .header(CONTENT_TYPE, "application/json")
            .timeout(request.time_limit)
            .body(request::body(&request)?);
        let Reply { status, retry_after, body } = http::send(call, FailureCode::InvalidImage).await?;
        if !status.is_success() {
            return Err(error::classify(status, retry_after, &body));
        }
        match answer::read(body)? {
            Answered::Drawing(drawing) => Ok(drawing),
            Answered::Elsewhere { url, mut drawing } => {
                let left = request.time_limit.saturating_sub(started.elapsed());
                drawing.bytes = self.fetch(&url, left).await?.into();
                Ok(drawing)
            }
        }
    }

    /// The picture behind a link, which dies within a day. By now it is drawn and paid for, so every way of not
    /// getting it is one that may have been paid. The key does not go along: the link is signed, and of another host.
    async fn fetch(&self, url: &str, left: std::time::Duration) -> Result<Vec<u8>, Failure> {
        // Parsing keeps the query as it is, which the signature covers.
        let url = Url::parse(url).ok().filter(|url| self.may_fetch(url));
        let url = url.ok_or_else(|| Failure::new(FailureCode::InvalidImage).detail("the link is not one of https"))?;
        match http::send(self.http.get(url).timeout(left), FailureCode::InvalidImage).await {
            Ok(reply) if reply.status.is_success() => Ok(reply.body),
            Ok(reply) => {
                let detail = format!("the link answered {}", reply.status.as_u16());
                Err(Failure::new(FailureCode::InvalidImage).detail(detail))
            }
            Err(failure) => {
                let detail = failure.detail.unwrap_or_default();
                Err(Failure::new(FailureCode::TimedOut).detail(format!("the link: {detail}")))
            }
        }
    }

    /// Links of the real one are https. A stand-in has none.
    fn may_fetch(&self, url: &Url) -> bool {
        url.scheme() == "https" || (url.scheme() == "http" && self.generations_url.starts_with("http://"))
    }
}

impl Provider for Seedream {
    fn draw<'a>(&'a self, request: DrawRequest<'a>) -> DrawFuture<'a> {
        Box::pin(self.generate(request))
    }
}
