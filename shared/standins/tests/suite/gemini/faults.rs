//! Every fault of the script, as it arrives.

use serde_json::{Value, json};
use toonmill_standins::faults::{BrokenPicture, Cut, Fault, Quota, Rule, Script};

use crate::world::{Answer, LITE, PROMPT, World, ask, size_of, small};

async fn answer_with(fault: Fault) -> Answer {
    let world = World::failing(fault).await;
    world.post(&ask(PROMPT, &json!({ "imageConfig": { "aspectRatio": "16:9" } }))).await
}

fn error(status: u16) -> Fault {
    Fault::Error { status, message: None, wrapped: false }
}

#[tokio::test]
async fn errors_have_the_recorded_status_and_words() {
    for recorded in [
        include_str!("../../../fixtures/gemini/err_401.json"),
        include_str!("../../../fixtures/gemini/err_403.json"),
        include_str!("../../../fixtures/gemini/err_408.json"),
        include_str!("../../../fixtures/gemini/err_409.json"),
        include_str!("../../../fixtures/gemini/err_499.json"),
        include_str!("../../../fixtures/gemini/err_500.json"),
        include_str!("../../../fixtures/gemini/err_503.json"),
        include_str!("../../../fixtures/gemini/err_504.json"),
    ] {
        let recorded: Value = serde_json::from_str(recorded).unwrap();
        let status = u16::try_from(recorded["status"].as_u64().unwrap()).unwrap();
        let answer = answer_with(error(status)).await;
        assert_eq!(answer.status, status);
        let error = &recorded["body"]["error"];
        assert_eq!(answer.error()["status"], error["status"], "{status}");
        assert_eq!(answer.error()["message"], error["message"], "{status}");
    }
}

#[tokio::test]
async fn a_rate_limit_says_how_long_to_wait() {
    let recorded: Value = serde_json::from_str(include_str!("../../../fixtures/gemini/err_429.json")).unwrap();
    let limited = |retry_after_ms, quota| Fault::RateLimited { retry_after_ms, quota };
    let answer = answer_with(limited(Some(1500), Quota::PerMinute)).await;
    assert_eq!((answer.status.as_u16(), &answer.error()["status"]), (429, &json!("RESOURCE_EXHAUSTED")));
    let details = recorded["body"]["error"]["details"].as_array().unwrap();
    let types: Vec<_> = details.iter().map(|detail| &detail["@type"]).collect();
    let ours: Vec<_> = answer.error()["details"].as_array().unwrap().iter().map(|detail| &detail["@type"]).collect();
    assert_eq!(ours, types);
    assert_eq!(answer.error()["details"][2]["retryDelay"], "1.500s");
    let by_chance = answer_with(limited(None, Quota::PerMinute)).await;
    let delay = by_chance.error()["details"][2]["retryDelay"].as_str().unwrap().to_owned();
    assert!(delay.starts_with("1.") && delay.ends_with('s'), "{delay}");
    let daily = answer_with(limited(None, Quota::PerDay)).await;
    assert!(daily.body.to_string().contains("PerDay"));
    assert!(answer_with(limited(None, Quota::Prepaid)).await.details().is_empty());
}

#[tokio::test]
async fn the_stranger_errors_keep_their_shape() {
    let place = answer_with(Fault::WrongPlace {}).await;
    assert_eq!((place.status.as_u16(), &place.error()["status"]), (400, &json!("FAILED_PRECONDITION")));
    assert_eq!(answer_with(Fault::BadKey {}).await.details(), ["ErrorInfo", "LocalizedMessage"]);
    assert_eq!(answer_with(Fault::Retired {}).await.status, 404);
    let gateway = answer_with(Fault::BadGateway {}).await;
    assert!(gateway.status == 502 && gateway.body.as_str().unwrap().contains("<html>"));
    let wrapped = answer_with(Fault::Error { status: 503, message: Some("busy".into()), wrapped: true }).await;
    assert_eq!(wrapped.body[0]["error"]["message"], "busy");
}

#[tokio::test]
async fn refusals_are_200_without_a_picture() {
    for reason in ["SAFETY", "OTHER", "PROHIBITED_CONTENT", "IMAGE_SAFETY", "SOMETHING_NEW"] {
        let answer = answer_with(Fault::Blocked { reason: reason.into() }).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.body["promptFeedback"]["blockReason"], reason);
        assert!(answer.body.get("candidates").is_none());
    }
    for reason in ["SAFETY", "IMAGE_SAFETY", "NO_IMAGE", "RECITATION", "IMAGE_PROHIBITED_CONTENT", "SOMETHING_NEW"] {
        let answer = answer_with(Fault::Finished { reason: reason.into() }).await;
        let candidate = &answer.body["candidates"][0];
        assert!(candidate.get("content").is_none() && candidate["finishMessage"].is_string());
        assert_eq!(candidate["finishReason"], reason);
        assert!(answer.body["usageMetadata"].get("candidatesTokenCount").is_none());
    }
    let cut_short = answer_with(Fault::Finished { reason: "MAX_TOKENS".into() }).await;
    assert_eq!(cut_short.body["candidates"][0]["content"]["parts"][0]["text"], "partial");
    let text = answer_with(Fault::TextOnly {}).await;
    assert_eq!(text.body["candidates"][0]["finishReason"], "STOP");
}

#[tokio::test]
async fn a_reset_connection_is_an_error_before_and_within_the_answer() {
    for cut in [Cut::BeforeAnswer, Cut::MidAnswer] {
        let world = World::failing(Fault::Reset { cut }).await;
        let request = world.client.post(world.url("v1", LITE)).header("x-goog-api-key", "any").json(&small(PROMPT));
        let whole = match request.send().await {
            Ok(response) => response.bytes().await.map(|_| ()),
            Err(error) => Err(error),
        };
        assert!(whole.is_err(), "{cut:?}");
        assert_eq!(world.server.stats().outcome("reset"), 1);
    }
}

#[tokio::test]
async fn a_hanging_call_ends_with_504_or_with_the_server() {
    let short = answer_with(Fault::Hang { ms: Some(1) }).await;
    assert_eq!((short.status.as_u16(), &short.error()["status"]), (504, &json!("DEADLINE_EXCEEDED")));
    let world = World::failing(Fault::Hang { ms: Some(3_600_000) }).await;
    let request = world.client.post(world.url("v1", LITE)).header("x-goog-api-key", "any").json(&small(PROMPT));
    let call = tokio::spawn(request.send());
    while world.server.stats().in_flight == 0 {
        tokio::task::yield_now().await;
    }
    world.server.shutdown().await;
    assert_eq!(call.await.unwrap().unwrap().status(), 504);
}

#[tokio::test]
async fn broken_pictures_are_broken_each_in_its_way() {
    let broken = async |how| {
        let world = World::failing(Fault::BrokenPicture { how }).await;
        let answer = world.post_to(&world.url("v1", LITE), &small(PROMPT)).await;
        assert_eq!(answer.status, 200);
        answer
    };
    let data = |answer: &Answer| answer.body["candidates"][0]["content"]["parts"][0]["inlineData"].clone();
    let truncated = broken(BrokenPicture::Truncated).await.picture();
    assert!(truncated.starts_with(b"\x89PNG") && image::load_from_memory(&truncated).is_err());
    let page = broken(BrokenPicture::NotAPicture).await.picture();
    assert!(page.starts_with(b"<html>"));
    assert_eq!(data(&broken(BrokenPicture::Empty).await)["data"], "");
    assert!(data(&broken(BrokenPicture::BadBase64).await)["data"].as_str().unwrap().contains('*'));
    let mislabelled = broken(BrokenPicture::WrongType).await;
    assert_eq!(data(&mislabelled)["mimeType"], "image/jpeg");
    assert!(mislabelled.picture().starts_with(b"\x89PNG"));
}

#[tokio::test]
async fn broken_json_is_half_of_an_answer() {
    let answer = answer_with(Fault::BrokenJson {}).await;
    assert_eq!(answer.status, 200);
    assert!(answer.body.as_str().unwrap().starts_with("{\"candidates\""));
}

#[tokio::test]
async fn good_looking_answers_may_be_wrong_too() {
    assert_eq!(size_of(&answer_with(Fault::WrongRatio {}).await.picture()), (768, 768));
    let blank = image::load_from_memory(&answer_with(Fault::Blank {}).await.picture()).unwrap().into_rgb8();
    let first = *blank.get_pixel(0, 0);
    assert!(blank.pixels().all(|pixel| *pixel == first));
    let rules = vec![Rule::for_call(3, Fault::Duplicate {})];
    let world = World::with(Script { rules, ..Script::default() }).await;
    let (first, second, third) =
        (world.picture(PROMPT).await, world.picture(PROMPT).await, world.picture(PROMPT).await);
    assert!(first == third && first != second);
}
