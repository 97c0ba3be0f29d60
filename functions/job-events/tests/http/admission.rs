//! Who may look.

use std::time::Duration;

use http::Request;
use toonmill_domain::JobId;
use toonmill_http_api::gateway::service;
use toonmill_tests::{Artist, World, stage};
use tower::ServiceExt as _;

use crate::server::Server;

async fn server() -> (Server, JobId) {
    let server = Server::over(World::new(Artist::tireless()));
    let job = server.world.submit(vec![stage("a page", 1)]).await;
    (server, job)
}

fn path(job: JobId) -> String {
    format!("/api/v1/jobs/{job}/events")
}

#[tokio::test]
async fn nobody_looks_without_a_ticket_or_a_token() {
    let (server, job) = server().await;
    let answer = server.send(Request::get(path(job))).await;
    assert!(answer.header("www-authenticate").starts_with("Bearer"));
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let (status, problem) = answer.json().await;
    assert_eq!((status, problem["code"].as_str()), (401, Some("unauthenticated")));
}

#[tokio::test]
async fn a_ticket_opens_its_own_job_for_an_hour() {
    let (server, job) = server().await;
    let other = server.world.submit(vec![stage("another", 1)]).await;
    let ticket = server.ticket(job).await;
    let status = async |job: JobId| {
        let answer = server.send(Request::get(format!("{}?ticket={ticket}", path(job)))).await;
        answer.status.as_u16()
    };
    assert_eq!(status(job).await, 200);
    // One answer for a job that it is not for, and for one that is not there.
    assert_eq!(status(other).await, 401);
    assert_eq!(status(JobId::new(server.world.submitter.ids.make())).await, 401);
    server.world.wait(Duration::from_hours(1));
    assert_eq!(status(job).await, 401);
}

#[tokio::test]
async fn a_token_opens_the_jobs_of_its_user_and_others_are_not_there() {
    let (server, job) = server().await;
    let status = async |user: &str, path: &str| {
        let request = Request::get(path).header("authorization", format!("Bearer {}", server.token(user)));
        server.send(request).await.status.as_u16()
    };
    assert_eq!(status("ann", &path(job)).await, 200);
    assert_eq!(status("eve", &path(job)).await, 404);
    assert_eq!(status("ann", "/api/v1/jobs/none/events").await, 404);
    // A token is looked at before a ticket.
    let both = format!("{}?ticket={}", path(job), server.ticket(job).await);
    assert_eq!(status("eve", &both).await, 404);
}

#[tokio::test]
async fn pages_of_listed_origins_may_look() {
    let (server, job) = server().await;
    let url = format!("{}?ticket={}", path(job), server.ticket(job).await);
    let from = |origin: &str| Request::get(&url).header("origin", origin);
    let allowed = server.send(from("https://studio.example")).await;
    assert_eq!(allowed.header("access-control-allow-origin"), "https://studio.example");
    assert_eq!(allowed.header("cache-control"), "no-store");
    assert_eq!(server.send(from("https://evil.example")).await.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn the_event_of_a_function_url_is_a_request() {
    let (server, _) = server().await;
    let event = include_str!("../../../../events/job-events.json").replace("<token>", &server.token("ann"));
    let request = lambda_http::request::from_str(&event).unwrap();
    let answer = service(server.router.clone()).oneshot(request).await.unwrap();
    assert_eq!(answer.status(), 404, "a job that is not there");
    assert_eq!(answer.headers()["x-request-id"], "3f0c6c1e-8a52-4f0e-9d35-6f1f5a1c7b20");
}
