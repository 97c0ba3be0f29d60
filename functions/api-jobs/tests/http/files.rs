//! Uploads, and what becomes of them as inputs.

use axum::body::Bytes;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use toonmill_tests::{Artist, World, picture};

use crate::api::Api;

#[tokio::test]
async fn an_upload_is_an_input_once_its_bytes_are_there() {
    let world = World::new(Artist::tireless());
    let api = Api::over(&world);
    let bytes = picture(7).bytes.to_vec();
    let upload = json!({"fileName": "heroine.png", "mimeType": "image/png", "sizeBytes": bytes.len()});
    let answer = api.post("/api/v1/uploads", &upload).await;
    assert_eq!((answer.status.as_u16(), &answer.body["method"]), (201, &json!("PUT")));
    assert_eq!(answer.body["headers"]["content-type"], "image/png");
    assert!(answer.body["headers"].get("host").is_none());
    assert!(answer.body["uploadUrl"].as_str().unwrap().contains("X-Amz-Signature"));
    let (id, path) = (&answer.body["fileId"], answer.header("location"));

    let file = api.get(path).await;
    assert_eq!((&file["presignedUrl"], &file["isTemp"], &file["width"]), (&json!(null), &json!(true), &json!(null)));
    let job = json!({"stages": [{"prompt": "x", "quantity": 1, "aspectRatio": "1:1", "inputFileIds": [id, "01890a5d-ac96-774b-bcce-b302099a8057"]}], "maxRounds": 0});
    let refused = api.post("/api/v1/jobs", &job).await;
    assert_eq!(refused.status, 400);
    assert_eq!(refused.pointers(), ["/maxRounds", "/stages/0/inputFileIds/0", "/stages/0/inputFileIds/1"]);

    let sha256 = format!("{:x}", Bytes::copy_from_slice(&Sha256::digest(&bytes)));
    world.blobs.put(file["s3Key"].as_str().unwrap(), "image/png", &sha256, bytes).await.unwrap();
    let job = json!({"arguments": {"prompt": "x", "aspect_ratio": "1:1", "reference_file_ids": [id]}});
    let taken = api.post("/api/v1/jobs", &job).await;
    assert_eq!((taken.status.as_u16(), &taken.body["arguments"]), (202, &job["arguments"]));
    let file = api.get(path).await;
    assert_eq!((&file["sha256"], &file["mimeType"]), (&json!(sha256), &json!("image/png")));
    assert!(file["presignedUrl"].is_string());
    world.run().await;
    let status = &api.get(taken.header("location")).await["status"];
    assert_eq!(status, "COMPLETED");
}

#[tokio::test]
async fn anothers_file_is_as_good_as_none() {
    let world = World::new(Artist::tireless());
    let api = Api::over(&world);
    let upload = json!({"fileName": "a.png", "mimeType": "image/png", "sizeBytes": 9});
    let path = api.post("/api/v1/uploads", &upload).await.header("location").to_owned();
    let stranger = Api::over(&world);
    let mut claims = crate::api::claims();
    claims["sub"] = "user-2".into();
    let token = stranger.signer.sign(&claims);
    let request = http::Request::builder().uri(&path).header("authorization", format!("Bearer {token}"));
    let answer = stranger.send(request.body(axum::body::Body::empty()).unwrap()).await;
    assert_eq!((answer.status.as_u16(), &answer.body["detail"]), (404, &json!("There is no such file.")));
}
