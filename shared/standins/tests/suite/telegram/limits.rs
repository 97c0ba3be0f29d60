//! What Telegram refuses because it is too much.

use serde_json::json;
use toonmill_standins::telegram::{Action, Group, RateLimits, Settings};

use super::bot::{Bot, TOKEN, USER, png, user};
use crate::world::recorded;

#[tokio::test]
async fn texts_and_captions_are_measured_in_utf_16_units_without_their_markup() {
    let bot = Bot::met().await;
    let send = |text: String| json!({ "chat_id": USER, "text": text });
    let full = "🎨".repeat(2048);
    bot.result("sendMessage", send(full.clone())).await;
    let recorded = recorded("telegram", "answers/err_400_toolong");
    assert_eq!(bot.call("sendMessage", send(format!("{full}x"))).await, (400, recorded["body"].clone()));
    let marked = json!({ "chat_id": USER, "text": format!("<b>{full}</b>"), "parse_mode": "HTML" });
    assert_eq!(bot.result("sendMessage", marked).await["entities"][0]["length"], 4096);
    assert_eq!(bot.refusal("sendMessage", send(" \n".into())).await.1, "Bad Request: message text is empty");
    let captioned = async |caption: &str| {
        let fields = [("chat_id", "42"), ("caption", caption)];
        bot.upload("sendPhoto", &fields, &[("photo", "a.png", &png(8, 8))]).await
    };
    assert_eq!(captioned(&"가".repeat(1024)).await.0, 200);
    assert_eq!(captioned(&"가".repeat(1025)).await.1["description"], "Bad Request: message caption is too long");
}

#[tokio::test]
async fn broken_markup_is_refused_as_it_was_recorded() {
    let bot = Bot::met().await;
    let fields = json!({ "chat_id": USER, "text": "<b>x", "parse_mode": "HTML" });
    let recorded = recorded("telegram", "answers/err_400_parse");
    assert_eq!(bot.call("sendMessage", fields).await, (400, recorded["body"].clone()));
}

#[tokio::test]
async fn what_is_no_photo_is_refused_and_may_be_a_document() {
    let bot = Bot::met().await;
    let send = async |method: &str, part: &str, file: &[u8]| {
        let (status, answer) = bot.upload(method, &[("chat_id", "42")], &[(part, "a.png", file)]).await;
        (status, answer["description"].as_str().unwrap_or_default().to_owned())
    };
    let photo = async |file: &[u8]| send("sendPhoto", "photo", file).await;
    assert_eq!(photo(b"<html>").await, (400, "Bad Request: IMAGE_PROCESS_FAILED".into()));
    assert_eq!(photo(&png(21, 1)).await, (400, "Bad Request: PHOTO_INVALID_DIMENSIONS".into()));
    assert_eq!(photo(b"").await, (400, "Bad Request: file must be non-empty".into()));
    let heavy = [png(8, 8), vec![0; 10 * 1024 * 1024]].concat();
    assert!(photo(&heavy).await.1.contains("is too big for a photo"));
    let document = async |file: &[u8]| send("sendDocument", "document", file).await;
    assert_eq!(document(&heavy).await.0, 200);
    assert_eq!(document(b"<html>").await.0, 200);
    assert_eq!(document(&vec![1; 50 * 1024 * 1024 + 1]).await, (413, "Request Entity Too Large".into()));
    let large = vec![1; 20 * 1024 * 1024 + 1];
    let files = [("document", "a.bin", large.as_slice())];
    let (_, answer) = bot.upload("sendDocument", &[("chat_id", "42")], &files).await;
    let file_id = answer["result"]["document"]["file_id"].clone();
    assert_eq!(bot.refusal("getFile", json!({ "file_id": file_id })).await.1, "Bad Request: file is too big");
    assert_eq!(bot.refusal("sendPhoto", json!({ "chat_id": USER, "photo": "https://e.x/a.png" })).await.0, 400);
}

#[tokio::test]
async fn keyboards_and_menus_have_their_bounds() {
    let bot = Bot::met().await;
    let keyboard = |data: &str| json!({ "chat_id": USER, "text": "x", "reply_markup": { "inline_keyboard": [[{ "text": "b", "callback_data": data }]] } });
    bot.result("sendMessage", keyboard(&"x".repeat(64))).await;
    for data in ["", &"x".repeat(65)] {
        assert_eq!(bot.refusal("sendMessage", keyboard(data)).await.1, "Bad Request: BUTTON_DATA_INVALID");
    }
    let commands =
        |name: &str| json!({ "commands": [{ "command": name, "description": "draws" }], "language_code": "ko" });
    assert_eq!(bot.result("setMyCommands", commands("draw")).await, true);
    assert_eq!(bot.refusal("setMyCommands", commands("Draw")).await.1, "Bad Request: BOT_COMMAND_INVALID");
    assert_eq!(bot.refusal("sendChatAction", json!({ "chat_id": USER, "action": "dreaming" })).await.0, 400);
}

#[tokio::test]
async fn a_bot_that_talks_too_fast_is_told_to_wait_when_that_is_switched_on() {
    let bot = Bot::met().await;
    let group = Group::supergroup(-100_500);
    bot.act(Action::text(user(), "/start").within(group.clone())).await;
    for _ in 0..25 {
        bot.say("off by default").await;
    }
    // A long window, so that a slow machine measures the same.
    let limits = RateLimits { private_per_second: 2, group_per_minute: 3, overall_per_second: 1000 };
    bot.set(Settings { rate_limits: Some(limits), ..Settings::default() });
    let send = |text: &str| json!({ "chat_id": group.id, "text": text });
    let first = bot.result("sendMessage", send("1")).await["message_id"].clone();
    bot.result("sendMessage", send("2")).await;
    let edit = json!({ "chat_id": group.id, "message_id": first, "text": "1 edited" });
    bot.result("editMessageText", edit).await;
    let (status, answer) = bot.call("sendMessage", send("3")).await;
    let seconds = answer["parameters"]["retry_after"].as_u64().unwrap();
    assert!(status == 429 && (1..=60).contains(&seconds), "{answer}");
    assert_eq!(answer["description"], format!("Too Many Requests: retry after {seconds}"));
    assert_eq!(bot.texts(group.id), ["1 edited", "2"]);
    bot.say("another chat has its own pace").await;
    let calls = bot.telegram().calls(TOKEN);
    assert!(calls.is_sorted_by_key(|call| call.at_ms));
    let last_of_group = calls.iter().rfind(|call| call.chat_id == Some(group.id)).unwrap();
    assert_eq!((last_of_group.status, last_of_group.done), (429, false));
}
