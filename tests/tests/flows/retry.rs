//! Retry: an ended job is opened again for what it lacks, at today's prices.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use toonmill_domain::{Credits, Failure, FailureCode, JobStatus, Limit, Limits, Stage};
use toonmill_flows::{
    draw::Drawn,
    retry::{Again, MOST_EPOCHS, RetryError},
    submit::{IdempotencyKey, SubmitError, Submitted},
};
use toonmill_providers::Catalogue;
use toonmill_receipts::Receipt;
use toonmill_tests::{Artist, Fate, World, again, picture, stage};

/// A world in which the prompt "hard" is refused until somebody teaches the artist to draw it.
fn world() -> World {
    let number = AtomicU32::new(0);
    World::new(Artist::new(move |prompt, _| match prompt {
        "hard" => Err(Failure::new(FailureCode::Refused)),
        _ => Ok(picture(number.fetch_add(1, Ordering::Relaxed))),
    }))
}

fn teach(world: &World) {
    let number = AtomicU32::new(1_000);
    world.artist.rewrite(move |_, _| Ok(picture(number.fetch_add(1, Ordering::Relaxed))));
}

#[tokio::test]
async fn a_job_is_retried_nineteen_times_and_no_more() {
    let world = world();
    let job = world.submit(vec![stage("hard", 1)]).await;
    world.run().await;
    for _ in 1..MOST_EPOCHS {
        world.retrier.retry(&again(job, "ann")).await.unwrap();
        world.run().await;
    }
    let before = world.job(job).await;
    assert_eq!(before.0.epoch.0, 20);
    let refused = world.retrier.retry(&again(job, "ann")).await;
    assert!(matches!(refused, Err(RetryError::TooManyRetries)), "{refused:?}");
    assert_eq!(world.job(job).await, before, "and nothing is held");
}

#[tokio::test]
async fn a_retry_draws_what_is_missing_and_charges_that_alone_at_the_new_price() {
    let world = world();
    let job = world.submit(vec![stage("easy", 3), stage("hard", 2)]).await;
    world.run().await;
    assert_eq!(world.status(job).await, JobStatus::Partial);
    teach(&world);
    let ann = "ann".parse().unwrap();
    assert_eq!(world.retrier.retry(&again(job, "ann")).await.unwrap(), Submitted::New(job));
    let (opened, _) = world.job(job).await;
    assert_eq!((opened.epoch.0, opened.status, opened.hold.get()), (2, JobStatus::InQueue, 28), "two images at 14");
    let calls = world.artist.calls();
    world.run().await;
    let (ended, stages) = world.job(job).await;
    assert_eq!((ended.status, world.artist.calls() - calls), (JobStatus::Completed, 2));
    assert_eq!((ended.held.get(), ended.captured.get(), ended.released.get()), (48, 40, 8));
    assert_eq!((stages[0].price().get(), stages[1].price().get()), (4, 14), "a complete stage keeps its price");
    let account = world.table.load_account(&ann).await.unwrap().unwrap();
    assert_eq!((account.balance.get(), account.held.get(), account.active.len()), (960, 0, 0));
    world.audit(job).await;
}

#[tokio::test]
async fn a_retry_passes_over_more_stored_slots_than_its_window_holds() {
    let mut world = World::new(Artist::new(|_, call| match call {
        5 => Err(Failure::new(FailureCode::BadRequest)),
        _ => Ok(picture(call)),
    }));
    (world.reconciler.window, world.worker.window) = (2, 2);
    let job = world.submit(vec![stage("a long road", 5)]).await;
    world.run().await;
    assert_eq!(world.status(job).await, JobStatus::Partial);
    world.retrier.retry(&again(job, "ann")).await.unwrap();
    world.run().await;
    assert_eq!(world.status(job).await, JobStatus::Completed, "without a sweep");
    world.audit(job).await;
}

#[tokio::test]
async fn a_message_of_an_older_epoch_draws_nothing_after_a_retry() {
    let world = world();
    let job = world.submit(vec![stage("a slow train", 2)]).await;
    world.reconcile_all().await;
    let old = world.take_images();
    world.table.request_cancel(job, &"ann".parse().unwrap(), world.now()).await.unwrap();
    world.ring(job).await;
    assert_eq!(world.status(job).await, JobStatus::Cancelled);
    world.retrier.retry(&again(job, "ann")).await.unwrap();
    world.reconcile_all().await;
    for message in &old {
        assert_eq!(world.draw(message).await, Drawn::Stale);
    }
    assert_eq!(world.artist.calls(), 0);
    world.run().await;
    assert_eq!(world.status(job).await, JobStatus::Completed);
    world.audit(job).await;
}

#[tokio::test]
async fn tn_1_only_the_owner_of_an_ended_incomplete_job_can_retry_it() {
    let world = world();
    let job = world.submit(vec![stage("hard", 1)]).await;
    let (ann, eve) = (again(job, "ann"), again(job, "eve"));
    assert!(matches!(world.retrier.retry(&ann).await, Err(RetryError::NotEnded)));
    world.run().await;
    assert!(matches!(world.retrier.retry(&eve).await, Err(RetryError::NotFound)));
    teach(&world);
    let (one, two) = tokio::join!(world.retrier.retry(&ann), world.retrier.retry(&ann));
    assert!(one.is_ok() || two.is_ok(), "{one:?} {two:?}");
    assert_eq!(world.job(job).await.0.epoch.0, 2, "two retries at once open one epoch");
    world.run().await;
    assert!(matches!(world.retrier.retry(&ann).await, Err(RetryError::Completed)));
    world.audit(job).await;
}

#[tokio::test]
async fn a_retry_needs_its_own_credits_and_a_place_among_the_unfinished() {
    let mut world = world();
    world.submitter.signup_grant = Credits::new(20).unwrap();
    let job = world.submit(vec![stage("hard", 2)]).await;
    world.run().await;
    let ann = "ann".parse().unwrap();
    let refused = world.retrier.retry(&again(job, "ann")).await;
    assert!(matches!(refused, Err(RetryError::NotOpened(SubmitError::InsufficientCredits { needed, available }))
        if (needed.get(), available.get()) == (28, 20)));
    world.table.grant(&ann, "more", Credits::new(1_000).unwrap(), world.now(), "token").await.unwrap();
    world.retrier.limits = Limits::default().with(Limit::ActiveJobs, 1);
    world.submit(vec![stage("another", 1)]).await;
    let refused = world.retrier.retry(&again(job, "ann")).await;
    assert!(matches!(refused, Err(RetryError::NotOpened(SubmitError::TooManyActiveJobs { active: 1, limit: 1, .. }))));
    assert_eq!(world.status(job).await, JobStatus::Failed);
    world.audit(job).await;
}

/// From now on exactly `count` pictures are drawn, and everything after is refused.
fn draw_only(world: &World, first: u32, count: u32) {
    let drawn = AtomicU32::new(0);
    world.artist.rewrite(move |_, _| match drawn.fetch_add(1, Ordering::Relaxed) {
        number if number < count => Ok(picture(first + number)),
        _ => Err(Failure::new(FailureCode::Refused)),
    });
}

/// The price of an image changes before each of two retries: each epoch is captured, and receipted, at its own.
#[tokio::test]
async fn cr_3_every_epoch_is_charged_at_the_price_that_it_began_with() {
    let mut world = World::new(Artist::tireless());
    let price = |credits: u32| {
        let patch = format!(
            r#"{{"models": {{"gemini-3-pro-image": {{"price": {{"perImage": {{"1K": {{"credits": {credits}}}}}}}}}}}}}"#
        );
        Catalogue::with_patch(&patch).unwrap()
    };
    let job = world.submit(vec![stage("three epochs", 6)]).await;
    draw_only(&world, 0, 1);
    world.run().await;
    for (first, credits, count) in [(10, 9, 2), (20, 5, 3)] {
        world.retrier.catalogue = price(credits);
        draw_only(&world, first, count);
        world.retrier.retry(&again(job, "ann")).await.unwrap();
        world.run().await;
        world.audit(job).await;
    }
    let (ended, stages) = world.job(job).await;
    assert_eq!(ended.status, JobStatus::Completed);
    // One image at 4 of six held, two at 9 of five, three at 5 of three.
    assert_eq!((ended.held.get(), ended.captured.get(), ended.released.get()), (24 + 45 + 15, 4 + 18 + 15, 20 + 27));
    let ledger = world.table.load_ledger(&ended.account).await.unwrap();
    let slots = world.table.load_slots(stages[0].key).await.unwrap();
    let receipt = Receipt::of(&ended, &[(stages[0].clone(), slots)], &ledger).unwrap();
    let mut prices: Vec<_> = receipt.stages[0].slots.iter().map(|slot| (slot.epoch, slot.price)).collect();
    prices.sort_unstable();
    assert_eq!(prices, [(1, 4), (2, 9), (2, 9), (3, 5), (3, 5), (3, 5)]);
}

#[tokio::test]
async fn a_repeated_retry_is_one_and_its_key_is_good_for_nothing_else() {
    let world = world();
    let job = world.submit(vec![stage("hard", 2)]).await;
    world.run().await;
    let keyed = |fingerprint: &str| Again {
        idempotency: Some(IdempotencyKey { key_sha256: "k".to_owned(), fingerprint: fingerprint.to_owned() }),
        ..again(job, "ann")
    };
    world.network.doom("DynamoDB.TransactWriteItems", Fate::LostAfter);
    assert_eq!(world.retrier.retry(&keyed("a")).await.unwrap(), Submitted::New(job), "an answer of our own was lost");
    assert_eq!(world.retrier.retry(&keyed("a")).await.unwrap(), Submitted::Before(job));
    let other = world.retrier.retry(&keyed("b")).await;
    assert!(matches!(other, Err(RetryError::NotOpened(SubmitError::KeyReused))), "{other:?}");
    world.run().await;
    assert_eq!(world.status(job).await, JobStatus::Failed);
    assert_eq!(world.retrier.retry(&keyed("a")).await.unwrap(), Submitted::Before(job), "it was retried once");
    assert_eq!(world.job(job).await.0.epoch.0, 2);
    world.audit(job).await;
}

#[tokio::test]
async fn two_equal_retries_at_once_are_one_and_both_succeed() {
    let world = world();
    let job = world.submit(vec![stage("hard", 1)]).await;
    world.run().await;
    let key = IdempotencyKey { key_sha256: "k".to_owned(), fingerprint: "f".to_owned() };
    let same = Again { idempotency: Some(key), ..again(job, "ann") };
    let (one, two) = tokio::join!(world.retrier.retry(&same), world.retrier.retry(&same));
    let mut outcomes = [one.unwrap(), two.unwrap()];
    outcomes.sort_by_key(|outcome| matches!(outcome, Submitted::Before(_)));
    assert_eq!(outcomes, [Submitted::New(job), Submitted::Before(job)]);
    assert_eq!(world.job(job).await.0.epoch.0, 2);
}

/// JB-1: what ended one epoch does not end the next, which was opened because it has been put right.
#[tokio::test]
async fn jb_1_a_stop_that_comes_an_epoch_late_stops_nothing() {
    let world = World::new(Artist::new(|_, call| match call {
        1 => Err(Failure::new(FailureCode::Unauthorised)),
        _ => Ok(picture(call)),
    }));
    let job = world.submit(vec![stage("a wrong key", 1)]).await;
    world.reconcile_all().await;
    let message = world.take_images().remove(0);
    // The worker has given the slot up and rings; that it wants to stop the job is not yet noted.
    let go = world.network.pause_before("SQS.SendMessage");
    let mend = async {
        while !world.job(job).await.1.iter().all(Stage::is_full) {
            tokio::task::yield_now().await;
        }
        world.ring(job).await;
        assert_eq!(world.status(job).await, JobStatus::Failed);
        world.retrier.retry(&again(job, "ann")).await.unwrap();
        go.notify_one();
    };
    let (drawn, ()) = tokio::join!(world.draw(&message), mend);
    assert_eq!(drawn, Drawn::GivenUp(FailureCode::Unauthorised));
    // The wrong key has opened the provider's breaker: the retry waits until it may be called again.
    world.wait(Duration::from_secs(21));
    world.ring(job).await;
    world.run().await;
    let (ended, _) = world.job(job).await;
    assert_eq!((ended.epoch.0, ended.status, ended.stop_requested), (2, JobStatus::Completed, None));
    world.audit(job).await;
}
