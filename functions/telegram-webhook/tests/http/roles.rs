//! What the function may do against what it does. Every test's world sees at its end that nothing is missing; the last test here,
//! that nothing is spare. The others go where the function rarely comes.

use aws_sdk_dynamodb::types::AttributeValue;
use http::StatusCode;
use toonmill_domain::{Failure, FailureCode, JobStatus};
use toonmill_flows::inputs::TEMPORARY_LIFETIME;
use toonmill_standins::telegram::Action;
use toonmill_tests::{Artist, catalogue_in_bucket, picture, policy};

use crate::chat::{Chat, john};

/// More than the unfinished jobs that a user may have.
const GHOSTS: usize = 20;

async fn photo(chat: &Chat, number: u32) {
    assert_eq!(chat.act(Action::photo(john(), picture(number).bytes, "paint it blue")).await, StatusCode::OK);
    chat.run().await;
}

/// A photo whose user has as many uploads as he may have, of which one is over.
async fn a_full_album(chat: &Chat) {
    for number in 1..=2 {
        photo(chat, number).await;
    }
    photo(chat, 3).await;
    assert_eq!(chat.jobs(7).await.len(), 2, "{:?}", chat.said(7));
    chat.world.wait(TEMPORARY_LIFETIME * 2);
    photo(chat, 4).await;
    assert_eq!(chat.jobs(7).await.len(), 3, "{:?}", chat.said(7));
}

/// Puts jobs among the user's unfinished ones that do not exist, as no code of ours does.
async fn haunt(chat: &Chat) {
    let ghosts = (0..GHOSTS).map(|_| chat.world.submitter.ids.make().to_string()).collect();
    let change = chat.world.dynamodb.update_item().table_name("toonmill");
    let change = change.key("pk", AttributeValue::S("U#telegram-7".to_owned()));
    let change = change.key("sk", AttributeValue::S("A".to_owned())).update_expression("ADD active :ghosts");
    change.expression_attribute_values(":ghosts", AttributeValue::Ss(ghosts)).send().await.unwrap();
}

#[tokio::test]
async fn a_photo_finds_room_where_an_upload_is_over() {
    let chat = Chat::open(Artist::tireless()).await.with_uploads(2);
    a_full_album(&chat).await;
    chat.close().await;
}

#[tokio::test]
async fn a_wish_is_served_though_jobs_that_ended_were_left_among_the_unfinished() {
    let chat = Chat::open(Artist::tireless()).await;
    chat.say(john(), "/draw a cat").await;
    chat.run().await;
    haunt(&chat).await;
    chat.say(john(), "/draw another cat").await;
    chat.run().await;
    let jobs = chat.jobs(7).await;
    assert!(jobs.len() == 2 && jobs.iter().all(|job| job.status == JobStatus::Completed), "{:?}", chat.said(7));
    let account = chat.world.table.load_account(&"telegram-7".parse().unwrap()).await.unwrap().unwrap();
    assert!(account.active.is_empty(), "{account:?}");
    chat.close().await;
}

#[tokio::test]
async fn the_role_has_nothing_that_the_function_never_does() {
    let chat = Chat::open(Artist::new(|prompt, call| match prompt {
        "a hopeless cat" => Err(Failure::new(FailureCode::Refused)),
        _ => Ok(picture(call)),
    }))
    .await
    .with_uploads(2);
    a_full_album(&chat).await;
    for text in ["/help", "/draw a hopeless cat", "/status", "/retry", "/draw a cat", "/cancel"] {
        chat.say(john(), text).await;
        if text != "/draw a cat" {
            chat.run().await;
        }
    }
    haunt(&chat).await;
    chat.say(john(), "/draw a bird").await;
    chat.run().await;
    // One that is refused, with its plan.
    for _ in 0..8 {
        chat.say(john(), "/draw x10 a flock").await;
        chat.run().await;
    }
    chat.run().await;
    catalogue_in_bucket(&chat.world, "TelegramWebhook", "{}").await.unwrap();
    let rights = chat.world.network.rights().remove("TelegramWebhook").unwrap();
    assert_eq!(policy::compare("TelegramWebhook", &rights), Vec::<String>::new());
    chat.close().await;
}
