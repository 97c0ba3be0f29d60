//! Uploads, and what becomes of them as inputs.

use std::time::Duration;

use axum::body::Bytes;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use toonmill_cloud::table::{UploadQuota, Uploads};
use toonmill_tests::{Artist, Fate, World, picture};

use crate::api::Api;

const DAY: Duration = Duration::from_hours(24);

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
    let url = answer.body["uploadUrl"].as_str().unwrap();
    assert!(url.contains("X-Amz-Signature") && url.contains("X-Amz-Expires=3600&"), "{url}");
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
    let link = file["presignedUrl"].as_str().unwrap();
    assert!(link.contains("X-Amz-Expires=3600&"), "{link}");
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

#[tokio::test]
async fn an_upload_binds_its_size_its_type_and_its_hash() {
    let world = World::new(Artist::tireless());
    let api = Api::over(&world);
    let sha256 = "0A".repeat(32);
    let upload = json!({"fileName": "a.png", "mimeType": "image/png", "sizeBytes": 9, "sha256": sha256});
    let answer = api.post("/api/v1/uploads", &upload).await;
    let (headers, url) = (&answer.body["headers"], answer.body["uploadUrl"].as_str().unwrap());
    assert_eq!((&headers["content-length"], &headers["content-type"]), (&json!("9"), &json!("image/png")));
    assert_eq!(headers["x-amz-checksum-sha256"], "CgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgo=");
    // What is among the signed headers is bound: another value has another signature.
    for name in ["content-length", "content-type", "x-amz-checksum-sha256"] {
        assert!(url.contains(name), "{name} is signed: {url}");
    }
    let wrong = json!({"fileName": "a.gif", "mimeType": "image/gif", "sizeBytes": 0, "sha256": "0A"});
    assert_eq!(
        api.post("/api/v1/uploads", &wrong).await.pointers(),
        ["/fileName", "/mimeType", "/sizeBytes", "/sha256"]
    );
}

#[tokio::test]
async fn an_account_uploads_so_much_at_once_however_many_ask_together() {
    let world = World::new(Artist::tireless());
    let api = Api::with(&world, |rules| rules.offer.uploads = UploadQuota { files: 3, bytes: 1_000 });
    let upload = |size: u32| json!({"fileName": "a.png", "mimeType": "image/png", "sizeBytes": size});
    let (small, large) = (upload(100), upload(901));
    let answers = futures_util::future::join_all((0..8).map(|_| api.post("/api/v1/uploads", &small))).await;
    let made: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
    assert_eq!(made.len(), 3);
    let refused = answers.iter().find(|answer| answer.status != 201).unwrap();
    assert_eq!((refused.status.as_u16(), &refused.body["code"]), (429, &json!("upload_quota")));
    assert_eq!(refused.header("retry-after"), "3600");

    // Removing one makes room for one, and not for one that is too large beside the others.
    let path = made[0].header("location");
    assert_eq!(api.call("DELETE", path).await.status, 204);
    assert_eq!(api.call("DELETE", path).await.status, 404);
    let account = "user-1".parse().unwrap();
    assert_eq!(world.table.load_uploads(&account).await.unwrap(), Uploads { files: 2, bytes: 200 });
    assert_eq!(api.post("/api/v1/uploads", &large).await.status, 429);
    assert_eq!(api.post("/api/v1/uploads", &upload(800)).await.status, 201);
    assert_eq!(world.table.load_uploads(&account).await.unwrap(), Uploads { files: 3, bytes: 1_000 });

    // A picture in a request is an upload too: there is no way round.
    let picture = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, picture(1).bytes);
    let sheet = json!({"imageBase64": picture, "imageMimeType": "image/png"});
    assert_eq!(api.post("/api/generate-character-sheet", &sheet).await.body["code"], "upload_quota");
    assert_eq!(api.get("/api/v1/jobs").await["data"], json!([]));

    // The cleanup gives all of it back.
    world.wait(DAY + Duration::from_secs(1));
    assert_eq!(world.cleaner(DAY * 90).clean(false).await.unwrap().temporary_files, 3);
    assert_eq!(world.table.load_uploads(&account).await.unwrap(), Uploads::default());
    assert!(world.table.list_files(&account, None, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_lost_answer_counts_an_upload_once_and_uncounts_it_once() {
    let world = World::new(Artist::tireless());
    let api = Api::over(&world);
    let account = "user-1".parse().unwrap();
    let upload = json!({"fileName": "a.png", "mimeType": "image/png", "sizeBytes": 100});
    for fate in [Fate::LostBefore, Fate::LostAfter, Fate::ServerErrorAfter, Fate::TimedOutAfter] {
        world.network.doom("DynamoDB.TransactWriteItems", fate);
        let answer = api.post("/api/v1/uploads", &upload).await;
        assert_eq!(answer.status, 201, "{fate:?}");
        assert_eq!(world.table.load_uploads(&account).await.unwrap(), Uploads { files: 1, bytes: 100 }, "{fate:?}");
        world.network.doom("DynamoDB.TransactWriteItems", fate);
        assert_eq!(api.call("DELETE", answer.header("location")).await.status, 204, "{fate:?}");
        assert_eq!(world.table.load_uploads(&account).await.unwrap(), Uploads::default(), "{fate:?}");
    }
}

#[tokio::test]
async fn the_list_of_files_has_the_newest_first_by_kind_and_by_end() {
    let world = World::new(Artist::obedient());
    let api = Api::over(&world);
    let video = json!({"fileName": "a.mp4", "mimeType": "video/mp4", "sizeBytes": 9});
    let video = api.post("/api/v1/uploads", &video).await.body["fileId"].clone();
    let mut monsters = Vec::new();
    for cut in ["cut-1", "cut-2", "cut-3"] {
        world.wait(Duration::from_secs(1));
        let body = json!({"prompt": format!("a wolf of {cut}"), "cutId": cut});
        monsters.push(api.held(&world, "/api/generate-monster-image", &body).await.body["fileId"].clone());
    }
    let saved = json!({"fileIds": [monsters[1]]});
    assert_eq!(api.post("/api/regenerate-image-save", &saved).await.body["saved"], json!([monsters[1]]));
    let ids = async |query: &str| {
        let page = api.get(&format!("/api/v1/files{query}")).await;
        page["data"].as_array().unwrap().iter().map(|file| file["id"].clone()).collect::<Vec<_>>()
    };
    let [first, second, third] = [&monsters[0], &monsters[1], &monsters[2]].map(Clone::clone);
    assert_eq!(ids("").await, [third.clone(), second.clone(), first.clone(), video.clone()]);
    assert_eq!(ids("?kind=video").await, std::slice::from_ref(&video));
    assert_eq!(ids("?kind=image&isTemp=false").await, std::slice::from_ref(&second));
    assert_eq!(ids("?isTemp=true").await, [third.clone(), first.clone(), video.clone()]);
    assert_eq!(ids("?kind=text").await, [Value::Null; 0]);
    for query in ["", "kind=image&", "isTemp=true&", "isTemp=false&"] {
        let (mut paged, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = api.get(&format!("/api/v1/files?{query}limit=1{cursor}")).await;
            assert!(page["data"].as_array().unwrap().len() <= 1);
            paged.extend(page["data"].as_array().unwrap().iter().map(|file| file["id"].clone()));
            let Some(next) = page["nextCursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(paged, ids(&format!("?{query}limit=100")).await, "{query}");
    }
    let entry = &api.get("/api/v1/files/?limit=1").await["data"][0];
    assert!(entry["presignedUrl"].as_str().unwrap().contains("X-Amz-Signature") && entry["width"].is_u64());
    let mut whole = api.get(&format!("/api/v1/files/{}", third.as_str().unwrap())).await;
    whole["presignedUrl"] = entry["presignedUrl"].clone();
    assert_eq!(entry, &whole, "the list has what the file itself has");

    assert_eq!(api.get_as("user-2", "/api/v1/files").await.body, json!({"data": [], "nextCursor": null}));
    let wrong = api.call("GET", "/api/v1/files?kind=picture&isTemp=yes&limit=0&cursor=%21").await;
    assert_eq!(wrong.pointers(), ["/query/limit", "/query/cursor", "/query/kind", "/query/isTemp"]);

    // What is removed is not listed, and a job's images no longer link to it.
    assert_eq!(api.call("DELETE", &format!("/api/v1/files/{}", third.as_str().unwrap())).await.status, 204);
    assert_eq!(ids("?kind=image").await, [second, first]);
    let job = &api.get("/api/v1/jobs").await["data"][0]["id"];
    let image = &api.get(&format!("/api/v1/jobs/{}/images", job.as_str().unwrap())).await["data"][0];
    assert_eq!((&image["fileId"], &image["isGone"], image.get("url")), (&third, &json!(true), None));
}

#[tokio::test]
async fn images_that_are_kept_in_their_job_alone_are_there_without_files() {
    let world = World::new(Artist::obedient());
    let api = Api::over(&world);
    let body = json!({"provider": "gemini", "model_id": "gemini-3-pro-image", "arguments": {"prompt": "x"}, "store_result": false});
    let made = api.held(&world, "/api/v1/jobs", &body).await;
    assert_eq!(made.status, 200, "{}", made.body);
    let job = &api.get("/api/v1/jobs").await["data"][0]["id"];
    let image = &api.get(&format!("/api/v1/jobs/{}/images", job.as_str().unwrap())).await["data"][0];
    assert!(image["url"].is_string() && image.get("isGone").is_none(), "{image}");
    assert_eq!(api.get("/api/v1/files").await["data"], json!([]));
}

#[tokio::test]
async fn a_removal_of_a_job_takes_its_files_off_the_list() {
    let world = World::new(Artist::obedient());
    let api = Api::over(&world);
    let pipeline = json!({"stages": [{"prompt": "x", "quantity": 3}]});
    assert_eq!(api.post("/api/v1/jobs", &pipeline).await.status, 202);
    world.run().await;
    let account = "user-1".parse().unwrap();
    assert_eq!(world.table.list_files(&account, None, 10).await.unwrap().len(), 3);
    world.wait(DAY * 91);
    assert_eq!(world.cleaner(DAY * 90).clean(false).await.unwrap().jobs, 1);
    assert!(world.table.list_files(&account, None, 10).await.unwrap().is_empty());
}
