//! Scripts made into storyboards.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use toonmill_domain::{Failure, FailureCode};
use toonmill_tests::{Artist, World, writing};

use crate::api::{Answer, Api};

const PATH: &str = "/api/script-to-storyboard";

/// An answer of two cuts, as the schema asks.
pub(crate) fn part(title: &str, characters: &[&str]) -> String {
    let cut = |number: u32| {
        json!({
            "title": format!("{title} {number}"), "background": "밤의 옥상", "description": "민수가 문을 연다.", "dialogue": "민수: 왔어?",
            "characters": characters
        })
    };
    json!({ "cuts": [cut(1), cut(2)] }).to_string()
}

/// A script of several parts.
fn long_script() -> String {
    let scene =
        |number| format!("장면 {number}. 비 오는 옥상.\n민수: 수진아, 어디야? 여기서 기다릴게.\n수진: 금방 갈게.");
    (1..=120).map(scene).collect::<Vec<_>>().join("\n\n")
}

/// Which part of the script a call is for, from 1.
fn number(input: &str) -> u32 {
    let (_, rest) = input.split_once("This is part ").unwrap();
    rest.split_once(' ').unwrap().0.parse().unwrap()
}

async fn storyboard(api: &Api, told: &Value) -> Value {
    api.get(&format!("/api/storyboards/{}", told["storyboardId"].as_str().unwrap())).await
}

async fn held(api: &Api, world: &World, body: &Value) -> Answer {
    api.held(world, PATH, body).await
}

#[tokio::test]
async fn a_script_becomes_cuts_that_its_job_and_its_storyboard_show_alike() {
    let world = World::new(Artist::obedient());
    world.author.rewrite(|_, _| Ok(writing(&part("문 앞", &["민수가", "민수"]))));
    let api = Api::over(&world);
    let told = held(&api, &world, &json!({"script": "민수: 왔어?", "episodeId": "ep-1"})).await;
    assert_eq!((told.status.as_u16(), told.header("preference-applied")), (200, "wait=20"), "{}", told.body);
    assert_eq!((&told.body["kind"], &told.body["provider"]), (&json!("script-to-storyboard"), &json!("gemini")));
    let cuts = told.body["cuts"].as_array().unwrap();
    assert_eq!((cuts.len(), &cuts[1]["title"], &cuts[0]["characters"]), (2, &json!("문 앞 2"), &json!(["민수"])));
    let job = api.get(told.body["statusUrl"].as_str().unwrap()).await;
    assert_eq!((&job["result"]["cuts"], &job["fileIds"]), (&told.body["cuts"], &json!([])));
    let shown = storyboard(&api, &told.body).await;
    assert_eq!((&shown["episodeId"], &shown["status"]), (&json!("ep-1"), &json!("COMPLETED")));
    assert_eq!((&shown["cuts"][1]["index"], &shown["cuts"][1]["title"]), (&json!(1), &json!("문 앞 2")));
    assert_eq!((&shown["cuts"][0]["image"], &shown["cuts"][0]["history"]), (&Value::Null, &json!([])));
    let listed = api.get("/api/v1/jobs?kind=script-to-storyboard&productionId=ep-1").await;
    assert_eq!(listed["data"][0]["id"], told.body["storyboardId"]);
    world.audit(job["id"].as_str().unwrap().parse().unwrap()).await;
}

#[tokio::test]
async fn a_202_comes_to_the_same_and_shows_no_cuts_before() {
    let world = World::new(Artist::obedient());
    world.author.rewrite(|_, _| Ok(writing(&part("문 앞", &[]))));
    let api = Api::over(&world);
    let taken = api.post("/api/script-to-storyboard/", &json!({"script": "Ann: Run!"})).await;
    assert_eq!((taken.status.as_u16(), &taken.body["status"]), (202, &json!("IN_QUEUE")), "{}", taken.body);
    let path = format!("/api/storyboards/{}", taken.body["jobId"].as_str().unwrap());
    let early = api.get(&path).await;
    assert_eq!((&early["status"], &early["cuts"]), (&json!("IN_QUEUE"), &json!([])));
    world.run().await;
    assert_eq!(api.get(&path).await["cuts"].as_array().unwrap().len(), 2);
    let job = api.get(taken.header("location")).await;
    assert_eq!((&job["result"]["storyboardId"], &job["credits"]["released"]), (&taken.body["jobId"], &json!(0)));
}

#[tokio::test]
async fn the_parts_of_a_long_script_are_one_storyboard_in_the_order_of_the_script() {
    let world = World::new(Artist::obedient());
    let names = ["민수", "민수가", "민수는", "Minsu"];
    let spell = move |input: &str, _| {
        let number = number(input);
        let name = names[usize::try_from(number - 1).unwrap() % 2];
        Ok(writing(&part(&format!("part {number}"), &[name])))
    };
    world.author.rewrite(spell);
    let api = Api::over(&world);
    let told = held(&api, &world, &json!({"script": long_script()})).await;
    let cuts = told.body["cuts"].as_array().unwrap();
    let parts = u32::try_from(cuts.len() / 2).unwrap();
    assert!(parts > 2, "{parts}");
    let expected: Vec<_> = (1..=parts).flat_map(|part| [format!("part {part} 1"), format!("part {part} 2")]).collect();
    let titles: Vec<_> = cuts.iter().map(|cut| cut["title"].as_str().unwrap().to_owned()).collect();
    assert_eq!(titles, expected);
    assert!(cuts.iter().all(|cut| cut["characters"] == json!(["민수"])), "one spelling: {cuts:?}");
    assert_eq!(world.author.calls(), parts);
}

#[tokio::test]
async fn an_answer_that_breaks_its_schema_is_asked_for_again_with_what_was_wrong() {
    let world = World::new(Artist::obedient());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&asked);
    world.author.rewrite(move |input, call| {
        log.lock().unwrap().push(input.to_owned());
        if call == 1 {
            Err(Failure::new(FailureCode::InvalidText).detail("the answer breaks /properties/cuts/maxItems"))
        } else {
            Ok(writing(&part("문 앞", &[])))
        }
    });
    let api = Api::over(&world);
    let told = held(&api, &world, &json!({"script": "Ann: Run!"})).await;
    assert_eq!(told.body["cuts"].as_array().unwrap().len(), 2, "{}", told.body);
    let asked = asked.lock().unwrap();
    assert_eq!(asked.len(), 2);
    assert!(
        asked[1].starts_with(&asked[0]) && asked[1].contains("the answer breaks /properties/cuts/maxItems"),
        "{asked:?}"
    );
}

#[tokio::test]
async fn a_storyboard_that_lacks_a_part_has_no_cuts_until_a_retry_brings_it() {
    let world = World::new(Artist::obedient());
    let fail = |input: &str, _| match number(input) {
        2 => Err(Failure::new(FailureCode::Refused).detail("SAFETY")),
        number => Ok(writing(&part(&format!("part {number}"), &[]))),
    };
    world.author.rewrite(fail);
    let api = Api::over(&world);
    let told = held(&api, &world, &json!({"script": long_script()})).await;
    assert_eq!((&told.body["status"], &told.body["error"]["code"]), (&json!("PARTIAL"), &json!("texts_missing")));
    assert_eq!(told.body["cuts"], Value::Null);
    let id = told.body["jobId"].as_str().unwrap();
    let job = api.get(&format!("/api/v1/jobs/{id}")).await;
    assert!(job["credits"]["released"].as_u64().unwrap() > 0, "{}", job["credits"]);
    let shown = api.get(&format!("/api/storyboards/{id}")).await;
    assert_eq!((&shown["status"], &shown["cuts"]), (&json!("PARTIAL"), &json!([])));

    world.author.rewrite(|input, _| Ok(writing(&part(&format!("part {}", number(input)), &[]))));
    assert_eq!(api.post(&format!("/api/v1/jobs/{id}/retry"), &json!({})).await.status, 202);
    world.run().await;
    let shown = api.get(&format!("/api/storyboards/{id}")).await;
    assert_eq!((&shown["status"], &shown["cuts"][2]["title"]), (&json!("COMPLETED"), &json!("part 2 1")));
    world.audit(id.parse().unwrap()).await;
}

#[tokio::test]
async fn the_callers_characters_of_the_script_are_named_to_the_writer() {
    let world = World::new(Artist::obedient());
    let asked = Arc::new(Mutex::new(String::new()));
    let log = Arc::clone(&asked);
    world.author.rewrite(move |input, _| {
        input.clone_into(&mut log.lock().unwrap());
        Ok(writing(&part("문 앞", &[])))
    });
    let api = Api::over(&world);
    for name in ["한서윤", "도윤"] {
        assert_eq!(api.post("/api/characters", &json!({"name": name})).await.status, 201);
    }
    held(&api, &world, &json!({"script": "민수: 왔어?\n한서윤이 문을 연다."})).await;
    let asked = asked.lock().unwrap();
    assert!(asked.contains("always to be spelt: 한서윤, 민수."), "{asked}");
}

#[tokio::test]
async fn what_is_no_storyboard_of_the_callers_is_not_there() {
    let world = World::new(Artist::obedient());
    world.author.rewrite(|_, _| Ok(writing(&part("문 앞", &[]))));
    let api = Api::over(&world);
    let told = held(&api, &world, &json!({"script": "Ann: Run!"})).await;
    let id = told.body["storyboardId"].as_str().unwrap();
    let monster = api.held(&world, "/api/generate-monster-image", &json!({"prompt": "a wolf", "cutId": "c"})).await;
    let other = monster.body["jobId"].as_str().unwrap();
    for (user, id) in
        [("user-2", id), ("user-1", other), ("user-1", "x"), ("user-1", "01890a5d-ac96-774b-bcce-b302099a8059")]
    {
        let answer = api.get_as(user, &format!("/api/storyboards/{id}")).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.body["detail"]),
            (404, &json!("There is no such storyboard.")),
            "{id}"
        );
    }
    let wrong = api.post(PATH, &json!({"script": " ", "episodeId": "a b", "language": "fr", "count": 3})).await;
    assert_eq!(
        (wrong.status.as_u16(), wrong.pointers()),
        (400, vec!["/script", "/language", "/episodeId"]),
        "{}",
        wrong.body
    );
}

#[tokio::test]
async fn a_repeat_with_its_key_is_one_storyboard_and_one_that_costs_too_much_is_none() {
    let world = World::new(Artist::obedient());
    let api = Api::over(&world);
    let body = json!({"script": "Ann: Run!"});
    let send = async || {
        let request = api.request("POST", PATH).header("idempotency-key", "script-1");
        api.send(request.header("content-type", "application/json").body(body.to_string().into()).unwrap()).await
    };
    let (first, again) = (send().await, send().await);
    assert_eq!((first.status.as_u16(), &again.body["jobId"]), (202, &first.body["jobId"]));
    let all = long_script().repeat(4);
    let mut poor = World::new(Artist::obedient());
    poor.submitter.signup_grant = toonmill_domain::Credits::new(10).unwrap();
    let answer = Api::over(&poor).post(PATH, &json!({"script": all})).await;
    assert_eq!(
        (answer.status.as_u16(), &answer.body["code"]),
        (402, &json!("insufficient_credits")),
        "{}",
        answer.body
    );
}
