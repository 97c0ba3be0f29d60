//! Messages lost, doubled or late; workers that die; answers of our own storage that never come.

use std::time::Duration;

use toonmill_cloud::table::{Claim, Commit, Delivered, file_of_slot};
use toonmill_domain::{
    Artifact, Attempt, FailureCode, FileId, JobStatus, RingCause, Slot, SlotMessage, SlotState, Timestamp,
};
use toonmill_flows::draw::Drawn;
use toonmill_tests::{Artist, Fate, World, stage, world::RECONCILE};

#[tokio::test]
async fn qu_1_a_job_whose_every_message_is_lost_is_found_by_the_sweep() {
    let world = World::new(Artist::tireless());
    let job = world.submit(vec![stage("a lost letter", 3)]).await;
    world.queues.take(RECONCILE);
    for lost in 0..3 {
        world.wait(Duration::from_secs(60 + lost * 600));
        assert_eq!(world.sweeper.sweep().await.unwrap().rung, 1, "after {lost} losses");
        world.reconcile_all().await;
        if lost < 2 {
            assert!(!world.take_images().is_empty(), "after {lost} losses");
        }
    }
    world.run().await;
    assert_eq!(world.status(job).await, JobStatus::Completed);
    world.audit(job).await;
}

#[tokio::test]
async fn qu_2_every_message_delivered_three_times_changes_nothing() {
    let world = World::new(Artist::tireless());
    let job = world.submit(vec![stage("an echo", 4)]).await;
    for _ in 0..3 {
        world.reconciler.reconcile(job, RingCause::Submitted).await.unwrap();
    }
    let messages = world.take_images();
    assert_eq!(messages.len(), 4, "one of the reconcilers moved the watermark");
    for message in &messages {
        assert_eq!(world.draw(message).await, Drawn::Stored);
        assert_eq!(world.draw(message).await, Drawn::CountedAgain);
        assert_eq!(world.draw(message).await, Drawn::CountedAgain);
    }
    world.run().await;
    assert_eq!(world.artist.calls(), 4);
    assert_eq!(world.status(job).await, JobStatus::Completed);
    world.audit(job).await;
}

#[tokio::test]
async fn a_worker_that_dies_with_the_lease_is_replaced_when_it_lapses() {
    let world = World::new(Artist::tireless());
    let job = world.submit(vec![stage("a ghost", 1)]).await;
    world.reconcile_all().await;
    let message = world.take_images().remove(0);
    let delivery = world.delivery();
    world.table.claim(&message, &delivery.holder, delivery.deadline, world.now()).await.unwrap();
    // Redelivered while the lease runs, and after it.
    assert_eq!(world.draw(&message).await, Drawn::Stale);
    world.wait(Duration::from_secs(71));
    assert_eq!(world.draw(&message).await, Drawn::RungForLapsed);
    world.run().await;
    let (ended, stages) = world.job(job).await;
    assert_eq!(ended.status, JobStatus::Completed);
    let slots = world.table.load_slots(stages[0].key).await.unwrap();
    let slot = slots.values().next().unwrap();
    assert_eq!((slot.fence.0, slot.tries, slot.attempts.len()), (3, 2, 1));
    world.audit(job).await;
}

#[tokio::test]
async fn sl_2_a_late_commit_of_a_lapsed_lease_changes_nothing() {
    let world = World::new(Artist::tireless());
    let job = world.submit(vec![stage("a slow hand", 1)]).await;
    world.reconcile_all().await;
    let first = world.take_images().remove(0);
    let late = claim(&world, &first).await;
    world.wait(Duration::from_secs(80));
    world.ring(job).await;
    // The next worker holds the slot when the first wakes up and writes.
    let second = world.take_images().remove(0);
    let held = claim(&world, &second).await;
    let (attempt, artifact) = (attempt(&late), artifact(&late));
    let file = file_of_slot(late.key, &"ann".parse().unwrap(), &artifact, None);
    let delivered = Delivered { artifact: &artifact, must_differ: true, file: Some(&file), row: None };
    assert_eq!(world.table.commit(&late, delivered).await.unwrap(), Commit::Late);
    assert!(!world.table.back_off(&late, &attempt, world.now(), false).await.unwrap());
    assert!(!world.table.miss(&late, &attempt, late.stamp).await.unwrap());
    let (_, stages) = world.job(job).await;
    let slots = world.table.load_slots(stages[0].key).await.unwrap();
    assert_eq!(slots.values().next(), Some(&held));
    world.wait(Duration::from_secs(80));
    world.ring(job).await;
    world.run().await;
    assert_eq!(world.status(job).await, JobStatus::Completed);
    world.audit(job).await;
}

#[tokio::test]
async fn a_reconciler_that_wakes_late_does_not_end_a_later_lease_that_has_lapsed_too() {
    let world = World::new(Artist::tireless());
    let job = world.submit(vec![stage("a slow clerk", 1)]).await;
    world.reconcile_all().await;
    let first = claim(&world, &world.take_images().remove(0)).await;
    world.wait(Duration::from_secs(80));
    world.ring(job).await;
    let second = claim(&world, &world.take_images().remove(0)).await;
    world.wait(Duration::from_secs(80));
    // It saw the first lease lapse; what it would write now belongs to the second.
    let (crash, now) = (attempt(&first), world.now());
    let ended = world.table.end_lapsed_lease(first.key, first.fence, SlotState::Open, &crash, now, "late");
    assert!(!ended.await.unwrap());
    let (_, stages) = world.job(job).await;
    let slots = world.table.load_slots(stages[0].key).await.unwrap();
    assert_eq!(slots.values().next(), Some(&second));
    world.ring(job).await;
    world.run().await;
    assert_eq!(world.status(job).await, JobStatus::Completed);
    world.audit(job).await;
}

async fn claim(world: &World, message: &SlotMessage) -> Slot {
    let delivery = world.delivery();
    match world.table.claim(message, &delivery.holder, delivery.deadline, world.now()).await.unwrap() {
        Claim::Mine(slot) => slot,
        lost @ Claim::Lost(_) => panic!("{lost:?}"),
    }
}

fn attempt(slot: &Slot) -> Attempt {
    Attempt {
        fence: slot.fence,
        stamp: slot.stamp,
        code: FailureCode::Overloaded,
        detail: None,
        provider: None,
        model: None,
        elapsed_ms: 0,
        at: Timestamp::from_millis(0),
    }
}

fn artifact(slot: &Slot) -> Artifact {
    Artifact {
        file: FileId::of_slot(slot.key),
        object_key: "accounts/ann/late.webp".to_owned(),
        sha256: "00".repeat(32),
        size_bytes: 1,
        pixels: None,
        fingerprint: None,
        mime_type: "image/webp".to_owned(),
        provider: "gemini".parse().unwrap(),
        model: "gemini-3-pro-image".parse().unwrap(),
        model_version: None,
        usage: None,
        finish_reason: None,
        elapsed_ms: 0,
        stored_at: Timestamp::from_millis(0),
    }
}

#[tokio::test]
async fn every_call_of_a_draw_may_lose_its_answer_once() {
    for lost in ["DynamoDB.UpdateItem", "S3.PutObject", "DynamoDB.TransactWriteItems", "SQS.SendMessage"] {
        for fate in [Fate::LostBefore, Fate::LostAfter, Fate::ServerError] {
            let world = World::new(Artist::tireless());
            let job = world.submit(vec![stage("a broken line", 2)]).await;
            world.reconcile_all().await;
            for message in world.take_images() {
                world.network.doom(lost, fate);
                assert_eq!(world.draw(&message).await, Drawn::Stored, "{lost} {fate:?}");
            }
            world.run().await;
            assert_eq!(world.status(job).await, JobStatus::Completed, "{lost} {fate:?}");
            assert_eq!(world.artist.calls(), 2, "{lost} {fate:?}");
            world.audit(job).await;
        }
    }
}

#[tokio::test]
async fn every_call_of_a_submit_and_a_settle_may_lose_its_answer_once() {
    for lost in ["DynamoDB.TransactWriteItems", "DynamoDB.UpdateItem", "SQS.SendMessage", "SQS.SendMessageBatch"] {
        let world = World::new(Artist::tireless());
        world.network.doom(lost, Fate::LostAfter);
        let job = world.submit(vec![stage("a torn page", 2)]).await;
        world.network.doom(lost, Fate::LostAfter);
        world.reconcile_all().await;
        for message in world.take_images() {
            world.draw(&message).await;
        }
        world.network.doom(lost, Fate::LostAfter);
        world.run().await;
        let (ended, _) = world.job(job).await;
        assert_eq!((ended.status, ended.captured.get()), (JobStatus::Completed, 8), "{lost}");
        world.audit(job).await;
    }
}

#[tokio::test]
async fn entries_that_the_queue_refuses_are_sent_again() {
    let world = World::new(Artist::tireless());
    let job = world.submit(vec![stage("a busy post office", 25)]).await;
    world.queues.refuse_entries(3);
    world.reconcile_all().await;
    let messages = world.take_images();
    assert_eq!(messages.len(), 25);
    for message in &messages {
        world.draw(message).await;
    }
    world.run().await;
    assert_eq!(world.status(job).await, JobStatus::Completed);
    world.audit(job).await;
}

#[tokio::test]
async fn a_job_that_goes_on_is_stuck_no_more() {
    let world = World::new(Artist::tireless());
    let job = world.submit(vec![stage("a knot", 1)]).await;
    let show = async || {
        let action = serde_json::json!({ "action": "show", "jobId": job });
        let shown = world.operator().operate(serde_json::from_value(action).unwrap()).await.unwrap();
        (shown["stuckTimes"].clone(), shown["stuckSince"].as_str().map(str::to_owned))
    };
    let since = world.now().to_rfc3339();
    world.queues.take(RECONCILE);
    assert_eq!(show().await, (0.into(), None));
    world.undertaker.bury_reconcile(job).await.unwrap();
    world.wait(Duration::from_mins(1));
    world.undertaker.bury_reconcile(job).await.unwrap();
    assert_eq!(show().await, (2.into(), Some(since)));
    // A reconcile that succeeds, though it is not due.
    world.ring(job).await;
    assert_eq!(show().await, (0.into(), None));
    // The same where nothing but the stamp changes.
    world.undertaker.bury_reconcile(job).await.unwrap();
    let next = world.job(job).await.0.next_check_at;
    world.reconciler.reconcile(job, RingCause::Settled).await.unwrap();
    assert_eq!((show().await, world.job(job).await.0.next_check_at), ((0.into(), None), next));
    // A settle.
    for message in world.take_images() {
        world.draw(&message).await;
    }
    world.undertaker.bury_reconcile(job).await.unwrap();
    assert_eq!(show().await.0, 1);
    world.run().await;
    assert_eq!(world.status(job).await, JobStatus::Completed);
    let record = world.network.dynamo().item(&format!("J#{job}"), "A").unwrap();
    assert!(record.get("stuckSince").is_none() && record.get("stuckTimes").is_none(), "{record}");
    world.audit(job).await;
}
