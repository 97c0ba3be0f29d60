//! Regenerating a picture, its history, and what becomes of the files.

use std::time::Duration;

use axum::body::Body;
use serde_json::{Value, json};
use toonmill_tests::{Artist, World, picture};

use crate::api::{Answer, Api};

const DAY: Duration = Duration::from_hours(24);

async fn monster(api: &Api, world: &World, cut: &str) -> Value {
    let body = json!({"prompt": format!("a wolf of {cut}"), "cutId": cut, "aspectRatio": "3:4"});
    api.held(world, "/api/generate-monster-image", &body).await.body
}

async fn regenerate(api: &Api, world: &World, original: Value) -> Answer {
    let mut body = json!({"prompt": "at night", "cutId": "cut-1", "processId": "p-1"});
    body.as_object_mut().unwrap().extend(original.as_object().unwrap().clone());
    api.held(world, "/api/regenerate-image", &body).await
}

async fn post_as(api: &Api, user: &str, path: &str, body: &Value) -> Answer {
    let mut claims = crate::api::claims();
    claims["sub"] = user.into();
    // Good for months: some tests let days pass.
    claims["exp"] = (crate::api::NOW_SECS + 100 * 86_400).into();
    let request = http::Request::post(path).header("authorization", format!("Bearer {}", api.signer.sign(&claims)));
    let request = request.header("content-type", "application/json");
    api.send(request.body(Body::from(body.to_string())).unwrap()).await
}

fn id(value: &Value) -> &str {
    value["fileId"].as_str().unwrap()
}

#[tokio::test]
async fn a_picture_is_regenerated_in_its_own_ratio_by_its_id_its_link_or_its_path() {
    let world = World::new(Artist::obedient());
    let api = Api::over(&world);
    let first = monster(&api, &world, "cut-1").await;
    let file = api.get(&format!("/api/v1/files/{}", id(&first))).await;
    for original in
        [json!({"fileId": first["fileId"]}), json!({"imageUrl": first["fileUrl"]}), json!({"imageUrl": file["s3Key"]})]
    {
        let made = regenerate(&api, &world, original.clone()).await;
        assert_eq!(made.status, 200, "{original}");
        let path = made.body["filePath"].as_str().unwrap();
        assert!(path.starts_with("accounts/user-1/cut-1/p-1/regenerated-"), "{path}");
        let asked = world.artist.asked().pop().unwrap();
        assert_eq!((asked.aspect_ratio.to_string().as_str(), asked.references.len()), ("3:4", 1), "{original}");
        let key = file["s3Key"].as_str().unwrap();
        assert_eq!(asked.references[0], world.blobs.get(key, 1 << 20).await.unwrap());
    }
}

#[tokio::test]
async fn only_own_pictures_are_taken_by_their_links() {
    let world = World::new(Artist::obedient());
    let api = Api::over(&world);
    let first = monster(&api, &world, "cut-1").await;
    let key = api.get(&format!("/api/v1/files/{}", id(&first))).await["s3Key"].as_str().unwrap().to_owned();
    let mut body = json!({"prompt": "x", "cutId": "c", "processId": "p"});
    for url in [
        format!("http://example.com/{key}"),
        format!("http://s3.sim/other-bucket/{key}"),
        "http://169.254.169.254/latest/meta-data".to_owned(),
        "accounts/user-2/cut-1/_/monster.webp".to_owned(),
        "accounts/user-1/../user-2/cut-1/x.webp".to_owned(),
        format!("accounts/user-1/../../{key}"),
        format!("accounts/user-1/./{}", &key["accounts/user-1/".len()..]),
        "accounts/user-1/nothing.webp".to_owned(),
        format!("accounts/{}", "x".repeat(2_000)),
        String::new(),
    ] {
        body["imageUrl"] = url.as_str().into();
        let answer = api.post("/api/regenerate-image", &body).await;
        assert_eq!((answer.status.as_u16(), answer.pointers()), (400, vec!["/imageUrl"]), "{url}: {}", answer.body);
    }
    body["imageUrl"] = key.as_str().into();
    let stolen = post_as(&api, "user-2", "/api/regenerate-image", &body).await;
    assert_eq!((stolen.status.as_u16(), stolen.pointers()), (400, vec!["/imageUrl"]));
    body["imageUrl"] = first["fileUrl"].clone();
    assert_eq!(post_as(&api, "user-2", "/api/regenerate-image", &body).await.status, 400);
}

#[tokio::test]
async fn references_and_sheets_follow_the_original_in_their_order() {
    let world = World::new(Artist::obedient());
    let api = Api::over(&world);
    let [original, reference, sheet] =
        [monster(&api, &world, "a").await, monster(&api, &world, "b").await, monster(&api, &world, "c").await];
    let more = json!({
        "fileId": original["fileId"], "referenceImages": [{"id": reference["fileId"]}],
        "characterSheets": [{"sheetId": sheet["fileId"]}]
    });
    let made = regenerate(&api, &world, more).await;
    assert_eq!(made.status, 200);
    let asked = world.artist.asked().pop().unwrap();
    let drawn: Vec<_> =
        [&original, &reference, &sheet].iter().map(|body| body["imageData"].as_str().unwrap()).collect();
    let sent: Vec<_> =
        asked.references.iter().map(|bytes| base64::Engine::encode(&base64::prelude::BASE64_STANDARD, bytes)).collect();
    assert_eq!(sent, drawn);
    assert!(
        asked.prompt.contains("Picture 2 is a reference") && asked.prompt.contains("Picture 3 is a character sheet")
    );
}

#[tokio::test]
async fn the_history_has_the_newest_first_page_by_page_and_by_cut() {
    let world = World::new(Artist::obedient());
    let api = Api::over(&world);
    for cut in ["cut-1", "cut-2", "cut-1", "cut-2", "cut-1"] {
        monster(&api, &world, cut).await;
    }
    regenerate(&api, &world, json!({"fileId": monster(&api, &world, "cut-2").await["fileId"]})).await;
    let path = "/api/regenerate-image-history";
    let all = api.get(path).await;
    let cuts = |page: &Value| {
        page["data"].as_array().unwrap().iter().map(|row| row["cutId"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(cuts(&all), ["cut-1", "cut-2", "cut-1", "cut-2", "cut-1", "cut-2", "cut-1"]);
    let newest = &all["data"][0];
    assert_eq!(
        (&newest["prompt"], &newest["processId"], &newest["provider"]),
        (&json!("at night"), &json!("p-1"), &json!("gemini"))
    );
    assert_eq!(newest["model"], "gemini-3-pro-image");
    assert!(newest["fileUrl"].as_str().unwrap().contains("X-Amz-Signature") && newest["elapsedMs"].is_u64());
    for (filter, expected) in [("", 7), ("cutId=cut-1&", 4), ("cutId=cut-3&", 0)] {
        let (mut rows, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = api.get(&format!("{path}?{filter}limit=2{cursor}")).await;
            assert!(page["data"].as_array().unwrap().len() <= 2);
            rows.extend(page["data"].as_array().unwrap().iter().map(|row| row["fileId"].clone()));
            let Some(next) = page["nextCursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        let whole = api.get(&format!("{path}?{filter}limit=100")).await;
        let whole: Vec<_> = whole["data"].as_array().unwrap().iter().map(|row| row["fileId"].clone()).collect();
        assert_eq!((rows.len(), &rows), (expected, &whole), "{filter}");
    }
    assert_eq!(api.get_as("user-2", path).await.body["data"], json!([]));
    assert_eq!(
        api.call("GET", &format!("{path}?cursor=!&limit=0")).await.pointers(),
        ["/query/limit", "/query/cursor"]
    );
}

#[tokio::test]
async fn what_is_saved_stays_and_what_is_not_goes_after_a_day() {
    let world = World::new(Artist::obedient());
    let api = Api::over(&world);
    let [kept, lost] = [monster(&api, &world, "cut-1").await, monster(&api, &world, "cut-1").await];
    let gone = "01890a5d-ac96-774b-bcce-b302099a8059";
    let body = json!({"fileIds": [kept["fileId"], gone, kept["fileId"]], "cutId": "cut-1", "processId": "p-1"});
    let stranger = post_as(&api, "user-2", "/api/regenerate-image-save", &body).await;
    assert_eq!(stranger.body, json!({"saved": [], "missing": [kept["fileId"], gone]}));
    for _ in 0..2 {
        let saved = api.post("/api/regenerate-image-save/", &body).await;
        assert_eq!((saved.status.as_u16(), saved.body), (200, json!({"saved": [kept["fileId"]], "missing": [gone]})));
    }
    let file = api.get(&format!("/api/v1/files/{}", id(&kept))).await;
    assert_eq!((&file["isTemp"], &file["expiresAt"]), (&json!(false), &Value::Null));
    world.wait(DAY * 2);
    assert_eq!(world.cleaner(DAY * 90).clean(false).await.unwrap().temporary_files, 1);
    assert_eq!(api.get_as("user-1", &format!("/api/v1/files/{}", id(&lost))).await.status, 404);
    let late = post_as(&api, "user-1", "/api/regenerate-image-save", &json!({"fileIds": [lost["fileId"]]})).await;
    assert_eq!(late.body, json!({"saved": [], "missing": [lost["fileId"]]}));
    let history = api.get_as("user-1", "/api/regenerate-image-history").await.body;
    assert_eq!((&history["data"][0]["fileUrl"], &history["data"][0]["fileId"]), (&Value::Null, &lost["fileId"]));
    assert!(history["data"][1]["fileUrl"].is_string());

    world.wait(DAY * 90);
    let cleaned = world.cleaner(DAY * 90).clean(false).await.unwrap();
    assert_eq!(cleaned.jobs, 2);
    let file = api.get_as("user-1", &format!("/api/v1/files/{}", id(&kept))).await;
    assert_eq!(file.status, 200, "it outlives its job");
    assert_eq!(world.object_keys(), [file.body["s3Key"].as_str().unwrap()]);
    let history = api.get_as("user-1", "/api/regenerate-image-history").await.body;
    assert_eq!(history["data"].as_array().unwrap().len(), 1, "the other row went with its job");
}

#[tokio::test]
async fn a_save_says_everything_that_is_wrong() {
    let api = Api::over(&World::new(Artist::obedient()));
    let wrong = |body: Value| {
        let api = &api;
        async move { api.post("/api/regenerate-image-save", &body).await.pointers().join(" ") }
    };
    assert_eq!(wrong(json!([])).await, "");
    assert_eq!(wrong(json!({})).await, "/fileIds");
    assert_eq!(wrong(json!({"fileIds": []})).await, "/fileIds");
    assert_eq!(
        wrong(json!({"fileIds": ["x", 5], "cutId": "a b", "processId": 1})).await,
        "/fileIds/0 /fileIds/1 /cutId /processId"
    );
}

#[tokio::test]
async fn a_file_is_removed_by_its_owner_alone() {
    let world = World::new(Artist::obedient());
    let api = Api::over(&world);
    let made = monster(&api, &world, "cut-1").await;
    let path = format!("/api/v1/files/{}", id(&made));
    let mut claims = crate::api::claims();
    claims["sub"] = "user-2".into();
    let request = http::Request::delete(&path).header("authorization", format!("Bearer {}", api.signer.sign(&claims)));
    assert_eq!(api.send(request.body(Body::empty()).unwrap()).await.status, 404);
    assert_eq!(api.call("DELETE", &format!("{path}/")).await.status, 204);
    assert_eq!(
        (api.call("DELETE", &path).await.status.as_u16(), api.call("GET", &path).await.status.as_u16()),
        (404, 404)
    );
    assert!(!world.object_keys().iter().any(|key| key.contains("/cut-1/")));
    let job = api.get(made["statusUrl"].as_str().unwrap()).await;
    assert_eq!((&job["status"], &job["result"]["isGone"]), (&json!("COMPLETED"), &json!(true)));
    let body = json!({"fileId": made["fileId"], "prompt": "x", "cutId": "c", "processId": "p"});
    assert_eq!(api.post("/api/regenerate-image", &body).await.pointers(), ["/fileId"]);
    world.audit(made["jobId"].as_str().unwrap().parse().unwrap()).await;
}

#[tokio::test]
async fn a_removal_that_was_cut_short_is_the_cleanups_to_finish() {
    let world = World::new(Artist::obedient());
    let api = Api::over(&world);
    let bytes = picture(3).bytes;
    let body = json!({"imageBase64": base64::Engine::encode(&base64::prelude::BASE64_STANDARD, bytes), "imageMimeType": "image/png"});
    let sheet = api.held(&world, "/api/generate-character-sheet", &body).await.body;
    let account = "user-1".parse().unwrap();
    let file = world.table.load_file(id(&sheet).parse().unwrap(), &account).await.unwrap().unwrap();
    assert_eq!(file.expires_at, None);
    assert!(world.table.begin_deleting_own(&file, world.now()).await.unwrap());
    assert!(!world.table.save_file(&file, "late").await.unwrap(), "what is going cannot be saved");
    world.wait(Duration::from_secs(1));
    assert_eq!(world.cleaner(DAY * 90).clean(false).await.unwrap().temporary_files, 1);
    assert!(!world.object_keys().contains(&file.object_key));
}
