//! Many requests at one moment, and those that are cut off.

use std::time::Duration;

use axum::body::Body;
use futures_util::future::join_all;
use serde_json::{Value, json};
use toonmill_domain::{Credits, JobStatus};
use toonmill_tests::{Artist, Fate, World};

use crate::api::{Answer, Api};

fn body(prompt: &str) -> Value {
    json!({"stages": [{"prompt": prompt, "quantity": 1, "aspectRatio": "1:1"}]})
}

async fn post(api: &Api, key: &str, body: &Value) -> Answer {
    let request = api.request("POST", "/api/v1/jobs").header("content-type", "application/json");
    let request = if key.is_empty() { request } else { request.header("idempotency-key", key) };
    api.send(request.body(Body::from(body.to_string())).unwrap()).await
}

async fn jobs(api: &Api) -> usize {
    api.get("/api/v1/jobs?limit=100").await["data"].as_array().unwrap().len()
}

#[tokio::test]
async fn of_200_submits_at_one_moment_as_many_are_taken_as_there_are_credits_for() {
    let mut world = World::new(Artist::tireless());
    world.submitter.signup_grant = Credits::new(3 * 14 + 5).unwrap();
    let api = Api::over(&world);
    let bodies: Vec<_> = (0..200).map(|number| body(&format!("wolf {number}"))).collect();
    let answers = join_all(bodies.iter().map(|body| post(&api, "", body))).await;
    let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!((&statuses[..3], statuses.len()), (&[202; 3][..], 200));
    assert!(statuses[3..].iter().all(|status| *status == 402), "{statuses:?}");
    assert_eq!(jobs(&api).await, 3);
    let account = world.table.load_account(&"user-1".parse().unwrap()).await.unwrap().unwrap();
    assert_eq!((account.balance.get(), account.held.get(), account.active.len()), (5, 42, 3));
    world.run().await;
    for job in account.active {
        world.audit(job).await;
    }
}

#[tokio::test]
async fn of_200_submits_at_one_moment_no_more_are_taken_than_may_be_unfinished() {
    let world = World::new(Artist::tireless());
    let api = Api::over(&world);
    let bodies: Vec<_> = (0..200).map(|number| body(&format!("wolf {number}"))).collect();
    let answers = join_all(bodies.iter().map(|body| post(&api, "", body))).await;
    let taken = answers.iter().filter(|answer| answer.status == 202).count();
    let refused = answers.iter().filter(|answer| answer.body["code"] == "too_many_active_jobs").count();
    assert_eq!((taken, refused, jobs(&api).await), (4, 196, 4));
}

#[tokio::test]
async fn fifty_identical_requests_at_one_moment_are_one_job_and_fifty_like_answers() {
    let world = World::new(Artist::tireless());
    let api = Api::over(&world);
    let body = body("a wolf");
    let answers = join_all((0..50).map(|_| post(&api, "cut-12", &body))).await;
    let seen =
        |answer: &Answer| (answer.status.as_u16(), answer.body["jobId"].clone(), answer.header("location").to_owned());
    let first = seen(&answers[0]);
    assert_eq!(first.0, 202);
    assert!(answers.iter().all(|answer| seen(answer) == first));
    assert_eq!(answers.iter().filter(|answer| answer.header("idempotency-replayed").is_empty()).count(), 1);
    assert_eq!(jobs(&api).await, 1);
    let account = world.table.load_account(&"user-1".parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(account.held.get(), 14);
}

#[tokio::test]
async fn a_request_that_dies_between_its_write_and_its_answer_is_answered_when_it_comes_again() {
    let world = World::new(Artist::tireless());
    let api = Api::over(&world);
    let wolf = body("a wolf");
    // The function dies as it would ring: the transaction is there, the message and the answer are not.
    let _never = world.network.pause_before("SQS.SendMessage");
    tokio::select! {
        _ = post(&api, "cut-12", &wolf) => panic!("it was to die"),
        () = async { while world.network.calls_of("SQS.SendMessage") == 0 { tokio::task::yield_now().await } } => {}
    }
    let again = post(&api, "cut-12", &wolf).await;
    assert_eq!((again.status.as_u16(), again.header("idempotency-replayed")), (202, "true"));
    assert_eq!(jobs(&api).await, 1);
    // Nobody rang. The sweep does.
    assert_eq!(world.queues.count(toonmill_tests::world::RECONCILE), 0);
    world.wait(Duration::from_mins(1));
    world.sweeper.sweep().await.unwrap();
    world.run().await;
    let job = again.body["jobId"].as_str().unwrap().parse().unwrap();
    assert_eq!(world.status(job).await, JobStatus::Completed);
}

#[tokio::test]
async fn a_transaction_whose_answer_is_lost_again_and_again_makes_one_job() {
    let world = World::new(Artist::tireless());
    let api = Api::over(&world);
    for fate in [Fate::LostAfter, Fate::TimedOutAfter] {
        world.network.doom("DynamoDB.TransactWriteItems", fate);
    }
    let first = post(&api, "cut-12", &body("a wolf")).await;
    assert_eq!((first.status.as_u16(), jobs(&api).await), (202, 1));
    // Not to be had at all, it is a 503 that may be repeated with the key, whatever became of it.
    world.network.take_calls();
    let go = world.network.pause_before("S3.PutObject");
    let lose = async {
        while world.network.calls_of("S3.PutObject") == 0 {
            tokio::task::yield_now().await;
        }
        for _ in 0..20 {
            world.network.doom("DynamoDB.TransactWriteItems", Fate::ServerErrorAfter);
        }
        go.notify_one();
    };
    let (key, bear) = ("cut-13", body("a bear"));
    let (unknown, ()) = tokio::join!(post(&api, key, &bear), lose);
    assert_eq!((unknown.status.as_u16(), &unknown.body["retryable"]), (503, &json!(true)));
    world.network.pardon();
    let again = post(&api, "cut-13", &body("a bear")).await;
    assert_eq!((again.status.as_u16(), again.header("idempotency-replayed")), (202, "true"));
    assert_eq!(jobs(&api).await, 2);
}
