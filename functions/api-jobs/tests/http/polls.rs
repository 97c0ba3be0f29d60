//! What a poll costs in AWS calls.

use std::time::Duration;

use serde_json::json;
use toonmill_domain::Limits;
use toonmill_tests::{Artist, World};

use crate::api::Api;

/// What a process's first request of a minute costs besides: that it is counted.
const COUNT: &str = "DynamoDB.UpdateItem";

/// Some minutes into an hour, whose first one is counted with the last of the hour before.
fn world() -> World {
    let world = World::new(Artist::tireless());
    world.wait(Duration::from_mins(5));
    world
}

async fn polled(world: &World, api: &Api, path: &str) -> Vec<String> {
    world.network.take_calls();
    api.get(path).await;
    world.network.take_calls().iter().map(toonmill_tests::Call::name).collect()
}

#[tokio::test]
async fn a_poll_of_a_job_is_one_query_whatever_its_size_and_however_far_it_is() {
    let world = world();
    let api = Api::over(&world);
    let stages: Vec<_> =
        (0..3).map(|at| json!({"prompt": format!("stage {at}"), "quantity": 20, "aspectRatio": "1:1"})).collect();
    let answer = api.post("/api/v1/jobs", &json!({ "stages": stages })).await;
    let path = format!("/api/v1/jobs/{}", answer.body["id"].as_str().unwrap());
    assert_eq!(polled(&world, &api, &path).await, [COUNT, "DynamoDB.Query"], "before it began");
    world.reconcile_all().await;
    for message in &world.take_images()[..30] {
        world.draw(message).await;
    }
    assert_eq!(polled(&world, &api, &path).await, ["DynamoDB.Query"], "half-way");
    let images = polled(&world, &api, &format!("{path}/images?limit=10")).await;
    let expected = ["DynamoDB.Query", "DynamoDB.Query", "DynamoDB.BatchGetItem"];
    assert_eq!(images, expected, "the job, one page of slots, and which of their files are still there");
}

#[tokio::test]
async fn a_poll_of_an_ended_job_is_one_query_too() {
    let world = world();
    let api = Api::over(&world);
    let answer = api
        .post("/api/v1/jobs", &json!({ "stages": [{"prompt": "a strip", "quantity": 12, "aspectRatio": "1:1"}] }))
        .await;
    let path = format!("/api/v1/jobs/{}", answer.body["id"].as_str().unwrap());
    world.run().await;
    assert_eq!(polled(&world, &api, &path).await, [COUNT, "DynamoDB.Query"]);
}

#[tokio::test]
async fn the_plan_of_a_single_job_is_read_once_however_often_it_is_polled() {
    let world = world();
    let api = Api::over(&world);
    let single = json!({"provider": "gemini", "model_id": "gemini-3-pro-image", "arguments": {"prompt": "a wolf"}});
    let answer = api.post("/api/v1/jobs", &single).await;
    let path = format!("/api/v1/jobs/{}", answer.body["id"].as_str().unwrap());
    assert_eq!(polled(&world, &api, &path).await, [COUNT, "DynamoDB.Query", "S3.GetObject"]);
    assert_eq!(polled(&world, &api, &path).await, ["DynamoDB.Query"]);
    assert_eq!(api.get(&path).await["arguments"]["prompt"], "a wolf");
}

#[tokio::test]
async fn of_the_polls_of_a_minute_few_cost_a_write() {
    let mut world = world();
    world.submitter.limits = Limits::default();
    let api = Api::over(&world);
    let answer = api
        .post("/api/v1/jobs", &json!({ "stages": [{"prompt": "a strip", "quantity": 12, "aspectRatio": "1:1"}] }))
        .await;
    let path = format!("/api/v1/jobs/{}", answer.body["id"].as_str().unwrap());
    let mut writes = Vec::new();
    for _ in 0..2 {
        world.wait(Duration::from_mins(2));
        let mut counted = 0;
        for _ in 0..30 {
            counted += polled(&world, &api, &path).await.iter().filter(|call| *call == COUNT).count();
        }
        writes.push(counted);
    }
    assert_eq!(writes, [5, 5]);
}
