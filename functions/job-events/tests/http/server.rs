//! The function to send requests to, and what a client makes of its streams.

use std::{collections::VecDeque, time::Duration};

use axum::{Router, body::Body};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt as _;
use job_events::{App, Rules, router};
use serde_json::{Value, json};
use toonmill_domain::{JobId, Membership, sha256::hex_of};
use toonmill_http_api::{
    Origins,
    auth::{PublicKeys, Signer},
    ticket,
};
use toonmill_receipts::SigningKey;
use toonmill_tests::{Network, World};
use tower::ServiceExt as _;

pub(crate) struct Server {
    pub(crate) world: World,
    pub(crate) router: Router,
    signer: Signer,
}

/// An answer whose body is still to be read.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    body: Body,
    network: Network,
}

/// One event, as an `EventSource` gives it to its page.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) data: Value,
}

/// A client that reads a stream.
pub(crate) struct Client {
    body: Body,
    network: Network,
    buffer: String,
    ready: VecDeque<String>,
    /// The last id that came; it stays when an event has none.
    pub(crate) last_id: String,
    pub(crate) heartbeats: u32,
}

impl Server {
    pub(crate) fn over(world: World) -> Self {
        let private = SigningKey::make_base64().unwrap();
        let x = SigningKey::from_base64(&private).unwrap().public().x;
        let id: String = hex_of(&BASE64_URL_SAFE_NO_PAD.decode(&x).unwrap()).chars().take(16).collect();
        let keys = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": id, "x": x}]}).to_string();
        let rules = Rules {
            keys: PublicKeys::parse(&keys).unwrap(),
            origins: Origins::parse("https://studio.example").unwrap(),
            limits: world.submitter.limits.clone(),
            longest: Duration::from_mins(14),
        };
        let (clock, ids) = (world.submitter.clock.clone(), world.submitter.ids.clone());
        let router = router(App::new(world.table.clone(), clock, ids, rules));
        Self { world, router, signer: Signer::from_base64(&private).unwrap() }
    }

    pub(crate) fn token(&self, user: &str) -> String {
        self.signer.sign(&user.parse().unwrap(), Membership::default(), self.world.now()).unwrap()
    }

    pub(crate) async fn ticket(&self, job: JobId) -> String {
        let key = self.world.job(job).await.0.ticket_key.unwrap();
        ticket::make(&key, job, self.world.now())
    }

    pub(crate) async fn send(&self, request: http::request::Builder) -> Answer {
        let network = self.world.network.clone();
        let answer = self.router.clone().oneshot(request.body(Body::empty()).unwrap());
        let (parts, body) = network.acting("JobEvents", answer).await.unwrap().into_parts();
        Answer { status: parts.status, headers: parts.headers, body, network }
    }

    /// What an `EventSource` is answered that has the last id, if it is not empty.
    pub(crate) async fn answer(&self, job: JobId, last_id: &str) -> Answer {
        let request = Request::get(format!("/api/v1/jobs/{job}/events?ticket={}", self.ticket(job).await));
        self.send(if last_id.is_empty() { request } else { request.header("last-event-id", last_id) }).await
    }

    pub(crate) async fn open(&self, job: JobId, last_id: &str) -> Client {
        let mut client = self.answer(job, last_id).await.stream();
        last_id.clone_into(&mut client.last_id);
        client
    }
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    pub(crate) fn stream(self) -> Client {
        assert_eq!((self.status.as_u16(), self.header("content-type")), (200, "text/event-stream"));
        let (buffer, ready) = (String::new(), VecDeque::new());
        Client { body: self.body, network: self.network, buffer, ready, last_id: String::new(), heartbeats: 0 }
    }

    pub(crate) async fn json(self) -> (u16, Value) {
        let bytes = self.body.collect().await.unwrap().to_bytes();
        (self.status.as_u16(), serde_json::from_slice(&bytes).unwrap_or_default())
    }
}

impl Client {
    /// The next event; none when the stream has ended.
    pub(crate) async fn next(&mut self) -> Option<Event> {
        loop {
            while let Some(block) = self.ready.pop_front() {
                if let Some(event) = self.read(&block) {
                    return Some(event);
                }
            }
            let chunk = self.chunk().await?;
            self.take(&chunk);
        }
    }

    pub(crate) async fn chunk(&mut self) -> Option<String> {
        // What a stream reads while it is read is the function's too.
        let frame = self.network.acting("JobEvents", self.body.frame()).await?.unwrap();
        Some(String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap())
    }

    /// Text that came, of which whole blocks count.
    pub(crate) fn take(&mut self, text: &str) {
        self.buffer.push_str(text);
        while let Some((block, rest)) = self.buffer.split_once("\n\n") {
            self.ready.push_back(block.to_owned());
            self.buffer = rest.to_owned();
        }
    }

    /// The events that have come whole.
    pub(crate) fn whole(&mut self) -> Vec<Event> {
        let blocks: Vec<_> = self.ready.drain(..).collect();
        blocks.iter().filter_map(|block| self.read(block)).collect()
    }

    fn read(&mut self, block: &str) -> Option<Event> {
        let (mut name, mut data) = (String::new(), String::new());
        for line in block.lines() {
            match line.split_once(": ") {
                Some(("", _)) => self.heartbeats += 1,
                Some(("id", id)) => id.clone_into(&mut self.last_id),
                Some(("event", event)) => event.clone_into(&mut name),
                Some(("data", text)) => text.clone_into(&mut data),
                other => assert_eq!(other, Some(("retry", "2000"))),
            }
        }
        if name.is_empty() {
            return None;
        }
        Some(Event { id: self.last_id.clone(), name, data: serde_json::from_str(&data).unwrap() })
    }
}
