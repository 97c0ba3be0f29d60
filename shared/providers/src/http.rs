//! The HTTP client, and how a call that got no whole answer is told apart.
//!
//! It knows nothing of any provider. It retries nothing: a second call may be a second bill, and
//! whether to make it is not decided here.

use std::time::Duration;

use reqwest::{
    Client, RequestBuilder, Response, StatusCode,
    header::{HeaderName, RETRY_AFTER},
    redirect, retry,
};
use serde::Serialize;
use toonmill_domain::{Failure, FailureCode};

use crate::SetupError;

/// So long a connection may take to be made.
pub const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// So long a connection is kept that nobody uses. A function that is frozen between two calls wakes with connections that
/// the other side has closed long ago, and a call over one of those fails: providers' calls are not repeated by themselves.
pub const IDLE_LIMIT: Duration = Duration::from_secs(15);
/// The name by which servers know us.
pub const USER_AGENT: &str = concat!("toonmill/", env!("CARGO_PKG_VERSION"));
/// A 4K PNG in base64 is about 30 MB.
const MAX_ANSWER_BYTES: usize = 64 << 20;
/// What is reserved for an answer, of which only what it fills is memory: more than the 32 MB up to which glibc may take
/// memory from its heap. So an answer has pages of its own, grows in place, and gives them back when it goes. In the heap,
/// ten answers of a batch that grow beside each other leave holes of tens of megabytes.
const PAGES_OF_ITS_OWN: usize = 33 << 20;
/// Errors are a few kilobytes; of a longer one the status alone is used.
const MAX_ERROR_BYTES: usize = 256 << 10;

pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) body: Vec<u8>,
}

/// The client by which providers are called: HTTP/2 where it is offered, no redirects and no retries of its own.
pub fn client() -> Result<Client, SetupError> {
    let mut tls = toonmill_tls::internet()?;
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Client::builder()
        .tls_backend_preconfigured(tls)
        .connect_timeout(CONNECT_LIMIT)
        .pool_idle_timeout(IDLE_LIMIT)
        // A redirect would carry the key's header to another host.
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .user_agent(USER_AGENT)
        .build()?)
}

/// A body, of which about so many bytes are pictures and prompt.
pub(crate) fn json(body: &impl Serialize, about_bytes: usize) -> Result<Vec<u8>, Failure> {
    let mut json = Vec::with_capacity(about_bytes + 2048);
    serde_json::to_writer(&mut json, body)
        .map_err(|_| Failure::new(FailureCode::BadRequest).detail("the request could not be written"))?;
    Ok(json)
}

/// Sends, and reads the whole answer, of whatever status. An answer that is too large to be one is `unusable`.
pub(crate) async fn send(request: RequestBuilder, unusable: FailureCode) -> Result<Reply, Failure> {
    let mut response = request.send().await.map_err(|error| unanswered(&error))?;
    let status = response.status();
    let retry_after = retry_after(&response);
    let body =
        if status.is_success() { read_answer(&mut response, unusable).await? } else { read_error(&mut response).await };
    Ok(Reply { status, retry_after, body })
}

async fn read_answer(response: &mut Response, unusable: FailureCode) -> Result<Vec<u8>, Failure> {
    let too_large = || Failure::new(unusable).detail("the answer is larger than 64 MB");
    let announced = usize::try_from(response.content_length().unwrap_or(0)).unwrap_or(usize::MAX);
    if announced > MAX_ANSWER_BYTES {
        return Err(too_large());
    }
    // Chunk by chunk into one buffer: `Response::bytes` holds all chunks and their sum at once.
    let mut body = Vec::with_capacity(announced.max(PAGES_OF_ITS_OWN));
    while let Some(chunk) = response.chunk().await.map_err(|error| cut_short(&error))? {
        if body.len() + chunk.len() > MAX_ANSWER_BYTES {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// As much of an error's body as came. The status says enough if it did not come whole.
async fn read_error(response: &mut Response) -> Vec<u8> {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        if body.len() + chunk.len() > MAX_ERROR_BYTES {
            break;
        }
        body.extend_from_slice(&chunk);
    }
    body
}

/// No status line came back.
fn unanswered(error: &reqwest::Error) -> Failure {
    tracing::debug!(error = ?error, "the provider did not answer");
    if error.is_builder() {
        Failure::new(FailureCode::BadRequest).detail("the request could not be built")
    } else if error.is_connect() {
        // Refused, no such host, no TLS, or no connection in time: nothing was sent.
        Failure::new(FailureCode::Overloaded).detail("no connection")
    } else if error.is_timeout() {
        Failure::new(FailureCode::TimedOut).detail("no answer in time")
    } else {
        // The request was written, or a part of it: it may have been read, done and charged before the connection broke.
        Failure::new(FailureCode::TimedOut).detail("connection lost")
    }
}

/// The status was success and the body stopped: the provider drew or wrote, and will want its money, so
/// this is `TimedOut` and not `Overloaded`, which counts as unpaid.
fn cut_short(error: &reqwest::Error) -> Failure {
    tracing::debug!(error = ?error, "the provider's answer was cut short");
    let detail = if error.is_timeout() { "the answer did not end in time" } else { "the answer was cut short" };
    Failure::new(FailureCode::TimedOut).detail(detail)
}

/// The form in seconds, or OpenAI's finer one in milliseconds. The form with a date would need a clock that agrees
/// with theirs.
fn retry_after(response: &Response) -> Option<Duration> {
    let number = |name| response.headers().get(name)?.to_str().ok()?.trim().parse().ok();
    let finer = number(HeaderName::from_static("retry-after-ms")).map(Duration::from_millis);
    finer.or_else(|| number(RETRY_AFTER).map(Duration::from_secs))
}
