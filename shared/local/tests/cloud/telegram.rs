//! The bot by the whole deployment: an update over HTTP, and the picture in the chat.

use serde_json::{Value, json};

use crate::harness::{Cloud, pause};

const BOT: &str = "123456:a-stand-in-of-telegram-knows-this-bot";

async fn control(cloud: &Cloud, path: &str) -> Value {
    let url = format!("{}/_control/telegram/bots/{BOT}{path}", cloud.standins);
    cloud.client.get(url).send().await.unwrap().json().await.unwrap()
}

async fn act(cloud: &Cloud, action: &Value) -> Value {
    let url = format!("{}/_control/telegram/bots/{BOT}/actions?wait_ms=60000", cloud.standins);
    cloud.client.post(url).json(action).send().await.unwrap().json().await.unwrap()
}

/// A wish is taken while the provider is slow, comes three times, and becomes one picture.
pub(crate) async fn a_wish_becomes_one_picture(cloud: &Cloud) {
    cloud.grant("telegram-42", 1_000);
    let from = json!({ "id": 42, "language_code": "ko" });
    let asked = act(cloud, &json!({ "from": from, "kind": "text", "text": "/draw 등대", "times": 3 })).await;
    assert_eq!(asked["arrived"], true, "{asked}");
    let mut history = Value::Null;
    for _ in 0..240 {
        history = control(cloud, "/chats/42?since=0&wait_ms=500").await;
        let messages = history["messages"].as_array().unwrap();
        if messages.iter().any(|entry| entry["by_bot"] == true && !entry["file"].is_null()) {
            break;
        }
        pause(500).await;
    }
    let messages = history["messages"].as_array().unwrap();
    let by_bot: Vec<_> = messages.iter().filter(|entry| entry["by_bot"] == true).collect();
    assert_eq!(by_bot.len(), 1, "{history}");
    assert_eq!((&by_bot[0]["file"]["kind"], &by_bot[0]["file"]["sent_name"]), (&json!("photo"), &json!("image.png")));
}
