//! Bodies that never reach storage.

use axum::body::Body;
use serde_json::json;

use crate::api::Api;

#[tokio::test]
async fn only_json_of_a_bounded_size_is_read() {
    let api = Api::nowhere();
    let send = async |content_type: Option<&str>, body: Vec<u8>| {
        let mut request = api.request("POST", "/api/v1/jobs");
        if let Some(content_type) = content_type {
            request = request.header("content-type", content_type);
        }
        let answer = api.send(request.body(Body::from(body)).unwrap()).await;
        (answer.status.as_u16(), answer.body["code"].as_str().unwrap_or_default().to_owned())
    };
    let json = Some("application/json");
    let code = |status: u16, code: &str| (status, code.to_owned());
    assert_eq!(send(None, b"{}".to_vec()).await, code(415, "unsupported_media_type"));
    assert_eq!(send(Some("text/plain"), b"{}".to_vec()).await, code(415, "unsupported_media_type"));
    assert_eq!(send(json, Vec::new()).await, code(400, "malformed_json"));
    assert_eq!(send(json, b"{\"stages\": [".to_vec()).await, code(400, "malformed_json"));
    assert_eq!(send(json, b"{\"a\": \"\xff\"}".to_vec()).await, code(400, "malformed_json"));
    assert_eq!(send(json, b"[".repeat(100_000)).await, code(400, "malformed_json"));
    assert_eq!(send(json, vec![b' '; 5_000_001]).await, code(413, "payload_too_large"));
    assert_eq!(send(json, b" \n".to_vec()).await, code(400, "malformed_json"));
    assert_eq!(send(json, b"null".to_vec()).await, code(400, "invalid_request"));
    assert_eq!(send(json, b"[]".to_vec()).await, code(400, "invalid_request"));
}

#[tokio::test]
async fn all_problems_of_a_body_come_in_one_answer() {
    let api = Api::nowhere();
    let body = json!({"stages": [{"quantity": 0, "aspectRatio": "7:1"}, {"prompt": "x", "quantity": 1, "model": "x"}], "maxRounds": 99});
    let answer = api.post("/api/v1/jobs", &body).await;
    assert_eq!(answer.status, 400);
    let mut document = answer.body;
    document["requestId"] = "…".into();
    insta::assert_json_snapshot!(document);
}

#[tokio::test]
async fn a_body_cannot_speak_for_another_user() {
    let api = Api::nowhere();
    let body = json!({"userId": "user-2", "stages": [{"prompt": "x", "quantity": 1}]});
    let answer = api.post("/api/v1/jobs", &body).await;
    assert_eq!((answer.status.as_u16(), answer.body["code"].as_str()), (403, Some("wrong_user")));
}

#[tokio::test]
async fn a_key_that_cannot_be_one_is_told_by_its_header() {
    let api = Api::nowhere();
    let request = api.request("POST", "/api/v1/jobs").header("content-type", "application/json");
    let answer = api.send(request.header("idempotency-key", "two words").body(Body::from("{}")).unwrap()).await;
    assert_eq!((answer.status.as_u16(), answer.pointers()), (400, vec!["/header/Idempotency-Key"]));
}

#[tokio::test]
async fn an_upload_of_another_type_is_refused() {
    let api = Api::nowhere();
    let answer = api.post("/api/v1/uploads", &json!({"fileName": "x.exe", "mimeType": "a/b", "sizeBytes": 0})).await;
    assert_eq!((answer.status.as_u16(), answer.pointers()), (400, vec!["/fileName", "/mimeType", "/sizeBytes"]));
}
