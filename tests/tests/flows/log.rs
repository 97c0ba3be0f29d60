//! The log of a job: what happened to it as a whole, each told once, in order, without a gap.

use std::time::Duration;

use toonmill_domain::{Failure, FailureCode, Happening, JobEvent, JobStatus, RingCause, Round, StageIndex};
use toonmill_tests::{Artist, World, again, picture, stage};

fn told(log: &[JobEvent]) -> Vec<(u64, &'static str)> {
    log.iter().map(|event| (event.number, event.what.name())).collect()
}

/// The first prompt is drawn at once, the second only when the first has long been: in its second round.
fn slow_and_fast() -> Artist {
    Artist::new(|prompt, call| match prompt {
        "slow" if call <= 3 => Err(Failure::new(FailureCode::Empty)),
        _ => Ok(picture(call)),
    })
}

#[tokio::test]
async fn a_log_tells_of_rounds_of_stages_that_finish_before_others_and_of_the_end() {
    let world = World::new(slow_and_fast());
    let job = world.submit(vec![stage("fast", 2), stage("slow", 1)]).await;
    world.run().await;
    assert_eq!(world.status(job).await, JobStatus::Completed);
    let log = world.table.load_events(job, 0).await.unwrap();
    assert_eq!(told(&log), [(1, "stage.finished"), (2, "round.opened"), (3, "job.completed")], "{log:?}");
    assert_eq!(log[0].what, Happening::StageFinished { stage: StageIndex(0), stored: 2, requested: 2 });
    assert_eq!(log[1].what, Happening::RoundOpened { stage: StageIndex(1), round: Round(2) });
    assert_eq!(world.job(job).await.0.events, 3);
    assert_eq!(told(&world.table.load_events(job, 2).await.unwrap()), [(3, "job.completed")]);
    assert_eq!(world.table.load_events(job, 3).await.unwrap(), []);
    world.audit(job).await;
}

#[tokio::test]
async fn a_retry_goes_on_with_the_log() {
    let world = World::new(Artist::new(|_, call| match call {
        1..=18 => Err(Failure::new(FailureCode::Empty)),
        _ => Ok(picture(call)),
    }));
    let job = world.submit(vec![stage("hard", 1)]).await;
    world.run().await;
    assert_eq!(world.status(job).await, JobStatus::Failed);
    world.retrier.retry(&again(job, "ann")).await.unwrap();
    world.run().await;
    let log = world.table.load_events(job, 0).await.unwrap();
    let rounds = (1..=5).map(|number| (number, "round.opened"));
    let rest = [(6, "job.failed"), (7, "job.reopened"), (8, "job.completed")];
    assert_eq!(told(&log), rounds.chain(rest).collect::<Vec<_>>());
    let Happening::Ended { captured, released, .. } = log[7].what else { panic!("{log:?}") };
    assert_eq!((captured.get(), released.get()), (14, 4), "of both epochs, the second at its own price");
    world.audit(job).await;
}

#[tokio::test]
async fn reconcilers_at_once_tell_each_thing_once() {
    let world = World::new(Artist::new(|_, _| Err(Failure::new(FailureCode::Empty))));
    let job = world.submit(vec![stage("a mirror", 2), stage("another", 2)]).await;
    world.reconcile_all().await;
    for _ in 0..3 {
        world.wait(Duration::from_secs(10));
        for message in world.take_images() {
            world.draw(&message).await;
        }
    }
    // Both stages are full: each reconciler would open a round in each.
    let reconcile = || world.reconciler.reconcile(job, RingCause::Settled);
    let (one, two, three) = tokio::join!(reconcile(), reconcile(), reconcile());
    assert!(one.is_ok() && two.is_ok() && three.is_ok(), "{one:?} {two:?} {three:?}");
    let log = world.table.load_events(job, 0).await.unwrap();
    assert_eq!(told(&log), [(1, "round.opened"), (2, "round.opened")]);
    assert_eq!(world.take_images().len(), 4, "and each slot was sent once");
    world.audit(job).await;
}
