//! Groups and topics: the bot answers where it was asked, and is silent where it was not.

use std::collections::BTreeMap;

use toonmill_standins::telegram::{Action, Group};
use toonmill_tests::Artist;

use crate::chat::{Chat, gildong, is_photo, john};

const GROUP: i64 = -1_001_234_567_890;

#[tokio::test]
async fn a_topic_is_answered_in_the_topic_and_the_asker_pays() {
    let chat = Chat::open(Artist::tireless()).await;
    let asked = Action::text(gildong(), "/draw@standin_123456_bot a cat").within(Group::forum(GROUP)).in_topic(3);
    chat.act(asked).await;
    chat.run().await;
    let [shown] = &chat.shown(GROUP)[..] else { panic!("{:?}", chat.said(GROUP)) };
    assert!(is_photo(shown));
    assert_eq!(shown.message["message_thread_id"], 3);
    assert_eq!((chat.jobs(42).await.len(), chat.jobs(7).await.len()), (1, 0));
    chat.close().await;
}

#[tokio::test]
async fn other_bots_commands_and_talk_are_nothing_to_it() {
    let chat = Chat::open(Artist::tireless()).await;
    for text in ["/draw@another_bot a cat", "good morning", "/weather"] {
        let outcome = chat
            .telegram
            .telegram()
            .act(crate::chat::TOKEN, Action::text(john(), text).within(Group::supergroup(GROUP)));
        // In groups Telegram keeps most of it from bots; what it brings is brought here.
        if let Some(update) = outcome.await.unwrap().update {
            assert!(chat.bring(&update).await.is_success());
        }
    }
    chat.run().await;
    assert_eq!(chat.said(GROUP), Vec::<String>::new());
    assert_eq!(chat.jobs(7).await, []);
    chat.close().await;
}

#[tokio::test]
async fn a_group_is_written_to_every_four_seconds_at_most_and_a_chat_every_second() {
    for (group, interval) in [(Some(Group::supergroup(GROUP)), 4), (None, 1)] {
        let chat = Chat::open(Artist::tireless()).await;
        let id = group.as_ref().map_or(7, |_| GROUP);
        for number in 0..3 {
            let mut action = Action::text(john(), format!("/draw@standin_123456_bot cat number {number}"));
            action.chat.clone_from(&group);
            chat.act(action).await;
        }
        // Nobody draws yet, so that all three show their progress.
        let mut at = BTreeMap::new();
        let mut before = 0;
        for _ in 0..60 {
            for waiting in chat.world.queues.take(toonmill_tests::world::DELIVER) {
                chat.world.wait(std::time::Duration::from_secs(u64::try_from(waiting.delay_secs).unwrap() / 3));
                let message = toonmill_cloud::queues::read_message(&waiting.body).unwrap();
                chat.world.deliver(&chat.deliverer, &message).await;
                let calls = chat.telegram.telegram().calls(crate::chat::TOKEN);
                let made = calls.iter().filter(|call| call.chat_id == Some(id)).count();
                if made > before {
                    assert_eq!(made, before + 1);
                    at.insert(made, chat.world.now());
                    before = made;
                }
            }
        }
        let times: Vec<_> = at.values().collect();
        assert!(times.len() > 5, "{times:?}");
        for pair in times.windows(2) {
            let pause = pair[1].since(*pair[0]).as_secs();
            assert!(pause >= interval, "{pause} s between two calls");
        }
        chat.run().await;
        assert_eq!(chat.shown(id).iter().filter(|entry| is_photo(entry)).count(), 3);
        chat.close().await;
    }
}
