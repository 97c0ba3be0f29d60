//! Calling a URL: one POST, no redirect followed, and what the other side said to it.

use std::{sync::Arc, time::Duration};

use reqwest::{
    Response,
    header::{ACCEPT_ENCODING, RETRY_AFTER},
};
use tokio::time::{Instant, timeout_at};

use crate::{Limits, Network, Ports, UrlProblem, check_url, unanswered::Unanswered};

/// What a call of a hook may take.
pub const POST_LIMITS: Limits = Limits { bytes: 64 * 1024, time: Duration::from_secs(10) };
/// As much of an answer is read, and dropped. Who only says that it has heard us is done by then.
const MOST_HEARD: usize = 4 * 1024;

/// Sends to URLs of the public internet alone.
#[derive(Clone, Debug)]
pub struct Sender {
    network: Network,
    ports: Arc<Ports>,
}

/// What a URL's server answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Any: a redirect is as little followed as an error.
    pub status: u16,
    /// The form in seconds. That with a date would need a clock that agrees with theirs.
    pub retry_after: Option<Duration>,
}

/// Why there is no answer, in words that can be shown to whoever gave the URL: they say nothing of what was found at an
/// address that is not public.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PostError {
    #[error("{0}")]
    Url(#[from] UrlProblem),
    #[error("was not called: what was to be sent has more than {0} bytes")]
    TooLarge(usize),
    #[error("was not called: what was to be sent has a header that cannot be sent")]
    Unsendable,
    #[error("could not be called: its server could not be connected to")]
    NoConnection,
    #[error("could not be called: its server speaks no TLS, or has no good certificate for its name")]
    Tls,
    #[error("did not answer in {0} seconds")]
    TooSlow(u64),
    #[error("was called, and its server ended the connection without an answer")]
    CutOff,
}

impl Sender {
    pub fn new(network: Network, ports: Ports) -> Self {
        Self { network, ports: Arc::new(ports) }
    }

    /// Posts a body once, with these headers (names in lower case) and nothing else that says who we are but our name.
    pub async fn post(
        &self,
        url: &str,
        headers: &[(&str, &str)],
        body: impl Into<Vec<u8>>,
        limits: Limits,
    ) -> Result<Reply, PostError> {
        let body = body.into();
        if body.len() > limits.bytes {
            return Err(PostError::TooLarge(limits.bytes));
        }
        let url = check_url(url, &self.ports)?;
        let request = self.network.client.post(url).header(ACCEPT_ENCODING, "identity").body(body);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let end = Instant::now() + limits.time;
        let response = timeout_at(end, request.send()).await.map_err(|_| PostError::TooSlow(limits.time.as_secs()))?;
        let response = response.map_err(|error| unanswered(&error))?;
        let reply = Reply { status: response.status().as_u16(), retry_after: retry_after(&response) };
        // The status is the answer, whatever becomes of the rest.
        drop(timeout_at(end, hear_out(response)).await);
        Ok(reply)
    }
}

/// A server that is hung up on in the middle of its answer may think that it failed, and take back what it did.
async fn hear_out(mut response: Response) {
    let mut left = MOST_HEARD;
    while let Ok(Some(chunk)) = response.chunk().await {
        left = left.saturating_sub(chunk.len());
        if left == 0 {
            return;
        }
    }
}

fn retry_after(response: &Response) -> Option<Duration> {
    let seconds = response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

fn unanswered(error: &reqwest::Error) -> PostError {
    match Unanswered::of(error) {
        Unanswered::NotPublic => PostError::Url(UrlProblem::NotPublic),
        Unanswered::Unsendable => PostError::Unsendable,
        Unanswered::NoConnection => PostError::NoConnection,
        Unanswered::Tls => PostError::Tls,
        Unanswered::CutOff => PostError::CutOff,
    }
}
