//! Cancel: at once for what was not begun, and honest about what was.

use toonmill_cloud::{Conditional, table::CancelRefused};
use toonmill_domain::{JobStatus, RingCause};
use toonmill_flows::draw::Drawn;
use toonmill_tests::{Artist, World, stage};

#[tokio::test]
async fn a_cancelled_job_keeps_what_it_has_and_starts_nothing() {
    let world = World::new(Artist::tireless());
    let job = world.submit(vec![stage("a market", 5)]).await;
    world.reconcile_all().await;
    let messages = world.take_images();
    world.draw(&messages[0]).await;
    let owner = "ann".parse().unwrap();
    let cancelled = world.table.request_cancel(job, &owner, world.now()).await.unwrap();
    assert!(matches!(cancelled, Conditional::Won(ref job) if job.cancel_requested));
    world.reconciler.reconcile(job, RingCause::Cancelled).await.unwrap();
    let (ended, _) = world.job(job).await;
    assert_eq!((ended.status, ended.captured.get(), ended.released.get()), (JobStatus::Cancelled, 4, 16));
    for message in &messages[1..] {
        assert_eq!(world.draw(message).await, Drawn::Stale);
    }
    let again = world.table.request_cancel(job, &owner, world.now()).await.unwrap();
    assert!(matches!(again, Conditional::Lost(CancelRefused::Ended(_))));
    world.audit(job).await;
}

#[tokio::test]
async fn tn_1_another_account_cannot_cancel_and_sees_nothing() {
    let world = World::new(Artist::tireless());
    let job = world.submit(vec![stage("a secret", 1)]).await;
    let refused = world.table.request_cancel(job, &"eve".parse().unwrap(), world.now()).await.unwrap();
    assert_eq!(refused, Conditional::Lost(CancelRefused::NotFound));
    assert!(!world.job(job).await.0.cancel_requested);
}

#[tokio::test]
async fn a_cancel_after_the_last_image_leaves_the_job_completed() {
    let world = World::new(Artist::tireless());
    let job = world.submit(vec![stage("a finish line", 2)]).await;
    world.reconcile_all().await;
    for message in world.take_images() {
        world.draw(&message).await;
    }
    world.table.request_cancel(job, &"ann".parse().unwrap(), world.now()).await.unwrap();
    world.run().await;
    assert_eq!(world.status(job).await, JobStatus::Completed);
    world.audit(job).await;
}
