//! One request, and what became of it.

use std::time::Duration;

use reqwest::{
    RequestBuilder, Response, StatusCode, Url,
    header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{
    Bot,
    error::{Cause, Error, ErrorKind, Refusal},
    form::Form,
};

/// Ten messages of an album are some tens of kilobytes.
const MAX_ANSWER_BYTES: usize = 1 << 20;
/// Of a description; they are one sentence.
const MAX_DESCRIPTION_CHARS: usize = 300;

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    result: Value,
    #[serde(flatten)]
    said: Refusal,
}

impl Bot {
    /// Calls by JSON.
    pub(super) async fn call<T: DeserializeOwned>(
        &self,
        method: &'static str,
        body: &impl Serialize,
    ) -> Result<T, Error> {
        let request = self.client.post(self.url(&[method])).json(body);
        self.answered(method, request, self.time_limits.call).await
    }

    /// Calls by a form with files.
    pub(super) async fn bring<T: DeserializeOwned>(&self, method: &'static str, form: Form) -> Result<T, Error> {
        let (content_type, length, body) = form.finish();
        let request = self.client.post(self.url(&[method])).header(CONTENT_TYPE, content_type);
        let request = request.header(CONTENT_LENGTH, length).body(body);
        self.answered(method, request, self.time_limits.transfer).await
    }

    /// `/bot<token>/…` below the base.
    pub(super) fn url(&self, path: &[&str]) -> Url {
        self.below(&[&format!("bot{}", self.token.expose())], path)
    }

    pub(super) fn below(&self, first: &[&str], then: &[&str]) -> Url {
        let mut url = self.base_url.clone();
        // Only a URL without a host has no segments.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(first.iter().chain(then));
        }
        url
    }

    async fn answered<T: DeserializeOwned>(
        &self,
        method: &'static str,
        request: RequestBuilder,
        time_limit: Duration,
    ) -> Result<T, Error> {
        let response = self.send(method, request, time_limit).await?;
        if !response.status().is_success() {
            return Err(self.refused(method, response).await);
        }
        // From here on it has been done.
        let lost = |cause| Error { method, kind: ErrorKind::Lost, cause: Some(cause) };
        let status = response.status().as_u16();
        let body = read(response, MAX_ANSWER_BYTES).await.map_err(|cut| lost(cut.cause()))?;
        // A page of somebody who stands between us and Telegram, such as a network that wants a log-in.
        let unlike_telegram =
            |_| Error { method, kind: ErrorKind::Unavailable, cause: Some(Cause::NotTelegram(status)) };
        let answer: Answer = serde_json::from_slice(&body).map_err(unlike_telegram)?;
        if !answer.said.ok {
            return Err(self.refusal(method, status, &answer.said, None));
        }
        serde_json::from_value(answer.result).map_err(|error| lost(Cause::Unreadable(error)))
    }

    pub(super) async fn send(
        &self,
        method: &'static str,
        request: RequestBuilder,
        time_limit: Duration,
    ) -> Result<Response, Error> {
        request.timeout(time_limit).send().await.map_err(|error| {
            let kind = if error.is_builder() {
                ErrorKind::BadRequest
            } else if error.is_connect() {
                ErrorKind::NotSent
            } else {
                ErrorKind::Lost
            };
            Error { method, kind, cause: Some(Cause::Network(error.without_url())) }
        })
    }

    /// An answer of another status than success.
    pub(super) async fn refused(&self, method: &'static str, response: Response) -> Error {
        let status = response.status();
        let retry_after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        let body = read(response, MAX_ANSWER_BYTES).await.unwrap_or_default();
        if let Ok(refusal) = serde_json::from_slice::<Refusal>(&body) {
            return self.refusal(method, status.as_u16(), &refusal, retry_after);
        }
        // A page of a proxy's. What it says of sizes and of waiting is true of Telegram too.
        let kind = match status {
            StatusCode::PAYLOAD_TOO_LARGE => ErrorKind::TooLarge,
            StatusCode::TOO_MANY_REQUESTS => Refusal::default().kind(status.as_u16(), retry_after),
            _ => ErrorKind::Unavailable,
        };
        Error { method, kind, cause: Some(Cause::NotTelegram(status.as_u16())) }
    }

    fn refusal(&self, method: &'static str, status: u16, refusal: &Refusal, retry_after: Option<u64>) -> Error {
        let status = refusal.error_code.unwrap_or(status);
        let description = refusal.description.chars().take(MAX_DESCRIPTION_CHARS).collect::<String>();
        let cause = Cause::Refused { status, description: self.token.hidden_in(&description) };
        Error { method, kind: refusal.kind(status, retry_after), cause: Some(cause) }
    }
}

/// Why a body did not come whole.
pub(super) enum Cut {
    Network(reqwest::Error),
    TooLong,
}

impl Cut {
    pub(super) fn cause(self) -> Cause {
        match self {
            Self::Network(error) => Cause::Network(error.without_url()),
            Self::TooLong => Cause::Endless,
        }
    }
}

pub(super) async fn read(mut response: Response, most_bytes: usize) -> Result<Vec<u8>, Cut> {
    let announced = usize::try_from(response.content_length().unwrap_or(0)).unwrap_or(usize::MAX);
    if announced > most_bytes {
        return Err(Cut::TooLong);
    }
    let mut body = Vec::with_capacity(announced);
    while let Some(chunk) = response.chunk().await.map_err(Cut::Network)? {
        if body.len() + chunk.len() > most_bytes {
            return Err(Cut::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
