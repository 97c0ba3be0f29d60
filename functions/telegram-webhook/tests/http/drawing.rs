//! A picture is asked for in a chat, and arrives there once.

use std::time::Duration;

use http::StatusCode;
use toonmill_domain::{Failure, FailureCode, JobKind, JobStatus};
use toonmill_standins::telegram::{Action, What};
use toonmill_tests::{Artist, picture, world::DELIVER};

use crate::chat::{Chat, GILDONG, gildong, is_photo, john, text_of};

#[tokio::test]
async fn a_wish_becomes_one_picture_though_everything_comes_three_times() {
    let chat = Chat::open(Artist::tireless()).await;
    assert_eq!(chat.act(Action::text(gildong(), "/draw 옥상의 고양이").times(3)).await, StatusCode::OK);
    chat.run_in_triplicate().await;
    let [job] = &chat.jobs(GILDONG).await[..] else { panic!() };
    assert_eq!((job.status, job.kind), (JobStatus::Completed, JobKind::Pipeline));
    let [shown] = &chat.shown(GILDONG)[..] else { panic!("{:?}", chat.said(GILDONG)) };
    assert!(is_photo(shown), "{shown:?}");
    assert!(text_of(shown).contains("옥상의 고양이"), "{}", text_of(shown));
    let file = shown.file.as_ref().unwrap();
    assert_eq!((file.kind.as_str(), file.sent_name.as_str(), file.sent_px), ("photo", "image.png", Some((64, 64))));
    assert_eq!(shown.message["reply_to_message"]["message_id"], 1, "it answers the wish");
    assert_eq!((chat.calls("sendMessage"), chat.calls("editMessageMedia"), chat.calls("sendPhoto")), (1, 1, 0));
    chat.close().await;
}

#[tokio::test]
async fn the_message_shows_how_far_it_is_until_it_is_the_picture() {
    let chat = Chat::open(Artist::tireless()).await;
    chat.say(john(), "a lighthouse").await;
    // Nobody draws for a while.
    let mut looks = Vec::new();
    let begun = chat.world.now();
    for _ in 0..8 {
        chat.world.deliver_all(&chat.deliverer).await;
        looks.push((chat.world.now().since(begun).as_secs(), chat.said(7).concat()));
    }
    assert_eq!(looks[0].0, 0, "it answers at once");
    let texts: Vec<_> = looks.iter().map(|(_, text)| text).collect();
    assert!(texts.windows(2).all(|pair| pair[0] != pair[1]), "each look says something else: {texts:?}");
    let pauses: Vec<_> = looks.windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
    assert!(
        pauses.iter().all(|pause| (1..=10).contains(pause)),
        "it is edited by ten seconds at the latest: {pauses:?}"
    );
    chat.run().await;
    assert!(is_photo(&chat.shown(7)[0]));
    chat.close().await;
}

#[tokio::test]
async fn the_end_is_told_at_once_and_not_at_the_next_look() {
    let chat = Chat::open(Artist::tireless()).await;
    chat.say(john(), "a lighthouse").await;
    chat.world.deliver_all(&chat.deliverer).await;
    // The next look waits in the queue.
    assert_eq!(chat.world.queues.count(DELIVER), 1);
    chat.world.wait(Duration::from_secs(2));
    chat.world.run().await;
    let waiting = chat.world.queues.take(DELIVER);
    assert!(waiting.iter().any(|waiting| waiting.delay_secs == 0), "{waiting:?}");
    let message = waiting.iter().find(|waiting| waiting.delay_secs == 0).unwrap();
    let message = toonmill_cloud::queues::read_message(&message.body).unwrap();
    chat.world.deliver(&chat.deliverer, &message).await;
    assert!(is_photo(&chat.shown(7)[0]));
    chat.close().await;
}

#[tokio::test]
async fn several_pictures_come_as_albums_of_ten_at_most() {
    let chat = Chat::open(Artist::tireless()).await;
    chat.say(john(), "/draw x10 a flock of birds").await;
    chat.run_in_triplicate().await;
    let shown = chat.shown(7);
    let photos: Vec<_> = shown.iter().filter(|entry| is_photo(entry)).collect();
    assert_eq!((photos.len(), chat.calls("sendMediaGroup")), (10, 1));
    let albums: std::collections::BTreeSet<_> =
        photos.iter().map(|entry| entry.message["media_group_id"].as_str().unwrap()).collect();
    assert_eq!(albums.len(), 1);
    // The message that showed the progress says that it is done.
    let last = shown.iter().find(|entry| !is_photo(entry)).map(text_of).unwrap();
    assert!(last.contains("10"), "{last}");
    chat.close().await;
}

#[tokio::test]
async fn a_photo_with_a_caption_is_drawn_again_as_the_caption_says() {
    let chat = Chat::open(Artist::tireless()).await;
    let photo = picture(1).bytes;
    assert_eq!(chat.act(Action::photo(gildong(), photo, "파랗게")).await, StatusCode::OK);
    chat.run().await;
    let [job] = &chat.jobs(GILDONG).await[..] else { panic!() };
    assert_eq!((job.status, job.kind), (JobStatus::Completed, JobKind::RegenerateImage));
    let asked = chat.world.artist.asked();
    assert_eq!(asked.last().unwrap().references.len(), 1, "it is drawn from the photo");
    assert!(is_photo(&chat.shown(GILDONG)[0]));
    chat.close().await;
}

#[tokio::test]
async fn a_monster_is_drawn_by_the_monsters_own_words() {
    let chat = Chat::open(Artist::tireless()).await;
    chat.say(gildong(), "/monster 지하철의 문어").await;
    chat.run().await;
    let [job] = &chat.jobs(GILDONG).await[..] else { panic!() };
    assert_eq!((job.status, job.kind), (JobStatus::Completed, JobKind::GenerateMonsterImage));
    let asked = chat.world.artist.asked();
    let prompt = &asked.last().unwrap().prompt;
    assert!(prompt.contains("지하철의 문어") && prompt.len() > 40, "{prompt}");
    assert!(is_photo(&chat.shown(GILDONG)[0]));
    chat.close().await;
}

#[tokio::test]
async fn what_cannot_be_drawn_is_told_with_its_reason_in_the_users_language() {
    let refusing = || Artist::new(|_, _| Err(Failure::new(FailureCode::Refused)));
    for (who, id, words) in [(gildong(), GILDONG, "그"), (john(), 7, "draw")] {
        let chat = Chat::open(refusing()).await;
        chat.say(who, "/draw what must not be drawn").await;
        chat.run().await;
        assert_eq!(chat.jobs(id).await[0].status, JobStatus::Failed);
        let [said] = &chat.said(id)[..] else { panic!() };
        assert!(said.contains("what must not be drawn") && said.contains(words), "{said}");
        chat.close().await;
    }
}

#[tokio::test]
async fn a_message_that_its_reader_deleted_does_not_keep_the_picture_away() {
    let chat = Chat::open(Artist::tireless()).await;
    chat.say(john(), "a lighthouse").await;
    chat.world.deliver_all(&chat.deliverer).await;
    let progress = chat.shown(7)[0].message["message_id"].as_i64().unwrap();
    let gone = Action::new(john(), What::Delete { message_id: progress });
    chat.telegram.telegram().act(crate::chat::TOKEN, gone).await.unwrap();
    chat.run().await;
    let [shown] = &chat.shown(7)[..] else { panic!("{:?}", chat.said(7)) };
    assert!(is_photo(shown));
    chat.close().await;
}

#[tokio::test]
async fn a_lost_ring_of_everything_is_made_good_by_the_sweep() {
    let chat = Chat::open(Artist::tireless()).await;
    chat.say(john(), "a lighthouse").await;
    for _ in 0..30 {
        for queue in [DELIVER, toonmill_tests::world::RECONCILE] {
            chat.world.queues.take(queue);
        }
        chat.world.wait(Duration::from_mins(1));
        chat.world.sweeper.sweep().await.unwrap();
        chat.world.run().await;
        let waiting = chat.world.queues.take(DELIVER);
        for waiting in waiting.iter().filter(|waiting| waiting.delay_secs == 0) {
            let message = toonmill_cloud::queues::read_message(&waiting.body).unwrap();
            chat.world.deliver(&chat.deliverer, &message).await;
        }
    }
    assert!(is_photo(&chat.shown(7)[0]), "{:?}", chat.said(7));
    chat.close().await;
}
