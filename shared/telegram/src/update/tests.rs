use std::{fs, path::Path};

use serde_json::{Value, json};

use super::*;

/// The body of a recorded call of the webhook.
fn recorded(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/webhook").join(format!("{name}.json"));
    serde_json::from_slice::<Value>(&fs::read(path).unwrap()).unwrap()["body"].take()
}

fn parse(update: &Value) -> Update {
    Update::parse(update.to_string().as_bytes()).unwrap()
}

/// What a private message of the recordings' user is, apart from text and picture.
fn from_user() -> Message {
    let chat = Chat { id: 42, kind: ChatKind::Private, thread: None, language: Language::Ko };
    Message {
        id: 7,
        user: 42,
        chat,
        text: None,
        picture: None,
        reply_to: None,
        replied_picture: None,
        replied_to_other: false,
        album: None,
    }
}

fn text(text: &str, entities: &[(&str, usize, usize)]) -> Text {
    let entity = |(kind, offset, length): &(&str, usize, usize)| Entity {
        kind: (*kind).to_owned(),
        offset: *offset,
        length: *length,
    };
    Text { text: text.to_owned(), entities: entities.iter().map(entity).collect() }
}

fn photo(file_id: &str, size_bytes: u64) -> Photo {
    Photo { file_id: file_id.to_owned(), size_bytes: Some(size_bytes) }
}

fn what(message: Message) -> What {
    What::Message(message.into())
}

/// Of the recordings' user in his private chat.
fn unread(kind: UnreadKind) -> What {
    let Message { id, user, chat, .. } = from_user();
    What::Unread(Unread { message: id, user, chat, reply_to: None, kind })
}

fn ignored(kind: &str) -> What {
    What::Ignored(Ignored::Kind(kind.to_owned()))
}

#[test]
fn every_recorded_update_is_what_it_is() {
    let in_topic = Chat { id: -1_001_234_567_890, kind: ChatKind::Supergroup, thread: Some(3), language: Language::Ko };
    let command = text("/image@oracle_bot cat", &[("bot_command", 0, 17)]);
    let expected = [
        ("message_text", 900_000, what(Message { text: Some(text("안녕하세요 🎨 그려줘", &[])), ..from_user() })),
        (
            "message_command",
            900_001,
            what(Message { text: Some(text("/start ref_123", &[("bot_command", 0, 6)])), ..from_user() }),
        ),
        (
            "message_emoji_entities",
            900_002,
            what(Message { text: Some(text("🎨 /image cat", &[("bot_command", 3, 6)])), ..from_user() }),
        ),
        (
            "message_photo",
            900_003,
            what(Message {
                text: Some(text("make it blue", &[])),
                picture: Some(photo("AgAC3", 250_000)),
                ..from_user()
            }),
        ),
        ("message_document_image", 900_005, what(Message { picture: Some(photo("BQAC", 123_456)), ..from_user() })),
        (
            "message_reply",
            900_006,
            what(Message {
                text: Some(text("this one", &[])),
                reply_to: Some(123_456),
                replied_picture: Some(photo("AgAC3", 250_000)),
                ..from_user()
            }),
        ),
        ("message_group_topic", 900_007, what(Message { id: 9, chat: in_topic, text: Some(command), ..from_user() })),
        ("message_channel_sender", 900_008, What::Ignored(Ignored::NotAUser)),
        ("edited_message", 900_009, unread(UnreadKind::Edit)),
        ("channel_post", 900_010, ignored("channel_post")),
        ("callback_query", 900_011, ignored("callback_query")),
        ("callback_query_inaccessible", 900_012, ignored("callback_query")),
        ("my_chat_member_blocked", 900_013, ignored("my_chat_member")),
        ("successful_payment", 900_014, What::Ignored(Ignored::Payment)),
        ("pre_checkout_query", 900_015, ignored("pre_checkout_query")),
    ];
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/webhook");
    assert_eq!(fs::read_dir(folder).unwrap().count(), expected.len(), "each recording is tested");
    for (name, id, what) in expected {
        assert_eq!(parse(&recorded(name)), Update { id, what }, "{name}");
    }
}

/// The update of a message with these members besides, or instead.
fn with(members: Value) -> Value {
    let mut update = recorded("message_text");
    let Value::Object(members) = members else { panic!() };
    update["message"].as_object_mut().unwrap().extend(members);
    update
}

fn message(update: &Value) -> Message {
    let What::Message(message) = parse(update).what else { panic!("{update}") };
    *message
}

#[test]
fn an_update_of_a_kind_that_nobody_knows_yet_is_ignored_by_its_name() {
    assert_eq!(parse(&json!({ "update_id": 1, "brand_new_kind": { "x": 1 } })).what, ignored("brand_new_kind"));
    assert_eq!(parse(&json!({ "update_id": 1, "a_business_message": null })).what, ignored("a_business_message"));
    assert_eq!(parse(&json!({ "update_id": 1 })).what, ignored("unknown"));
    assert_eq!(parse(&json!({ "update_id": 1, "Wo\nher": 1 })).what, ignored("unknown"), "names go to the log");
}

#[test]
fn each_picture_of_an_album_says_of_which() {
    let mut update = recorded("message_photo");
    update["message"]["media_group_id"] = "13".into();
    let message = message(&update);
    assert_eq!((message.album.as_deref(), message.picture), (Some("13"), Some(photo("AgAC3", 250_000))));
}

fn without_text(members: Value) -> What {
    let mut update = with(members);
    update["message"].as_object_mut().unwrap().remove("text");
    parse(&update).what
}

#[test]
fn a_service_message_is_nothing_to_us() {
    for members in [json!({}), json!({ "photo": [] }), json!({ "new_chat_members": [] }), json!({ "voice": null })] {
        assert_eq!(without_text(members.clone()), What::Ignored(Ignored::NothingToDraw), "{members}");
    }
}

#[test]
fn content_that_is_neither_text_nor_picture_is_not_read() {
    for members in [
        json!({ "sticker": { "file_id": "S" } }),
        json!({ "voice": { "file_id": "V", "duration": 2 } }),
        json!({ "video_note": { "file_id": "V" } }),
        json!({ "video": { "file_id": "V" }, "caption": "/draw it" }),
        json!({ "location": { "latitude": 37.5, "longitude": 127.0 } }),
        json!({ "document": { "file_id": "D", "mime_type": "application/pdf" }, "caption": "draw it" }),
        json!({ "document": { "file_id": "D", "file_name": "script.txt" } }),
        json!({ "document": { "file_id": "D", "file_name": "a.zip", "mime_type": "application/octet-stream" } }),
        json!({ "animation": { "file_id": "A" }, "document": { "file_id": "A", "mime_type": "video/mp4", "file_name": "a.gif.mp4" } }),
    ] {
        assert_eq!(without_text(members.clone()), unread(UnreadKind::Media), "{members}");
    }
    let replying = json!({ "voice": {}, "reply_to_message": { "from": { "id": 123_456, "is_bot": true } } });
    let What::Unread(unread) = without_text(replying) else { panic!() };
    assert_eq!(unread.reply_to, Some(123_456));
    assert_eq!(
        without_text(json!({ "voice": {}, "from": { "id": 5, "is_bot": true } })),
        What::Ignored(Ignored::NotAUser)
    );
}

#[test]
fn a_file_is_a_picture_by_its_type_or_else_by_its_name_or_else_perhaps() {
    for document in [
        json!({ "file_id": "D", "mime_type": "IMAGE/PNG", "file_name": "a.bin" }),
        json!({ "file_id": "D", "mime_type": "application/octet-stream", "file_name": "a.PNG" }),
        json!({ "file_id": "D", "file_name": "IMG.1.heic" }),
        json!({ "file_id": "D", "mime_type": "", "file_name": "photo" }),
        json!({ "file_id": "D", "mime_type": "application/octet-stream" }),
        json!({ "file_id": "D" }),
    ] {
        let What::Message(message) = without_text(json!({ "document": document, "caption": "darker" })) else {
            panic!("{document}")
        };
        let expected = Some(Photo { file_id: "D".to_owned(), size_bytes: None });
        assert_eq!((message.picture, message.text), (expected, Some(text("darker", &[]))), "{document}");
    }
}

#[test]
fn a_reply_has_the_picture_that_it_is_about() {
    let photos = json!([{ "file_id": "small", "file_size": 9 }, { "file_id": "large", "file_size": 99 }]);
    let from = json!({ "id": 123_456, "is_bot": true });
    for (members, from) in [
        (json!({ "reply_to_message": { "from": from, "photo": photos } }), Some(123_456)),
        (
            json!({ "reply_to_message": { "document": { "file_id": "large", "file_size": 99, "file_name": "image.png" } } }),
            None,
        ),
        (json!({ "external_reply": { "origin": {}, "photo": photos } }), None),
    ] {
        let message = message(&with(members));
        assert_eq!((message.replied_picture, message.reply_to), (Some(photo("large", 99)), from));
        assert!(!message.replied_to_other);
        assert_eq!(message.picture, None);
    }
    for (members, is_other) in [
        (json!({ "reply_to_message": { "from": from, "text": "drawing" } }), false),
        (json!({ "reply_to_message": { "from": from, "voice": {} } }), false),
        (json!({ "reply_to_message": { "document": { "file_id": "D", "mime_type": "text/plain" } } }), true),
        (json!({ "external_reply": { "video": {} } }), true),
    ] {
        let message = message(&with(members.clone()));
        assert_eq!((message.replied_picture, message.replied_to_other), (None, is_other), "{members}");
    }
}

#[test]
fn an_edit_of_words_is_not_read_and_one_of_anything_else_is_nothing() {
    let edited = |remove: &str, members: Value| {
        let mut update = recorded("edited_message");
        let Value::Object(members) = members else { panic!() };
        let message = update["edited_message"].as_object_mut().unwrap();
        message.remove(remove);
        message.extend(members);
        parse(&update).what
    };
    assert_eq!(edited("text", json!({ "caption": "darker", "photo": [{ "file_id": "P" }] })), unread(UnreadKind::Edit));
    assert_eq!(edited("text", json!({ "location": {} })), ignored("edited_message"));
    assert_eq!(edited("from", json!({})), What::Ignored(Ignored::NotAUser));
    assert_eq!(edited("chat", json!({})), What::Ignored(Ignored::Unreadable));
}

#[test]
fn only_people_are_listened_to() {
    let bot = json!({ "from": { "id": 5, "is_bot": true } });
    for members in [
        bot,
        json!({ "from": null }),
        json!({ "sender_chat": { "id": -5 } }),
        json!({ "chat": { "id": -5, "type": "channel" } }),
    ] {
        assert_eq!(parse(&with(members.clone())).what, What::Ignored(Ignored::NotAUser), "{members}");
    }
}

#[test]
fn a_thread_is_a_topic_only_if_it_says_so() {
    let thread = |members| message(&with(members)).chat.thread;
    assert_eq!(thread(json!({ "message_thread_id": 3, "is_topic_message": true })), Some(3));
    assert_eq!(thread(json!({ "message_thread_id": 3 })), None);
}

#[test]
fn a_message_that_is_not_as_described_is_ignored() {
    for members in [
        json!({ "text": 5 }),
        json!({ "message_id": "7" }),
        json!({ "chat": { "id": 1e30, "type": "private" } }),
        json!({ "entities": [{ "type": "bot_command", "offset": -1, "length": 6 }] }),
        json!({ "photo": {} }),
    ] {
        assert_eq!(parse(&with(members.clone())).what, What::Ignored(Ignored::Unreadable), "{members}");
    }
    assert_eq!(parse(&json!({ "update_id": 1, "message": null })).what, What::Ignored(Ignored::Unreadable));
}

#[test]
fn what_has_no_id_is_no_update() {
    for body in ["", "{", "\u{feff}{}", "null", "[]", "7"] {
        assert!(Update::parse(body.as_bytes()).is_err(), "{body}");
    }
    for body in [r#"{"update_id":"1"}"#, r#"{"update_id":1.5}"#, r#"{"message":{}}"#] {
        assert!(matches!(Update::parse(body.as_bytes()), Err(NotAnUpdate::NoId)), "{body}");
    }
}

#[test]
fn spoilt_updates_are_read_or_refused() {
    let mut dice = fastrand::Rng::with_seed(7);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/webhook");
    for file in fs::read_dir(folder).unwrap() {
        let name = file.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned();
        let update = recorded(&name);
        let body = update.to_string().into_bytes();
        for _ in 0..200 {
            let mut bytes = body.clone();
            for _ in 0..dice.usize(1..4) {
                let at = dice.usize(..bytes.len());
                match dice.u8(..3) {
                    0 => bytes[at] = dice.u8(..),
                    1 => bytes.truncate(at.max(1)),
                    _ => drop(bytes.remove(at)),
                }
                if bytes.is_empty() {
                    break;
                }
            }
            drop(Update::parse(&bytes));
            // Of its own JSON, whatever a member is instead: never an error.
            let mut spoilt = update.clone();
            spoil(&mut spoilt, &mut dice, 0);
            spoilt["update_id"] = 5.into();
            let update = parse(&spoilt);
            assert_eq!(update.id, 5);
            if let What::Message(message) = &update.what {
                for us in [None, Some("oracle_bot")] {
                    drop(crate::Request::of(message, &crate::Us { id: 123_456, username: us.map(str::to_owned) }));
                }
            }
        }
    }
}

/// Makes something else of some members.
fn spoil(value: &mut Value, dice: &mut fastrand::Rng, depth: u8) {
    if depth > 0 && dice.u8(..20) == 0 {
        let text = ["", "/draw", "/draw@", "🎨", "/draw x4 ", "\u{0}", "/"][dice.usize(..7)];
        *value = [json!(null), json!(-1), json!(u64::MAX), json!(0.5), json!([]), json!({}), json!(true), json!(text)]
            [dice.usize(..8)]
        .clone();
    }
    match value {
        Value::Object(members) => members.values_mut().for_each(|value| spoil(value, dice, depth + 1)),
        Value::Array(values) => values.iter_mut().for_each(|value| spoil(value, dice, depth + 1)),
        _ => {}
    }
}
