//! Telegram refuses, fails, and loses its answers; the picture appears once.

use serde_json::json;
use toonmill_domain::{DeliveryState, JobStatus, Sink};
use toonmill_standins::telegram::{Action, What};
use toonmill_tests::Artist;

use crate::chat::{Chat, TOKEN, is_photo, john};

#[tokio::test]
async fn under_every_fault_each_picture_appears_once() {
    for fault in [
        json!({ "kind": "rate_limited", "retry_after_ms": 3_000 }),
        json!({ "kind": "error", "status": 500 }),
        json!({ "kind": "bad_gateway" }),
        json!({ "kind": "reset" }),
        json!({ "kind": "reset", "cut": "lost_answer" }),
    ] {
        for method in ["sendMessage", "editMessageText", "editMessageMedia"] {
            let chat = Chat::open(Artist::tireless()).await;
            chat.fails(&json!({ "match": { "method": method }, "times": 2, "fault": fault }));
            chat.act(Action::text(john(), "/draw a lighthouse").times(3)).await;
            chat.run_in_triplicate().await;
            let shown = chat.shown(7);
            let photos = shown.iter().filter(|entry| is_photo(entry)).count();
            assert_eq!(photos, 1, "{method} {fault}: {:?}", chat.said(7));
            assert_eq!(chat.jobs(7).await[0].status, JobStatus::Completed);
            chat.close().await;
        }
    }
}

#[tokio::test]
async fn a_wait_that_telegram_asks_for_is_kept_by_everybody_in_the_chat() {
    let chat = Chat::open(Artist::tireless()).await;
    chat.fails(&json!({
        "match": { "method": "sendMessage" }, "times": 1, "fault": { "kind": "rate_limited", "retry_after_ms": 30_000 }
    }));
    chat.say(john(), "/draw a lighthouse").await;
    let begun = chat.world.now();
    chat.world.deliver_all(&chat.deliverer).await;
    chat.say(john(), "/help").await;
    // The help is asked for at once, and the chat is closed.
    for _ in 0..3 {
        chat.world.deliver_all(&chat.deliverer).await;
        if !chat.said(7).is_empty() {
            break;
        }
    }
    assert!(chat.world.now().since(begun).as_secs() >= 30, "{:?}", chat.world.now().since(begun));
    chat.run().await;
    assert_eq!(chat.shown(7).len(), 2);
    chat.close().await;
}

#[tokio::test]
async fn who_has_blocked_the_bot_is_left_in_peace_and_his_job_ends_all_the_same() {
    let chat = Chat::open(Artist::tireless()).await;
    chat.say(john(), "/draw a lighthouse").await;
    chat.telegram.telegram().act(TOKEN, Action::new(john(), What::Block {})).await.unwrap();
    chat.run().await;
    assert_eq!(chat.jobs(7).await[0].status, JobStatus::Completed);
    assert_eq!((chat.calls("sendMessage"), chat.calls("editMessageMedia")), (1, 0));
    let deliveries = chat.world.table.list_deliveries(&"telegram-7".parse().unwrap(), Sink::Telegram, None, 10).await;
    let states: Vec<_> = deliveries.unwrap().iter().map(|delivery| delivery.state).collect();
    assert_eq!(states, [DeliveryState::Failed]);
    chat.close().await;
}

#[tokio::test]
async fn a_message_that_cannot_become_a_picture_is_replaced_by_one() {
    let chat = Chat::open(Artist::tireless()).await;
    chat.fails(&json!({
        "match": { "method": "editMessageMedia" }, "fault": { "kind": "error", "status": 400, "message": "Bad Request: can't" }
    }));
    chat.say(john(), "/draw a lighthouse").await;
    chat.run_in_triplicate().await;
    let [shown] = &chat.shown(7)[..] else { panic!("{:?}", chat.said(7)) };
    assert!(is_photo(shown));
    assert_eq!((chat.calls("sendPhoto"), chat.calls("deleteMessage")), (1, 1));
    chat.close().await;
}

#[tokio::test]
async fn a_lost_answer_to_an_album_is_the_one_exception() {
    let chat = Chat::open(Artist::tireless()).await;
    chat.fails(&json!({ "match": { "method": "sendMediaGroup" }, "times": 1, "fault": { "kind": "reset", "cut": "lost_answer" } }));
    chat.say(john(), "/draw x3 a flock").await;
    chat.run().await;
    let photos = chat.shown(7).iter().filter(|entry| is_photo(entry)).count();
    assert_eq!(photos, 6, "at least once");
    chat.close().await;
}
