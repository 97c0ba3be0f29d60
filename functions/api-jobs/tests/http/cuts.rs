//! The images of a storyboard's cuts.

use std::time::Duration;

use serde_json::{Value, json};
use toonmill_domain::{Failure, FailureCode};
use toonmill_tests::{Artist, World, writing};

use crate::{
    api::{Answer, Api},
    storyboards::part,
};

const PATH: &str = "/api/storyboard-cut-image";

/// A storyboard of two cuts.
pub(crate) async fn storyboard(api: &Api, world: &World) -> String {
    world.author.rewrite(|_, _| Ok(writing(&part("문 앞", &["민수"]))));
    let told = api.held(world, "/api/script-to-storyboard", &json!({"script": "민수: 왔어?"})).await;
    told.body["storyboardId"].as_str().unwrap().to_owned()
}

/// A character with this many sheets, by their ids.
pub(crate) async fn character(api: &Api, world: &World, name: &str, sheets: usize) -> Vec<String> {
    let made = api.post("/api/characters", &json!({"name": name, "description": "은빛 단발"})).await;
    let path = format!("/api/characters/{}/generate-image", made.body["id"].as_str().unwrap());
    let mut ids = Vec::new();
    for _ in 0..sheets {
        let drawn = api.held(world, &path, &json!({})).await;
        ids.push(drawn.body["sheetId"].as_str().unwrap().to_owned());
    }
    ids
}

pub(crate) async fn draw(api: &Api, world: &World, storyboard: &str, changes: Value) -> Answer {
    let mut body = json!({"description": "비 오는 옥상.", "storyboardId": storyboard, "cutIndex": 1});
    body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    api.held(world, PATH, &body).await
}

/// The files that the last picture was drawn from, as far as they are these.
async fn drawn_from(api: &Api, world: &World, among: &[&String]) -> Vec<usize> {
    let asked = world.artist.asked().pop().unwrap();
    let mut found = Vec::new();
    for reference in &asked.references {
        for (index, id) in among.iter().enumerate() {
            let file = api.get(&format!("/api/v1/files/{id}")).await;
            let bytes = world.blobs.get(file["s3Key"].as_str().unwrap(), 1 << 20).await.unwrap();
            if bytes == *reference {
                found.push(index);
            }
        }
    }
    assert_eq!(found.len(), asked.references.len());
    found
}

#[tokio::test]
async fn a_cut_is_sketched_and_stored_as_its_image_and_the_one_before_is_its_history() {
    let world = World::new(Artist::obedient());
    let api = Api::over(&world);
    let board = storyboard(&api, &world).await;
    let first =
        draw(&api, &world, &board, json!({"title": "문 앞", "background": "밤의 옥상", "dialogue": "민수: 왔어?"}))
            .await;
    assert_eq!((first.status.as_u16(), first.header("preference-applied")), (200, "wait=20"), "{}", first.body);
    assert!(first.body["imageUrl"].as_str().unwrap().contains("X-Amz-Signature"));
    assert_eq!((&first.body["mimeType"], &first.body["provider"]), (&json!("image/webp"), &json!("gemini")));
    let asked = world.artist.asked().pop().unwrap();
    assert_eq!(asked.aspect_ratio.to_string(), "16:9");
    assert!(
        asked.prompt.contains("black-and-white sketch") && asked.prompt.contains("민수: 왔어?"),
        "{}",
        asked.prompt
    );
    let job = api.get(first.body["statusUrl"].as_str().unwrap()).await;
    assert_eq!((&job["result"]["fileId"], &job["kind"]), (&first.body["fileId"], &json!("storyboard-cut-image")));

    world.wait(Duration::from_secs(5));
    let second = draw(&api, &world, &board, json!({"description": "가까이에서."})).await;
    let shown = api.get(&format!("/api/storyboards/{board}/")).await;
    assert_eq!(shown["cuts"][0]["image"], Value::Null);
    let cut = &shown["cuts"][1];
    assert_eq!(
        (&cut["image"]["fileId"], &cut["image"]["description"]),
        (&second.body["fileId"], &json!("가까이에서."))
    );
    assert_eq!(cut["history"].as_array().unwrap().len(), 1);
    assert_eq!((&cut["history"][0]["fileId"], &cut["title"]), (&first.body["fileId"], &json!("문 앞 2")));
    let file = api.get(&format!("/api/v1/files/{}", first.body["fileId"].as_str().unwrap())).await;
    assert_eq!(file["isTemp"], false, "it is kept");

    let path = format!("/api/v1/files/{}", second.body["fileId"].as_str().unwrap());
    assert_eq!(api.call("DELETE", &path).await.status, 204);
    let cut = &api.get(&format!("/api/storyboards/{board}")).await["cuts"][1];
    assert_eq!((&cut["image"]["fileId"], &cut["history"]), (&first.body["fileId"], &json!([])));
    world.audit(job["id"].as_str().unwrap().parse().unwrap()).await;
}

#[tokio::test]
async fn characters_that_are_named_are_drawn_after_their_sheets() {
    let world = World::new(Artist::obedient());
    let api = Api::over(&world);
    let board = storyboard(&api, &world).await;
    let (minsu, sujin) = (character(&api, &world, "민수", 2).await, character(&api, &world, "수진", 1).await);
    character(&api, &world, "민수진", 1).await;
    character(&api, &world, "도윤", 0).await;
    let among = [&minsu[0], &minsu[1], &sujin[0]];
    for (changes, expected) in [
        (json!({"dialogue": "수진이: 민수는 어디 갔어?"}), vec![2, 1]),
        (json!({"description": "민수에게 우산을 건네는 손."}), vec![1]),
        (json!({"dialogue": "민수랑 갈래", "selectedCharacterSheets": {"민수": 0}}), vec![0]),
        (json!({"dialogue": "도윤: 갈게."}), vec![]),
        (json!({}), vec![]),
    ] {
        let drawn = draw(&api, &world, &board, changes.clone()).await;
        assert_eq!(drawn.body["status"], "COMPLETED", "{changes}: {}", drawn.body);
        assert_eq!(drawn_from(&api, &world, &among).await, expected, "{changes}");
    }
    let shown = api.get(&format!("/api/storyboards/{board}")).await;
    assert_eq!(shown["cuts"][1]["image"]["characters"], json!([]));
    draw(&api, &world, &board, json!({"dialogue": "수진이: 민수는 어디 갔어?"})).await;
    let shown = api.get(&format!("/api/storyboards/{board}")).await;
    assert_eq!(shown["cuts"][1]["image"]["characters"], json!(["수진", "민수"]));

    // A sheet that was removed is not drawn after, and cannot be selected.
    assert_eq!(api.call("DELETE", &format!("/api/v1/files/{}", minsu[1])).await.status, 204);
    draw(&api, &world, &board, json!({"dialogue": "민수야!"})).await;
    assert_eq!(drawn_from(&api, &world, &[&minsu[0]]).await, [0]);
    let body = json!({
        "description": "x", "storyboardId": board, "cutIndex": 0, "selectedCharacterSheets": {"민수": 1, "수진": 1, "아무개": 0}
    });
    let wrong = api.post(PATH, &body).await;
    let mut pointers = wrong.pointers();
    pointers.sort_unstable();
    let expected =
        ["/selectedCharacterSheets/민수", "/selectedCharacterSheets/수진", "/selectedCharacterSheets/아무개"];
    assert_eq!((wrong.status.as_u16(), pointers), (400, expected.to_vec()), "{}", wrong.body);
}

#[tokio::test]
async fn a_text_that_names_a_crowd_has_a_cast_of_thirty() {
    let world = World::new(Artist::obedient());
    let api = Api::over(&world);
    let board = storyboard(&api, &world).await;
    let names: Vec<_> = (10..45).map(|number| format!("Extra{number}")).collect();
    for name in &names {
        character(&api, &world, name, 0).await;
    }
    world.network.take_calls();
    draw(&api, &world, &board, json!({"dialogue": names.join(" and ")})).await;
    let prompt = world.artist.asked().pop().unwrap().prompt;
    let cast = names.iter().filter(|name| prompt.matches(name.as_str()).count() > 1).count();
    let crowd: serde_json::Map<String, Value> = names.iter().map(|name| (name.clone(), json!(0))).collect();
    let body = json!({"description": "x", "storyboardId": board, "cutIndex": 0, "selectedCharacterSheets": crowd});
    let wrong = api.post(PATH, &body).await;
    assert_eq!((wrong.status.as_u16(), wrong.pointers()), (400, vec!["/selectedCharacterSheets"]), "{}", wrong.body);
    assert_eq!(cast, 30, "{prompt}");
}

#[tokio::test]
async fn anothers_storyboard_and_characters_are_as_good_as_none() {
    let world = World::new(Artist::obedient());
    let api = Api::over(&world);
    let board = storyboard(&api, &world).await;
    character(&api, &world, "민수", 1).await;
    let mut claims = crate::api::claims();
    claims["sub"] = "user-2".into();
    let post = async |path: &str, body: Value| {
        let request = http::Request::post(path).header("authorization", format!("Bearer {}", api.signer.sign(&claims)));
        let request = request.header("content-type", "application/json").body(body.to_string().into()).unwrap();
        api.send(request).await
    };
    let stranger = post(PATH, json!({"description": "x", "storyboardId": board, "cutIndex": 0})).await;
    let nobody = "01890a5d-ac96-774b-bcce-b302099a8059";
    let absent = post(PATH, json!({"description": "x", "storyboardId": nobody, "cutIndex": 0})).await;
    assert_eq!((stranger.status.as_u16(), stranger.pointers()), (400, vec!["/storyboardId"]));
    assert_eq!(stranger.body["errors"], absent.body["errors"]);
    let taken = post("/api/script-to-storyboard", json!({"script": "민수: 왔어?"})).await;
    let own = taken.body["jobId"].as_str().unwrap().to_owned();
    let early = post(PATH, json!({"description": "x", "storyboardId": own, "cutIndex": 0})).await;
    assert_eq!(early.pointers(), ["/storyboardId"], "it is not written yet");
    world.run().await;
    let drawn = post(PATH, json!({"description": "민수", "storyboardId": own, "cutIndex": 0})).await;
    assert_eq!(drawn.status, 202, "{}", drawn.body);
    world.run().await;
    assert_eq!(world.artist.asked().pop().unwrap().references.len(), 0, "the sheet is another's");
}

#[tokio::test]
async fn what_could_not_be_drawn_leaves_the_cut_as_it_was_and_costs_nothing() {
    let world = World::new(Artist::obedient());
    let api = Api::over(&world);
    let board = storyboard(&api, &world).await;
    let first = draw(&api, &world, &board, json!({})).await;
    world.artist.rewrite(|_, _| Err(Failure::new(FailureCode::Refused).detail("SAFETY")));
    let failed = draw(&api, &world, &board, json!({})).await;
    let job = api.get(failed.body["statusUrl"].as_str().unwrap()).await;
    assert_eq!((&job["status"], &job["credits"]["captured"]), (&json!("FAILED"), &json!(0)));
    let cut = &api.get(&format!("/api/storyboards/{board}")).await["cuts"][1];
    assert_eq!((&cut["image"]["fileId"], &cut["history"]), (&first.body["fileId"], &json!([])));
}

#[tokio::test]
async fn images_of_cuts_go_with_their_jobs() {
    let world = World::new(Artist::obedient());
    let api = Api::over(&world);
    let board = storyboard(&api, &world).await;
    world.wait(Duration::from_hours(24 * 10));
    let mut body = json!({"description": "비", "storyboardId": board, "cutIndex": 1});
    body["count"] = 2.into();
    let mut claims = crate::api::claims();
    claims["exp"] = (crate::api::NOW_SECS + 100 * 86_400).into();
    let request = http::Request::post(PATH).header("authorization", format!("Bearer {}", api.signer.sign(&claims)));
    let request = request.header("content-type", "application/json").body(body.to_string().into()).unwrap();
    assert_eq!(api.send(request).await.status, 202);
    world.run().await;
    let path = format!("/api/storyboards/{board}");
    let shown = api.get_as("user-1", &path).await.body;
    assert_eq!(shown["cuts"][1]["history"].as_array().unwrap().len(), 1, "two variants: {shown}");

    let retention = Duration::from_hours(24 * 80);
    world.wait(Duration::from_hours(24 * 71));
    assert_eq!(world.cleaner(retention).clean(false).await.unwrap().jobs, 1, "the storyboard's");
    assert_eq!(api.get_as("user-1", &path).await.status, 404);
    let account = "user-1".parse().unwrap();
    assert_eq!(world.table.load_cut_images(&account, board.parse().unwrap()).await.unwrap().len(), 2);
    world.wait(Duration::from_hours(24 * 10));
    assert_eq!(world.cleaner(retention).clean(false).await.unwrap().jobs, 1);
    assert_eq!(world.table.load_cut_images(&account, board.parse().unwrap()).await.unwrap(), []);
    assert!(world.object_keys().is_empty(), "{:?}", world.object_keys());
}
