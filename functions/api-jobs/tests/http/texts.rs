//! Single calls for a text, from the request to the words.

use serde_json::{Value, json};
use toonmill_domain::{Failure, FailureCode};
use toonmill_tests::{Artist, World};

use crate::api::{Answer, Api};

fn body() -> Value {
    json!({
        "provider": "gemini",
        "model_id": "gemini-1.5-flash",
        "arguments": {"input_text": "하늘을 나는 늑대", "system_prompt": "짧게", "temperature": 0.5, "max_output_tokens": 256},
        "store_result": true,
    })
}

async fn held(api: &Api, world: &World, body: &Value) -> Answer {
    api.held(world, "/api/v1/jobs", body).await
}

#[tokio::test]
async fn a_text_is_answered_with_its_words_its_usage_and_its_file() {
    let world = World::new(Artist::tireless());
    let api = Api::over(&world);
    let answer = held(&api, &world, &body()).await;
    assert_eq!((answer.status.as_u16(), answer.header("preference-applied")), (200, "wait=20"), "{}", answer.body);
    let result = answer.body;
    assert_eq!((&result["kind"], &result["type"]), (&json!("single-text"), &json!("text")));
    assert_eq!(result["text"], "About 하늘을 나는 늑대.");
    let usage = json!({"prompt_tokens": 7, "completion_tokens": 7, "total_tokens": 14});
    assert_eq!((&result["usage"], &result["finish_reason"]), (&usage, &json!("stop")));
    assert_eq!((&result["provider"], &result["url"]), (&json!("gemini"), &Value::Null));
    assert_eq!(result["arguments"], body()["arguments"]);
    assert_eq!(result["message"], "Completed. The text is written.");

    let job = api.get(result["statusUrl"].as_str().unwrap()).await;
    assert_eq!((&job["result"]["text"], &job["fileIds"]), (&result["text"], &json!([result["fileId"]])));
    assert_eq!(job["credits"]["captured"], 1);
    let file = api.get(&format!("/api/v1/files/{}", result["fileId"].as_str().unwrap())).await;
    assert_eq!((&file["kind"], &file["textContent"]), (&json!("text"), &result["text"]));
    assert_eq!((&file["mimeType"], &file["width"]), (&json!("text/plain; charset=utf-8"), &Value::Null));
    let images = api.get(&format!("{}/images", result["statusUrl"].as_str().unwrap())).await;
    assert_eq!(images["data"], json!([]));
    let listed = api.get("/api/v1/jobs?kind=single-text").await;
    assert_eq!(listed["data"][0]["id"], result["id"]);
    assert_eq!(api.get("/api/v1/jobs?kind=single-image").await["data"], json!([]));
}

#[tokio::test]
async fn a_text_that_is_not_to_be_stored_is_in_its_job_alone() {
    let world = World::new(Artist::tireless());
    let api = Api::over(&world);
    let mut body = body();
    body["store_result"] = json!(false);
    let result = held(&api, &world, &body).await.body;
    assert_eq!((&result["text"], &result["fileId"]), (&json!("About 하늘을 나는 늑대."), &Value::Null));
    let job = api.get(result["statusUrl"].as_str().unwrap()).await;
    assert_eq!((&job["fileIds"], &job["stages"][0]["fileIds"]), (&json!([]), &json!([])));
    assert_eq!((&job["stages"][0]["stored"], &job["result"]["text"]), (&json!(1), &result["text"]));
}

#[tokio::test]
async fn an_image_that_is_not_to_be_stored_has_a_link_and_no_file() {
    let world = World::new(Artist::tireless());
    let api = Api::over(&world);
    let body =
        json!({"provider": "gemini", "arguments": {"prompt": "x", "aspect_ratio": "1:1"}, "store_result": false});
    let result = held(&api, &world, &body).await.body;
    assert!(result["url"].as_str().unwrap().contains("X-Amz-Signature"), "{result}");
    assert_eq!(result["fileId"], Value::Null);
}

#[tokio::test]
async fn a_text_that_could_not_be_written_says_so_and_costs_nothing() {
    let world = World::new(Artist::tireless());
    world.author.rewrite(|_, _| Err(Failure::new(FailureCode::Refused).detail("SAFETY")));
    let api = Api::over(&world);
    let answer = held(&api, &world, &body()).await;
    let job = api.get(answer.body["statusUrl"].as_str().unwrap()).await;
    assert_eq!((&job["status"], &job["error"]["code"]), (&json!("FAILED"), &json!("texts_missing")));
    assert_eq!((&job["credits"]["captured"], &job["credits"]["released"]), (&json!(0), &json!(1)));
    assert_eq!(job["stages"][0]["failures"][0]["code"], "refused");
    assert_eq!(world.author.calls(), 2, "once, and once more");
}

#[tokio::test]
async fn an_estimate_of_a_text_is_its_worst_case() {
    let world = World::new(Artist::tireless());
    let estimate = Api::over(&world).post("/api/v1/jobs/estimate", &body()).await;
    assert_eq!((estimate.status.as_u16(), &estimate.body["credits"]), (200, &json!(1)), "{}", estimate.body);
    assert!(estimate.body["providerUsdMicros"].as_u64().unwrap() > 0);
}
