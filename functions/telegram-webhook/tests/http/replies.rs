//! Words that are about a picture: its caption, or a reply to it.

use http::StatusCode;
use serde_json::json;
use toonmill_domain::{JobKind, JobStatus};
use toonmill_standins::telegram::{Action, Data, Group, What};
use toonmill_tests::{Artist, picture};

use crate::chat::{Chat, GILDONG, gildong, is_photo, john};

const GROUP: i64 = -1_001_234_567_890;

/// The last picture that was asked for: how many pictures it was drawn from.
fn references(chat: &Chat) -> usize {
    chat.world.artist.asked().last().unwrap().references.len()
}

#[tokio::test]
async fn a_reply_to_the_bots_picture_changes_that_picture_and_is_charged_once() {
    let chat = Chat::open(Artist::tireless()).await;
    chat.say(gildong(), "/draw 옥상의 고양이").await;
    chat.run().await;
    assert_eq!(references(&chat), 0);
    let shown = chat.shown(GILDONG)[0].message["message_id"].as_i64().unwrap();
    assert_eq!(chat.act(Action::text(gildong(), "더 어둡게").replying_to(shown).times(3)).await, StatusCode::OK);
    chat.run_in_triplicate().await;
    let [newer, _] = &chat.jobs(GILDONG).await[..] else { panic!() };
    assert_eq!((newer.status, newer.kind), (JobStatus::Completed, JobKind::RegenerateImage));
    assert_eq!(references(&chat), 1, "it is drawn from the picture");
    assert!(chat.shown(GILDONG).iter().all(is_photo));
    chat.close().await;
}

#[tokio::test]
async fn a_command_that_replies_to_a_users_picture_is_about_it() {
    let chat = Chat::open(Artist::tireless()).await;
    let file = What::Document {
        data: Data(picture(1).bytes),
        file_name: "sketch.png".to_owned(),
        mime_type: "image/png".to_owned(),
        caption: String::new(),
    };
    let group = || Group::supergroup(GROUP);
    // It is talk between people, of which the bot hears nothing.
    let sent = chat.telegram.telegram().act(crate::chat::TOKEN, Action::new(gildong(), file).within(group()));
    let sent = sent.await.unwrap().message_id.unwrap();
    let asked = Action::text(john(), "/draw@standin_123456_bot x2 in blue").within(group()).replying_to(sent);
    chat.act(asked).await;
    chat.run().await;
    let [job] = &chat.jobs(7).await[..] else { panic!() };
    assert_eq!((job.status, job.kind), (JobStatus::Completed, JobKind::RegenerateImage));
    assert_eq!(chat.world.artist.asked().len(), 2);
    assert_eq!(references(&chat), 1);
    assert_eq!(chat.jobs(GILDONG).await, [], "who asks pays");
    chat.close().await;
}

#[tokio::test]
async fn a_replied_picture_that_cannot_be_had_is_told_and_costs_nothing() {
    let chat = Chat::open(Artist::tireless()).await;
    let sent = chat.telegram.telegram().act(crate::chat::TOKEN, Action::photo(john(), picture(1).bytes, ""));
    let sent = sent.await.unwrap().message_id.unwrap();
    let reply = Action::text(john(), "darker").replying_to(sent);
    let mut update = chat.telegram.telegram().act(crate::chat::TOKEN, reply).await.unwrap().update.unwrap();
    let photos = update["message"]["reply_to_message"]["photo"].take();
    for (number, photo) in
        [json!([{ "file_id": "nobody-knows-it" }]), json!([{ "file_id": "x", "file_size": 30_000_000 }])]
            .into_iter()
            .enumerate()
    {
        update["update_id"] = json!(7_000_000 + number);
        update["message"]["reply_to_message"]["photo"] = photo;
        assert_eq!(chat.bring(&update).await, StatusCode::OK);
    }
    chat.run().await;
    let said = chat.said(7);
    assert!(said[0].contains("can't read this picture") && said[1].contains("too large"), "{said:?}");
    assert_eq!(chat.jobs(7).await, []);
    // As it was, it can.
    update["update_id"] = json!(7_000_002);
    update["message"]["reply_to_message"]["photo"] = photos;
    chat.bring(&update).await;
    chat.run().await;
    assert_eq!((chat.jobs(7).await.len(), references(&chat)), (1, 1));
    chat.close().await;
}

#[tokio::test]
async fn a_picture_that_came_as_a_file_without_a_type_is_drawn_again() {
    let chat = Chat::open(Artist::tireless()).await;
    let file = |name: &str, bytes: &[u8]| What::Document {
        data: Data(bytes.to_vec().into()),
        file_name: name.to_owned(),
        mime_type: "application/octet-stream".to_owned(),
        caption: "in blue".to_owned(),
    };
    chat.act(Action::new(john(), file("sketch.PNG", &picture(1).bytes))).await;
    chat.run().await;
    assert_eq!((chat.jobs(7).await.len(), references(&chat)), (1, 1));
    // What only has the name of a picture is told so.
    chat.act(Action::new(john(), file("notes.png", b"no picture"))).await;
    chat.run().await;
    assert_eq!(chat.jobs(7).await.len(), 1);
    assert!(chat.said(7).iter().any(|said| said.contains("can't read this picture")), "{:?}", chat.said(7));
    chat.close().await;
}

#[tokio::test]
async fn a_name_that_looks_like_a_count_is_one_picture_of_that_name() {
    let chat = Chat::open(Artist::tireless()).await;
    for (before, prompt) in ["X5 on a mountain road", "4x zoom on a cat", "3장 옥상의 결투"].into_iter().enumerate()
    {
        chat.say(john(), &format!("/draw {prompt}")).await;
        chat.run().await;
        assert_eq!(chat.world.artist.asked().len(), before + 1, "{prompt}");
        assert!(chat.world.artist.asked().last().unwrap().prompt.contains(prompt), "{prompt}");
    }
    chat.say(john(), "/draw x4 a mountain road").await;
    chat.run().await;
    assert_eq!(chat.world.artist.asked().len(), 7);
    chat.close().await;
}
