//! Requests as people's tools really spell them: the same thing said in another way is the same thing, and what cannot be
//! understood is told by name.

use axum::body::Body;
use serde_json::{Value, json};
use toonmill_tests::{Artist, World, writing};

use crate::{
    api::{Answer, Api, JOB},
    storyboards::part,
};

const ESTIMATE: &str = "/api/v1/jobs/estimate";
const TWO: &str = r#"{"stages": [{"prompt": "x", "quantity": 2}]}"#;

async fn send(api: &Api, path: &str, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Answer {
    let request =
        headers.iter().fold(api.request("POST", path), |request, (name, value)| request.header(*name, *value));
    api.send(request.body(Body::from(body.into())).unwrap()).await
}

async fn send_json(api: &Api, path: &str, body: impl Into<Vec<u8>>) -> Answer {
    send(api, path, &[("content-type", "application/json")], body).await
}

fn detail(answer: &Answer) -> &str {
    answer.body["detail"].as_str().unwrap()
}

#[tokio::test]
async fn json_in_utf_8_is_taken_however_its_type_spells_that() {
    let world = World::new(Artist::tireless());
    let api = Api::over(&world);
    for content_type in [
        "application/json; charset=utf8",
        "application/json; charset=us-ascii",
        "APPLICATION/JSON;CHARSET=\"UTF-8\"",
        "application/vnd.studio.v1+json; v=2",
    ] {
        let answer =
            send(&api, ESTIMATE, &[("content-type", content_type), ("content-encoding", "identity")], TWO).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.body["slots"]),
            (200, &json!(2)),
            "{content_type}: {}",
            answer.body
        );
    }
    let marked = [b"\xef\xbb\xbf", TWO.as_bytes()].concat();
    assert_eq!(send_json(&api, ESTIMATE, marked).await.status, 200);

    let refused = send(&api, ESTIMATE, &[("content-type", "application/json; charset=EUC-KR")], TWO).await;
    assert_eq!((refused.status.as_u16(), detail(&refused)), (415, "Send JSON in UTF-8, not in euc-kr."));
    let form = send(&api, ESTIMATE, &[("content-type", "application/x-www-form-urlencoded")], TWO).await;
    assert_eq!(detail(&form), "Send Content-Type: application/json, not application/x-www-form-urlencoded.");
    let utf_16: Vec<u8> = TWO.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let refused = send_json(&api, ESTIMATE, utf_16).await;
    assert_eq!((refused.status.as_u16(), &refused.body["code"]), (400, &json!("malformed_json")));
    assert_eq!(detail(&refused), "The body is in UTF-16 or UTF-32. Send JSON in UTF-8.");
}

#[tokio::test]
async fn a_compressed_body_is_told_to_come_as_it_is() {
    let api = Api::nowhere();
    let gzipped = b"\x1f\x8b\x08\0\0\0\0\0\0\x03\xab\xae\x05\0C\xbf\xa6\xa3\x02\0\0\0".as_slice();
    let json = ("content-type", "application/json");
    for (headers, body) in [
        (vec![json, ("content-encoding", "gzip")], gzipped),
        (vec![json, ("content-encoding", "br")], b"\x0b\x01\x80{}\x03".as_slice()),
        (vec![json], gzipped),
    ] {
        let refused = send(&api, ESTIMATE, &headers, body).await;
        assert_eq!((refused.status.as_u16(), refused.header("accept-encoding")), (415, "identity"), "{headers:?}");
        assert!(detail(&refused).starts_with("The body is compressed ("), "{}", refused.body);
    }
}

#[tokio::test]
async fn what_json_can_spell_and_nobody_can_hold_has_a_pointer() {
    let api = Api::nowhere();
    for (body, pointer) in [
        (r#"{"stages": [{"prompt": "a cat \ud83d", "quantity": 2}]}"#, "/stages/0/prompt"),
        (r#"{"stages": [{"prompt": "x", "quantity": 2}], "unread": {"zoom": 1e400}}"#, "/unread/zoom"),
        (r#"{"stages": [{"prompt": "x", "quantity": 2, "quantity": 3}]}"#, "/stages/0/quantity"),
    ] {
        let refused = send_json(&api, ESTIMATE, body).await;
        assert_eq!((refused.status.as_u16(), &refused.body["code"]), (400, &json!("invalid_request")), "{body}");
        assert_eq!(refused.pointers(), [pointer]);
    }
}

#[tokio::test]
async fn a_null_in_one_spelling_hides_no_value_in_another() {
    let world = World::new(Artist::tireless());
    let api = Api::over(&world);
    let stage = |more: Value| {
        let mut stage = json!({"prompt": "x", "quantity": 1});
        stage.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "stages": [stage] })
    };
    let hidden = api.post(ESTIMATE, &stage(json!({"aspectRatio": null, "aspect_ratio": "97:13"}))).await;
    assert_eq!((hidden.status.as_u16(), hidden.pointers()), (400, vec!["/stages/0/aspect_ratio"]), "{}", hidden.body);
    let two = api.post(ESTIMATE, &stage(json!({"aspectRatio": "1:1", "aspect_ratio": "16:9"}))).await;
    assert_eq!((two.status.as_u16(), two.pointers()), (400, vec!["/stages/0/aspectRatio"]));
    assert!(detail(&two).ends_with("is also given as /stages/0/aspect_ratio, with another value"), "{}", two.body);
    let one = api.post(ESTIMATE, &stage(json!({"aspectRatio": "1:1", "aspect-ratio": "1:1"}))).await;
    assert_eq!(one.status, 200, "{}", one.body);
}

#[tokio::test]
async fn where_nothing_must_be_said_nothing_may_be_said_in_any_way() {
    let world = World::new(Artist::obedient());
    let api = Api::over(&world);
    let made = api.post("/api/characters", &json!({"name": "민수", "description": "은빛 단발"})).await;
    let sheet = format!("/api/characters/{}/generate-image", made.body["id"].as_str().unwrap());
    for path in [sheet.as_str(), "/api/generate-monster-prompt"] {
        for body in ["", "null", " \n", "[]", "{}", "\u{feff}"] {
            let taken = send_json(&api, path, body).await;
            assert_eq!(taken.status, 202, "{path} {body:?}: {}", taken.body);
            world.run().await;
        }
        assert_eq!(send(&api, path, &[], "").await.status, 202, "no body needs no type");
        world.run().await;
        for body in ["0", "\"\"", "[0]", "false"] {
            assert_eq!(send_json(&api, path, body).await.status, 400, "{path} {body}");
        }
    }
    let estimate = api.post(ESTIMATE, &json!({"stages": [{"prompt": "x", "quantity": 1, "inputFileIds": {}, "aspectRatio": "", "model": " "}], "webhookUrl": "", "productionId": ""})).await;
    assert_eq!(estimate.status, 200, "{}", estimate.body);
}

#[tokio::test]
async fn an_empty_map_may_be_spelt_as_php_spells_it() {
    let world = World::new(Artist::obedient());
    let api = Api::over(&world);
    world.author.rewrite(|_, _| Ok(writing(&part("문 앞", &[]))));
    let told = api.held(&world, "/api/script-to-storyboard", &json!({"script": "민수: 왔어?"})).await;
    let cut = |selected: Value| {
        json!({
            "storyboardId": told.body["storyboardId"], "cutIndex": 0, "description": "옥상",
            "selectedCharacterSheets": selected,
        })
    };
    assert_eq!(api.post("/api/storyboard-cut-image", &cut(json!([]))).await.status, 202);
    let refused = api.post("/api/storyboard-cut-image", &cut(json!([0]))).await;
    assert_eq!((refused.status.as_u16(), refused.pointers()), (400, vec!["/selectedCharacterSheets"]));
}

#[tokio::test]
async fn a_language_is_a_tag_of_any_region() {
    let world = World::new(Artist::obedient());
    let api = Api::over(&world);
    for (tag, language) in [("ko-KR", "Korean"), ("KO", "Korean"), ("ko_KR", "Korean"), ("en-GB", "English")] {
        let taken = api.post("/api/generate-monster-prompt", &json!({"description": "문어", "language": tag})).await;
        assert_eq!(taken.status, 202, "{tag}: {}", taken.body);
        let job = taken.body["jobId"].as_str().unwrap();
        let key = world.object_keys().into_iter().find(|key| key.starts_with("plans/") && key.contains(job)).unwrap();
        let plan = String::from_utf8(world.blobs.get(&key, 1 << 20).await.unwrap()).unwrap();
        let other = if language == "Korean" { "English" } else { "Korean" };
        assert!(plan.contains(language) && !plan.contains(other), "{tag}: {plan}");
        world.run().await;
    }
    let refused =
        api.post("/api/generate-monster-prompt", &json!({"description": "문어", "language": "zh-Hant"})).await;
    assert_eq!((refused.status.as_u16(), refused.pointers()), (400, vec!["/language"]));
}

#[tokio::test]
async fn an_id_is_read_without_regard_to_case_in_paths_bodies_and_queries() {
    let world = World::new(Artist::obedient());
    let api = Api::over(&world);
    let taken = send_json(&api, "/api/v1/jobs", r#"{"stages": [{"prompt": "x", "quantity": 1}]}"#).await;
    world.run().await;
    let id = taken.body["id"].as_str().unwrap();
    let capitals = id.to_uppercase();
    for spelt in [&capitals, &format!("%7B{capitals}%7D"), &id.replace('-', ""), &format!("urn:uuid:{id}")] {
        let job = api.get(&format!("/api/v1/jobs/{spelt}")).await;
        assert_eq!((&job["id"], &job["status"]), (&json!(id), &json!("COMPLETED")), "{spelt}");
    }
    assert_eq!(api.call("GET", &JOB.to_uppercase().replace("/API/V1/JOBS", "/api/v1/jobs")).await.status, 404);
    let images = api.get(&format!("/api/v1/jobs/{capitals}/images")).await;
    let file = images["data"][0]["fileId"].as_str().unwrap();
    assert_eq!(api.get(&format!("/api/v1/files/{}", file.to_uppercase())).await["id"], *file);
    // Of a body: both spellings are one file.
    let body = json!({"stages": [{"prompt": "x", "quantity": 1, "inputFileIds": [file, file.to_uppercase()]}]});
    let estimate = api.post(ESTIMATE, &body).await;
    assert_eq!(estimate.status, 200, "{}", estimate.body);
    // Another's job is not there in any spelling.
    assert_eq!(api.get_as("user-2", &format!("/api/v1/jobs/{capitals}")).await.status, 404);
}

#[tokio::test]
async fn a_quoted_key_is_the_bare_one_and_a_body_is_what_it_says() {
    let world = World::new(Artist::tireless());
    let api = Api::over(&world);
    let post = async |key: &str, body: &str| {
        let headers = [("content-type", "application/json"), ("idempotency-key", key)];
        let answer = send(&api, "/api/v1/jobs", &headers, body).await;
        assert_eq!(answer.status, 202, "{key} {body}: {}", answer.body);
        (answer.body["jobId"].as_str().unwrap().to_owned(), answer.header("idempotency-replayed") == "true")
    };
    let one = r#"{"stages": [{"prompt": "x", "quantity": 1}]}"#;
    let (spaced, is_repeated) = post("\"page 12\"", one).await;
    assert!(!is_repeated);
    for same in [
        r#"{"stages": [{"quantity": 1.0, "prompt": "x"}]}"#,
        r#"{"stages": [{"prompt": "x", "quantity": 1e0, "model": null}], "maxRounds": null}"#,
    ] {
        assert_eq!(post("\"page 12\"", same).await, (spaced.clone(), true));
    }
    let (plain, _) = post("page-12", one).await;
    assert_ne!(plain, spaced);
    assert_eq!(post("\"page-12\"", one).await, (plain, true));

    let headers = [("content-type", "application/json"), ("idempotency-key", "\"page-12\"")];
    let other = send(&api, "/api/v1/jobs", &headers, TWO).await;
    assert_eq!((other.status.as_u16(), &other.body["code"]), (422, &json!("idempotency_key_reused")));
    let listed = api.get("/api/v1/jobs").await;
    assert_eq!(listed["data"].as_array().unwrap().len(), 2);
}
