//! Retry: an ended job is opened again for what it lacks, at today's prices.

use std::time::Duration;

use toonmill_domain::{Credits, Failure, FailureCode, JobStatus};
use toonmill_flows::{draw::Drawn, retry::RetryError};
use toonmill_tests::{Artist, World, picture, stage};

const DEADLINE: Duration = Duration::from_hours(6);

/// A world in which the prompt "hard" is refused until somebody teaches the artist to draw it.
fn world() -> World {
    let number = std::sync::atomic::AtomicU32::new(0);
    World::new(Artist::new(move |prompt, _| match prompt {
        "hard" => Err(Failure::new(FailureCode::Refused)),
        _ => Ok(picture(number.fetch_add(1, std::sync::atomic::Ordering::Relaxed))),
    }))
}

fn teach(world: &World) {
    let number = std::sync::atomic::AtomicU32::new(1_000);
    world.artist.rewrite(move |_, _| Ok(picture(number.fetch_add(1, std::sync::atomic::Ordering::Relaxed))));
}

#[tokio::test]
async fn a_retry_draws_what_is_missing_and_charges_that_alone_at_the_new_price() {
    let world = world();
    let job = world.submit(vec![stage("easy", 3), stage("hard", 2)]).await;
    world.run().await;
    assert_eq!(world.status(job).await, JobStatus::Partial);
    teach(&world);
    let ann = "ann".parse().unwrap();
    let opened = world.retrier.retry(job, &ann, DEADLINE).await.unwrap();
    assert_eq!((opened.epoch.0, opened.status, opened.hold.get()), (2, JobStatus::InQueue, 28), "two images at 14");
    let calls = world.artist.calls();
    world.run().await;
    let (ended, stages) = world.job(job).await;
    assert_eq!((ended.status, world.artist.calls() - calls), (JobStatus::Completed, 2));
    assert_eq!((ended.held.get(), ended.captured.get(), ended.released.get()), (48, 40, 8));
    assert_eq!((stages[0].price.get(), stages[1].price.get()), (4, 14), "a complete stage keeps its price");
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
    world.retrier.retry(job, &"ann".parse().unwrap(), DEADLINE).await.unwrap();
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
    world.retrier.retry(job, &"ann".parse().unwrap(), DEADLINE).await.unwrap();
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
    let (ann, eve) = ("ann".parse().unwrap(), "eve".parse().unwrap());
    assert!(matches!(world.retrier.retry(job, &ann, DEADLINE).await, Err(RetryError::NotEnded)));
    world.run().await;
    assert!(matches!(world.retrier.retry(job, &eve, DEADLINE).await, Err(RetryError::NotFound)));
    teach(&world);
    let (one, two) = tokio::join!(world.retrier.retry(job, &ann, DEADLINE), world.retrier.retry(job, &ann, DEADLINE));
    assert!(one.is_ok() || two.is_ok(), "{one:?} {two:?}");
    assert_eq!(world.job(job).await.0.epoch.0, 2, "two retries at once open one epoch");
    world.run().await;
    assert!(matches!(world.retrier.retry(job, &ann, DEADLINE).await, Err(RetryError::Completed)));
    world.audit(job).await;
}

#[tokio::test]
async fn a_retry_needs_its_own_credits_and_a_place_among_the_unfinished() {
    let mut world = world();
    world.submitter.signup_grant = Credits::new(20).unwrap();
    let job = world.submit(vec![stage("hard", 2)]).await;
    world.run().await;
    let ann = "ann".parse().unwrap();
    let refused = world.retrier.retry(job, &ann, DEADLINE).await;
    assert!(matches!(refused, Err(RetryError::InsufficientCredits { needed, available })
        if (needed.get(), available.get()) == (28, 20)));
    world.table.grant(&ann, "more", Credits::new(1_000).unwrap(), world.now(), "token").await.unwrap();
    world.retrier.max_active_jobs = 1;
    world.submit(vec![stage("another", 1)]).await;
    let refused = world.retrier.retry(job, &ann, DEADLINE).await;
    assert!(matches!(refused, Err(RetryError::TooManyActiveJobs { active: 1, limit: 1 })));
    assert_eq!(world.status(job).await, JobStatus::Failed);
    world.audit(job).await;
}
