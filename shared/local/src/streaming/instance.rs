//! One instance of a function: its process, and Lambda's runtime API for it alone, which has one event and takes one answer.
//!
//! Source: AWS, "Using the Lambda runtime API for custom runtimes", and "Building a custom runtime", response streaming: an
//! answer begins with its status and headers as JSON, then eight zero bytes, then its body as it comes.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result, anyhow, ensure};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use futures_util::StreamExt as _;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

const DELIMITER: [u8; 8] = [0; 8];
/// Status and headers are a kilobyte.
const LONGEST_PRELUDE: usize = 64 << 10;
/// What is still to be read by a slow client.
const CHUNKS_WAITING: usize = 16;
/// In the year 2100: whether it is over decides the function's own time-out.
const DEADLINE_MS: &str = "4102444800000";

/// Dropping it ends the process and its runtime API.
#[derive(Debug)]
pub(super) struct Instance {
    process: Child,
    runtime_api: JoinHandle<()>,
}

/// What it answered. The chunks end with the answer, or with an error if the process died before.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) chunks: mpsc::Receiver<Result<Bytes>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Prelude {
    status_code: u16,
    headers: BTreeMap<String, String>,
}

/// What the runtime API has to give and to take, once each.
#[derive(Debug)]
struct Invocation {
    event: Mutex<Option<Vec<u8>>>,
    answer: Mutex<Option<oneshot::Sender<Result<Answer>>>>,
}

impl Instance {
    /// Starts the program on an event, and gives its answer as soon as that begins.
    pub(super) async fn run(mut command: Command, event: Vec<u8>) -> Result<(Self, Answer)> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        command.env("AWS_LAMBDA_RUNTIME_API", listener.local_addr()?.to_string());
        let (sender, answer) = oneshot::channel();
        let invocation = Invocation { event: Mutex::new(Some(event)), answer: Mutex::new(Some(sender)) };
        let runtime_api = tokio::spawn(async move {
            // It ends with an error only when the listener breaks, and then the process ends too.
            let _ = axum::serve(listener, runtime_api(invocation)).await;
        });
        let process = command.kill_on_drop(true).spawn().context("its process cannot be started");
        let mut instance = match process {
            Ok(process) => Self { process, runtime_api },
            Err(error) => {
                runtime_api.abort();
                return Err(error);
            }
        };
        let answer = tokio::select! {
            answer = answer => answer.context("it gave no answer")??,
            status = instance.process.wait() => return Err(anyhow!("its process ended ({})", status?)),
        };
        Ok((instance, answer))
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.runtime_api.abort();
    }
}

fn runtime_api(invocation: Invocation) -> Router {
    Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(take_answer))
        .route("/2018-06-01/runtime/invocation/{id}/error", post(take_error))
        .route("/2018-06-01/runtime/init/error", post(take_error))
        .with_state(Arc::new(invocation))
}

/// The one event. Whoever asks for another waits until it is ended.
async fn next(State(invocation): State<Arc<Invocation>>) -> Response {
    let event = invocation.event.lock().unwrap_or_else(PoisonError::into_inner).take();
    let Some(event) = event else { return std::future::pending().await };
    let headers = [
        ("content-type", "application/json"),
        ("lambda-runtime-aws-request-id", "local"),
        ("lambda-runtime-deadline-ms", DEADLINE_MS),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:000000000000:function:local"),
    ];
    (headers, event).into_response()
}

async fn take_answer(State(invocation): State<Arc<Invocation>>, body: Body) -> StatusCode {
    let mut chunks = body.into_data_stream();
    let mut begun = Vec::new();
    let end = loop {
        if let Some(end) = begun.windows(DELIMITER.len()).position(|bytes| bytes == DELIMITER) {
            break end;
        }
        match chunks.next().await {
            Some(Ok(chunk)) if begun.len() < LONGEST_PRELUDE => begun.extend_from_slice(&chunk),
            _ => return invocation.answer(Err(anyhow!("its answer has no status"))),
        }
    };
    let rest = Bytes::from(begun.split_off(end));
    let (sender, receiver) = mpsc::channel(CHUNKS_WAITING);
    let accepted = match read_prelude(&begun) {
        Ok((status, headers)) => invocation.answer(Ok(Answer { status, headers, chunks: receiver })),
        Err(error) => return invocation.answer(Err(error)),
    };
    let first = rest.slice(DELIMITER.len()..);
    if !first.is_empty() && sender.send(Ok(first)).await.is_err() {
        return accepted;
    }
    while let Some(chunk) = chunks.next().await {
        if sender.send(chunk.map_err(Into::into)).await.is_err() {
            // Nobody reads any more; the instance is about to be dropped.
            break;
        }
    }
    accepted
}

async fn take_error(State(invocation): State<Arc<Invocation>>, error: String) -> StatusCode {
    invocation.answer(Err(anyhow!("it failed: {error}")))
}

impl Invocation {
    fn answer(&self, answer: Result<Answer>) -> StatusCode {
        if let Some(sender) = self.answer.lock().unwrap_or_else(PoisonError::into_inner).take() {
            // Who asked may have gone.
            let _ = sender.send(answer);
        }
        StatusCode::ACCEPTED
    }
}

fn read_prelude(json: &[u8]) -> Result<(StatusCode, HeaderMap)> {
    ensure!(json.len() <= LONGEST_PRELUDE, "its headers are too long");
    let prelude: Prelude = serde_json::from_slice(json).context("the beginning of its answer cannot be read")?;
    let headers = prelude
        .headers
        .iter()
        .map(|(name, value)| Ok((HeaderName::try_from(name.as_str())?, HeaderValue::try_from(value.as_str())?)));
    Ok((StatusCode::from_u16(prelude.status_code)?, headers.collect::<Result<_>>()?))
}

#[cfg(test)]
mod tests;
