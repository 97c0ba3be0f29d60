//! What a client is told that stays, from the first snapshot to the end.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;
use toonmill_domain::{Failure, FailureCode};
use toonmill_tests::{Artist, Fate, World, again, picture, stage};

use crate::server::{Client, Event, Server};

async fn rest(client: &mut Client) -> Vec<Event> {
    let mut all = Vec::new();
    while let Some(event) = client.next().await {
        all.push(event);
    }
    all
}

fn names(events: &[Event]) -> Vec<&str> {
    events.iter().map(|event| event.name.as_str()).collect()
}

/// The first prompt is drawn at once, the second only in its second round.
fn slow_and_fast() -> Artist {
    Artist::new(|prompt, call| match prompt {
        "slow" if call <= 3 => Err(Failure::new(FailureCode::Empty)),
        _ => Ok(picture(call)),
    })
}

#[tokio::test(start_paused = true)]
async fn a_stream_begins_with_how_the_job_is_and_ends_with_its_end() {
    let server = Server::over(World::new(slow_and_fast()));
    let job = server.world.submit(vec![stage("fast", 2), stage("slow", 1)]).await;
    let mut client = server.open(job, "").await;
    let first = client.next().await.unwrap();
    assert_eq!(first.name, "progress");
    let revision = first.data["revision"].as_u64().unwrap();
    assert_eq!(first.id, format!("0.{revision}"));
    let expected = json!({
        "jobId": job, "status": "IN_QUEUE", "cancelRequested": false, "revision": revision,
        "progress": { "requested": 3, "stored": 0, "inFlight": 0, "missing": 3, "givenUp": 0 },
        "stages": [
            { "index": 0, "quantity": 2, "stored": 0, "givenUp": 0, "round": 1, "provider": "gemini", "modelId": "gemini-3-pro-image" },
            { "index": 1, "quantity": 1, "stored": 0, "givenUp": 0, "round": 1, "provider": "gemini", "modelId": "gemini-3-pro-image" },
        ],
    });
    assert_eq!(first.data, expected);

    // Begun, it is shown so while it goes on.
    server.world.reconcile_all().await;
    let begun = client.next().await.unwrap();
    assert_eq!((begun.name.as_str(), &begun.data["status"]), ("progress", &json!("IN_PROGRESS")));

    server.world.run().await;
    let told = rest(&mut client).await;
    assert_eq!(names(&told), ["stage.finished", "round.opened", "progress", "job.completed"]);
    let data = |at: usize| {
        let mut data = told[at].data.clone();
        assert!(data.as_object_mut().unwrap().remove("at").is_none_or(|at| at.as_str().unwrap().ends_with('Z')));
        data
    };
    assert_eq!(data(0), json!({ "stage": 0, "stored": 2, "requested": 2 }));
    assert_eq!(data(1), json!({ "stage": 1, "round": 2 }));
    assert_eq!((&told[2].data["status"], &told[2].data["progress"]["stored"]), (&json!("COMPLETED"), &json!(3)));
    let credits = json!({ "captured": 12, "released": 0 });
    assert_eq!(data(3), json!({ "status": "COMPLETED", "stored": 3, "requested": 3, "credits": credits }));
}

#[tokio::test(start_paused = true)]
async fn an_ended_job_is_shown_with_its_end_and_a_client_that_has_it_is_sent_away() {
    let server = Server::over(World::new(Artist::tireless()));
    let job = server.world.submit(vec![stage("a page", 1)]).await;
    server.world.run().await;
    let mut client = server.open(job, "").await;
    assert_eq!(names(&rest(&mut client).await), ["progress", "job.completed"]);
    let answer = server.answer(job, &client.last_id).await;
    assert_eq!((answer.status.as_u16(), answer.json().await.1), (204, Value::Null));
}

#[tokio::test(start_paused = true)]
async fn a_job_that_is_opened_again_goes_on_where_the_client_was() {
    let refused =
        Artist::new(|_, call| if call <= 18 { Err(Failure::new(FailureCode::Empty)) } else { Ok(picture(call)) });
    let server = Server::over(World::new(refused));
    let job = server.world.submit(vec![stage("hard", 1)]).await;
    let mut client = server.open(job, "").await;
    client.next().await.unwrap();
    server.world.run().await;
    let told = rest(&mut client).await;
    assert_eq!(names(&told[told.len() - 2..]), ["progress", "job.failed"]);

    server.world.retrier.retry(&again(job, "ann")).await.unwrap();
    let mut client = server.open(job, &client.last_id).await;
    let told = [client.next().await.unwrap(), client.next().await.unwrap()];
    assert_eq!(names(&told), ["job.reopened", "progress"]);
    server.world.run().await;
    let told = rest(&mut client).await;
    assert_eq!(names(&told[told.len() - 2..]), ["progress", "job.completed"]);
}

#[tokio::test(start_paused = true)]
async fn a_quiet_job_is_read_seldom_its_stream_beats_and_asks_to_be_opened_again() {
    let server = Server::over(World::new(Artist::tireless()));
    let job = server.world.submit(vec![stage("a page", 1)]).await;
    let began = Instant::now();
    let mut client = server.open(job, "").await;
    let first = client.next().await.unwrap();
    server.world.network.take_calls();
    assert_eq!(client.chunk().await.unwrap(), ": heartbeat\n\n");
    assert_eq!(began.elapsed().as_secs(), 15);
    let reads = server.world.network.take_calls().len();
    assert!((5..=8).contains(&reads), "1, 1.25, 1.5 … 3 s apart: {reads}");

    let last = client.next().await.unwrap();
    assert_eq!((last.name.as_str(), began.elapsed().as_secs()), ("reconnect", 14 * 60));
    assert_eq!(client.heartbeats, 14 * 4 - 2);
    assert_eq!(client.next().await, None);
    let reads = server.world.network.take_calls().len();
    assert!(reads <= 14 * 60 / 3, "{reads}");
    // It has no id of its own: the client is where it was, and is told nothing twice.
    assert_eq!(client.last_id, first.id);
    let mut client = server.open(job, &client.last_id).await;
    assert_eq!(client.next().await.unwrap().name, "reconnect");
}

#[tokio::test(start_paused = true)]
async fn a_stream_outlives_a_reading_that_fails_and_ends_when_storage_stays_away() {
    let server = Server::over(World::new(Artist::tireless()));
    let job = server.world.submit(vec![stage("a page", 1)]).await;
    let mut client = server.open(job, "").await;
    client.next().await.unwrap();
    server.world.reconcile_all().await;
    // Three attempts each, by the SDK.
    (0..3).for_each(|_| server.world.network.doom("DynamoDB.Query", Fate::ServerError));
    assert_eq!(client.next().await.unwrap().data["status"], "IN_PROGRESS");
    (0..100).for_each(|_| server.world.network.doom("DynamoDB.Query", Fate::ServerError));
    let began = Instant::now();
    assert_eq!(client.next().await, None);
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
    server.world.network.pardon();
}
