//! What else can be asked of the bot, and what it cannot do.

use http::StatusCode;
use toonmill_domain::{Credits, Failure, FailureCode, JobStatus, Limit};
use toonmill_standins::telegram::Action;
use toonmill_tests::{Artist, Fate, picture};

use crate::chat::{Chat, GILDONG, gildong, is_photo, john};

#[tokio::test]
async fn help_and_questions_are_answered_once_in_the_users_language() {
    let chat = Chat::open(Artist::tireless()).await;
    for text in ["/start", "/help", "/draw", "/monster", "/status", "/cancel", "/retry", "/draw x99 too many"] {
        for who in [gildong(), john()] {
            assert_eq!(chat.act(Action::text(who, text).times(3)).await, StatusCode::OK, "{text}");
        }
    }
    chat.run_in_triplicate().await;
    let (korean, english) = (chat.said(GILDONG), chat.said(7));
    assert_eq!((korean.len(), english.len()), (8, 8), "{korean:?} {english:?}");
    let is_korean = |text: &String| text.chars().any(|c| ('가'..='힣').contains(&c));
    assert!(korean.iter().all(is_korean) && !english.iter().any(is_korean));
    assert_eq!(chat.jobs(7).await, []);
    chat.close().await;
}

#[tokio::test]
async fn the_newest_job_is_cancelled_and_what_failed_is_drawn_again() {
    let chat = Chat::open(Artist::new(|_, call| match call {
        1..=18 => Err(Failure::new(FailureCode::Empty)),
        _ => Ok(picture(call)),
    }))
    .await;
    chat.say(john(), "/draw a stubborn cat").await;
    chat.world.deliver_all(&chat.deliverer).await;
    chat.say(john(), "/status").await;
    chat.say(john(), "/cancel").await;
    chat.run().await;
    assert_eq!(chat.jobs(7).await[0].status, JobStatus::Cancelled);
    let said = chat.said(7).join("\n");
    assert!(said.matches("a stubborn cat").count() >= 3, "{said}");

    chat.act(Action::text(john(), "/retry").times(3)).await;
    chat.run().await;
    assert_eq!((chat.jobs(7).await.len(), chat.jobs(7).await[0].status), (1, JobStatus::Failed));
    chat.say(john(), "/retry").await;
    chat.run().await;
    let [job] = &chat.jobs(7).await[..] else { panic!() };
    assert_eq!((job.status, job.epoch.0), (JobStatus::Completed, 3));
    assert_eq!(chat.shown(7).iter().filter(|entry| is_photo(entry)).count(), 1);
    chat.close().await;
}

#[tokio::test]
async fn who_has_too_few_credits_is_told_how_many_are_missing() {
    let mut chat = Chat::open(Artist::tireless()).await;
    chat.world.submitter.signup_grant = Credits::new(20).unwrap();
    let chat = chat.reopened();
    chat.say(john(), "/draw x2 an expensive cat").await;
    chat.run().await;
    let [said] = &chat.said(7)[..] else { panic!() };
    assert!(said.contains("28") && said.contains("20"), "{said}");
    assert_eq!(chat.jobs(7).await, []);
    chat.say(john(), "/draw a cheap cat").await;
    chat.run().await;
    assert_eq!(chat.jobs(7).await[0].status, JobStatus::Completed);
    chat.close().await;
}

#[tokio::test]
async fn each_user_has_limits_of_his_own() {
    let mut chat = Chat::open(Artist::tireless()).await;
    chat.world.submitter.limits = chat.world.submitter.limits.clone().with(Limit::WritesPerMinute, 2);
    let chat = chat.reopened();
    for _ in 0..4 {
        chat.say(john(), "/help").await;
    }
    chat.say(gildong(), "/help").await;
    chat.run().await;
    let said = chat.said(7);
    assert_eq!((said.len(), chat.said(GILDONG).len()), (4, 1));
    assert_eq!(said[0], said[1]);
    assert_ne!(said[2], said[0], "the third is told to wait");
    chat.close().await;
}

#[tokio::test]
async fn what_cannot_be_read_or_is_too_long_is_told_so() {
    let chat = Chat::open(Artist::tireless()).await;
    chat.say(john(), &format!("/draw {}", "x".repeat(4_001))).await;
    chat.run().await;
    assert!(chat.said(7)[0].contains("4,000") || chat.said(7)[0].contains("4000"), "{:?}", chat.said(7));
    assert_eq!(chat.jobs(7).await, []);
    chat.close().await;
}

#[tokio::test]
async fn an_update_whose_job_could_not_be_written_comes_again() {
    let chat = Chat::open(Artist::tireless()).await;
    let action = Action::text(john(), "/draw a cat");
    let outcome = chat.telegram.telegram().act(crate::chat::TOKEN, action).await.unwrap();
    let update = outcome.update.unwrap();
    for _ in 0..10 {
        chat.world.network.doom("DynamoDB.TransactWriteItems", Fate::ServerError);
    }
    assert!(chat.bring(&update).await.is_server_error());
    chat.world.network.pardon();
    assert_eq!(chat.jobs(7).await, []);
    assert_eq!(chat.bring(&update).await, StatusCode::OK);
    chat.run().await;
    assert_eq!(chat.jobs(7).await.len(), 1);
    assert!(is_photo(&chat.shown(7)[0]));
    chat.close().await;
}

#[tokio::test]
async fn an_answer_of_our_own_storage_that_is_lost_opens_no_second_job() {
    let chat = Chat::open(Artist::tireless()).await;
    chat.world.network.doom("DynamoDB.TransactWriteItems", Fate::LostAfter);
    chat.act(Action::text(john(), "/draw a cat").times(2)).await;
    chat.run().await;
    assert_eq!(chat.jobs(7).await.len(), 1);
    assert_eq!(chat.shown(7).len(), 1);
    chat.close().await;
}

#[tokio::test]
async fn a_cancel_that_comes_again_cancels_no_second_job() {
    let chat = Chat::open(Artist::tireless()).await;
    for prompt in ["/draw the older one", "/draw the newer one"] {
        chat.say(john(), prompt).await;
    }
    let action = Action::text(john(), "/cancel");
    let update = chat.telegram.telegram().act(crate::chat::TOKEN, action).await.unwrap().update.unwrap();
    // The first time, everything after the transaction fails.
    chat.world.network.doom("DynamoDB.TransactWriteItems", Fate::LostAfter);
    for _ in 0..3 {
        assert_eq!(chat.bring(&update).await, StatusCode::OK);
    }
    chat.run().await;
    let statuses: Vec<_> = chat.jobs(7).await.iter().map(|job| job.status).collect();
    assert_eq!(statuses, [JobStatus::Cancelled, JobStatus::Completed]);
    chat.close().await;
}

#[tokio::test]
async fn a_retry_shows_what_it_drew_and_nothing_again() {
    let chat = Chat::open(Artist::new(|_, call| match call {
        2..=3 => Err(Failure::new(FailureCode::Refused)),
        _ => Ok(picture(call)),
    }))
    .await;
    chat.say(john(), "/draw x2 two cats").await;
    chat.run().await;
    assert_eq!(chat.jobs(7).await[0].status, JobStatus::Partial);
    let photos = |chat: &Chat| chat.shown(7).iter().filter(|entry| is_photo(entry)).count();
    assert_eq!(photos(&chat), 1);
    chat.say(john(), "/retry").await;
    chat.run().await;
    assert_eq!(chat.jobs(7).await[0].status, JobStatus::Completed);
    assert_eq!(photos(&chat), 2);
    chat.close().await;
}
