//! The way to a job's stream of events, for who asks for it at the gateway.

use axum::body::Body;
use http::Request;
use serde_json::json;
use toonmill_domain::JobId;
use toonmill_http_api::ticket;
use toonmill_tests::{Artist, World};

use crate::api::{Api, JOB};

async fn submitted(api: &Api) -> JobId {
    let answer = api.post("/api/v1/jobs", &json!({"stages": [{"prompt": "a gate", "quantity": 1}]})).await;
    answer.body["id"].as_str().unwrap().parse().unwrap()
}

async fn asked(api: &Api, path: &str, has: Option<&str>) -> (u16, String) {
    let mut request = Request::builder().uri(path).header("authorization", format!("Bearer {}", api.token()));
    if let Some(has) = has {
        request = request.header("last-event-id", has);
    }
    let answer = api.send(request.body(Body::empty()).unwrap()).await;
    (answer.status.as_u16(), answer.header("location").to_owned())
}

#[tokio::test]
async fn who_asks_the_gateway_for_a_stream_is_led_to_it_with_a_ticket_and_his_place() {
    let world = World::new(Artist::tireless());
    let api = Api::over(&world);
    let job = submitted(&api).await;
    let path = format!("/api/v1/jobs/{job}/events");
    let key = world.job(job).await.0.ticket_key.unwrap();
    let (status, location) = asked(&api, &path, None).await;
    let ticket = location.strip_prefix(&format!("https://events.example{path}?ticket=")).unwrap();
    ticket::check(ticket, &key, job, world.now()).unwrap();
    assert_eq!(status, 307);
    let behind = |location: &str| location.split_once('&').map(|(_, rest)| rest.to_owned());
    assert_eq!(behind(&asked(&api, &path, Some("3.17")).await.1).as_deref(), Some("lastEventId=3.17"));
    let (_, location) = asked(&api, &format!("{path}/?lastEventId=2.9"), None).await;
    assert_eq!(behind(&location).as_deref(), Some("lastEventId=2.9"));
    assert_eq!(behind(&asked(&api, &path, Some("1.1&ticket=x")).await.1), None);
}

#[tokio::test]
async fn tn_1_nobody_is_led_to_anothers_stream_or_to_one_that_is_not_there() {
    let world = World::new(Artist::tireless());
    let api = Api::over(&world);
    let job = submitted(&api).await;
    let path = format!("/api/v1/jobs/{job}/events");
    let others = api.get_as("bob", &path).await;
    assert_eq!(others.status, 404);
    assert_eq!(others.body["detail"], api.get_as("bob", &format!("{JOB}/events")).await.body["detail"]);
    let anybody = api.send(Request::builder().uri(&path).body(Body::empty()).unwrap()).await;
    assert_eq!(anybody.status, 401);
    let nowhere = Api::with(&world, |rules| rules.events_base = String::new());
    assert_eq!(asked(&nowhere, &path, None).await.0, 404);
}
