//! What is sent, and what is made of an answer that is well.

use std::collections::BTreeSet;

use serde_json::Value;
use toonmill_telegram::{
    Chat, ChatKind, Language, UploadKind,
    bot::{Me, Webhook},
    limits::{CAPTION_UNITS, TEXT_UNITS},
};

use crate::server::{Answer, CHAT, Received, SECRET, Server, picture, recording};

const TOPIC: Chat =
    Chat { id: -1_001_234_567_890, kind: ChatKind::Supergroup, thread: Some(3), language: Language::Ko };
const CAPTION: &str = "✅ 그림이 완성됐어요!\n“<b>&amp; 🎨”";

/// A request as it is read best: its line, what its body is, and the body.
fn shown(request: &Received) -> String {
    let line = request.head.lines().next().unwrap().replace(SECRET, "TOKEN");
    let header = |name: &str| {
        let found = request.head.lines().find_map(|line| line.strip_prefix(name));
        found.unwrap_or_else(|| panic!("{name} {}", request.head)).to_owned()
    };
    assert!(!request.head.contains("transfer-encoding"), "the length is said: {}", request.head);
    let content_type = header("content-type: ");
    let Some((_, boundary)) = content_type.split_once("boundary=") else {
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        return format!("{line}\n{content_type}\n{body:#}");
    };
    let body = String::from_utf8_lossy(&request.body).replace(boundary, "BOUNDARY").replace('\r', "");
    format!("{line}\n{}\n{body}", content_type.replace(boundary, "BOUNDARY"))
}

macro_rules! call {
    ($recorded:literal, $snapshot:literal, |$bot:ident| $call:expr) => {{
        let server = Server::start(Answer::recorded($recorded)).await;
        let $bot = server.bot();
        let result = $call.await.unwrap();
        let request = server.request();
        insta::assert_snapshot!($snapshot, shown(&request));
        (result, request)
    }};
}

#[tokio::test]
async fn texts_are_sent_and_edited_as_they_are() {
    let (id, _) = call!("sendMessage", "send_message", |bot| bot.send_message(&CHAT, "안녕 <b>&amp;", None));
    assert_eq!(id, 100);
    let (_, _) = call!("sendMessage", "send_message_in_answer", |bot| bot.send_message(&TOPIC, "안녕", Some(7)));
    let ((), _) = call!("editMessageText", "edit_message_text", |bot| bot.edit_message_text(&TOPIC, 100, "done"));
    let ((), request) = call!("deleteMessage", "delete_message", |bot| bot.delete_message(&CHAT, 100));
    assert_eq!(fields_of_json(&request), recorded_fields("deleteMessage"));
}

#[tokio::test]
async fn pictures_are_sent_as_photos_or_as_files() {
    let (id, _) =
        call!("sendPhoto_upload", "send_photo", |bot| bot.send_picture(&CHAT, picture(UploadKind::Photo), CAPTION));
    assert_eq!(id, 100);
    let (id, _) = call!("sendDocument_upload", "send_document", |bot| bot.send_picture(
        &TOPIC,
        picture(UploadKind::Photo).into_document(),
        ""
    ));
    assert_eq!(id, 100);
}

#[tokio::test]
async fn a_message_becomes_a_picture() {
    let ((), _) = call!("sendPhoto_upload", "edit_message_media_photo", |bot| bot.edit_message_media(
        &CHAT,
        100,
        picture(UploadKind::Photo),
        CAPTION
    ));
    let ((), _) = call!("sendDocument_upload", "edit_message_media_document", |bot| bot.edit_message_media(
        &TOPIC,
        100,
        picture(UploadKind::Document),
        CAPTION
    ));
}

#[tokio::test]
async fn an_album_is_one_message_of_one_kind() {
    let photos = || vec![picture(UploadKind::Photo), picture(UploadKind::Photo)];
    let (ids, _) =
        call!("sendMediaGroup_upload", "send_media_group", |bot| bot.send_media_group(&TOPIC, photos(), CAPTION));
    assert_eq!(ids, [100, 101]);
    let mixed = || vec![picture(UploadKind::Photo), picture(UploadKind::Document)];
    let (_, request) =
        call!("sendMediaGroup_upload", "send_media_group_mixed", |bot| bot.send_media_group(&CHAT, mixed(), ""));
    assert!(!String::from_utf8_lossy(&request.body).contains("\"photo\""));
}

#[tokio::test]
async fn a_bot_is_set_up() {
    let (me, _) = call!("getMe", "get_me", |bot| bot.get_me());
    let username = Some("oracle_bot".to_owned());
    assert_eq!(me, Me { id: 123_456, username, can_read_all_group_messages: false });

    let webhook = Webhook {
        url: "https://bot.example.com/tg",
        secret: "s3cr3t-Token_1",
        max_connections: 40,
        drop_pending_updates: true,
    };
    let ((), request) = call!("setWebhook", "set_webhook", |bot| bot.set_webhook(webhook));
    assert_eq!(fields_of_json(&request), recorded_fields("setWebhook"));

    let (info, _) = call!("getWebhookInfo", "get_webhook_info", |bot| bot.get_webhook_info());
    insta::assert_debug_snapshot!("webhook_info", info);
    call!("setWebhook", "delete_webhook", |bot| bot.delete_webhook(false));
    call!("setWebhook", "set_my_commands_ko", |bot| bot.set_my_commands(Language::Ko));
    call!("setWebhook", "set_my_commands_en", |bot| bot.set_my_commands(Language::En));
}

#[tokio::test]
async fn forms_have_the_parts_that_recorded_ones_have() {
    for (name, kind) in [("sendPhoto_upload", UploadKind::Photo), ("sendDocument_upload", UploadKind::Document)] {
        let server = Server::start(Answer::recorded(name)).await;
        server.bot().send_picture(&CHAT, picture(kind), "cap").await.unwrap();
        let sent = String::from_utf8_lossy(&server.request().body).into_owned();
        for part in recording("requests", name)["body"]["multipart"].as_array().unwrap() {
            let disposition = part["headers"]["Content-Disposition"].as_str().unwrap();
            // Ours has no markup and no buttons, and its file has another name.
            if !disposition.contains("parse_mode") && !disposition.contains("reply_markup") {
                let disposition = disposition.replace("x.png", "image.png").replace("orig.png", "image.png");
                assert!(sent.contains(&format!("Content-Disposition: {disposition}\r\n")), "{disposition}");
            }
        }
    }
}

#[tokio::test]
async fn what_is_too_long_is_cut_before_it_is_sent() {
    let long = "🎨".repeat(3000);
    let server = Server::start(Answer::recorded("sendMessage")).await;
    server.bot().send_message(&CHAT, &long, None).await.unwrap();
    let body: Value = serde_json::from_slice(&server.request().body).unwrap();
    assert_eq!(body["text"].as_str().unwrap().encode_utf16().count(), TEXT_UNITS - 1);

    let server = Server::start(Answer::recorded("sendPhoto_upload")).await;
    server.bot().send_picture(&CHAT, picture(UploadKind::Photo), &long).await.unwrap();
    let sent = String::from_utf8_lossy(&server.request().body).into_owned();
    assert_eq!(sent.matches('🎨').count(), CAPTION_UNITS / 2 - 1);
}

#[tokio::test]
async fn a_base_may_have_a_path() {
    let server = Server::start(Answer::recorded("getMe")).await;
    crate::server::bot(&format!("{}/telegram/", server.url)).get_me().await.unwrap();
    assert!(server.request().head.starts_with(&format!("POST /telegram/bot123456:{SECRET}/getMe HTTP/1.1\r\n")));
}

fn fields_of_json(request: &Received) -> BTreeSet<String> {
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    body.as_object().unwrap().keys().cloned().collect()
}

/// Of a form as a URL spells it.
fn recorded_fields(name: &str) -> BTreeSet<String> {
    let recording = recording("requests", name);
    let fields = recording["body"].as_str().unwrap().split('&');
    fields.map(|field| field.split('=').next().unwrap().to_owned()).collect()
}
