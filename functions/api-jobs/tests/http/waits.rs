//! How many answers of an account are held at the same time.

use std::time::{Duration, Instant};

use axum::body::Body;
use serde_json::{Value, json};
use toonmill_domain::{Limit, Limits};
use toonmill_tests::{Artist, Fate, World};

use crate::api::{Answer, Api};

/// An answer that is not held comes within this time: far less than the waits below.
const AT_ONCE: Duration = Duration::from_secs(5);

fn world(limits: Limits) -> World {
    let mut world = World::new(Artist::tireless());
    let rates = [Limit::ReadsPerMinute, Limit::WritesPerMinute, Limit::WritesPerHour];
    world.submitter.limits = rates.into_iter().fold(limits, |limits, rate| limits.with(rate, 1_000_000));
    world
}

/// Submits a job as a user, and the path by which its news are waited for.
async fn submitted(api: &Api, user: &str) -> String {
    let body = json!({"stages": [{"prompt": "a wolf", "quantity": 1, "aspectRatio": "1:1"}]});
    let job = api.post_as(user, "/api/v1/jobs", &body).await;
    assert_eq!(job.status, 202, "{}", job.body);
    let path = format!("/api/v1/jobs/{}", job.body["id"].as_str().unwrap());
    let revision = api.get_as(user, &path).await.body["revision"].clone();
    format!("{path}?wait=25&after={revision}")
}

fn status(answer: &Answer) -> (u16, &Value) {
    (answer.status.as_u16(), &answer.body["status"])
}

async fn waiting(world: &World, account: &str, count: u64) {
    while world.table.count_waits(&account.parse().unwrap(), world.now()).await.unwrap() != count {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_third_waiter_of_an_account_is_answered_at_once_and_another_account_waits() {
    let world = world(Limits::default());
    let (api, elsewhere) = (Api::over(&world), Api::over(&world));
    let (mine, theirs) = (submitted(&api, "user-1").await, submitted(&elsewhere, "user-2").await);
    let others = async {
        waiting(&world, "user-1", 2).await;
        waiting(&world, "user-2", 1).await;
        // By another container of the function, which has seen nothing of the two.
        let third_api = Api::over(&world);
        let began = Instant::now();
        let third = third_api.get_as("user-1", &mine).await;
        assert_eq!(status(&third), (200, &json!("IN_QUEUE")));
        let request = api.request("POST", "/api/v1/jobs").header("prefer", "wait=25");
        let body = json!({"stages": [{"prompt": "an owl", "quantity": 1, "aspectRatio": "1:1"}]}).to_string();
        let request = request.header("content-type", "application/json").body(Body::from(body)).unwrap();
        let posted = api.send(request).await;
        assert_eq!((posted.status.as_u16(), posted.header("preference-applied")), (202, ""), "{}", posted.body);
        assert!(began.elapsed() < AT_ONCE, "{:?}", began.elapsed());
        world.run().await;
    };
    let (first, second, fourth, ()) = tokio::join!(
        api.get_as("user-1", &mine),
        api.get_as("user-1", &mine),
        elsewhere.get_as("user-2", &theirs),
        others
    );
    for held in [&first, &second, &fourth] {
        assert_ne!(status(held), (200, &json!("IN_QUEUE")), "it waited until there was news");
    }
    waiting(&world, "user-1", 0).await;
    waiting(&world, "user-2", 0).await;
}

#[tokio::test]
async fn the_place_of_a_waiter_that_was_killed_falls_free_when_its_wait_would_have_ended() {
    let world = world(Limits::default().with(Limit::Waits, 1));
    let api = Api::over(&world);
    let path = submitted(&api, "user-1").await;
    tokio::select! {
        _ = api.get_as("user-1", &path) => panic!("nothing happened that it could tell"),
        () = waiting(&world, "user-1", 1) => {}
    }
    world.wait(Duration::from_secs(24));
    let refused = tokio::time::timeout(AT_ONCE, api.get_as("user-1", &path)).await.unwrap();
    assert_eq!(status(&refused), (200, &json!("IN_QUEUE")));
    world.wait(Duration::from_secs(1));
    let work = async {
        waiting(&world, "user-1", 1).await;
        world.run().await;
    };
    let (held, ()) = tokio::join!(api.get_as("user-1", &path), work);
    assert_ne!(status(&held), (200, &json!("IN_QUEUE")));
}

#[tokio::test]
async fn only_a_request_that_waits_costs_the_two_writes_of_a_place() {
    let world = world(Limits::default());
    let api = Api::over(&world);
    let path = submitted(&api, "user-1").await;
    let writes = |world: &World| {
        let calls = world.network.take_calls();
        calls.iter().filter(|call| call.name() == "DynamoDB.UpdateItem").count()
    };
    writes(&world);
    let held = api.get_as("user-1", &path.replace("wait=25", "wait=1")).await;
    assert_eq!((status(&held), writes(&world)), ((200, &json!("IN_QUEUE")), 2));
    world.run().await;
    writes(&world);
    let ended = tokio::time::timeout(AT_ONCE, api.get_as("user-1", &path)).await.unwrap();
    assert_eq!((ended.status.as_u16(), writes(&world)), (200, 0));
}

#[tokio::test]
async fn where_places_cannot_be_counted_nobody_waits_and_the_job_is_taken() {
    let world = world(Limits::default());
    let api = Api::over(&world);
    let path = submitted(&api, "user-1").await;
    for _ in 0..40 {
        world.network.doom("DynamoDB.UpdateItem", Fate::ServerError);
    }
    let answer = tokio::time::timeout(AT_ONCE, api.get_as("user-1", &path)).await.unwrap();
    assert_eq!(status(&answer), (200, &json!("IN_QUEUE")));
}
