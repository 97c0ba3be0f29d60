//! What callers send stays out of the logs, whatever becomes of the request.

use std::{
    io,
    sync::{Arc, Mutex},
    thread::{self, ThreadId},
};

use axum::body::Body;
use http::Request;
use serde_json::json;
use toonmill_domain::{Failure, FailureCode, Limits, Scope, ServiceKey, sha256::hex_of};
use toonmill_tests::{Artist, Fate, World};
use tracing_subscriber::fmt::MakeWriter;

use crate::api::{Api, JOB};

/// What this test's own thread logs: the tests beside it log too.
#[derive(Clone)]
struct Lines {
    of: ThreadId,
    written: Arc<Mutex<Vec<u8>>>,
}

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if thread::current().id() == self.of {
            self.written.lock().unwrap().extend_from_slice(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Lines {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn prompts_tokens_keys_and_addresses_are_in_no_log_line() {
    let lines = Lines { of: thread::current().id(), written: Arc::default() };
    // Everything that our own crates say, and what libraries say at the level that is set in production.
    let filter = "info,api_jobs=trace,toonmill_flows=trace,toonmill_http_api=trace,toonmill_cloud=trace";
    let subscriber = tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(lines.clone()).finish();
    // For the whole process: a thread's own is passed over where another thread has come to a line first.
    tracing::subscriber::set_global_default(subscriber).unwrap();

    let world = World::new(Artist::new(|_, _| Err(Failure::new(FailureCode::Refused).detail("SAFETY"))));
    let api = Api::over(&world);
    let key = format!("tm_{}", "MARKERKEY".repeat(5));
    let service = ServiceKey {
        id: "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap(),
        user: "user-1".parse().unwrap(),
        account: "user-1".parse().unwrap(),
        name: "MARKER name".to_owned(),
        scopes: [Scope::JobsRead].into(),
        limits: Limits::default(),
        created_at: world.now(),
    };
    world.table.create_service_key(&service, &hex_of(key.as_bytes()), "token").await.unwrap();
    let prompt =
        json!({"stages": [{"prompt": "MARKER prompt of ann@MARKER.example", "quantity": 1, "aspectRatio": "1:1"}]});
    let wrong = json!({"stages": [{"prompt": "MARKER prompt", "quantity": "MARKER many", "provider": "MARKER"}]});
    let submitted = api.post("/api/v1/jobs", &prompt).await;
    assert_eq!(submitted.status, 202);
    world.run().await;
    assert_eq!(api.post("/api/v1/jobs", &wrong).await.status, 400);
    assert_eq!(api.post("/api/generate-monster-prompt", &json!({"description": "MARKER wolf"})).await.status, 202);
    for _ in 0..20 {
        world.network.doom("DynamoDB.TransactWriteItems", Fate::ServerError);
    }
    assert_eq!(api.post("/api/v1/jobs", &prompt).await.status, 503);
    world.network.pardon();
    let mut tokens =
        vec![api.token(), key.clone(), format!("tm_{}", "MARKER".repeat(8)), "MARKER.MARKER.MARKER".to_owned()];
    tokens.push(api.second.sign(&crate::api::claims()));
    for token in &tokens {
        for path in [JOB, "/api/v1/jobs?cursor=MARKER&status=MARKER", "/api/v1/files/MARKER"] {
            let request = Request::builder().uri(path).header("authorization", format!("Bearer {token}"));
            let request = request.header("idempotency-key", "MARKER").header("prefer", "MARKER");
            api.send(request.body(Body::from("{\"MARKER\":")).unwrap()).await;
        }
    }
    let written = String::from_utf8(lines.written.lock().unwrap().clone()).unwrap();
    assert!(written.lines().count() > 15, "the log was listened to: {written}");
    for line in written.lines() {
        assert!(!line.contains("MARKER"), "{line}");
        assert!(tokens.iter().all(|token| !line.contains(token.as_str())), "{line}");
    }
}
