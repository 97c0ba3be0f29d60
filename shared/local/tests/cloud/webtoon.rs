//! The webtoon endpoints by the whole deployment: every role has the rights that they need.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::harness::{Cloud, root};

#[tokio::test]
async fn a_cut_is_drawn_regenerated_saved_and_removed() {
    let cloud = Cloud::up("test-webtoon", &["--failure-rate", "0"]).await;
    let (ann, eve) = (cloud.token("ann"), cloud.token("eve"));
    cloud.grant("ann", 1_000);
    let words = held(&cloud, &ann, "/api/generate-monster-prompt", &json!({ "description": "지하철의 문어" })).await;
    assert!(words["prompt"].as_str().is_some_and(|prompt| !prompt.is_empty()), "{words}");
    let monsters = every_provider_draws_a_monster(&cloud, &ann).await;
    a_sheet_and_a_pose_are_drawn_from_files_and_inline_pictures(&cloud, &ann, &monsters[0]).await;
    let again = a_picture_is_regenerated_by_its_link(&cloud, &ann, &monsters[0]).await;
    the_history_has_all_of_them(&cloud, &ann, &eve, &monsters, &again).await;
    what_is_saved_is_not_temporary(&cloud, &ann, &eve, &again).await;
    a_removed_file_is_gone(&cloud, &ann, &eve, &again).await;
    crate::telegram::a_wish_becomes_one_picture(&cloud).await;
    let audit = cloud.command(&["audit", "--job", again["jobId"].as_str().unwrap()]);
    let said = String::from_utf8(audit.stdout).unwrap();
    assert!(audit.status.success(), "{said}");
}

pub(crate) async fn held(cloud: &Cloud, token: &str, path: &str, body: &Value) -> Value {
    let answer = cloud.request(Method::POST, path, token).header("prefer", "wait=25").json(body).send().await.unwrap();
    let (status, told) = (answer.status(), answer.json::<Value>().await.unwrap());
    assert_eq!(status, 200, "{path}: {} {}", told["status"], told["errors"]);
    assert_eq!(told["status"], "COMPLETED", "{path}: {}", told["error"]);
    told
}

pub(crate) fn webp(base64: &Value) -> Vec<u8> {
    let bytes = BASE64_STANDARD.decode(base64.as_str().unwrap()).unwrap();
    assert_eq!(&bytes[8..12], b"WEBP");
    bytes
}

async fn file(cloud: &Cloud, token: &str, told: &Value) -> Response {
    cloud.get(&format!("/api/v1/files/{}", told["fileId"].as_str().unwrap()), token).await
}

async fn every_provider_draws_a_monster(cloud: &Cloud, token: &str) -> Vec<Value> {
    let mut monsters = Vec::new();
    for provider in ["gemini", "seedream", "openai"] {
        let body = json!({ "prompt": "옥상을 지키는 세 머리 늑대", "aspectRatio": "3:4", "cutId": "cut-1", "apiProvider": provider });
        let told = held(cloud, token, "/api/generate-monster-image", &body).await;
        assert_eq!((&told["provider"], &told["mimeType"]), (&json!(provider), &json!("image/webp")));
        let link = json!({ "url": told["fileUrl"] });
        assert_eq!(cloud.download(&link).await, webp(&told["imageData"]));
        let record: Value = file(cloud, token, &told).await.json().await.unwrap();
        assert!(record["s3Key"].as_str().unwrap().starts_with("accounts/ann/cut-1/_/monster-"), "{record}");
        assert_eq!(record["isTemp"], true);
        monsters.push(told);
    }
    monsters
}

async fn a_sheet_and_a_pose_are_drawn_from_files_and_inline_pictures(cloud: &Cloud, token: &str, monster: &Value) {
    let body = json!({ "fileId": monster["fileId"], "apiProvider": "gemini" });
    let accepted = cloud.post("/api/generate-character-sheet/", token, &body).await;
    assert_eq!(accepted.status(), 202);
    let id = accepted.json::<Value>().await.unwrap()["jobId"].as_str().unwrap().to_owned();
    let job = cloud.ended(token, &id).await;
    assert_eq!(job["status"], "COMPLETED", "{job}");
    assert!(job["result"]["fileUrl"].is_string() && job["result"]["imageData"].is_null(), "{job}");
    let with_data: Value =
        cloud.get(&format!("/api/v1/jobs/{id}?include=imageData"), token).await.json().await.unwrap();
    webp(&with_data["result"]["imageData"]);

    let heroine = std::fs::read(root().join("events/input-heroine.webp")).unwrap();
    let inline = json!({ "base64": BASE64_STANDARD.encode(heroine), "mimeType": "image/webp" });
    let body = json!({
        "characterSheetImage": { "fileId": job["result"]["fileId"] }, "poseImage": inline, "aspectRatio": "portrait",
        "cutId": "cut-1", "processId": "p-1"
    });
    let told = held(cloud, token, "/api/convert-3d-character", &body).await;
    webp(&told["image"]["base64"]);
    assert!(told["filePath"].as_str().unwrap().starts_with("accounts/ann/cut-1/p-1/character-pose-"));
}

async fn a_picture_is_regenerated_by_its_link(cloud: &Cloud, token: &str, monster: &Value) -> Value {
    let body = json!({
        "imageUrl": monster["fileUrl"], "prompt": "비 오는 밤으로", "cutId": "cut-1", "processId": "p-1", "apiProvider": "gemini"
    });
    let told = held(cloud, token, "/api/regenerate-image", &body).await;
    let (of_original, of_result): (Value, Value) = (
        file(cloud, token, monster).await.json().await.unwrap(),
        file(cloud, token, &told).await.json().await.unwrap(),
    );
    assert_eq!((&of_result["width"], &of_result["height"]), (&of_original["width"], &of_original["height"]));
    told
}

async fn the_history_has_all_of_them(cloud: &Cloud, ann: &str, eve: &str, monsters: &[Value], again: &Value) {
    let path = "/api/regenerate-image-history?cutId=cut-1";
    let history: Value = cloud.get(path, ann).await.json().await.unwrap();
    let ids: Vec<_> = history["data"].as_array().unwrap().iter().map(|row| row["fileId"].clone()).collect();
    let expected: Vec<_> = monsters.iter().chain([again]).rev().map(|told| told["fileId"].clone()).collect();
    assert_eq!(ids, expected);
    assert_eq!(cloud.get(path, eve).await.json::<Value>().await.unwrap()["data"], json!([]));
}

async fn what_is_saved_is_not_temporary(cloud: &Cloud, ann: &str, eve: &str, again: &Value) {
    let body = json!({ "fileIds": [again["fileId"]] });
    let stranger: Value = cloud.post("/api/regenerate-image-save", eve, &body).await.json().await.unwrap();
    assert_eq!(stranger, json!({ "saved": [], "missing": [again["fileId"]] }));
    let saved: Value = cloud.post("/api/regenerate-image-save", ann, &body).await.json().await.unwrap();
    assert_eq!(saved, json!({ "saved": [again["fileId"]], "missing": [] }));
    assert_eq!(file(cloud, ann, again).await.json::<Value>().await.unwrap()["isTemp"], false);
}

async fn a_removed_file_is_gone(cloud: &Cloud, ann: &str, eve: &str, again: &Value) {
    let path = format!("/api/v1/files/{}", again["fileId"].as_str().unwrap());
    assert_eq!(cloud.request(Method::DELETE, &path, eve).send().await.unwrap().status(), 404);
    assert_eq!(cloud.request(Method::DELETE, &path, ann).send().await.unwrap().status(), 204);
    assert_eq!(file(cloud, ann, again).await.status(), 404);
}
