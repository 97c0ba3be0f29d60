//! Characters and their sheets.

use std::time::Duration;

use axum::body::Body;
use serde_json::{Value, json};
use toonmill_domain::{Failure, FailureCode};
use toonmill_tests::{Artist, World};

use crate::api::{Answer, Api};

const NOBODY: &str = "01890a5d-ac96-774b-bcce-b302099a8059";

async fn make(api: &Api, name: &str) -> String {
    let body = json!({"name": name, "description": "은빛 단발", "projectId": "gate"});
    let made = api.post("/api/characters", &body).await;
    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!(made.header("location"), format!("/api/characters/{}", made.body["id"].as_str().unwrap()));
    made.body["id"].as_str().unwrap().to_owned()
}

async fn draw(api: &Api, world: &World, character: &str) -> Answer {
    api.held(world, &format!("/api/characters/{character}/generate-image"), &json!({})).await
}

async fn sheets(api: &Api, character: &str, query: &str) -> Value {
    api.get(&format!("/api/characters/{character}/sheets{query}")).await
}

/// The same request as another user.
async fn as_stranger(api: &Api, method: &str, path: &str) -> Answer {
    let mut claims = crate::api::claims();
    claims["sub"] = "user-2".into();
    let request = http::Request::builder().method(method).uri(path);
    let request = request.header("authorization", format!("Bearer {}", api.signer.sign(&claims)));
    api.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_character_is_what_was_written_and_is_listed_newest_first() {
    let world = World::new(Artist::obedient());
    let api = Api::over(&world);
    let mut ids = Vec::new();
    for name in ["  한서윤 ", "Ann", "민수"] {
        ids.push(make(&api, name).await);
        world.wait(Duration::from_secs(1));
    }
    let one = api.get(&format!("/api/characters/{}/", ids[0])).await;
    assert_eq!(
        (&one["name"], &one["description"], &one["projectId"]),
        (&json!("한서윤"), &json!("은빛 단발"), &json!("gate"))
    );
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = api.get(&format!("/api/characters?limit=2{cursor}")).await;
        seen.extend(page["data"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()));
        let Some(next) = page["nextCursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    ids.reverse();
    assert_eq!(seen, ids);
    assert_eq!(api.get("/api/characters?projectId=gate&limit=3").await["data"].as_array().unwrap().len(), 3);
    assert_eq!(api.get("/api/characters?projectId=other").await, json!({"data": [], "nextCursor": null}));
    assert_eq!(api.call("GET", "/api/characters?limit=0&cursor=!").await.pointers(), ["/query/limit", "/query/cursor"]);
}

#[tokio::test]
async fn a_list_of_long_descriptions_is_read_to_its_end() {
    let world = World::new(Artist::obedient());
    let api = Api::over(&world);
    for number in 0..95 {
        let body = json!({"name": format!("n{number}"), "description": "가".repeat(4_000), "projectId": "long"});
        assert_eq!(api.post("/api/characters", &body).await.status, 201);
    }
    let rest = api.get("/api/characters?limit=100&projectId=long").await;
    assert_eq!((rest["data"].as_array().unwrap().len(), &rest["nextCursor"]), (95, &Value::Null));
    // The longest that there are: 25 bytes of UTF-8 for each character that is seen.
    for number in 0..30 {
        let body = json!({"name": format!("m{number}"), "description": "👩‍👩‍👧‍👦".repeat(4_000), "projectId": "longer"});
        assert_eq!(api.post("/api/characters", &body).await.status, 201);
    }
    let rest = api.get("/api/characters?limit=100&projectId=longer").await;
    assert_eq!((rest["data"].as_array().unwrap().len(), &rest["nextCursor"]), (30, &Value::Null));
}

#[tokio::test]
async fn a_name_is_kept_composed_and_without_what_nobody_sees() {
    let api = Api::over(&World::new(Artist::obedient()));
    for (given, kept) in [
        ("\u{200b}하늘", "하늘"),
        ("지호\u{200d}", "지호"),
        ("\u{feff}민\u{ad}수\u{2060} ", "민수"),
        ("\u{1106}\u{1175}\u{11ab}\u{1109}\u{116e}", "민수"),
        ("지호 👩‍🚀", "지호 👩‍🚀"),
        (&"\u{1112}\u{1161}\u{11ab}".repeat(100), &"한".repeat(100)),
    ] {
        let made = api.post("/api/characters", &json!({"name": given})).await;
        assert_eq!((made.status.as_u16(), &made.body["name"]), (201, &json!(kept)), "{given:?}");
    }
    for unseen in ["\u{3164}", "\u{115f}\u{1160}", "\u{ffa0}\u{200b}", "\u{2060}", "a\u{2028}b"] {
        let answer = api.post("/api/characters", &json!({"name": unseen})).await;
        assert_eq!((answer.status.as_u16(), answer.pointers()), (400, vec!["/name"]), "{unseen:?}");
    }
}

#[tokio::test]
async fn everything_wrong_with_a_character_is_told_at_once() {
    let api = Api::over(&World::new(Artist::obedient()));
    for (body, expected) in [
        (json!([]), ""),
        (json!({}), "/name"),
        (json!({"name": " ", "description": 5, "projectId": "a b"}), "/name /description /projectId"),
        (json!({"name": "x".repeat(101), "description": "가".repeat(4_001)}), "/name /description"),
        (json!({"name": "a\nb"}), "/name"),
        (json!({"name": "!?"}), "/name"),
    ] {
        let answer = api.post("/api/characters", &body).await;
        assert_eq!((answer.status.as_u16(), answer.pointers().join(" ")), (400, expected.to_owned()), "{body}");
    }
    assert_eq!(api.get("/api/characters").await["data"], json!([]), "and nothing is written");
}

#[tokio::test]
async fn a_character_is_drawn_as_a_sheet_of_its_which_stays_and_can_be_referred_to() {
    let world = World::new(Artist::obedient());
    let api = Api::over(&world);
    let (hero, other) = (make(&api, "한서윤").await, make(&api, "민수").await);
    let drawn = draw(&api, &world, &hero).await;
    assert_eq!((drawn.status.as_u16(), &drawn.body["success"]), (200, &json!(true)), "{}", drawn.body);
    assert!(drawn.body["imageUrl"].as_str().unwrap().contains("X-Amz-Signature"));
    assert_eq!((&drawn.body["provider"], &drawn.body["kind"]), (&json!("gemini"), &json!("generate-character-image")));
    let asked = world.artist.asked().remove(0);
    assert!(asked.prompt.contains("한서윤") && asked.prompt.contains("은빛 단발"), "{}", asked.prompt);
    assert_eq!(asked.aspect_ratio.to_string(), "3:4");

    let job = api.get(drawn.body["statusUrl"].as_str().unwrap()).await;
    assert_eq!((&job["result"]["sheetId"], &job["result"]["success"]), (&drawn.body["sheetId"], &json!(true)));
    let file = api.get(&format!("/api/v1/files/{}", drawn.body["sheetId"].as_str().unwrap())).await;
    assert_eq!(file["isTemp"], false);

    let of_picture = json!({"fileId": drawn.body["sheetId"], "characterId": hero});
    let second = api.held(&world, "/api/generate-character-sheet", &of_picture).await;
    let listed = sheets(&api, &hero, "").await;
    let ids: Vec<_> = listed["data"].as_array().unwrap().iter().map(|sheet| sheet["sheetId"].clone()).collect();
    assert_eq!(json!(ids), json!([drawn.body["sheetId"], second.body["fileId"]]), "the oldest is the first");
    assert_eq!((&listed["data"][1]["index"], &listed["data"][1]["characterId"]), (&json!(1), &json!(hero)));
    assert_eq!(sheets(&api, &other, "").await["data"], json!([]));

    let first = sheets(&api, &hero, "?limit=1").await;
    let rest = sheets(&api, &hero, &format!("?cursor={}", first["nextCursor"].as_str().unwrap())).await;
    assert_eq!((&first["data"][0]["index"], &rest["data"][0]["index"]), (&json!(0), &json!(1)));
    assert_eq!((rest["data"].as_array().unwrap().len(), &rest["nextCursor"]), (1, &Value::Null));

    let again = json!({
        "fileId": second.body["fileId"], "prompt": "at night", "cutId": "c", "processId": "p",
        "characterSheets": [{"sheetId": drawn.body["sheetId"]}]
    });
    assert_eq!(api.held(&world, "/api/regenerate-image", &again).await.status, 200);
    assert_eq!(world.artist.asked().pop().unwrap().references.len(), 2);
    world.audit(job["id"].as_str().unwrap().parse().unwrap()).await;
}

#[tokio::test]
async fn anothers_character_is_as_good_as_none() {
    let world = World::new(Artist::obedient());
    let api = Api::over(&world);
    let hero = make(&api, "한서윤").await;
    draw(&api, &world, &hero).await;
    for (method, tail) in [("GET", ""), ("GET", "/sheets"), ("POST", "/generate-image")] {
        let stranger = as_stranger(&api, method, &format!("/api/characters/{hero}{tail}")).await;
        for nobody in [NOBODY, "x"] {
            let absent = as_stranger(&api, method, &format!("/api/characters/{nobody}{tail}")).await;
            assert_eq!((absent.status, &absent.body["detail"]), (stranger.status, &stranger.body["detail"]));
        }
        assert_eq!((stranger.status.as_u16(), &stranger.body["code"]), (404, &json!("not_found")), "{method} {tail}");
    }
    assert_eq!(as_stranger(&api, "GET", "/api/characters").await.body["data"], json!([]));
    let sheet = sheets(&api, &hero, "").await["data"][0]["sheetId"].clone();
    let wrong = api.post("/api/generate-character-sheet", &json!({"fileId": sheet, "characterId": NOBODY})).await;
    assert_eq!((wrong.status.as_u16(), wrong.pointers()), (400, vec!["/characterId"]));
}

#[tokio::test]
async fn a_repeat_with_its_key_draws_one_sheet_and_a_failure_leaves_none() {
    let world = World::new(Artist::obedient());
    let api = Api::over(&world);
    let hero = make(&api, "한서윤").await;
    let path = format!("/api/characters/{hero}/generate-image");
    let send = async || {
        let request = api.request("POST", &path).header("idempotency-key", "sheet-1");
        api.send(request.body(Body::empty()).unwrap()).await
    };
    let (first, again) = (send().await, send().await);
    assert_eq!((first.status.as_u16(), again.header("idempotency-replayed")), (202, "true"));
    assert_eq!(first.body["jobId"], again.body["jobId"]);
    world.run().await;
    assert_eq!(sheets(&api, &hero, "").await["data"].as_array().unwrap().len(), 1);

    world.artist.rewrite(|_, _| Err(Failure::new(FailureCode::Refused).detail("SAFETY")));
    let failed = draw(&api, &world, &hero).await;
    assert_eq!((&failed.body["status"], &failed.body["success"]), (&json!("FAILED"), &json!(false)));
    assert_eq!(sheets(&api, &hero, "").await["data"].as_array().unwrap().len(), 1);
    let wrong = api.post(&path, &json!({"apiProvider": "openai", "count": 0})).await;
    assert_eq!((wrong.status.as_u16(), wrong.pointers()), (400, vec!["/count", "/apiProvider"]), "{}", wrong.body);
}

#[tokio::test]
async fn a_sheet_keeps_its_index_when_it_is_removed_and_goes_with_its_job() {
    let world = World::new(Artist::obedient());
    let api = Api::over(&world);
    let hero = make(&api, "한서윤").await;
    let first = draw(&api, &world, &hero).await.body;
    let second = draw(&api, &world, &hero).await.body;
    let removed = api.call("DELETE", &format!("/api/v1/files/{}", first["sheetId"].as_str().unwrap())).await;
    assert_eq!(removed.status, 204);
    let listed = sheets(&api, &hero, "").await;
    assert_eq!((&listed["data"][0]["imageUrl"], &listed["data"][1]["index"]), (&Value::Null, &json!(1)));
    assert!(listed["data"][1]["imageUrl"].is_string());
    let saved = api.post("/api/regenerate-image-save", &json!({"fileIds": [second["sheetId"]]})).await;
    assert_eq!(saved.body["saved"], json!([second["sheetId"]]));

    let retention = Duration::from_hours(24 * 90);
    world.wait(retention + Duration::from_secs(1));
    assert_eq!(world.cleaner(retention).clean(false).await.unwrap().jobs, 2);
    let path = format!("/api/characters/{hero}/sheets");
    let left = api.get_as("user-1", &path).await.body;
    assert_eq!(left["data"].as_array().unwrap().len(), 1, "what was saved outlives its job: {left}");
    assert_eq!(left["data"][0]["sheetId"], second["sheetId"]);
    assert_eq!(api.get_as("user-1", &format!("/api/characters/{hero}")).await.status, 200, "a character is no job's");
}
