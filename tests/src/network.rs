//! The connector under the SDK clients: counts every call, and fails those that a test picks, before or after
//! their effect. What fails here is below the SDK's own retries, as a lost answer really is.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use aws_smithy_runtime_api::client::{
    http::{HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector},
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
    runtime_components::RuntimeComponents,
};
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http_body_util::BodyExt;
use tokio::sync::Notify;

use crate::{
    dynamo::Dynamo,
    objects::Objects,
    queues::Queues,
    rights::{self, Right},
    sim::gate::Gate,
};

/// One call, as `DynamoDB.UpdateItem`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    pub service: &'static str,
    pub operation: String,
    /// `DynamoDB` reads only: whether it was asked to be consistent.
    pub consistent: Option<bool>,
}

impl Call {
    pub fn name(&self) -> String {
        format!("{}.{}", self.service, self.operation)
    }
}

/// What happens to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The request never arrives.
    LostBefore,
    /// It has its effect, and the answer is lost.
    LostAfter,
    /// HTTP 500, with no effect.
    ServerError,
    /// HTTP 500, with its effect.
    ServerErrorAfter,
    /// It has its effect, and the caller's patience ends before the answer comes.
    TimedOutAfter,
    /// Refused for being one too many.
    Throttled,
    /// A single write of `DynamoDB` meets a transaction on the same item.
    Conflict,
}

/// Where the world's calls end, and whose calls those of a client are if nobody says otherwise.
#[derive(Clone, Debug)]
pub struct Network(Arc<Inner>, Option<&'static str>);

#[derive(Debug)]
struct Inner {
    dynamo: Dynamo,
    objects: Objects,
    queues: Queues,
    calls: Mutex<Vec<Call>>,
    /// The body of the last transaction.
    transaction: Mutex<Bytes>,
    fates: Mutex<VecDeque<(String, Fate)>>,
    pause: Mutex<Option<(String, Arc<Notify>)>>,
    /// The function that makes the calls, if a test says which; what each of them needed; and which of their reads may have
    /// been stale.
    acting: Mutex<Option<&'static str>>,
    rights: Mutex<BTreeMap<&'static str, BTreeSet<Right>>>,
    stale_reads: Mutex<BTreeSet<(&'static str, String)>>,
    /// Where each call waits for its fate, in a simulation.
    gate: Option<Gate>,
}

impl Network {
    pub(crate) fn new(dynamo: Dynamo, objects: Objects, queues: Queues, gate: Option<Gate>) -> Self {
        let (calls, transaction) = (Mutex::default(), Mutex::default());
        let (fates, pause) = (Mutex::default(), Mutex::default());
        let (acting, rights, stale_reads) = (Mutex::default(), Mutex::default(), Mutex::default());
        let inner =
            Inner { dynamo, objects, queues, calls, transaction, fates, pause, acting, rights, stale_reads, gate };
        Self(Arc::new(inner), None)
    }

    /// The same network, for clients whose calls are this function's unless [`Network::acting`] names another.
    pub(crate) fn by(&self, function: Option<&'static str>) -> Self {
        Self(Arc::clone(&self.0), function)
    }

    pub fn dynamo(&self) -> &Dynamo {
        &self.0.dynamo
    }

    /// The next call of this name (`DynamoDB.UpdateItem`) meets this fate; several are met in order.
    pub fn doom(&self, call: &str, fate: Fate) {
        self.0.fates.lock().unwrap().push_back((call.to_owned(), fate));
    }

    /// Whatever was to happen to calls does not.
    pub fn pardon(&self) {
        self.0.fates.lock().unwrap().clear();
        self.0.pause.lock().unwrap().take();
    }

    /// The next call of this name waits until it is let go.
    pub fn pause_before(&self, call: &str) -> Arc<Notify> {
        let go = Arc::new(Notify::new());
        *self.0.pause.lock().unwrap() = Some((call.to_owned(), Arc::clone(&go)));
        go
    }

    /// The calls since the last time this was asked.
    pub fn take_calls(&self) -> Vec<Call> {
        std::mem::take(&mut *self.0.calls.lock().unwrap())
    }

    /// The last transaction, as it was sent.
    pub fn last_transaction(&self) -> Bytes {
        self.0.transaction.lock().unwrap().clone()
    }

    /// A transaction that was held up on its way arrives now. The status of its answer, which nobody hears.
    pub fn arrive_late(&self, transaction: &Bytes) -> u16 {
        self.0.dynamo.answer("TransactWriteItems", transaction).0
    }

    /// Calls that are made within `future` are this function's, whatever runs beside it.
    pub fn acting<F: Future>(&self, function: &'static str, future: F) -> Acting<F> {
        Acting { network: self.clone(), function, future: Box::pin(future) }
    }

    /// What each function's calls needed, by the function's name.
    pub fn rights(&self) -> BTreeMap<&'static str, BTreeSet<Right>> {
        self.0.rights.lock().unwrap().clone()
    }

    /// The functions' reads that were not asked to be consistent.
    pub(crate) fn stale_reads(&self) -> BTreeSet<(&'static str, String)> {
        self.0.stale_reads.lock().unwrap().clone()
    }

    fn note_rights(&self, function: &'static str, used: BTreeSet<Right>) {
        self.0.rights.lock().unwrap().entry(function).or_default().extend(used);
    }

    /// How many calls of this name there were since they were last taken.
    pub fn calls_of(&self, name: &str) -> usize {
        self.0.calls.lock().unwrap().iter().filter(|call| call.name() == name).count()
    }

    fn fate_of(&self, call: &Call) -> Option<Fate> {
        let mut fates = self.0.fates.lock().unwrap();
        let at = fates.iter().position(|(name, _)| *name == call.name())?;
        fates.remove(at).map(|(_, fate)| fate)
    }

    async fn answer(self, request: HttpRequest, acting: Option<&'static str>) -> Result<HttpResponse, ConnectorError> {
        let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
        let (mut parts, body) = request.into_parts();
        let body = body.collect().await.map_err(ConnectorError::user)?.to_bytes();
        let host = parts.uri.host().unwrap_or_default().to_owned();
        parts.headers.entry(http::header::HOST).or_insert_with(|| host.parse().unwrap());
        let call = call_of(&host, &parts, &body);
        if let Some(function) = acting.filter(|_| call.consistent == Some(false)) {
            self.0.stale_reads.lock().unwrap().insert((function, call.name()));
        }
        let fate = if let Some(gate) = &self.0.gate {
            gate.pass(&call, parts.uri.path(), &body).await
        } else {
            self.0.calls.lock().unwrap().push(call.clone());
            if call.operation == "TransactWriteItems" {
                *self.0.transaction.lock().unwrap() = body.clone();
            }
            let paused = self.0.pause.lock().unwrap().take_if(|(name, _)| *name == call.name());
            if let Some((_, go)) = paused {
                go.notified().await;
            }
            self.fate_of(&call)
        };
        match fate {
            Some(Fate::LostBefore) => return Err(lost()),
            Some(Fate::ServerError) => return response(500, Bytes::from_static(b"{}")),
            Some(Fate::Throttled) => return throttled(call.service),
            Some(Fate::Conflict) => return response(400, Bytes::from_static(CONFLICT)),
            Some(Fate::LostAfter | Fate::ServerErrorAfter | Fate::TimedOutAfter) | None => {}
        }
        // Kept only if somebody asks whose call it was: a simulation makes millions.
        let asked = acting.map(|function| (function, parts.uri.path().to_owned(), body.clone()));
        let (status, headers, body) = match call.service {
            "DynamoDB" => {
                let (status, body) = self.0.dynamo.answer(&call.operation, &body);
                (status, http::HeaderMap::new(), body)
            }
            "S3" => self.0.objects.answer(parts, body).await,
            _ => {
                let (status, body) = self.0.queues.answer(&call.operation, &body);
                (status, http::HeaderMap::new(), body)
            }
        };
        if let Some((function, path, body)) = asked {
            self.note_rights(function, rights::of_call(&call, &path, &body, status));
        }
        match fate {
            Some(Fate::LostAfter) => return Err(lost()),
            Some(Fate::TimedOutAfter) => return Err(ConnectorError::timeout("the simulated answer is late".into())),
            Some(Fate::ServerErrorAfter) => return response(500, Bytes::from_static(b"{}")),
            _ => {}
        }
        let mut response = response(status, body)?;
        for (name, value) in &headers {
            response.headers_mut().append(name.as_str().to_owned(), value.to_str().unwrap_or_default().to_owned());
        }
        Ok(response)
    }
}

fn call_of(host: &str, parts: &http::request::Parts, body: &[u8]) -> Call {
    let target = parts.headers.get("x-amz-target").and_then(|value| value.to_str().ok());
    let operation = target.and_then(|target| target.rsplit('.').next()).unwrap_or_default().to_owned();
    match host {
        "ddb.sim" => {
            let read = matches!(operation.as_str(), "GetItem" | "Query" | "BatchGetItem");
            let body = String::from_utf8_lossy(body);
            let consistent =
                (read && !body.contains("\"IndexName\"")).then(|| body.contains("\"ConsistentRead\":true"));
            Call { service: "DynamoDB", operation, consistent }
        }
        "sqs.sim" => Call { service: "SQS", operation, consistent: None },
        _ => {
            let query = parts.uri.query().unwrap_or_default();
            let operation = match parts.method.as_str() {
                "GET" if query.contains("list-type=2") => "ListObjectsV2",
                "GET" => "GetObject",
                "HEAD" => "HeadObject",
                "PUT" => "PutObject",
                _ => "DeleteObjects",
            };
            Call { service: "S3", operation: operation.to_owned(), consistent: None }
        }
    }
}

const CONFLICT: &[u8] = br#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionConflictException"}"#;

fn lost() -> ConnectorError {
    ConnectorError::io("the simulated connection was lost".into())
}

fn throttled(service: &str) -> Result<HttpResponse, ConnectorError> {
    match service {
        "S3" => response(503, Bytes::from_static(b"<Error><Code>SlowDown</Code></Error>")),
        "SQS" => response(400, Bytes::from_static(br#"{"__type":"com.amazonaws.sqs#RequestThrottled"}"#)),
        _ => response(400, Bytes::from_static(br#"{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException"}"#)),
    }
}

fn response(status: u16, body: Bytes) -> Result<HttpResponse, ConnectorError> {
    let response = http::Response::builder().status(status).body(SdkBody::from(body));
    let response = response.map_err(|error| ConnectorError::user(error.into()))?;
    HttpResponse::try_from(response).map_err(|error| ConnectorError::user(error.into()))
}

/// A future whose calls are a function's.
#[derive(Debug)]
pub struct Acting<F> {
    network: Network,
    function: &'static str,
    future: Pin<Box<F>>,
}

impl<F: Future> Future for Acting<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let before = self.network.0.acting.lock().unwrap().replace(self.function);
        let polled = self.future.as_mut().poll(context);
        *self.network.0.acting.lock().unwrap() = before;
        polled
    }
}

impl HttpConnector for Network {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let acting = self.0.acting.lock().unwrap().or(self.1);
        HttpConnectorFuture::new(self.clone().answer(request, acting))
    }
}

impl HttpClient for Network {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}
