//! The edge around handlers that misbehave.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails where it stands")]

use std::sync::Arc;

use axum::{Router, body::Body, routing::get};
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::Value;
use toonmill_flows::Ids;
use toonmill_http_api::{Edge, Origins, edge::around};
use tower::ServiceExt as _;
use uuid::Uuid;

async fn send(path: &str) -> (StatusCode, Value) {
    let panics = async || -> StatusCode { panic!("the secret of the handler") };
    let routes = Router::new().route("/panic", get(panics)).route("/bare", get(async || StatusCode::BAD_GATEWAY));
    let edge = Edge { origins: Arc::new(Origins::default()), ids: Ids::new(|| Uuid::from_u128(7)) };
    let request = Request::builder().uri(path).body(Body::empty()).unwrap();
    let response = around(routes, edge).oneshot(request).await.unwrap();
    let status = response.status();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&bytes).unwrap())
}

#[tokio::test]
async fn a_panic_becomes_a_problem_that_says_nothing_of_it() {
    let (status, body) = send("/panic").await;
    assert_eq!((status.as_u16(), body["code"].as_str()), (500, Some("internal")));
    assert_eq!(body["requestId"], "00000000000000000000000000000007");
    assert!(!body.to_string().contains("secret"));
}

#[tokio::test]
async fn a_bare_status_becomes_a_problem() {
    let (status, body) = send("/bare").await;
    assert_eq!((status.as_u16(), body["instance"].as_str()), (500, Some("/bare")));
}
