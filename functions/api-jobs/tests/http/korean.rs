//! Korean text and names as people send them: each input of `cases/` with its right result.

use serde_json::{Value, json};
use toonmill_domain::{StagePlan, Work};
use toonmill_tests::{Artist, World, writing};

use crate::{
    api::{Answer, Api},
    cuts::{character, draw, storyboard},
    storyboards::part,
};

fn case(json: &str) -> Value {
    serde_json::from_str(json).unwrap()
}

/// The only stage of the job that an answer is about.
async fn stage(world: &World, answer: &Answer) -> StagePlan {
    let job = answer.body["jobId"].as_str().unwrap().parse().unwrap();
    world.blobs.load_plan(job).await.unwrap().stages.remove(0)
}

fn instructions(stage: StagePlan) -> String {
    match stage.work {
        Work::Text(text) => text.system.unwrap(),
        Work::Image(_) => panic!("a text is written"),
    }
}

#[tokio::test]
async fn a_character_is_drawn_after_its_sheet_however_its_name_is_written() {
    for case in case(include_str!("cases/names.json")).as_array().unwrap() {
        let world = World::new(Artist::obedient());
        let api = Api::over(&world);
        let board = storyboard(&api, &world).await;
        let name = case["name"].as_str().unwrap();
        character(&api, &world, name, 1).await;
        let drawn = draw(&api, &world, &board, json!({"description": "옥상", "dialogue": case["dialogue"]})).await;
        assert_eq!(drawn.status, 200, "{}", drawn.body);
        assert_eq!(world.artist.asked().pop().unwrap().references.len(), 1, "{case}");
        let stored = name.trim_matches(['\u{200b}', '\u{200d}']);
        let shown = api.get(&format!("/api/storyboards/{board}")).await;
        assert_eq!(shown["cuts"][1]["image"]["characters"], json!([stored]), "{case}");
        assert_eq!(drawn.body["characters"], json!([stored]), "{case}");
    }
}

#[tokio::test]
async fn names_that_no_sheet_was_found_for_are_told() {
    let world = World::new(Artist::obedient());
    let api = Api::over(&world);
    // Its cuts have 민수 in them.
    let board = storyboard(&api, &world).await;
    character(&api, &world, "한서윤", 1).await;
    character(&api, &world, "도윤", 0).await;
    let changes = json!({"dialogue": "서윤: 태오야, 도윤이 봤어?\n아영 (E): 여기!\nBGM: 슬픈 노래"});
    let drawn = draw(&api, &world, &board, changes).await;
    let expected = json!(["도윤", "아영", "태오", "민수"]);
    assert_eq!((&drawn.body["characters"], &drawn.body["unmatchedNames"]), (&json!(["한서윤"]), &expected));
    let shown = &api.get(&format!("/api/storyboards/{board}")).await["cuts"][1]["image"];
    assert_eq!((&shown["characters"], &shown["unmatchedNames"]), (&json!(["한서윤"]), &expected));
    let job = api.get(drawn.body["statusUrl"].as_str().unwrap()).await;
    assert_eq!(job["result"]["unmatchedNames"], expected);

    // A given name that two have is nobody's.
    character(&api, &world, "김서윤", 1).await;
    character(&api, &world, "민수", 1).await;
    let drawn = draw(&api, &world, &board, json!({"dialogue": "서윤아, 민수는?"})).await;
    assert_eq!(
        (&drawn.body["characters"], &drawn.body["unmatchedNames"]),
        (&json!(["민수"]), &json!(["서윤"])),
        "{}",
        drawn.body
    );
    let drawn = draw(&api, &world, &board, json!({"dialogue": "김서윤: 민수야."})).await;
    assert_eq!(drawn.body["unmatchedNames"], json!([]));
}

#[tokio::test]
async fn the_speakers_of_a_script_are_its_people_and_nobody_else() {
    let world = World::new(Artist::obedient());
    let api = Api::over(&world);
    let script = include_str!("cases/script-labels.txt");
    for script in [script.to_owned(), script.replace('\n', "\r"), script.replace('\n', "\u{2028}")] {
        let taken = api.post("/api/script-to-storyboard", &json!({"script": script})).await;
        let prompt = stage(&world, &taken).await.prompt;
        assert!(prompt.contains("always to be spelt: 민수, 수진, 하나, 지호."), "{prompt}");
    }
}

#[tokio::test]
async fn korean_that_is_taken_apart_is_korean_and_is_composed() {
    let world = World::new(Artist::obedient());
    let api = Api::over(&world);
    let monster = case(include_str!("cases/monster-prompt-nfd.json"));
    let stage_of = async |path: &str, body: &Value| stage(&world, &api.post(path, body).await).await;
    let planned = stage_of("/api/generate-monster-prompt", &monster).await;
    assert_eq!(planned.prompt, "지하철에 사는 거대한 문어");
    assert!(instructions(planned).contains("Korean"));
    let script = case(include_str!("cases/storyboard-nfd.json"));
    let planned = stage_of("/api/script-to-storyboard", &script).await;
    assert!(planned.prompt.contains("spelt: 민수, 수진."), "{}", planned.prompt);
    assert!(instructions(planned).contains("Korean"));
    let english = json!({"description": "An octopus named 문어 that lives in the subway"});
    let planned = instructions(stage_of("/api/generate-monster-prompt", &english).await);
    assert!(planned.contains("English") && !planned.contains("Korean"), "{planned}");
}

#[tokio::test]
async fn a_prompt_counts_as_it_is_seen_and_must_show_something() {
    let api = Api::over(&World::new(Artist::obedient()));
    let estimate = async |prompt: String| {
        api.post("/api/v1/jobs/estimate", &json!({"stages": [{"prompt": prompt, "quantity": 1}]})).await
    };
    let blank = api.post("/api/v1/jobs/estimate", &case(include_str!("cases/estimate-hangul-filler.json"))).await;
    assert_eq!((blank.status.as_u16(), blank.pointers()), (400, vec!["/stages/0/prompt"]));
    assert_eq!(blank.body["errors"][0]["detail"], "must not be blank");
    for unseen in ["\u{200b}\u{200d}", "\u{2060}\u{feff}\u{ad} \n", "\u{115f}\u{1160}\u{ffa0}"] {
        assert_eq!(estimate(unseen.to_owned()).await.status, 400, "{unseen:?}");
    }
    let apart = "\u{1112}\u{1161}\u{11ab}";
    for fits in ["한".repeat(4_000), apart.repeat(4_000), "👩‍👩‍👧‍👦".repeat(4_000)] {
        assert_eq!(estimate(fits).await.status, 200);
    }
    for long in ["한".repeat(4_001), apart.repeat(4_001), format!("a{}", "\u{301}".repeat(70_000))] {
        assert_eq!(estimate(long).await.status, 400);
    }
}

#[tokio::test]
async fn a_storyboards_names_are_one_whatever_hangs_on_them() {
    let world = World::new(Artist::obedient());
    let api = Api::over(&world);
    world.author.rewrite(|_, _| Ok(writing(&part("문 앞", &["민수한텐", "민수", "민수쌤", "민수진"]))));
    let told = api.held(&world, "/api/script-to-storyboard", &json!({"script": "민수: 왔어?"})).await;
    assert_eq!(told.body["cuts"][0]["characters"], json!(["민수", "민수진"]));
}
