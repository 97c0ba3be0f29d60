//! What clients rely on, over the gateway: who may, what is wrong, waiting, repeating, cancelling, uploads.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    accounts::users_sign_in_and_their_keys_open_what_they_may,
    harness::{Cloud, root},
};

#[tokio::test]
async fn the_api_keeps_its_promises() {
    let cloud = Cloud::up("test-api", &["--failure-rate", "0"]).await;
    let (ann, eve) = (cloud.token("ann"), cloud.token("eve"));
    cloud.grant("ann", 1_000);
    only_the_signed_in_are_let_in(&cloud).await;
    all_that_is_wrong_is_said_at_once(&cloud, &ann).await;
    who_cannot_pay_is_told_so(&cloud, &eve).await;
    let id = a_held_answer_is_the_result(&cloud, &ann).await;
    users_sign_in_and_their_keys_open_what_they_may(&cloud).await;
    another_users_job_is_not_there(&cloud, &eve, &id).await;
    a_text_is_written(&cloud, &ann, &eve).await;
    a_repeated_request_is_one_job(&cloud, &ann).await;
    a_cancelled_job_ends(&cloud, &ann).await;
    an_uploaded_picture_is_an_input(&cloud, &ann).await;
    an_operator_sees_and_grants(&cloud, &id);
    a_smoke_test_passes_and_says_which_step_fails(&cloud, &ann, &eve);
    a_cleanup_says_what_it_would_do(&cloud);
}

async fn only_the_signed_in_are_let_in(cloud: &Cloud) {
    let answer = cloud.get("/api/v1/jobs", "no.such.token").await;
    assert_eq!(answer.status(), 401);
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    assert!(answer.headers().contains_key("x-request-id"));
    let health: Value = cloud.get("/api/v1/health/", "-").await.json().await.unwrap();
    assert_eq!(health["services"]["table"], "healthy", "{health}");
    assert_eq!(health["services"]["queue"], "healthy", "{health}");
    assert_eq!(health["services"]["bucket"], "healthy", "{health}");
    assert_eq!(cloud.get("/nowhere", "-").await.status(), 404);
}

async fn all_that_is_wrong_is_said_at_once(cloud: &Cloud, token: &str) {
    let body = json!({ "stages": [{ "prompt": "", "aspectRatio": "7:5", "quantity": 0 }], "maxRounds": 11 });
    let answer = cloud.post("/api/v1/jobs", token, &body).await;
    assert_eq!(answer.status(), 400);
    let problem: Value = answer.json().await.unwrap();
    let pointers: Vec<_> =
        problem["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap()).collect();
    for pointer in ["/stages/0/prompt", "/stages/0/quantity", "/maxRounds"] {
        assert!(pointers.contains(&pointer), "{pointer} of {problem}");
    }
}

async fn who_cannot_pay_is_told_so(cloud: &Cloud, token: &str) {
    let body = json!({ "stages": [{ "prompt": "A palace", "quantity": 1 }] });
    let answer = cloud.post("/api/v1/jobs", token, &body).await;
    assert_eq!(answer.status(), 402);
    assert_eq!(answer.json::<Value>().await.unwrap()["code"], "insufficient_credits");
}

async fn a_held_answer_is_the_result(cloud: &Cloud, token: &str) -> String {
    let body = json!({ "provider": "gemini", "model_id": "gemini-3-pro-image", "store_result": true,
        "arguments": { "prompt": "A quiet kitchen", "aspect_ratio": "1:1" } });
    let request = cloud.request(Method::POST, "/api/v1/jobs", token).header("prefer", "wait=25").json(&body);
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["preference-applied"], "wait=25");
    let result: Value = answer.json().await.unwrap();
    assert_eq!((&result["type"], &result["provider"]), (&json!("image"), &json!("gemini")), "{result}");
    let picture = reqwest::Client::builder().no_proxy().build().unwrap().get(result["url"].as_str().unwrap());
    let bytes = picture.send().await.unwrap().bytes().await.unwrap();
    assert_eq!(&bytes[8..12], b"WEBP");
    result["jobId"].as_str().unwrap().to_owned()
}

async fn a_text_is_written(cloud: &Cloud, token: &str, eve: &str) {
    let body =
        json!({ "provider": "gemini", "arguments": { "input_text": "하늘을 나는 늑대", "max_output_tokens": 256 } });
    let request = cloud.request(Method::POST, "/api/v1/jobs", token).header("prefer", "wait=25").json(&body);
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let result: Value = answer.json().await.unwrap();
    assert_eq!((&result["kind"], &result["type"]), (&json!("single-text"), &json!("text")), "{result}");
    let text = result["text"].as_str().unwrap();
    assert!(!text.trim().is_empty());
    let used = result["usage"]["completion_tokens"].as_u64().unwrap();
    assert!((1..=256).contains(&used), "{result}");
    let path = format!("/api/v1/files/{}", result["fileId"].as_str().unwrap());
    let file: Value = cloud.get(&path, token).await.json().await.unwrap();
    assert_eq!((&file["kind"], &file["textContent"]), (&json!("text"), &result["text"]), "{file}");
    assert_eq!(cloud.get(&path, eve).await.status(), 404);
}

async fn another_users_job_is_not_there(cloud: &Cloud, eve: &str, id: &str) {
    for path in [format!("/api/v1/jobs/{id}"), format!("/api/v1/jobs/{id}/images")] {
        assert_eq!(cloud.get(&path, eve).await.status(), 404, "{path}");
    }
    let cancel = cloud.post(&format!("/api/v1/jobs/{id}/cancel"), eve, &json!({})).await;
    assert_eq!(cancel.status(), 404);
}

async fn a_repeated_request_is_one_job(cloud: &Cloud, token: &str) {
    let send = |prompt: &str| {
        let body = json!({ "stages": [{ "prompt": prompt, "quantity": 1 }] });
        cloud.request(Method::POST, "/api/v1/jobs", token).header("idempotency-key", "page-12").json(&body).send()
    };
    let first: Value = send("A page").await.unwrap().json().await.unwrap();
    let again = send("A page").await.unwrap();
    assert_eq!((again.status().as_u16(), again.headers()["idempotency-replayed"].to_str().unwrap()), (202, "true"));
    assert_eq!(again.json::<Value>().await.unwrap()["jobId"], first["jobId"]);
    assert_eq!(send("Another page").await.unwrap().status(), 422);
}

async fn a_cancelled_job_ends(cloud: &Cloud, token: &str) {
    let id = cloud.submit(token, &json!({ "stages": [{ "prompt": "A crowd", "quantity": 60 }] })).await;
    let cancelled = cloud.post(&format!("/api/v1/jobs/{id}/cancel"), token, &json!({})).await;
    assert_eq!(cancelled.status(), 202);
    assert_eq!(cancelled.json::<Value>().await.unwrap()["cancelRequested"], true);
    let job = cloud.ended(token, &id).await;
    assert_eq!(job["status"], "CANCELLED", "{job}");
    let [held, captured, released] =
        ["held", "captured", "released"].map(|name| job["credits"][name].as_u64().unwrap());
    assert_eq!(held, captured + released);
    assert_eq!(cloud.images(token, &id).await.len() as u64, job["progress"]["stored"].as_u64().unwrap());
    let again = cloud.post(&format!("/api/v1/jobs/{id}/cancel"), token, &json!({})).await;
    assert_eq!(again.status(), 409);
}

async fn an_uploaded_picture_is_an_input(cloud: &Cloud, token: &str) {
    let picture = std::fs::read(root().join("events/input-heroine.webp")).unwrap();
    let body = json!({ "fileName": "heroine.webp", "mimeType": "image/webp", "sizeBytes": picture.len() });
    let upload: Value = cloud.post("/api/v1/uploads", token, &body).await.json().await.unwrap();
    let file = upload["fileId"].clone();
    let stage = json!({ "stages": [{ "prompt": "The same heroine", "quantity": 1, "inputFileIds": [file] }] });
    let early = cloud.post("/api/v1/jobs", token, &stage).await;
    assert_eq!(early.status(), 400, "nothing was uploaded yet");
    let mut put = reqwest::Client::builder().no_proxy().build().unwrap().put(upload["uploadUrl"].as_str().unwrap());
    for (name, value) in upload["headers"].as_object().unwrap() {
        put = put.header(name, value.as_str().unwrap());
    }
    assert!(put.body(picture).send().await.unwrap().status().is_success());
    let id = cloud.submit(token, &stage).await;
    assert_eq!(cloud.ended(token, &id).await["status"], "COMPLETED");
}

fn an_operator_sees_and_grants(cloud: &Cloud, id: &str) {
    let (done, shown) = cloud.invoke("operator", &json!({ "action": "show", "jobId": id }));
    assert!(done && shown["status"] == "COMPLETED" && shown["stages"][0]["slots"]["stored"] == 1, "{shown}");
    let grant = json!({ "action": "grant", "accountId": "ann", "credits": 5, "cause": "twice" });
    assert_eq!(cloud.invoke("operator", &grant).1["granted"], true);
    assert_eq!(cloud.invoke("operator", &grant).1["granted"], false);
    let (done, _) = cloud.invoke("operator", &json!({ "action": "explode" }));
    assert!(!done, "an unknown action is an error");
}

fn a_cleanup_says_what_it_would_do(cloud: &Cloud) {
    let (done, cleaned) = cloud.invoke("cleanup", &json!({ "dryRun": true }));
    assert!(done && cleaned["dryRun"] == true && cleaned["jobs"] == 0, "{cleaned}");
    let (done, swept) = cloud.invoke("sweep", &json!({}));
    assert!(done && swept["holdsPastDeadline"] == json!([]), "{swept}");
}

/// As against a stack in AWS: nothing but an address and a token.
fn a_smoke_test_passes_and_says_which_step_fails(cloud: &Cloud, ann: &str, eve: &str) {
    let smoke = |token: &str, options: &[&str]| {
        let output = cloud.command(&[&["smoke", "--url", &cloud.url, "--token", token], options].concat());
        (output.status.success(), String::from_utf8(output.stdout).unwrap())
    };
    let (passed, said) = smoke(ann, &["--json"]);
    let report: Value = serde_json::from_str(&said).unwrap();
    let steps = report["steps"].as_array().unwrap();
    let names: Vec<_> = steps.iter().map(|step| step["name"].as_str().unwrap()).collect();
    let all = ["health", "sign-in", "estimate", "submit", "job", "stream", "picture", "receipt"];
    assert!(passed && report["ok"] == true && names == all, "{report}");
    // Eve has no credits: the job is the first thing that she cannot have.
    let (passed, said) = smoke(eve, &[]);
    let last_step = said.lines().rev().nth(1).unwrap_or_default();
    assert!(!passed && last_step.starts_with("FAILED submit") && last_step.contains("402"), "{said}");
    let (passed, said) = smoke("no.such.token", &[]);
    assert!(!passed && said.contains("FAILED sign-in") && !said.contains("no.such.token"), "{said}");
}
