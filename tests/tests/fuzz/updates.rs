//! Updates of Telegram's, and what they ask for.

use serde_json::{Value, json};
use toonmill_telegram::{Request, Update, Us, What, limits::PICTURES};

use crate::{decisions::Decisions, spoil};

fn right() -> [Value; 3] {
    let from = json!({"id": 42, "is_bot": false, "first_name": "길동", "language_code": "ko"});
    let chat = json!({"id": 42, "type": "private"});
    let photo = json!([{"file_id": "A", "file_size": 9}, {"file_id": "B", "file_size": 99}]);
    [
        json!({"update_id": 1, "message": {
            "message_id": 7, "from": from, "chat": chat, "text": "/draw x4 옥상의 🎨 고양이",
            "entities": [{"type": "bot_command", "offset": 0, "length": 5}],
            "reply_to_message": {"from": {"id": 1, "is_bot": true}, "photo": photo},
        }}),
        json!({"update_id": 2, "message": {
            "message_id": 8, "from": from, "chat": {"id": -5, "type": "supergroup"}, "caption": "/draw ×2 darker",
            "document": {"file_id": "D", "file_name": "a.png", "mime_type": "application/octet-stream"},
            "media_group_id": "13", "is_topic_message": true, "message_thread_id": 3, "voice": {},
        }}),
        json!({"update_id": 3, "edited_message": {"message_id": 7, "from": from, "chat": chat, "text": "a cat"}}),
    ]
}

fn check(body: &str) {
    let Ok(update) = Update::parse(body.as_bytes()) else { return };
    let us = Us { id: 1, username: Some("our_bot".to_owned()) };
    match update.what {
        What::Message(message) => match Request::of(&message, &us) {
            Request::Draw { prompt, pictures } => {
                assert!(PICTURES.contains(&pictures) && !prompt.trim().is_empty(), "{body}");
                assert!(message.picture.is_none() && message.replied_picture.is_none(), "{body}");
            }
            Request::Regenerate { photo, prompt, pictures } => {
                assert!(PICTURES.contains(&pictures) && !prompt.trim().is_empty(), "{body}");
                assert_eq!(Some(photo), message.picture.or(message.replied_picture), "{body}");
            }
            _ => {}
        },
        What::Unread(unread) => assert!(!unread.chat.is_private() || us.are_meant_by(&unread), "{body}"),
        What::Ignored(ignored) => assert!(ignored.as_str().len() <= 64, "{body}"),
    }
}

#[test]
fn updates() {
    let right = right();
    bolero::check!().for_each(|input: &[u8]| {
        let mut decisions = Decisions::new(input);
        let right = decisions.one_of(&right);
        let body = if decisions.below(2) == 0 {
            spoil::json(right, &mut decisions).to_string()
        } else {
            spoil::text(&right.to_string(), &mut decisions)
        };
        check(&body);
    });
}
