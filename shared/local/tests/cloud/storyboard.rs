//! A character, a script and its cuts, and a batch, by the whole deployment.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    harness::Cloud,
    webtoon::{held, webp},
};

#[tokio::test]
async fn a_script_is_storyboarded_its_cuts_drawn_after_a_character_and_drawn_again_by_everybody() {
    let cloud = Cloud::up("test-storyboard", &["--failure-rate", "0"]).await;
    let (ann, eve) = (cloud.token("ann"), cloud.token("eve"));
    cloud.grant("ann", 2_000);
    let (character, sheet) = a_character_is_drawn(&cloud, &ann, &eve).await;
    let storyboard = a_script_becomes_cuts(&cloud, &ann, &eve).await;
    let image = a_cut_is_drawn_with_whom_it_names(&cloud, &ann, &storyboard).await;
    everybody_draws_it_again(&cloud, &ann, &image).await;
    let sheets = get(&cloud, &ann, &format!("/api/characters/{character}/sheets")).await;
    assert_eq!((&sheets["data"][0]["sheetId"], &sheets["data"][0]["index"]), (&sheet, &json!(0)));
    let audit = cloud.command(&["audit", "--job", image["jobId"].as_str().unwrap()]);
    assert!(audit.status.success(), "{}", String::from_utf8(audit.stdout).unwrap());
}

async fn get(cloud: &Cloud, token: &str, path: &str) -> Value {
    let answer = cloud.get(path, token).await;
    assert_eq!(answer.status(), 200, "{path}");
    answer.json().await.unwrap()
}

async fn a_character_is_drawn(cloud: &Cloud, ann: &str, eve: &str) -> (String, Value) {
    let body = json!({ "name": "민수", "description": "검은 단발, 붉은 목도리", "projectId": "gate" });
    let made = cloud.post("/api/characters/", ann, &body).await;
    assert_eq!(made.status(), 201);
    let id = made.json::<Value>().await.unwrap()["id"].as_str().unwrap().to_owned();
    let path = format!("/api/characters/{id}/generate-image");
    let told = held(cloud, ann, &path, &json!({})).await;
    assert_eq!((&told["success"], &told["provider"]), (&json!(true), &json!("gemini")));
    assert_eq!(&cloud.download(&json!({ "url": told["imageUrl"] })).await[8..12], b"WEBP");
    for tail in ["", "/sheets"] {
        assert_eq!(cloud.get(&format!("/api/characters/{id}{tail}"), eve).await.status(), 404);
    }
    assert_eq!(cloud.request(Method::POST, &path, eve).send().await.unwrap().status(), 404);
    assert_eq!(get(cloud, ann, "/api/characters?projectId=gate").await["data"][0]["id"], id);
    (id, told["sheetId"].clone())
}

/// A script of two parts.
async fn a_script_becomes_cuts(cloud: &Cloud, ann: &str, eve: &str) -> Value {
    let script = "장면. 비 오는 옥상.\n민수: 왔어?\n수진: 응, 민수야.\n\n".repeat(80);
    let told = held(cloud, ann, "/api/script-to-storyboard", &json!({ "script": script, "episodeId": "ep-1" })).await;
    let cuts = told["cuts"].as_array().unwrap();
    assert!(cuts.len() > 2, "{told}");
    for cut in cuts {
        assert!(cut["characters"].is_array() && cut["description"].as_str().is_some_and(|text| !text.is_empty()));
    }
    let id = told["storyboardId"].as_str().unwrap();
    let job = get(cloud, ann, &format!("/api/v1/jobs/{id}")).await;
    assert_eq!((&job["result"]["cuts"], &job["progress"]["requested"]), (&told["cuts"], &json!(2)));
    assert_eq!(cloud.get(&format!("/api/storyboards/{id}"), eve).await.status(), 404);
    told
}

async fn a_cut_is_drawn_with_whom_it_names(cloud: &Cloud, ann: &str, storyboard: &Value) -> Value {
    let id = &storyboard["storyboardId"];
    let body = json!({
        "title": "문 앞", "background": "밤의 옥상", "description": "민수가 문을 연다.", "dialogue": "수진: 민수에게 말해!",
        "storyboardId": id, "cutIndex": 1, "selectedCharacterSheets": { "민수": 0 }, "apiProvider": "gemini"
    });
    let mut images = Vec::new();
    for _ in 0..2 {
        images.push(held(cloud, ann, "/api/storyboard-cut-image", &body).await);
    }
    let shown = get(cloud, ann, &format!("/api/storyboards/{}", id.as_str().unwrap())).await;
    let cut = &shown["cuts"][1];
    assert_eq!((&cut["image"]["fileId"], &cut["image"]["characters"]), (&images[1]["fileId"], &json!(["민수"])));
    assert_eq!((&cut["history"][0]["fileId"], &shown["episodeId"]), (&images[0]["fileId"], &json!("ep-1")));
    assert_eq!(shown["cuts"][0]["image"], Value::Null);
    images.remove(1)
}

async fn everybody_draws_it_again(cloud: &Cloud, ann: &str, image: &Value) {
    let request = |provider: &str, number: u32| json!({ "fileId": image["fileId"], "prompt": format!("밤으로 {number}"), "apiProvider": provider });
    let mut requests: Vec<_> =
        (0..9).zip(["gemini", "seedream", "openai"].into_iter().cycle()).map(|(at, name)| request(name, at)).collect();
    requests.insert(4, json!({ "fileId": image["jobId"], "prompt": "there is no such file" }));
    let body = json!({ "cutId": "cut-1", "processId": "p-1", "requests": requests });
    let told = held(cloud, ann, "/api/regenerate-image-batch", &body).await;
    let images = told["images"].as_array().unwrap();
    assert_eq!(images.len(), 10);
    let mut files = BTreeSet::new();
    for (index, (image, request)) in images.iter().zip(&requests).enumerate() {
        assert_eq!((&image["index"], &image["success"]), (&json!(index), &json!(index != 4)), "{image}");
        if index != 4 {
            assert_eq!(image["provider"], request["apiProvider"], "in the order of the requests");
            assert_eq!(&cloud.download(&json!({ "url": image["fileUrl"] })).await[8..12], b"WEBP");
            files.insert(image["fileId"].as_str().unwrap());
        }
    }
    assert_eq!((files.len(), &images[4]["code"]), (9, &json!("unusable_input")));
    let job = get(cloud, ann, told["statusUrl"].as_str().unwrap()).await;
    assert_eq!((job["stages"].as_array().unwrap().len(), &job["progress"]["stored"]), (3, &json!(9)));
    let preview = held(cloud, ann, "/api/generate-character-image-preview", &json!({ "name": "수진" })).await;
    webp(&preview["imageData"]);
}
