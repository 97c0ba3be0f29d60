//! What goes wrong on the way, by a script.

use std::time::Duration;

use serde_json::{Value, json};
use toonmill_standins::faults::{CallNumber, Cut, Fault, Match, Quota, Rule};

use super::bot::{Bot, PATIENCE, TOKEN, USER};
use crate::world::recorded;

fn hello() -> Value {
    json!({ "chat_id": USER, "text": "hello" })
}

#[tokio::test]
async fn the_nth_call_of_a_method_is_told_to_wait() {
    let bot = Bot::met().await;
    let rule = json!({
        "match": { "method": "sendMessage", "method_call": 2 },
        "fault": { "kind": "rate_limited", "retry_after_ms": 12_000 },
    });
    bot.rules(vec![serde_json::from_value(rule).unwrap()]);
    bot.say("first").await;
    bot.result("sendChatAction", json!({ "chat_id": USER, "action": "typing" })).await;
    let response = bot.world.client.post(bot.url("sendMessage")).json(&hello()).send().await.unwrap();
    let recorded = recorded("telegram", "answers/err_429");
    assert_eq!(response.status(), 429);
    assert_eq!(response.headers()["retry-after"], "12");
    assert_eq!(response.json::<Value>().await.unwrap(), recorded["body"]);
    bot.say("third").await;
    assert_eq!(bot.texts(USER), ["first", "third"]);
    let faults: Vec<_> = bot.telegram().calls(TOKEN).into_iter().map(|call| (call.fault, call.done)).collect();
    assert_eq!(faults[2], (Some("rate_limited".into()), false));
}

#[tokio::test]
async fn errors_look_as_they_were_recorded() {
    for (name, fault) in [
        ("err_401", Fault::BadKey {}),
        ("err_404", Fault::Retired {}),
        ("err_403_blocked", Fault::WrongPlace {}),
        ("err_500", Fault::Error { status: 500, message: None, wrapped: false }),
        ("err_413", Fault::Error { status: 413, message: None, wrapped: false }),
        ("err_409", Fault::Error { status: 409, message: None, wrapped: false }),
        ("err_429", Fault::RateLimited { retry_after_ms: Some(12_000), quota: Quota::PerMinute }),
    ] {
        let bot = Bot::failing("sendMessage", fault).await;
        let recorded = recorded("telegram", &format!("answers/{name}"));
        let status = u16::try_from(recorded["status"].as_u64().unwrap()).unwrap();
        assert_eq!(bot.call("sendMessage", hello()).await, (status, recorded["body"].clone()), "{name}");
        assert!(bot.texts(USER).is_empty(), "{name}");
    }
    let bot = Bot::failing("sendMessage", Fault::BadGateway {}).await;
    let (status, page) = bot.call("sendMessage", hello()).await;
    assert!(status == 502 && page.as_str().unwrap().starts_with("<html>"), "{page}");
}

#[tokio::test]
async fn an_answer_is_lost_with_and_without_its_effect() {
    for (cut, texts) in [(Cut::BeforeAnswer, 0), (Cut::LostAnswer, 1), (Cut::MidAnswer, 1)] {
        let bot = Bot::failing("sendMessage", Fault::Reset { cut }).await;
        bot.try_call("sendMessage", hello()).await.unwrap_err();
        assert_eq!(bot.texts(USER).len(), texts, "{cut:?}");
    }
}

#[tokio::test]
async fn a_slow_answer_is_an_effect_at_once() {
    let bot = Bot::failing("sendMessage", Fault::Slow { ms: 600_000 }).await;
    let slow = bot.world.client.post(bot.url("sendMessage")).json(&hello()).send();
    let seen = bot.telegram().until(PATIENCE, || !bot.texts(USER).is_empty());
    tokio::select! {
        answer = slow => panic!("{answer:?}"),
        seen = seen => assert!(seen),
    }
}

#[tokio::test]
async fn a_call_that_hangs_does_nothing() {
    let bot = Bot::failing("sendMessage", Fault::Hang { ms: Some(1) }).await;
    assert_eq!(bot.refusal("sendMessage", hello()).await, (504, "Gateway Timeout".into()));
    assert!(bot.texts(USER).is_empty());
}

#[tokio::test]
async fn rules_are_about_words_too_and_other_providers_scripts_about_none() {
    let bot = Bot::met().await;
    bot.world.server.set_script(toonmill_standins::faults::Script {
        failure_rate: 1.0,
        ..toonmill_standins::faults::Script::default()
    });
    bot.say("fine").await;
    let matches = Match { prompt_contains: Some("gate".into()), call: Some(CallNumber::Only(1)), ..Match::default() };
    let fault = Fault::Error { status: 500, message: Some("Internal Server Error: once".into()), wrapped: false };
    bot.rules(vec![Rule { matches, ..Rule::always(fault) }]);
    let words = json!({ "chat_id": USER, "text": "at the gate" });
    assert_eq!(bot.refusal("sendMessage", words.clone()).await, (500, "Internal Server Error: once".into()));
    bot.result("sendMessage", words).await;
    assert_eq!(bot.telegram().calls(TOKEN).len(), 3);
    assert!(!bot.telegram().until(Duration::ZERO, || false).await);
}
