//! Two of the same at once: each reads before either writes.

use std::time::Duration;

use toonmill_cloud::table::{NewEntry, SettleTimes, Settled};
use toonmill_domain::{
    ClosingReason, Failure, FailureCode, Happening, JobStatus, RingCause, settle::decide_settlement,
};
use toonmill_flows::draw::Drawn;
use toonmill_tests::{Artist, Call, World, picture, stage};

#[tokio::test]
async fn two_reconcilers_at_once_send_each_slot_once() {
    let world = World::new(Artist::tireless());
    let job = world.submit(vec![stage("a mirror", 7)]).await;
    let reconcile = || world.reconciler.reconcile(job, RingCause::Submitted);
    let (one, two) = tokio::join!(reconcile(), reconcile());
    assert_eq!((one.is_ok(), two.is_ok()), (true, true));
    assert_eq!(world.take_images().len(), 7);
}

#[tokio::test]
async fn two_reconcilers_at_once_open_one_round() {
    let world = World::new(Artist::new(|_, call| match call {
        1..=6 => Err(Failure::new(FailureCode::Empty)),
        _ => Ok(picture(call)),
    }));
    let job = world.submit(vec![stage("a second chance", 2)]).await;
    world.reconcile_all().await;
    for _ in 0..3 {
        world.wait(Duration::from_secs(10));
        for message in world.take_images() {
            world.draw(&message).await;
        }
    }
    let reconcile = || world.reconciler.reconcile(job, RingCause::Settled);
    let (one, two) = tokio::join!(reconcile(), reconcile());
    assert_eq!((one.is_ok(), two.is_ok()), (true, true));
    assert_eq!(world.job(job).await.1[0].round.0, 2);
    assert_eq!(world.take_images().len(), 2);
    world.wait(Duration::from_secs(301));
    world.ring(job).await;
    world.run().await;
    assert_eq!(world.status(job).await, JobStatus::Completed);
    world.audit(job).await;
}

#[tokio::test]
async fn a_reconciler_that_wakes_late_opens_no_round_in_a_closed_stage() {
    let world = World::new(Artist::new(|_, _| Err(Failure::new(FailureCode::Empty))));
    let job = world.submit(vec![stage("a shut door", 2)]).await;
    world.reconcile_all().await;
    for _ in 0..3 {
        world.wait(Duration::from_secs(10));
        for message in world.take_images() {
            world.draw(&message).await;
        }
    }
    let (_, seen) = world.job(job).await;
    assert_eq!(seen[0].missed.len(), 2, "the round is over");
    world.table.request_cancel(job, &"ann".parse().unwrap(), world.now()).await.unwrap();
    world.reconciler.reconcile(job, RingCause::Cancelled).await.unwrap();
    let closed = world.job(job).await;
    // It decided before the cancel.
    let what = Happening::RoundOpened { stage: seen[0].key.stage, round: seen[0].round.next() };
    let entry = NewEntry { job: &closed.0, last: 0, what, delivery: None };
    assert_eq!(world.table.open_round(&seen[0], &[].into(), &entry, world.now(), "late").await.unwrap(), None);
    assert_eq!(world.job(job).await, closed);
    world.audit(job).await;
}

#[tokio::test]
async fn two_deliveries_at_once_make_one_call() {
    let world = World::new(Artist::tireless());
    let job = world.submit(vec![stage("a doppelganger", 1)]).await;
    world.reconcile_all().await;
    let message = world.take_images().remove(0);
    let (one, two) = tokio::join!(world.draw(&message), world.draw(&message));
    assert_eq!([one, two].iter().filter(|drawn| **drawn == Drawn::Stored).count(), 1, "{one:?} {two:?}");
    assert_eq!(world.artist.calls(), 1);
    world.run().await;
    assert_eq!(world.status(job).await, JobStatus::Completed);
    world.audit(job).await;
}

#[tokio::test]
async fn a_second_settle_that_comes_a_moment_later_has_lost_and_not_failed() {
    let world = World::new(Artist::tireless());
    let job = world.submit(vec![stage("two stamps", 1)]).await;
    world.reconcile_all().await;
    for message in world.take_images() {
        world.draw(&message).await;
    }
    let (seen, stages) = world.job(job).await;
    let seen = world.table.begin_closing(&seen, ClosingReason::Finished, world.now(), "me").await.unwrap().unwrap();
    let slots = world.table.load_all_slots(&stages).await.unwrap();
    let mut settled = Vec::new();
    for _ in 0..2 {
        let settlement = decide_settlement(&seen, &stages, &slots, world.now()).unwrap();
        let token = settled.len().to_string();
        let times = SettleTimes { now: world.now(), visit_at: world.now() };
        settled.push(world.table.settle(&seen, &settlement, None, times, &token).await.unwrap());
        world.wait(Duration::from_secs(1));
    }
    assert_eq!(settled, [Settled::Now, Settled::Lost]);
    world.audit(job).await;
}

#[tokio::test]
async fn a_settle_adds_its_entry_after_one_that_was_added_meanwhile_and_reads_nothing() {
    let world = World::new(Artist::tireless());
    let job = world.submit(vec![stage("a late remark", 1)]).await;
    world.reconcile_all().await;
    for message in world.take_images() {
        world.draw(&message).await;
    }
    let (seen, stages) = world.job(job).await;
    let seen = world.table.begin_closing(&seen, ClosingReason::Finished, world.now(), "me").await.unwrap().unwrap();
    let what = Happening::StageFinished { stage: stages[0].key.stage, stored: 1, requested: 1 };
    let entry = NewEntry { job: &seen, last: seen.events, what, delivery: None };
    assert_eq!(world.table.note_finish(&stages[0], &entry, world.now(), "other").await.unwrap(), Some(1));
    let slots = world.table.load_all_slots(&stages).await.unwrap();
    let settlement = decide_settlement(&seen, &stages, &slots, world.now()).unwrap();
    let times = SettleTimes { now: world.now(), visit_at: world.now() };
    world.network.take_calls();
    assert_eq!(world.table.settle(&seen, &settlement, None, times, "mine").await.unwrap(), Settled::Now);
    let calls: Vec<_> = world.network.take_calls().iter().map(Call::name).collect();
    assert_eq!(calls, ["DynamoDB.TransactWriteItems"; 2], "the refusal says which number the log has reached");
    let log = world.table.load_events(job, 0).await.unwrap();
    let log: Vec<_> = log.iter().map(|event| (event.number, event.what.name())).collect();
    assert_eq!(log, [(1, "stage.finished"), (2, "job.completed")]);
    assert_eq!(world.job(job).await.0.events, 2);
    world.audit(job).await;
}

#[tokio::test]
async fn a_settle_that_has_not_seen_a_cancel_loses_though_the_log_grew_too() {
    let world = World::new(Artist::tireless());
    let job = world.submit(vec![stage("a change of mind", 1)]).await;
    world.reconcile_all().await;
    let (seen, stages) = world.job(job).await;
    let what = Happening::StageFinished { stage: stages[0].key.stage, stored: 0, requested: 1 };
    let entry = NewEntry { job: &seen, last: seen.events, what, delivery: None };
    assert_eq!(world.table.note_finish(&stages[0], &entry, world.now(), "other").await.unwrap(), Some(1));
    world.table.request_cancel(job, &"ann".parse().unwrap(), world.now()).await.unwrap();
    let settlement = decide_settlement(&seen, &stages, &[].into(), world.now()).unwrap();
    let times = SettleTimes { now: world.now(), visit_at: world.now() };
    assert_eq!(world.table.settle(&seen, &settlement, None, times, "mine").await.unwrap(), Settled::Lost);
    world.ring(job).await;
    world.run().await;
    assert_eq!(world.status(job).await, JobStatus::Cancelled);
    world.audit(job).await;
}

#[tokio::test]
async fn submits_at_once_cannot_spend_more_than_there_is() {
    let world = World::new(Artist::tireless());
    let submit = |number: u32| {
        let world = &world;
        async move { world.try_submit("ann", vec![stage(&format!("request {number}"), 100)]).await.is_ok() }
    };
    let (a, b, c, d) = tokio::join!(submit(1), submit(2), submit(3), submit(4));
    assert_eq!([a, b, c, d].iter().filter(|done| **done).count(), 2, "1,000 credits pay for two jobs of 400");
    let account = world.table.load_account(&"ann".parse().unwrap()).await.unwrap().unwrap();
    assert_eq!((account.balance.get(), account.held.get(), account.active.len()), (200, 800, 2));
}
