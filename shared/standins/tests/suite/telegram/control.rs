//! The same over HTTP, as a terminal or a test of another language uses it.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use reqwest::Method;
use serde_json::{Value, json};

use super::bot::{Bot, Hook, TOKEN, USER, png};

impl Bot {
    async fn control(&self, method: Method, path: &str, body: Value) -> (u16, Value) {
        let url = format!("{}/_control/telegram{path}", self.world.server.base_url());
        let response = self.world.client.request(method, url).body(body.to_string()).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    async fn acts(&self, path: &str, action: Value) -> Value {
        let (status, outcome) = self.control(Method::POST, &format!("/bots/{TOKEN}/actions{path}"), action).await;
        assert_eq!(status, 200, "{outcome}");
        outcome
    }
}

#[tokio::test]
async fn a_chat_is_led_over_http() {
    let (bot, hook) = (Bot::new().await, Hook::open().await);
    bot.result("setWebhook", json!({ "url": hook.url })).await;
    hook.answer(200, json!({ "method": "sendMessage", "chat_id": USER, "text": "hello" }).to_string());
    let from = json!({ "id": USER, "language_code": "ko" });
    let written = bot.acts("?wait_ms=20000", json!({ "from": from, "kind": "text", "text": "/start" })).await;
    assert_eq!((&written["arrived"], &written["message_id"]), (&json!(true), &json!(1)));
    let photo =
        json!({ "from": from, "kind": "photo", "data": BASE64_STANDARD.encode(png(100, 50)), "caption": "blue" });
    let sent = bot.acts("?wait_ms=20000", photo).await;
    assert_eq!(sent["update"]["message"]["photo"][1]["width"], 100);
    assert_eq!(hook.updates().len(), 2);
    let (_, history) = bot.control(Method::GET, "/bots/123456/chats/42", Value::Null).await;
    let messages = history["messages"].as_array().unwrap();
    assert_eq!(messages.iter().map(|one| one["by_bot"].as_bool().unwrap()).collect::<Vec<_>>(), [false, true, false]);
    assert_eq!(messages[1]["message"]["text"], "hello");
    let version = history["version"].as_u64().unwrap();
    let path = format!("/bots/123456/chats/42?since={version}&wait_ms=20000");
    let (waiting, _) = tokio::join!(bot.control(Method::GET, &path, Value::Null), bot.say("more"));
    assert!(waiting.1["version"].as_u64() > Some(version));
    let url = format!("{}/_control/telegram/bots/123456/chats/42/messages/3/file?as=sent", bot.world.server.base_url());
    let file = bot.world.client.get(url).send().await.unwrap().bytes().await.unwrap();
    assert_eq!(file, png(100, 50));
    let (_, calls) = bot.control(Method::GET, "/bots/123456/calls?method=sendMessage", Value::Null).await;
    assert_eq!(calls.as_array().unwrap().len(), 2);
    let (_, deliveries) = bot.control(Method::GET, "/bots/123456/deliveries", Value::Null).await;
    assert_eq!(deliveries[0]["method"], "sendMessage");
}

#[tokio::test]
async fn an_update_is_delivered_as_it_is_over_http() {
    let (bot, hook) = (Bot::new().await, Hook::open().await);
    bot.result("setWebhook", json!({ "url": hook.url })).await;
    let raw = json!({ "update": { "update_id": 5, "poll": { "id": "1" } }, "times": 2 });
    let (_, outcome) = bot.control(Method::POST, &format!("/bots/{TOKEN}/updates?wait_ms=20000"), raw).await;
    assert_eq!((&outcome["update_id"], &outcome["arrived"]), (&json!(5), &json!(true)));
    assert_eq!(hook.updates().len(), 2);
}

#[tokio::test]
async fn settings_are_set_changed_and_reset() {
    let bot = Bot::met().await;
    let (_, state) = bot.control(Method::POST, "", json!({ "rate_limits": {}, "backoff_ms": [1, 2] })).await;
    assert_eq!(state["settings"]["rate_limits"]["group_per_minute"], 20);
    let rule = json!({ "match": { "method": "sendMessage" }, "times": 1, "fault": { "kind": "bad_gateway" } });
    let (_, state) = bot.control(Method::POST, "/rules", rule).await;
    assert_eq!(state["settings"]["backoff_ms"], json!([1, 2]), "the rest stays");
    assert_eq!(state["bots"][0]["chats"][0]["first_name"], "길동");
    assert!(!state.to_string().contains(TOKEN), "tokens are nobody's business");
    assert_eq!(bot.call("sendMessage", json!({ "chat_id": USER, "text": "x" })).await.0, 502);
    let (status, answer) = bot.control(Method::PUT, "", json!({ "speed": 1 })).await;
    assert!(status == 400 && answer["error"].is_string());
    let (_, state) = bot.control(Method::DELETE, "", Value::Null).await;
    assert_eq!((&state["bots"], &state["settings"]["rate_limits"]), (&json!([]), &Value::Null));
    let (status, _) = bot.control(Method::GET, "/bots/123456/chats/42", Value::Null).await;
    assert_eq!(status, 404);
}
