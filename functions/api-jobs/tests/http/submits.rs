//! Submitting: money, limits, repeats, and answers that are held.

use std::time::Duration;

use axum::body::Body;
use serde_json::{Value, json};
use toonmill_cloud::table::Uploads;
use toonmill_domain::{Credits, FileId, Limit, Limits};
use toonmill_tests::{Artist, World, picture};

use crate::api::{Answer, Api};

fn body(quantity: u32) -> Value {
    json!({"stages": [{"prompt": "a gate", "quantity": quantity, "aspectRatio": "1:1"}]})
}

async fn post(api: &Api, headers: &[(&str, &str)], body: &Value) -> Answer {
    let request = api.request("POST", "/api/v1/jobs").header("content-type", "application/json");
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    api.send(request.body(Body::from(body.to_string())).unwrap()).await
}

#[tokio::test]
async fn a_job_that_costs_more_than_there_is_makes_nothing() {
    let world = World::new(Artist::tireless());
    let api = Api::over(&world);
    let answer = post(&api, &[], &body(100)).await;
    assert_eq!((answer.status.as_u16(), &answer.body["code"]), (402, &json!("insufficient_credits")));
    assert_eq!(answer.body["detail"], "The job needs 1400 credits, and 1000 are available.");
    assert!(api.get("/api/v1/jobs").await["data"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn the_fifth_unfinished_job_is_asked_to_wait() {
    let world = World::new(Artist::tireless());
    let api = Api::over(&world);
    for _ in 0..4 {
        assert_eq!(post(&api, &[], &body(1)).await.status, 202);
    }
    let answer = post(&api, &[], &body(1)).await;
    assert_eq!((answer.status.as_u16(), &answer.body["code"]), (429, &json!("too_many_active_jobs")));
    assert_eq!((answer.header("retry-after"), answer.header("ratelimit-policy")), ("10", "\"active-jobs\";q=4"));
    // Single calls have places of their own.
    let single = json!({"arguments": {"prompt": "a wolf", "aspect_ratio": "1:1"}});
    assert_eq!(post(&api, &[], &single).await.status, 202);
    world.run().await;
    assert_eq!(post(&api, &[], &body(1)).await.status, 202);
}

#[tokio::test]
async fn many_single_calls_may_be_unfinished_and_no_more() {
    let mut world = World::new(Artist::tireless());
    world.submitter.limits = Limits::default().with(Limit::ActiveSingleJobs, 6);
    let api = Api::over(&world);
    let single = json!({"arguments": {"prompt": "a wolf", "aspect_ratio": "1:1"}});
    for _ in 0..6 {
        assert_eq!(post(&api, &[], &single).await.status, 202);
    }
    let answer = post(&api, &[], &single).await;
    assert_eq!((answer.status.as_u16(), answer.header("ratelimit")), (429, "\"active-single-jobs\";r=0;t=10"));
    assert_eq!(post(&api, &[], &body(1)).await.status, 202, "a pipeline is another matter");
}

#[tokio::test]
async fn a_day_has_so_many_jobs_and_so_many_tokens_and_the_next_day_as_many() {
    let mut world = World::new(Artist::tireless());
    world.submitter.limits = Limits::default().with(Limit::JobsPerDay, 3).with(Limit::TextTokensPerDay, 2_100);
    let api = Api::over(&world);
    let text = json!({"provider": "gemini", "arguments": {"input_text": "a line about a gate"}});
    assert_eq!(post(&api, &[], &text).await.status, 202);
    assert_eq!(post(&api, &[], &text).await.status, 202);
    let refused = post(&api, &[], &text).await;
    assert_eq!((refused.status.as_u16(), &refused.body["code"]), (429, &json!("quota_used_up")));
    assert_eq!(refused.header("ratelimit-policy"), "\"text-tokens-per-day\";q=2100;w=86400");
    assert_eq!(refused.header("retry-after"), "86400");
    assert_eq!(post(&api, &[], &body(1)).await.status, 202, "a picture has no tokens");
    let refused = post(&api, &[], &body(1)).await;
    assert_eq!((refused.status.as_u16(), refused.header("ratelimit")), (429, "\"jobs-per-day\";r=0;t=86400"));
    let used = world.table.load_day_use(&"user-1".parse().unwrap(), world.now()).await.unwrap();
    assert_eq!((used.jobs, used.text_tokens), (3, 2 * (19 + 1_024)));
    world.wait(Duration::from_hours(24));
    assert_eq!(api.post_as("user-1", "/api/v1/jobs", &text).await.status, 202);
}

#[tokio::test]
async fn a_repeat_with_its_key_is_the_same_job_and_another_body_is_refused() {
    let world = World::new(Artist::tireless());
    let api = Api::over(&world);
    let key = [("idempotency-key", "cut-12")];
    let first = post(&api, &key, &body(1)).await;
    assert_eq!(first.header("idempotency-replayed"), "");
    for status in ["IN_QUEUE", "COMPLETED"] {
        let again = post(&api, &key, &body(1)).await;
        assert_eq!((again.status, again.header("idempotency-replayed")), (first.status, "true"));
        assert_eq!((&again.body["jobId"], again.header("location")), (&first.body["jobId"], first.header("location")));
        assert_eq!(again.body["status"], status);
        world.run().await;
    }
    let other = post(&api, &key, &body(2)).await;
    assert_eq!((other.status.as_u16(), &other.body["code"]), (422, &json!("idempotency_key_reused")));
    assert_ne!(post(&api, &[], &body(1)).await.body["jobId"], first.body["jobId"]);
}

#[tokio::test]
async fn a_refused_request_leaves_its_key_free() {
    let world = World::new(Artist::tireless());
    let api = Api::over(&world);
    let key = [("idempotency-key", "cut-12")];
    assert_eq!(post(&api, &key, &body(0)).await.status, 400);
    assert_eq!(post(&api, &key, &body(100)).await.status, 402);
    assert_eq!(post(&api, &key, &body(1)).await.status, 202);
}

#[tokio::test]
async fn an_answer_is_held_until_the_image_is_there() {
    let world = World::new(Artist::tireless());
    let api = Api::over(&world);
    let single = json!({"provider": "gemini", "model_id": "gemini-3-pro-image-preview", "arguments": {"prompt": "a wolf", "aspect_ratio": "1:1"}});
    let headers = [("prefer", "wait=20"), ("idempotency-key", "wolf")];
    let draw = async {
        while world.queues.count(toonmill_tests::world::RECONCILE) == 0 {
            tokio::task::yield_now().await;
        }
        world.run().await;
    };
    let (answer, ()) = tokio::join!(post(&api, &headers, &single), draw);
    assert_eq!((answer.status.as_u16(), answer.header("preference-applied")), (200, "wait=20"));
    let body = answer.body.clone();
    assert_eq!(
        (&body["type"], &body["model"], &body["status"]),
        (&json!("image"), &json!("gemini-3-pro-image"), &json!("COMPLETED"))
    );
    assert_eq!(body["arguments"], single["arguments"]);
    assert!(body["url"].as_str().unwrap().contains("X-Amz-Signature"));
    assert_eq!(answer.header("location"), body["statusUrl"]);

    let again = post(&api, &headers, &single).await;
    assert_eq!((again.status.as_u16(), again.header("idempotency-replayed")), (200, "true"));
    assert_eq!(again.body["fileId"], body["fileId"]);

    let job = api.get(body["statusUrl"].as_str().unwrap()).await;
    assert_eq!((&job["result"]["fileId"], &job["modelId"]), (&body["fileId"], &json!("gemini-3-pro-image")));
    let file = api.get(&format!("/api/v1/files/{}", body["fileId"].as_str().unwrap())).await;
    assert_eq!((&file["jobId"], &file["sha256"], &file["kind"]), (&body["jobId"], &body["sha256"], &json!("image")));
}

#[tokio::test(start_paused = true)]
async fn a_job_that_takes_longer_than_the_wait_is_a_202() {
    let world = World::new(Artist::tireless());
    let answer = post(&Api::over(&world), &[("prefer", "wait=2")], &body(1)).await;
    assert_eq!((answer.status.as_u16(), answer.header("preference-applied")), (202, ""));
    assert_eq!(answer.body["status"], "IN_QUEUE");
}

#[tokio::test]
async fn an_old_models_name_is_served_by_its_replacement_and_said() {
    let world = World::new(Artist::tireless());
    let body = json!({"model_id": "gemini-2.5-flash-image", "arguments": {"prompt": "a wolf"}});
    let answer = post(&Api::over(&world), &[], &body).await;
    assert_eq!((answer.status.as_u16(), &answer.body["modelId"]), (202, &json!("gemini-nano-banana-2.1")));
    assert_eq!(answer.body["warnings"][0]["pointer"], "/model_id");
}

#[tokio::test]
async fn an_estimate_is_what_the_submit_holds_and_makes_no_job() {
    let world = World::new(Artist::tireless());
    let api = Api::over(&world);
    let body = json!({"stages": [
        {"prompt": "a gate at dusk", "quantity": 3}, {"prompt": "a quiet kitchen", "quantity": 2, "imageSize": "4K"},
    ]});
    let estimate = api.post("/api/v1/jobs/estimate", &body).await;
    assert_eq!(estimate.status, 200, "{}", estimate.body);
    assert_eq!((&estimate.body["slots"], &estimate.body["credits"]), (&json!(5), &json!(3 * 14 + 2 * 24)));
    assert_eq!(estimate.body["providerUsdMicros"], json!(3 * 134_400 + 2 * 240_000));
    assert_eq!(api.get("/api/v1/jobs").await["data"], json!([]));
    assert!(world.object_keys().is_empty());
    let job = api.post("/api/v1/jobs", &body).await.body["id"].as_str().unwrap().to_owned();
    assert_eq!(api.get(&format!("/api/v1/jobs/{job}")).await["credits"]["held"], estimate.body["credits"]);
    let wrong = api.post("/api/v1/jobs/estimate", &json!({"stages": [{"prompt": ""}]})).await;
    assert_eq!(wrong.status, 400);
}

/// A request with a picture inside, for 14 credits.
fn with_a_picture() -> Value {
    let picture = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, picture(1).bytes);
    json!({"imageBase64": picture, "imageMimeType": "image/png"})
}

#[tokio::test]
async fn a_refused_submit_frees_the_pictures_that_came_with_it() {
    let mut world = World::new(Artist::tireless());
    world.submitter.signup_grant = Credits::new(1).unwrap();
    let api = Api::over(&world);
    let refused = api.post("/api/generate-character-sheet", &with_a_picture()).await;
    assert_eq!((refused.status.as_u16(), &refused.body["code"]), (402, &json!("insufficient_credits")));
    let account = "user-1".parse().unwrap();
    assert_eq!(world.table.load_uploads(&account).await.unwrap(), Uploads::default());
    assert!(world.table.list_files(&account, None, 10).await.unwrap().is_empty());
    assert_eq!(world.object_keys(), Vec::<String>::new(), "neither plan nor upload");
}

#[tokio::test]
async fn an_estimate_keeps_nothing_and_writes_no_more_than_what_a_picture_is() {
    let world = World::new(Artist::tireless());
    let api = Api::over(&world);
    let upload = json!({"fileName": "a.png", "mimeType": "image/png", "sizeBytes": picture(1).bytes.len()});
    let begun = api.post("/api/v1/uploads", &upload).await;
    let (id, account): (FileId, _) =
        (begun.body["fileId"].as_str().unwrap().parse().unwrap(), "user-1".parse().unwrap());
    let file = world.table.load_file(id, &account).await.unwrap().unwrap();
    let bytes = picture(1).bytes;
    let sha256 = toonmill_domain::sha256::hex_of(&bytes);
    world.blobs.put(&file.object_key, "image/png", &sha256, bytes).await.unwrap();
    let body = json!({
        "stages": [{"prompt": "x", "quantity": 1, "aspectRatio": "1:1", "inputFileIds": [id]}], "deadlineSeconds": 86_400,
    });
    let estimate = api.post("/api/v1/jobs/estimate", &body).await;
    assert_eq!(estimate.status, 200, "{}", estimate.body);
    let looked_at = world.table.load_file(id, &account).await.unwrap().unwrap();
    assert!(
        looked_at.expires_at == file.expires_at && looked_at.pixels.is_some(),
        "not kept for longer: {looked_at:?}"
    );
    assert_eq!(world.object_keys(), std::slice::from_ref(&file.object_key));
    assert_eq!(api.post("/api/v1/jobs", &body).await.status, 202);
    let kept = world.table.load_file(id, &account).await.unwrap().unwrap();
    assert!(kept.expires_at > file.expires_at && kept.sha256.is_some(), "a job's inputs are: {kept:?}");
}
