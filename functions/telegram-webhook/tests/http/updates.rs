//! Recorded updates, and what is none.

use std::{fs, path::Path};

use http::StatusCode;
use serde_json::{Value, json};
use toonmill_tests::Artist;

use crate::chat::Chat;

/// What comes of an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comes {
    Job,
    Answer,
    Nothing,
}

/// Every recorded update. The photos of recorded ones cannot be fetched, and their users are told so.
const RECORDED: [(&str, Comes); 15] = [
    ("callback_query", Comes::Nothing),
    ("callback_query_inaccessible", Comes::Nothing),
    ("channel_post", Comes::Nothing),
    ("edited_message", Comes::Answer),
    ("message_channel_sender", Comes::Nothing),
    ("message_command", Comes::Answer),
    ("message_document_image", Comes::Answer),
    ("message_emoji_entities", Comes::Job),
    ("message_group_topic", Comes::Nothing),
    ("message_photo", Comes::Answer),
    ("message_reply", Comes::Answer),
    ("message_text", Comes::Job),
    ("my_chat_member_blocked", Comes::Nothing),
    ("pre_checkout_query", Comes::Nothing),
    ("successful_payment", Comes::Nothing),
];

fn recorded(name: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/telegram/fixtures/webhook");
    let recorded: Value = serde_json::from_slice(&fs::read(folder.join(format!("{name}.json"))).unwrap()).unwrap();
    recorded["body"].clone()
}

#[tokio::test]
async fn every_recorded_update_has_its_reply_or_its_silence() {
    for (name, comes) in RECORDED {
        let chat = Chat::open(Artist::tireless()).await;
        let update = recorded(name);
        // Telegram knows the chat, so that the bot can write there.
        chat.telegram.telegram().deliver(crate::chat::TOKEN, update.clone(), 0).unwrap();
        for _ in 0..3 {
            assert_eq!(chat.bring(&update).await, StatusCode::OK, "{name}");
        }
        chat.run().await;
        let jobs = chat.jobs(42).await.len();
        let said = chat.calls("sendMessage");
        let came = match (jobs, said) {
            (1, 1) => Comes::Job,
            (0, 1) => Comes::Answer,
            (0, 0) => Comes::Nothing,
            other => panic!("{name}: {other:?}"),
        };
        assert_eq!(came, comes, "{name}");
        chat.close().await;
    }
}

#[tokio::test]
async fn only_telegram_is_listened_to() {
    let chat = Chat::open(Artist::tireless()).await;
    let update = recorded("message_text").to_string();
    for secret in [None, Some(""), Some("wrong"), Some("s3cr3t-Token_2"), Some("s3cr3t-Token_1 ")] {
        assert_eq!(chat.post(&update, secret).await, StatusCode::UNAUTHORIZED, "{secret:?}");
    }
    chat.run().await;
    assert_eq!(chat.jobs(42).await, []);
    chat.close().await;
}

#[tokio::test]
async fn what_is_no_update_is_refused_and_what_is_unknown_is_ignored() {
    let chat = Chat::open(Artist::tireless()).await;
    for nonsense in ["", "[]", "{", "null", "{\"message\": {}}"] {
        assert_eq!(chat.post(nonsense, Some("s3cr3t-Token_1")).await, StatusCode::BAD_REQUEST, "{nonsense}");
    }
    for update in [
        json!({ "update_id": 1, "business_connection": { "id": "x" } }),
        json!({ "update_id": 2, "message": { "message_id": "not a number" } }),
        json!({ "update_id": 3, "message": null }),
        json!({ "update_id": 4 }),
    ] {
        assert_eq!(chat.bring(&update).await, StatusCode::OK, "{update}");
    }
    chat.close().await;
}
