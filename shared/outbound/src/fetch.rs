//! Reading what a URL leads to: a few redirects, so many bytes, so long.

use std::{sync::Arc, time::Duration};

use reqwest::{
    Response, StatusCode,
    header::{ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, LOCATION},
};
use url::Url;

use crate::{Network, Ports, UrlProblem, check_url, unanswered::Unanswered};

/// Redirects that are followed.
const MOST_REDIRECTS: usize = 3;

/// Reads what URLs lead to, of the public internet alone.
#[derive(Clone, Debug)]
pub struct Fetcher {
    network: Network,
    ports: Arc<Ports>,
}

/// How much of it is read, or sent to it, and how long that may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub bytes: usize,
    /// From the first look-up to the last byte, redirects included.
    pub time: Duration,
}

/// What a URL led to.
#[derive(Clone, PartialEq, Eq)]
pub struct Fetched {
    pub bytes: Vec<u8>,
    /// As its server calls it, in lower case and without parameters.
    pub mime_type: Option<String>,
}

/// Why there is nothing, in words that can be shown to whoever gave the URL: they say nothing of what was found at an
/// address that is not public.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    #[error("{0}")]
    Url(#[from] UrlProblem),
    #[error("its redirect {0}")]
    Redirect(UrlProblem),
    #[error("redirects more than {MOST_REDIRECTS} times")]
    TooManyRedirects,
    #[error("could not be fetched: its server did not answer")]
    NoAnswer,
    #[error("could not be fetched: its server answered with status {0}")]
    Status(u16),
    #[error("could not be fetched in {0} seconds")]
    TooSlow(u64),
    #[error("has more than {0} bytes")]
    TooLarge(usize),
    #[error("could not be fetched: its server sent it compressed, which was not asked for")]
    Compressed,
    #[error("could not be fetched: its server's answer was cut short")]
    CutShort,
}

impl Fetcher {
    pub fn new(network: Network, ports: Ports) -> Self {
        Self { network, ports: Arc::new(ports) }
    }

    /// What a URL leads to, of a type that `accept` lists (a header's value).
    pub async fn fetch(&self, url: &str, accept: &'static str, limits: Limits) -> Result<Fetched, FetchError> {
        let fetched = tokio::time::timeout(limits.time, self.follow(url, accept, limits.bytes)).await;
        fetched.unwrap_or(Err(FetchError::TooSlow(limits.time.as_secs())))
    }

    async fn follow(&self, url: &str, accept: &'static str, most_bytes: usize) -> Result<Fetched, FetchError> {
        let mut url = check_url(url, &self.ports)?;
        for _ in 0..=MOST_REDIRECTS {
            let response = self.ask(url.clone(), accept).await?;
            if let Some(next) = redirected(&url, &response) {
                url = check_url(next?.as_str(), &self.ports).map_err(FetchError::Redirect)?;
                continue;
            }
            return match response.status() {
                StatusCode::OK => read(response, most_bytes).await,
                status => Err(FetchError::Status(status.as_u16())),
            };
        }
        Err(FetchError::TooManyRedirects)
    }

    async fn ask(&self, url: Url, accept: &'static str) -> Result<Response, FetchError> {
        let request = self.network.client.get(url).header(ACCEPT, accept).header(ACCEPT_ENCODING, "identity");
        request.send().await.map_err(|error| unanswered(&error))
    }
}

/// Where it says to go on, if it does.
fn redirected(from: &Url, response: &Response) -> Option<Result<Url, FetchError>> {
    let goes_on = matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308);
    let location = goes_on.then(|| response.headers().get(LOCATION))??;
    let next = location.to_str().ok().and_then(|location| from.join(location).ok());
    Some(next.ok_or(FetchError::Redirect(UrlProblem::NotAUrl)))
}

async fn read(mut response: Response, most_bytes: usize) -> Result<Fetched, FetchError> {
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
    // Some bytes can stand for a thousand times as many. Nothing here unpacks them, and nothing was to be packed.
    if header(CONTENT_ENCODING).is_some_and(|encoding| !encoding.eq_ignore_ascii_case("identity")) {
        return Err(FetchError::Compressed);
    }
    let mime_type =
        header(CONTENT_TYPE).map(|value| value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase());
    let announced = usize::try_from(response.content_length().unwrap_or(0)).unwrap_or(usize::MAX);
    if announced > most_bytes {
        return Err(FetchError::TooLarge(most_bytes));
    }
    // What is announced need not come: memory grows with what does.
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| FetchError::CutShort)? {
        if bytes.len() + chunk.len() > most_bytes {
            return Err(FetchError::TooLarge(most_bytes));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Fetched { bytes, mime_type })
}

fn unanswered(error: &reqwest::Error) -> FetchError {
    match Unanswered::of(error) {
        Unanswered::NotPublic => FetchError::Url(UrlProblem::NotPublic),
        Unanswered::Unsendable | Unanswered::NoConnection | Unanswered::Tls | Unanswered::CutOff => {
            FetchError::NoAnswer
        }
    }
}

impl std::fmt::Debug for Fetched {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Fetched({} bytes, {:?})", self.bytes.len(), self.mime_type)
    }
}
