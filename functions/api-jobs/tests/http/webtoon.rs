//! The webtoon endpoints, from their bodies to the pictures.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Map, Value, json};
use toonmill_domain::{Failure, FailureCode, sha256::hex_of};
use toonmill_tests::{Artist, World, picture, picture_of};

use crate::api::{Answer, Api};

fn inline(number: u32) -> Value {
    json!({"base64": BASE64_STANDARD.encode(picture(number).bytes), "mimeType": "image/png"})
}

/// Each endpoint with a good body, and the members of its result.
fn endpoints() -> Vec<(&'static str, Value, Vec<&'static str>)> {
    let sheet = inline(1);
    vec![
        (
            "/api/generate-monster-image",
            json!({"prompt": "세 머리 늑대", "aspectRatio": "1:1", "cutId": "cut-1", "userId": "user-1", "apiProvider": "auto"}),
            vec!["fileId", "fileUrl", "imageData", "mimeType"],
        ),
        (
            "/api/generate-character-image-preview",
            json!({"name": "한서윤", "description": "silver hair"}),
            vec!["imageData", "imageUrl", "mimeType", "success"],
        ),
        (
            "/api/generate-character-sheet",
            json!({"imageBase64": sheet["base64"], "imageMimeType": "image/png", "apiProvider": "gemini"}),
            vec!["fileId", "fileUrl", "imageData", "mimeType"],
        ),
        (
            "/api/convert-3d-character",
            json!({
                "characterSheetImage": inline(2), "poseImage": inline(3), "aspectRatio": "portrait", "cutId": "cut-1",
                "processId": "p-1"
            }),
            vec!["fileId", "filePath", "fileUrl", "image", "success"],
        ),
        (
            "/api/regenerate-image",
            json!({
                "imageUrl": ORIGINAL, "prompt": "비 오는 밤으로", "cutId": "cut-1", "processId": "p-1", "apiProvider": "gemini",
                "referenceImages": [], "characterSheets": [], "useOriginalImageAsReference": true
            }),
            vec!["fileId", "filePath", "fileUrl", "imageData", "mimeType"],
        ),
        (
            "/api/generate-monster-prompt",
            json!({"description": "지하철의 문어", "apiProvider": "auto"}),
            vec!["prompt"],
        ),
    ]
}

/// The key of a picture that is there.
const ORIGINAL: &str = "accounts/user-1/uploads/original.png";

async fn put_original(world: &World) {
    let bytes = picture_of(9, (64, 96)).bytes;
    world.blobs.put(ORIGINAL, "image/png", &hex_of(&bytes), bytes.to_vec()).await.unwrap();
}

/// A result without what differs from one reading to the next: links, and the pictures themselves.
fn lasting(result: &Value) -> Map<String, Value> {
    let volatile = ["fileUrl", "imageUrl", "imageData", "image", "urlExpiresAt"];
    let members = result.as_object().unwrap().clone();
    members.into_iter().filter(|(name, _)| !volatile.contains(&name.as_str())).collect()
}

fn job_of(answer: &Answer) -> String {
    answer.header("location").to_owned()
}

#[tokio::test]
async fn every_endpoint_answers_a_wait_with_its_own_body_and_the_job_has_the_same() {
    let world = World::new(Artist::obedient());
    put_original(&world).await;
    let api = Api::over(&world);
    for (path, body, members) in endpoints() {
        let held = api.held(&world, path, &body).await;
        assert_eq!(
            (held.status.as_u16(), held.header("preference-applied")),
            (200, "wait=20"),
            "{path}: {}",
            held.body
        );
        for member in members.iter().chain(&["provider", "model", "elapsedMs", "jobId", "status", "kind"]) {
            assert!(!held.body[member].is_null(), "{path} has no {member}");
        }
        assert_eq!(held.body["kind"], path.trim_start_matches("/api/"));
        let job = api.get(&job_of(&held)).await;
        let result = &job["result"];
        for (name, value) in lasting(result) {
            assert_eq!(held.body[&name], value, "{path}: {name}");
        }
        assert!(result.get("imageData").is_none() && result["image"].get("base64").is_none(), "{path}: {result}");
        let with_data = api.get(&format!("{}?include=imageData", job_of(&held))).await;
        assert_eq!(with_data["result"]["imageData"], held.body["imageData"], "{path}");
        assert_eq!(with_data["result"]["image"], held.body["image"], "{path}");
        assert_eq!(api.get_as("user-2", &job_of(&held)).await.status, 404);
        world.audit(job["id"].as_str().unwrap().parse().unwrap()).await;
    }
}

#[tokio::test]
async fn the_202_and_its_job_come_to_the_same_as_the_wait() {
    let world = World::new(Artist::obedient());
    put_original(&world).await;
    let api = Api::over(&world);
    for (path, body, members) in endpoints() {
        let taken = api.post(&format!("{path}/"), &body).await;
        assert_eq!(taken.status, 202, "{path}: {}", taken.body);
        assert_eq!((&taken.body["status"], &taken.body["provider"]), (&json!("IN_QUEUE"), &json!("gemini")));
        assert_eq!(api.get(&job_of(&taken)).await["result"], Value::Null);
        world.run().await;
        let job = api.get(&format!("{}?include=imageData", job_of(&taken))).await;
        assert_eq!(job["status"], "COMPLETED", "{path}");
        for member in members {
            assert!(!job["result"][member].is_null(), "{path} has no {member}");
        }
    }
}

#[tokio::test]
async fn data_and_files_are_the_stored_webp_under_the_path_of_the_cut() {
    let world = World::new(Artist::obedient());
    let api = Api::over(&world);
    let (path, body, _) = endpoints().remove(3);
    let held = api.held(&world, path, &body).await;
    let image = &held.body["image"];
    let bytes = BASE64_STANDARD.decode(image["base64"].as_str().unwrap()).unwrap();
    assert_eq!((image["mimeType"].as_str(), &bytes[8..12]), (Some("image/webp"), &b"WEBP"[..]));
    let key = held.body["filePath"].as_str().unwrap();
    let name = key.strip_prefix("accounts/user-1/cut-1/p-1/character-pose-").unwrap();
    let (millis, uuid) = name.split_once('-').unwrap();
    assert!(millis.parse::<u64>().is_ok() && uuid.strip_suffix(".webp").is_some_and(|uuid| uuid.len() == 36), "{name}");
    let stored = world.blobs.get(key, 1 << 20).await.unwrap();
    assert_eq!(stored, bytes);

    let file = api.get(&format!("/api/v1/files/{}", held.body["fileId"].as_str().unwrap())).await;
    assert_eq!((&file["s3Key"], &file["isTemp"]), (&json!(key), &json!(true)));
    let (width, height) = (file["width"].as_u64().unwrap(), file["height"].as_u64().unwrap());
    assert_eq!(width * 16, height * 9, "portrait");
    assert!(file["expiresAt"].is_string());

    let monster = api.held(&world, endpoints()[0].0, &endpoints()[0].1).await;
    let file = api.get(&format!("/api/v1/files/{}", monster.body["fileId"].as_str().unwrap())).await;
    assert!(file["s3Key"].as_str().unwrap().starts_with("accounts/user-1/cut-1/_/monster-"), "{file}");
    let sheet = api.held(&world, endpoints()[2].0, &endpoints()[2].1).await;
    let file = api.get(&format!("/api/v1/files/{}", sheet.body["fileId"].as_str().unwrap())).await;
    assert_eq!((&file["isTemp"], &file["expiresAt"]), (&json!(false), &Value::Null), "a sheet stays");
}

#[tokio::test]
async fn a_preview_is_a_data_url_in_a_held_answer_and_a_link_elsewhere() {
    let world = World::new(Artist::obedient());
    let api = Api::over(&world);
    let held = api.held(&world, "/api/generate-character-image-preview", &json!({"name": "Ann"})).await;
    let data = format!("data:image/webp;base64,{}", held.body["imageData"].as_str().unwrap());
    assert_eq!((&held.body["imageUrl"], &held.body["success"]), (&json!(data), &json!(true)));
    let result = &api.get(&job_of(&held)).await["result"];
    assert!(result["imageUrl"].as_str().unwrap().contains("X-Amz-Signature"), "{result}");
    world.wait(std::time::Duration::from_hours(25));
    world.cleaner(std::time::Duration::from_hours(24 * 90)).clean(false).await.unwrap();
    let result = &api.get_as("user-1", &job_of(&held)).await.body["result"];
    assert_eq!((&result["imageUrl"], &result["isGone"]), (&Value::Null, &json!(true)), "nothing is kept");
    world.audit(held.body["jobId"].as_str().unwrap().parse().unwrap()).await;
}

#[tokio::test]
async fn the_provider_is_sent_the_pictures_in_the_order_that_the_words_speak_of() {
    let world = World::new(Artist::obedient());
    let api = Api::over(&world);
    let (path, body, _) = endpoints().remove(3);
    api.held(&world, path, &body).await;
    let asked = world.artist.asked().remove(0);
    assert_eq!(asked.references, [picture(2).bytes, picture(3).bytes]);
    assert_eq!(asked.aspect_ratio.to_string(), "9:16");
    assert!(asked.prompt.starts_with("Redraw the character of the first reference picture"), "{}", asked.prompt);
}

#[tokio::test]
async fn a_generated_file_is_an_input_by_its_id_and_anothers_is_as_good_as_none() {
    let world = World::new(Artist::obedient());
    let api = Api::over(&world);
    let monster = api.held(&world, endpoints()[0].0, &endpoints()[0].1).await;
    let body = json!({"fileId": monster.body["fileId"]});
    let sheet = api.held(&world, "/api/generate-character-sheet", &body).await;
    assert_eq!(sheet.status, 200, "{}", sheet.body);
    let stranger = Api::over(&world);
    let mut claims = crate::api::claims();
    claims["sub"] = "user-2".into();
    let request = http::Request::post("/api/generate-character-sheet")
        .header("authorization", format!("Bearer {}", stranger.signer.sign(&claims)))
        .header("content-type", "application/json");
    let answer = stranger.send(request.body(body.to_string().into()).unwrap()).await;
    assert_eq!((answer.status.as_u16(), answer.pointers()), (400, vec!["/fileId"]), "{}", answer.body);
}

#[tokio::test]
async fn variants_stand_beside_the_first_one() {
    let world = World::new(Artist::obedient());
    let api = Api::over(&world);
    let body = json!({"prompt": "a wolf", "cutId": "c", "count": 3});
    let held = api.held(&world, "/api/generate-monster-image", &body).await;
    let images = held.body["images"].as_array().unwrap();
    assert_eq!((images.len(), &images[0]["fileId"]), (3, &held.body["fileId"]));
    assert!(images.iter().all(|image| image["imageData"].is_string() && image["fileUrl"].is_string()), "{images:?}");
    let ids: Vec<_> = images.iter().map(|image| image["fileId"].clone()).collect();
    assert_eq!(json!(ids), api.get(&job_of(&held)).await["fileIds"]);
}

#[tokio::test]
async fn everything_wrong_is_told_at_once_and_nothing_is_stored() {
    let world = World::new(Artist::obedient());
    let api = Api::over(&world);
    let body = json!({
        "characterSheetImage": {"base64": "bm90IGEgcGljdHVyZQ==", "mimeType": "image/png"}, "poseImage": inline(1),
        "aspectRatio": "wide", "cutId": "a/b"
    });
    let answer = api.post("/api/convert-3d-character", &body).await;
    assert_eq!(answer.status, 400);
    let expected = ["/aspectRatio", "/cutId", "/processId", "/characterSheetImage/base64"];
    assert_eq!(answer.pointers(), expected, "{}", answer.body);
    let other = json!({"prompt": "x", "cutId": "c", "userId": "user-2"});
    let answer = api.post("/api/generate-monster-image", &other).await;
    assert_eq!((answer.status.as_u16(), &answer.body["code"]), (403, &json!("wrong_user")));
    assert!(world.object_keys().is_empty(), "{:?}", world.object_keys());
    assert_eq!(api.get("/api/v1/jobs").await["data"], json!([]));
}

#[tokio::test]
async fn a_repeat_with_its_key_is_one_job_and_its_inline_picture_is_stored_once() {
    let world = World::new(Artist::obedient());
    let api = Api::over(&world);
    let body = json!({"imageBase64": inline(1)["base64"], "imageMimeType": "image/png"});
    let send = async || {
        let request = api.request("POST", "/api/generate-character-sheet").header("idempotency-key", "sheet-1");
        let request = request.header("content-type", "application/json");
        api.send(request.body(body.to_string().into()).unwrap()).await
    };
    let (first, again) = (send().await, send().await);
    assert_eq!((first.status.as_u16(), again.header("idempotency-replayed")), (202, "true"));
    assert_eq!(first.body["jobId"], again.body["jobId"]);
    let uploads = world.object_keys().into_iter().filter(|key| key.starts_with("accounts/user-1/uploads/"));
    assert_eq!(uploads.count(), 1);
}

#[tokio::test]
async fn what_could_not_be_drawn_is_no_success_and_costs_nothing() {
    let world = World::new(Artist::new(|_, _| Err(Failure::new(FailureCode::Refused).detail("SAFETY"))));
    let api = Api::over(&world);
    let held = api.held(&world, "/api/generate-character-image-preview", &json!({"name": "Ann"})).await;
    assert_eq!((&held.body["success"], &held.body["status"]), (&json!(false), &json!("FAILED")), "{}", held.body);
    assert_eq!(held.body["error"]["code"], "images_missing");
    let job = api.get(&job_of(&held)).await;
    assert_eq!((&job["credits"]["captured"], &job["result"]), (&json!(0), &json!({"success": false})));
}

#[tokio::test]
async fn a_monsters_prompt_is_words_alone_and_no_file() {
    let world = World::new(Artist::obedient());
    let api = Api::over(&world);
    let held = api.held(&world, "/api/generate-monster-prompt", &json!({"description": "지하철의 문어"})).await;
    assert_eq!((&held.body["prompt"], &held.body["provider"]), (&json!("About 지하철의 문어."), &json!("gemini")));
    let job = api.get(&job_of(&held)).await;
    assert_eq!((&job["result"]["prompt"], &job["fileIds"]), (&held.body["prompt"], &json!([])));
    world.author.rewrite(|_, _| Err(Failure::new(FailureCode::Refused)));
    let refused = api.held(&world, "/api/generate-monster-prompt", &json!({})).await;
    assert_eq!((&refused.body["error"]["code"], &refused.body["prompt"]), (&json!("texts_missing"), &Value::Null));
}
