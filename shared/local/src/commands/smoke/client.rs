//! A client of an API that may be anywhere: in AWS, or on this machine.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use reqwest::{RequestBuilder, StatusCode, Url, header};
use serde_json::Value;

use crate::pause;

/// Of one request.
const LIMIT: Duration = Duration::from_secs(40);
/// How often a request is repeated that is turned away for a moment (429, 503).
const TRIES: u32 = 4;

#[derive(Debug)]
pub(super) struct Client {
    http: reqwest::Client,
    /// Without a slash at the end.
    root: String,
    token: String,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) path: String,
    pub(super) status: u16,
    /// Text, if it is no JSON.
    pub(super) body: Value,
}

impl Client {
    /// `url` is the API's, with or without `/api/v1`.
    pub(super) fn new(url: &str, token: &str) -> Result<Self> {
        let root = url.trim_end_matches('/').trim_end_matches("/api/v1").to_owned();
        let parsed = Url::parse(&root).with_context(|| format!("{url} is no address"))?;
        ensure!(matches!(parsed.scheme(), "http" | "https"), "{url} is no address of http or https");
        Ok(Self { http: http(&parsed)?, root, token: token.trim().to_owned() })
    }

    /// For addresses that open by themselves.
    pub(super) fn without_token(&self) -> reqwest::Client {
        self.http.clone()
    }

    /// An address that the API gave, which may be a path of its own.
    pub(super) fn address(&self, url: &str) -> String {
        if url.starts_with('/') { format!("{}{url}", self.root) } else { url.to_owned() }
    }

    pub(super) async fn get(&self, path: &str) -> Result<Answer> {
        self.get_as(path, &self.token).await
    }

    pub(super) async fn get_as(&self, path: &str, token: &str) -> Result<Answer> {
        self.send(path, || self.http.get(format!("{}{path}", self.root)).bearer_auth(token)).await
    }

    pub(super) async fn post(&self, path: &str, body: &Value, key: Option<&str>) -> Result<Answer> {
        let request = || {
            let request = self.http.post(format!("{}{path}", self.root)).bearer_auth(&self.token).json(body);
            key.into_iter().fold(request, |request, key| request.header("idempotency-key", key))
        };
        self.send(path, request).await
    }

    pub(super) async fn download(&self, url: &str) -> Result<Vec<u8>> {
        let answer =
            self.http.get(self.address(url)).timeout(LIMIT).send().await.map_err(reqwest::Error::without_url)?;
        ensure!(answer.status().is_success(), "the link is answered {}", answer.status());
        Ok(answer.bytes().await?.to_vec())
    }

    async fn send(&self, path: &str, request: impl Fn() -> RequestBuilder) -> Result<Answer> {
        let mut left = TRIES;
        loop {
            left = left.saturating_sub(1);
            let answer = request().timeout(LIMIT).send().await;
            let answer = answer.with_context(|| format!("{}{path} does not answer", self.root))?;
            let status = answer.status();
            let after = answer.headers().get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
            let busy = matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
            // What asks for more patience than a test has is its answer.
            if busy && left > 0 && after.is_none_or(|seconds: u64| seconds <= 10) {
                pause(Duration::from_secs(after.unwrap_or(1).max(1))).await;
                continue;
            }
            let text = answer.text().await.unwrap_or_default();
            let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
            return Ok(Answer { path: path.to_owned(), status: status.as_u16(), body });
        }
    }
}

/// A proxy is for addresses that are not on this machine.
fn http(url: &Url) -> Result<reqwest::Client> {
    let is_here = url.host_str().is_some_and(|host| host == "127.0.0.1" || host == "localhost");
    let builder = reqwest::Client::builder().connect_timeout(Duration::from_secs(10));
    Ok(if is_here { builder.no_proxy() } else { builder }.build()?)
}
