//! Nobody waits behind all that somebody else wants.

use std::collections::BTreeSet;

use toonmill_cloud::queues::read_message;
use toonmill_domain::{Failure, FailureCode, SlotMessage};
use toonmill_tests::{
    Artist, World, picture, stage, text,
    world::{IMAGES, TEXTS},
};

#[tokio::test]
async fn one_users_2000_images_hold_up_anothers_one_by_a_window_at_most() {
    let mut world = World::new(Artist::tireless());
    world.submitter.signup_grant = toonmill_domain::Credits::new(100_000).unwrap();
    let crowd = world.submit(vec![stage("a crowd", 1_000), stage("a crowd at night", 1_000)]).await;
    world.reconcile_all().await;
    let one = world.try_submit("bob", vec![stage("one gate", 1)]).await.unwrap();
    world.reconcile_all().await;
    let waiting = world.queues.take(IMAGES);
    let ahead = waiting.iter().take_while(|message| message.group.as_deref() == Some("ann")).count();
    assert_eq!(ahead, 200, "a window of all stages together");
    // Whoever takes the messages in the order they were sent draws bob's after ann's first window.
    let mut drawn = 0;
    for message in waiting {
        let message: SlotMessage = read_message(&message.body).unwrap();
        drawn += u32::from(message.job == crowd);
        world.draw(&message).await;
    }
    assert_eq!(drawn, 200);
    world.reconcile_all().await;
    let toonmill_flows::submit::Submitted::New(one) = one else { panic!("{one:?}") };
    assert!(world.status(one).await.is_terminal() && !world.status(crowd).await.is_terminal());
}

#[tokio::test]
async fn every_message_of_a_slot_is_in_its_accounts_group_a_repeated_one_too() {
    let world = World::new(Artist::new(|_, call| match call {
        1 => Err(Failure::new(FailureCode::Overloaded)),
        _ => Ok(picture(call)),
    }));
    world.submit(vec![stage("a gate", 1)]).await;
    world.submit(vec![text("a line")]).await;
    world.reconcile_all().await;
    let mut groups = BTreeSet::new();
    for waiting in world.queues.take(IMAGES).into_iter().chain(world.queues.take(TEXTS)) {
        groups.insert(waiting.group);
        world.draw(&read_message(&waiting.body).unwrap()).await;
    }
    let again = world.queues.take(IMAGES);
    assert_eq!(again.len(), 1, "it backed off");
    groups.extend(again.into_iter().map(|waiting| waiting.group));
    assert_eq!(groups, BTreeSet::from([Some("ann".to_owned())]));
}
