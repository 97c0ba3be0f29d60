//! Retrying over HTTP: what it is answered, and what it refuses.

use axum::body::Body;
use serde_json::{Value, json};
use toonmill_domain::{Credits, Failure, FailureCode, Limit, Limits};
use toonmill_tests::{Artist, World, picture};

use crate::api::{Answer, Api};

/// A world in which everything is refused until somebody teaches the artist.
fn world() -> World {
    World::new(Artist::new(|_, _| Err(Failure::new(FailureCode::Refused))))
}

fn teach(world: &World) {
    world.artist.rewrite(|_, call| Ok(picture(call)));
}

async fn failed_job(world: &World, api: &Api, quantity: u32) -> String {
    let body = json!({"stages": [{"prompt": "a gate", "quantity": quantity, "aspectRatio": "1:1"}]});
    let job = api.post("/api/v1/jobs", &body).await.body["id"].as_str().unwrap().to_owned();
    world.run().await;
    format!("/api/v1/jobs/{job}")
}

async fn retry(api: &Api, path: &str, headers: &[(&str, &str)]) -> Answer {
    let request = api.request("POST", &format!("{path}/retry"));
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    api.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_retry_is_taken_like_a_submit_and_refused_while_it_runs_and_when_all_is_there() {
    let world = world();
    let api = Api::over(&world);
    let path = failed_job(&world, &api, 2).await;
    teach(&world);
    let answer = retry(&api, &path, &[]).await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (202, path.as_str()), "{}", answer.body);
    assert_eq!((&answer.body["status"], &answer.body["statusUrl"]), (&json!("IN_QUEUE"), &json!(path)));
    let early = retry(&api, &path, &[]).await;
    assert_eq!((early.status.as_u16(), &early.body["code"]), (409, &json!("job_not_ended")));
    world.run().await;
    let job = api.get(&path).await;
    assert_eq!((&job["status"], &job["error"]), (&json!("COMPLETED"), &Value::Null));
    assert_eq!(job["credits"], json!({"held": 56, "captured": 28, "released": 28}));
    let late = retry(&api, &path, &[]).await;
    assert_eq!((late.status.as_u16(), &late.body["code"]), (409, &json!("job_ended")));
}

#[tokio::test]
async fn a_repeated_retry_is_answered_for_the_first_and_another_is_refused_its_key() {
    let world = world();
    let api = Api::over(&world);
    let (path, other) = (failed_job(&world, &api, 1).await, failed_job(&world, &api, 1).await);
    let key = [("idempotency-key", "again-1")];
    let first = retry(&api, &path, &key).await;
    assert_eq!((first.status.as_u16(), first.header("idempotency-replayed")), (202, ""));
    world.run().await;
    // The job has failed again: without the key this would be a third epoch.
    let repeated = retry(&api, &path, &key).await;
    assert_eq!((repeated.status.as_u16(), repeated.header("idempotency-replayed")), (202, "true"));
    assert_eq!(repeated.body["status"], "FAILED");
    let elsewhere = retry(&api, &other, &key).await;
    assert_eq!((elsewhere.status.as_u16(), &elsewhere.body["code"]), (422, &json!("idempotency_key_reused")));
    assert_eq!(api.get(&path).await["credits"]["held"], 28, "two epochs");
}

#[tokio::test]
async fn a_retry_is_refused_for_the_same_reasons_as_a_submit() {
    let mut world = world();
    world.submitter.signup_grant = Credits::new(20).unwrap();
    world.submitter.limits = Limits::default().with(Limit::ActiveJobs, 1);
    let api = Api::over(&world);
    let path = failed_job(&world, &api, 1).await;
    world.submitter.signup_grant = Credits::ZERO;
    let running = json!({"stages": [{"prompt": "a gate", "quantity": 1, "aspectRatio": "1:1"}]});
    assert_eq!(api.post("/api/v1/jobs", &running).await.status, 202);
    let poor = retry(&api, &path, &[]).await;
    assert_eq!((poor.status.as_u16(), &poor.body["code"]), (402, &json!("insufficient_credits")));
    assert_eq!(poor.body["detail"], "The job needs 14 credits, and 6 are available.");
    let user = "user-1".parse().unwrap();
    world.table.grant(&user, "more", Credits::new(100).unwrap(), world.now(), "token").await.unwrap();
    let busy = retry(&api, &path, &[]).await;
    assert_eq!((busy.status.as_u16(), &busy.body["code"]), (429, &json!("too_many_active_jobs")));
    assert_eq!(busy.header("retry-after"), "10");
    let wrong = api.post(&format!("{path}/retry"), &json!({"deadlineSeconds": 1})).await;
    assert_eq!((wrong.status.as_u16(), wrong.pointers()), (400, vec!["/deadlineSeconds"]));
    assert_eq!(api.get(&path).await["status"], "FAILED");
}

#[tokio::test]
async fn a_retry_may_be_waited_for() {
    let world = world();
    let api = Api::over(&world);
    let path = failed_job(&world, &api, 1).await;
    teach(&world);
    let draw = async {
        while world.queues.count(toonmill_tests::world::RECONCILE) == 0 {
            tokio::task::yield_now().await;
        }
        world.run().await;
    };
    let (answer, ()) = tokio::join!(retry(&api, &path, &[("prefer", "wait=20")]), draw);
    assert_eq!((answer.status.as_u16(), answer.header("preference-applied")), (200, "wait=20"));
    assert_eq!((&answer.body["status"], answer.body["fileIds"].as_array().unwrap().len()), (&json!("COMPLETED"), 1));
}
