//! Messages that were received as often as they may be, and messages that can never be handled.

use std::time::Duration;

use bytes::Bytes;
use toonmill_cloud::blobs::plan_key;
use toonmill_domain::{
    Failure, FailureCode, Fence, JobId, JobStatus, SlotIndex, SlotMessage, SlotState, StageIndex, sha256::hex_of,
};
use toonmill_flows::{dead_letter::Buried, draw::Drawn};
use toonmill_tests::{Artist, World, picture, stage, world::RECONCILE};

/// A worker claims the slot and dies.
async fn claim_and_die(world: &World, message: &SlotMessage) {
    let delivery = world.delivery();
    world.table.claim(message, &delivery.holder, delivery.deadline, world.now()).await.unwrap();
}

async fn bury(world: &World, message: &SlotMessage) -> Buried {
    world.undertaker.bury_image(message).await.unwrap()
}

async fn next_check(world: &World, job: JobId) -> Option<toonmill_domain::Timestamp> {
    world.job(job).await.0.next_check_at
}

#[tokio::test]
async fn a_message_that_kills_its_workers_is_buried_and_its_slot_drawn_in_the_next_round() {
    let world = World::new(Artist::tireless());
    let job = world.submit(vec![stage("a poisoned apple", 2)]).await;
    world.reconcile_all().await;
    let messages = world.take_images();
    world.draw(&messages[0]).await;
    claim_and_die(&world, &messages[1]).await;
    assert_eq!(bury(&world, &messages[1]).await, Buried::Stale, "somebody may be at work");
    world.wait(Duration::from_secs(80));
    assert_eq!(bury(&world, &messages[1]).await, Buried::Missed);
    assert_eq!(bury(&world, &messages[1]).await, Buried::Stale);
    assert_eq!(bury(&world, &messages[0]).await, Buried::Stale);
    let slots = world.table.load_slots(world.job(job).await.1[0].key).await.unwrap();
    let missed = &slots[&messages[1].slot];
    assert_eq!((missed.state, missed.fence, missed.stamp), (SlotState::Missed, Fence(2), messages[1].stamp()));
    let attempt = missed.attempts.last().unwrap();
    assert_eq!((attempt.code, attempt.fence), (FailureCode::WorkerCrash, Fence(1)));
    world.run().await;
    let (ended, stages) = world.job(job).await;
    assert_eq!((ended.status, stages[0].round.0), (JobStatus::Completed, 2));
    world.audit(job).await;
}

#[tokio::test]
async fn a_message_that_no_function_could_be_started_for_costs_its_slot_nothing() {
    let world = World::new(Artist::tireless());
    let job = world.submit(vec![stage("a full account", 3)]).await;
    world.reconcile_all().await;
    let messages = world.take_images();
    let due = next_check(&world, job).await;
    for message in &messages {
        assert_eq!(bury(&world, message).await, Buried::NeverClaimed);
    }
    assert_eq!(world.queues.count(RECONCILE), 3, "each rings");
    assert_eq!(next_check(&world, job).await, due, "and postpones nothing");
    world.reconcile_all().await;
    assert!(next_check(&world, job).await <= due, "nor does the ring");
    assert!(world.take_images().is_empty(), "what was not claimed is sent again in its time");
    for _ in 0..7 {
        world.wait(Duration::from_mins(1));
        world.sweeper.sweep().await.unwrap();
        world.run().await;
    }
    let (ended, stages) = world.job(job).await;
    assert_eq!((ended.status, stages[0].round.0, stages[0].resends), (JobStatus::Completed, 1, 1));
    assert_eq!(ended.statistics.unwrap().attempts, 3, "no try was lost");
    world.audit(job).await;
}

#[tokio::test]
async fn a_message_of_a_later_try_or_round_that_nobody_claimed_is_no_miss_either() {
    let world = World::new(Artist::new(|_, call| match call {
        1..=3 => Err(Failure::new(FailureCode::Overloaded)),
        _ => Ok(picture(call)),
    }));
    let job = world.submit(vec![stage("a full account later", 1)]).await;
    world.reconcile_all().await;
    for _ in 0..3 {
        let message = world.take_images().remove(0);
        world.wait(Duration::from_secs(20));
        // Its function is throttled until it is dead, and then the re-send's is not.
        assert_eq!(bury(&world, &message).await, Buried::NeverClaimed);
        world.draw(&message).await;
    }
    world.reconcile_all().await;
    let message = world.take_images().remove(0);
    assert_eq!(message.round.0, 2);
    assert_eq!(bury(&world, &message).await, Buried::NeverClaimed);
    world.draw(&message).await;
    world.run().await;
    let (ended, stages) = world.job(job).await;
    assert_eq!((ended.status, stages[0].round.0), (JobStatus::Completed, 2));
    world.audit(job).await;
}

#[tokio::test]
async fn a_plan_that_is_gone_or_unreadable_ends_its_job_and_no_message_dies_of_it() {
    for unreadable in [false, true] {
        let world = World::new(Artist::tireless());
        let job = world.submit(vec![stage("a lost plan", 3)]).await;
        world.reconcile_all().await;
        if unreadable {
            let nonsense = Bytes::from_static(b"{");
            world.blobs.put(&plan_key(job), "application/json", &hex_of(&nonsense), nonsense).await.unwrap();
        } else {
            world.blobs.delete(&[plan_key(job)]).await.unwrap();
        }
        for message in world.take_images() {
            assert_eq!(world.draw(&message).await, Drawn::GivenUp(FailureCode::BadRequest));
            assert_eq!(world.draw(&message).await, Drawn::Stale);
        }
        world.run().await;
        let (ended, stages) = world.job(job).await;
        assert_eq!((ended.status, ended.captured.get(), stages[0].round.0), (JobStatus::Failed, 0, 1));
        let slots = world.table.load_slots(stages[0].key).await.unwrap();
        let why = slots[&SlotIndex(0)].attempts[0].detail.clone().unwrap();
        assert_eq!(why, format!("the plan of the job {}", if unreadable { "cannot be read" } else { "is missing" }));
        assert_eq!(world.artist.calls(), 0);
        // The plan of an ended job may go at any time.
        let late = SlotMessage::new(stages[0].key.slot(SlotIndex(1)), stages[0].stamp(), Fence::NONE);
        assert_eq!(world.draw(&late).await, Drawn::Stale);
    }
}

#[tokio::test]
async fn a_message_of_a_slot_that_there_is_not_leaves_no_record() {
    let world = World::new(Artist::tireless());
    let job = world.submit(vec![stage("two of two", 2)]).await;
    world.reconcile_all().await;
    let message = world.take_images().remove(0);
    let slot = SlotMessage { slot: SlotIndex(2), ..message };
    let stage = SlotMessage { stage: StageIndex(1), ..message };
    world.blobs.delete(&[plan_key(job)]).await.unwrap();
    assert_eq!(world.draw(&stage).await, Drawn::NoSuchSlot);
    assert_eq!(world.draw(&slot).await, Drawn::NoSuchSlot);
    assert!(world.table.load_slot(slot.key()).await.unwrap().is_none());
    let gone = SlotMessage { job: "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap(), ..message };
    assert_eq!(world.draw(&gone).await, Drawn::NoSuchJob);
    assert!(world.table.load_slot(gone.key()).await.unwrap().is_none());
}

#[tokio::test]
async fn a_reconcile_that_always_fails_is_stamped_and_tried_at_doubling_intervals() {
    let world = World::new(Artist::tireless());
    let job = world.submit(vec![stage("a knot", 1)]).await;
    world.queues.take(RECONCILE);
    for minutes in [1, 2, 4, 8, 16, 32, 64, 64, 64] {
        world.undertaker.bury_reconcile(job).await.unwrap();
        assert_eq!(world.queues.count(RECONCILE), 0, "a dead reconcile is not rung again");
        let next = world.job(job).await.0.next_check_at.unwrap();
        assert_eq!(next.since(world.now()), Duration::from_secs(minutes * 60));
    }
}
