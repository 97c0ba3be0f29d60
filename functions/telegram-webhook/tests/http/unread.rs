//! What the bot does not read is told in one line, once a day in a chat.

use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};
use toonmill_standins::telegram::{Action, Data, Group, Person, What};
use toonmill_tests::{Artist, Fate};

use crate::chat::{Chat, GILDONG, gildong, john};

const GROUP: i64 = -1_001_234_567_890;

fn sends(who: Person, content: &Value) -> Action {
    Action::new(who, What::Other { content: content.as_object().unwrap().clone() })
}

#[tokio::test]
async fn what_is_not_read_is_told_once_a_day_in_each_chat_in_its_language() {
    let chat = Chat::open(Artist::tireless()).await;
    let said = |chat: &Chat| (chat.said(GILDONG).len(), chat.said(7).len());
    for (day, content) in
        [json!({ "voice": { "file_id": "V", "duration": 3 } }), json!({ "sticker": { "file_id": "S" } })]
            .iter()
            .enumerate()
    {
        for who in [gildong(), john()] {
            assert_eq!(chat.act(sends(who.clone(), content).times(3)).await, StatusCode::OK);
            assert_eq!(chat.act(sends(who, &json!({ "video_note": { "file_id": "N" } }))).await, StatusCode::OK);
        }
        chat.run_in_triplicate().await;
        assert_eq!(said(&chat), (day + 1, day + 1));
        chat.world.wait(Duration::from_hours(24) + Duration::from_mins(1));
    }
    assert!(chat.said(GILDONG)[0].contains("그려") && chat.said(7)[0].contains("caption"), "{:?}", chat.said(7));
    assert!(chat.said(7).iter().chain(&chat.said(GILDONG)).all(|said| !said.contains('\n')), "it is one line");
    assert_eq!(chat.jobs(7).await, []);
    let account = chat.world.table.load_account(&"telegram-7".parse().unwrap()).await.unwrap();
    assert!(account.is_none(), "nobody has an account because of a sticker");
    chat.close().await;
}

#[tokio::test]
async fn an_edit_and_a_file_of_another_type_are_told_and_draw_nothing() {
    let chat = Chat::open(Artist::tireless()).await;
    let outcome = chat.telegram.telegram().act(crate::chat::TOKEN, Action::text(john(), "/draw a cot")).await.unwrap();
    chat.bring(&outcome.update.unwrap()).await;
    chat.run().await;
    let message_id = outcome.message_id.unwrap();
    chat.act(Action::new(john(), What::Edit { message_id, text: "/draw a cat".to_owned() })).await;
    chat.run().await;
    let said = chat.said(7);
    assert!(said.last().unwrap().contains("changes"), "{said:?}");
    assert_eq!(chat.jobs(7).await.len(), 1, "an edit is no wish");

    let file = What::Document {
        data: Data(b"%PDF-1.7".as_slice().into()),
        file_name: "script.pdf".to_owned(),
        mime_type: "application/pdf".to_owned(),
        caption: "draw it".to_owned(),
    };
    chat.act(Action::new(gildong(), file)).await;
    chat.run().await;
    assert_eq!(chat.said(GILDONG).len(), 1);
    assert_eq!(chat.jobs(GILDONG).await, []);
    chat.close().await;
}

#[tokio::test]
async fn in_a_group_only_who_answers_the_bot_is_told() {
    let chat = Chat::open(Artist::tireless()).await;
    chat.act(Action::text(john(), "/draw@standin_123456_bot a cat").within(Group::supergroup(GROUP))).await;
    chat.run().await;
    let shown = chat.shown(GROUP)[0].message["message_id"].as_i64().unwrap();
    let voice = |reply_to: Value| {
        json!({ "update_id": 8_000_000 + reply_to.as_i64().unwrap_or(0), "message": {
            "message_id": 90, "from": { "id": 7, "is_bot": false, "first_name": "J", "language_code": "en" },
            "chat": { "id": GROUP, "type": "supergroup", "title": "g" }, "date": 1_795_168_800,
            "voice": { "file_id": "V", "duration": 1 },
            "reply_to_message": if reply_to.is_null() { Value::Null } else {
                json!({ "message_id": reply_to, "from": { "id": 123_456, "is_bot": true, "first_name": "B" } })
            },
        }})
    };
    assert_eq!(chat.bring(&voice(Value::Null)).await, StatusCode::OK);
    chat.run().await;
    assert_eq!(chat.shown(GROUP).len(), 1);
    assert_eq!(chat.bring(&voice(shown.into())).await, StatusCode::OK);
    chat.run().await;
    assert_eq!(chat.shown(GROUP).len(), 2, "{:?}", chat.said(GROUP));
    chat.close().await;
}

#[tokio::test]
async fn a_hint_that_could_not_be_written_comes_again_and_is_said_once() {
    let chat = Chat::open(Artist::tireless()).await;
    let action = sends(john(), &json!({ "voice": { "file_id": "V", "duration": 3 } }));
    let update = chat.telegram.telegram().act(crate::chat::TOKEN, action).await.unwrap().update.unwrap();
    for _ in 0..10 {
        chat.world.network.doom("DynamoDB.TransactWriteItems", Fate::ServerError);
    }
    assert!(chat.bring(&update).await.is_server_error());
    chat.world.network.pardon();
    // Its answer is lost, and it comes again.
    chat.world.network.doom("DynamoDB.TransactWriteItems", Fate::LostAfter);
    for _ in 0..2 {
        assert_eq!(chat.bring(&update).await, StatusCode::OK);
    }
    chat.run().await;
    assert_eq!(chat.said(7).len(), 1);
    chat.close().await;
}
