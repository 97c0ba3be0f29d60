//! When records come again that failed: by what passes soon, by what they say after their queue's time-out.

use std::{
    collections::BTreeMap,
    fmt::{self, Display, Formatter},
    time::Duration,
};

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use toonmill_cloud::{CloudError, queues::read_message};
use toonmill_domain::SlotMessage;
use toonmill_flows::draw::Delivery;
use toonmill_runtime::{
    again::{Again, ComesAgain},
    batch,
};
use toonmill_tests::{
    Artist, Fate, World,
    queues::{Shown, Waiting, inbox},
    stage,
    world::IMAGES,
};

const ARN: &str = "arn:aws-cn:sqs:cn-north-1:123456789012:gemini-images";

struct Failed(String, Again);

impl Failed {
    fn from(error: &(impl Display + ComesAgain)) -> Self {
        Self(error.to_string(), error.again())
    }
}

impl Display for Failed {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl ComesAgain for Failed {
    fn again(&self) -> Again {
        self.1
    }
}

fn record(number: usize, body: &str, receives: u32) -> SqsMessage {
    let mut record = SqsMessage::default();
    record.message_id = Some(format!("message-{number}"));
    record.receipt_handle = Some(format!("receipt-{number}"));
    record.event_source_arn = Some(ARN.to_owned());
    record.body = Some(body.to_owned());
    record.attributes = [("ApproximateReceiveCount".to_owned(), receives.to_string())].into();
    record
}

/// Draws a batch as its function does. The records that failed, and the seconds after which those are shown that are shown
/// otherwise than their queue says.
async fn draw(world: &World, records: Vec<SqsMessage>) -> (Vec<String>, BTreeMap<String, i64>) {
    let mut event = SqsEvent::default();
    event.records = records;
    let inbox = inbox(&world.network);
    let response = batch::run(&inbox, &world.worker.clock, event, |record| async move {
        let message: SlotMessage =
            read_message(record.body.as_deref().unwrap()).map_err(|error| Failed::from(&error))?;
        let (holder, deadline) = (format!("{:?}", record.message_id), world.now().plus(Duration::from_mins(1)));
        let drawn = world.worker.draw(&message, &Delivery { holder, deadline }).await;
        drawn.map_err(|error| Failed::from(&error))?;
        Ok::<_, Failed>(())
    });
    let failed = response.await.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect();
    let shown = world.queues.take_shown().into_iter().map(|Shown { queue, receipt, after_secs }| {
        assert_eq!(queue, "gemini-images", "the one that the record came from");
        (receipt, after_secs)
    });
    (failed, shown.collect())
}

async fn bodies(world: &World, quantity: u32) -> Vec<String> {
    world.submit(vec![stage("a thunderstorm", quantity)]).await;
    world.reconcile_all().await;
    world.queues.take(IMAGES).into_iter().map(|Waiting { body, .. }| body).collect()
}

#[tokio::test]
async fn a_record_that_storage_was_too_busy_for_comes_again_soon_and_later_each_time() {
    let world = World::new(Artist::tireless());
    let bodies = bodies(&world, 1).await;
    for (receives, soonest) in [(1, 2), (2, 10), (3, 60), (4, 300), (5, 300)] {
        // The plan cannot be read: nothing is claimed yet.
        (0..3).for_each(|_| world.network.doom("S3.GetObject", Fate::Throttled));
        let (failed, shown) = draw(&world, vec![record(0, &bodies[0], receives)]).await;
        assert_eq!(failed, ["message-0"], "it is not acknowledged");
        let after = shown["receipt-0"];
        assert!((soonest..=soonest * 3 / 2).contains(&after), "{after} s after receive {receives}");
    }
}

#[tokio::test]
async fn a_record_whose_slot_may_be_leased_comes_again_when_the_lease_has_lapsed() {
    let world = World::new(Artist::tireless());
    let bodies = bodies(&world, 1).await;
    (0..3).for_each(|_| world.network.doom("DynamoDB.UpdateItem", Fate::LostAfter));
    let (failed, shown) = draw(&world, vec![record(0, &bodies[0], 1)]).await;
    assert_eq!(failed, ["message-0"]);
    assert_eq!(shown["receipt-0"], 60 + 10 + 1, "the time-out, the lease beyond it, and a moment");
    world.wait(Duration::from_secs(71));
    let (failed, shown) = draw(&world, vec![record(0, &bodies[0], 2)]).await;
    assert!(failed.is_empty() && shown.is_empty(), "it rings for the lapsed lease");
    world.run().await;
    assert_eq!(world.artist.calls(), 1);
}

#[tokio::test]
async fn what_fails_for_what_it_says_waits_for_its_queue_and_disturbs_nobody() {
    let world = World::new(Artist::tireless());
    let bodies = bodies(&world, 2).await;
    let records =
        vec![record(0, &bodies[0], 1), record(1, "{", 1), record(2, r#"{"v":9}"#, 1), record(3, &bodies[1], 1)];
    let (failed, shown) = draw(&world, records).await;
    assert_eq!(failed, ["message-1", "message-2"]);
    assert!(shown.is_empty(), "{shown:?}");
    assert_eq!(world.artist.calls(), 2);
}

#[tokio::test]
async fn a_panic_fails_its_own_record_and_a_visibility_that_cannot_be_changed_fails_none() {
    let world = World::new(Artist::tireless());
    let mut event = SqsEvent::default();
    event.records =
        ["good", "busy", "worse", "good"].iter().enumerate().map(|(at, body)| record(at, body, 1)).collect();
    world.network.doom("SQS.ChangeMessageVisibility", Fate::ServerError);
    (0..3).for_each(|_| world.network.doom("DynamoDB.GetItem", Fate::Throttled));
    let world = &world;
    let inbox = inbox(&world.network);
    let response = batch::run(&inbox, &world.worker.clock, event, |record| async move {
        match record.body.as_deref() {
            Some("good") => Ok::<_, CloudError>(()),
            Some("busy") => world.table.answers().await,
            _ => panic!("worse"),
        }
    });
    let failed: Vec<_> = response.await.batch_item_failures.into_iter().map(|item| item.item_identifier).collect();
    assert_eq!(failed, ["message-1", "message-2"]);
    assert!(world.queues.take_shown().is_empty());
}
