//! AWS to one process of a function, as Lambda starts it: the runtime API, the storage of a `World`, and a provider that
//! gives what it is given. All of it is plain HTTP on one port.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "what cannot be played is no measurement")]

pub(crate) mod acts;
pub(crate) mod programs;
pub(crate) mod world;

use std::{
    io::Read,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use aws_smithy_runtime_api::client::{http::HttpConnector, orchestrator::HttpRequest};
use aws_smithy_types::body::SdkBody;
use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, Response, Uri},
};
use bytes::Bytes;
use http_body_util::BodyExt;
use tokio::{
    net::TcpListener,
    runtime::Runtime,
    sync::{Mutex as AsyncMutex, mpsc, watch},
};
use toonmill_runtime::system;
use toonmill_tests::Network;

/// As generate-image's.
const TIME_OUT: Duration = Duration::from_mins(3);
/// So often it is looked whether a process that says nothing is still there.
const LOOK: Duration = Duration::from_millis(500);
/// So much of a body at once, as it comes over a network.
const PIECE: usize = 16 << 10;

/// A function's process, and what it talks to.
pub(crate) struct Lambda {
    pub(crate) child: Child,
    events: mpsc::UnboundedSender<Bytes>,
    answers: mpsc::UnboundedReceiver<Bytes>,
    /// How often the process has asked for an event.
    asked: watch::Receiver<usize>,
    invoked: usize,
    runtime: Runtime,
}

#[derive(Clone)]
struct Played(Arc<Inner>);

struct Inner {
    network: Network,
    events: AsyncMutex<mpsc::UnboundedReceiver<Bytes>>,
    answers: mpsc::UnboundedSender<Bytes>,
    asked: watch::Sender<usize>,
    /// Bodies of the provider's answers, in turn.
    drawn: Vec<Bytes>,
    calls: AtomicUsize,
}

impl Lambda {
    /// Starts the program, which finds everything in the variables that it is given. The provider's answers are `drawn`.
    pub(crate) fn start(network: &Network, drawn: Vec<Bytes>, mut program: Command) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (events, taken) = mpsc::unbounded_channel();
        let (given, answers) = mpsc::unbounded_channel();
        let (asks, asked) = watch::channel(0);
        let played = Played(Arc::new(Inner {
            network: network.clone(),
            events: AsyncMutex::new(taken),
            answers: given,
            asked: asks,
            drawn,
            calls: AtomicUsize::new(0),
        }));
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let router = Router::new().fallback(answer).with_state(played);
        runtime.spawn(async move { axum::serve(listener, router).await });
        // What it logs is nothing to measure. What it says besides is read if it ends before it should.
        program.env("RUST_LOG", "warn").stdout(Stdio::null()).stderr(Stdio::piped());
        let child = program.env("AWS_LAMBDA_RUNTIME_API", &address).envs(variables(&address)).spawn().unwrap();
        Self { child, events, answers, asked, invoked: 0, runtime }
    }

    /// Waits until the process asks for its next event: until then it may still be at work.
    pub(crate) fn wait_until_idle(&mut self) {
        let Self { child, asked, invoked, runtime, .. } = self;
        runtime.block_on(while_it_lives(child, asked.wait_for(|asked| *asked > *invoked))).unwrap();
    }

    /// The function's answer to an event, once it waits for the next one.
    pub(crate) fn invoke(&mut self, event: impl Into<Bytes>) -> Bytes {
        self.wait_until_idle();
        self.events.send(event.into()).unwrap();
        self.invoked += 1;
        let answer = self.runtime.block_on(while_it_lives(&mut self.child, self.answers.recv())).unwrap();
        self.wait_until_idle();
        answer
    }

    /// Lambda goes away, and so does the process.
    pub(crate) fn stop(mut self) {
        self.runtime.shutdown_timeout(Duration::from_secs(1));
        self.child.wait().unwrap();
    }
}

/// What comes of it, unless the process ends first: then nothing ever will, and what it said is told.
async fn while_it_lives<T>(child: &mut Child, coming: impl Future<Output = T>) -> T {
    let mut coming = std::pin::pin!(coming);
    loop {
        if let Ok(come) = tokio::time::timeout(LOOK, coming.as_mut()).await {
            return come;
        }
        if let Some(status) = child.try_wait().unwrap() {
            let mut said = String::new();
            child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
            panic!("the function has ended ({status}): {said}");
        }
    }
}

fn variables(address: &str) -> Vec<(&'static str, String)> {
    let queue = |name: &str| format!("http://{address}/0/{name}");
    [
        ("AWS_LAMBDA_FUNCTION_NAME", "measured"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "log"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "log"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("TABLE_NAME", "toonmill"),
        ("BUCKET_NAME", "toonmill"),
        ("GEMINI_API_KEY", "key"),
        ("PROVIDERS", "gemini"),
        ("STAGE_WINDOW", "1000"),
        ("READS_PER_MINUTE", "1000000"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .into_iter()
    .chain([
        ("AWS_ENDPOINT_URL", format!("http://{address}")),
        ("GEMINI_API_BASE_URL", format!("http://{address}")),
        ("RECONCILE_QUEUE_URL", queue("reconcile")),
        ("DELIVER_QUEUE_URL", queue("deliver")),
        ("GEMINI_IMAGE_QUEUE_URL", queue("gemini-images")),
        ("JWT_PUBLIC_KEYS", world::public_keys()),
    ])
    .collect()
}

async fn answer(State(played): State<Played>, request: Request) -> Response<Body> {
    let path = request.uri().path().to_owned();
    if path.ends_with("/invocation/next") {
        played.next_event().await
    } else if path.starts_with("/2018-06-01/runtime/") {
        let _ = played.0.answers.send(whole(request.into_body()).await);
        Response::builder().status(202).body(Body::empty()).unwrap()
    } else if path.ends_with(":generateContent") {
        let _ = whole(request.into_body()).await;
        played.draw()
    } else {
        played.store(request).await
    }
}

impl Played {
    async fn next_event(&self) -> Response<Body> {
        self.0.asked.send_modify(|asked| *asked += 1);
        let Some(event) = self.0.events.lock().await.recv().await else { std::future::pending().await };
        let deadline = system::clock().now().plus(TIME_OUT);
        Response::builder()
            .header("content-type", "application/json")
            .header("lambda-runtime-aws-request-id", format!("0000-{}", *self.0.asked.borrow()))
            .header("lambda-runtime-deadline-ms", deadline.as_millis())
            .header("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:0:function:measured")
            .body(event.into())
            .unwrap()
    }

    /// In chunks and without a length, as Gemini answers.
    fn draw(&self) -> Response<Body> {
        let drawn = &self.0.drawn[self.0.calls.fetch_add(1, Ordering::Relaxed) % self.0.drawn.len()];
        let pieces: Vec<_> = (0..drawn.len())
            .step_by(PIECE)
            .map(|at| Ok::<_, std::io::Error>(drawn.slice(at..drawn.len().min(at + PIECE))))
            .collect();
        let body = Body::from_stream(futures_util::stream::iter(pieces));
        Response::builder().header("content-type", "application/json").body(body).unwrap()
    }

    /// The storage tells its services apart by their hosts.
    async fn store(&self, request: Request) -> Response<Body> {
        let (mut parts, body) = request.into_parts();
        let host = service(&parts.headers);
        let asked = parts.uri.path_and_query().map_or("/", |asked| asked.as_str());
        parts.uri = format!("http://{host}{asked}").parse::<Uri>().unwrap();
        let request = http::Request::from_parts(parts, SdkBody::from(whole(body).await));
        let answer = self.0.network.call(HttpRequest::try_from(request).unwrap()).await.unwrap();
        let (parts, body) = answer.try_into_http1x().unwrap().into_parts();
        Response::from_parts(parts, Body::from(body.collect().await.unwrap().to_bytes()))
    }
}

fn service(headers: &HeaderMap) -> &'static str {
    match headers.get("x-amz-target").and_then(|target| target.to_str().ok()) {
        Some(target) if target.starts_with("DynamoDB") => "ddb.sim",
        Some(_) => "sqs.sim",
        None => "s3.sim",
    }
}

async fn whole(body: Body) -> Bytes {
    body.collect().await.unwrap().to_bytes()
}
