//! Events of API Gateway, as they come.

use api_jobs::gateway::service;
use axum::body::Body;
use serde_json::Value;
use tower::ServiceExt as _;

use crate::api::Api;

async fn deliver(event: &str, token: &str) -> (u16, String) {
    let api = Api::nowhere();
    let event = event.replace("<token>", if token.is_empty() { "none" } else { token });
    let event = if token == "good" { event.replace("Bearer good", &format!("Bearer {}", api.token())) } else { event };
    let request = lambda_http::request::from_str(&event).unwrap();
    let response: http::Response<Body> = service(api.router.clone()).oneshot(request).await.unwrap();
    let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
    (response.status().as_u16(), id)
}

#[tokio::test]
async fn an_event_is_a_request_with_the_gateways_id() {
    let create = include_str!("../../../../events/api-jobs-create.json");
    let get = include_str!("../../../../events/api-jobs-get.json");
    let id = serde_json::from_str::<Value>(get).unwrap()["requestContext"]["requestId"].as_str().unwrap().to_owned();
    for event in [create, get] {
        assert_eq!(deliver(event, "").await, (401, id.clone()));
        // Let in, each gets as far as the storage that nobody answers for.
        assert_eq!(deliver(event, "good").await, (503, id.clone()));
    }
}
