//! How jobs end that cannot be drawn whole.

use std::time::Duration;

use toonmill_domain::{Failure, FailureCode, JobStatus};
use toonmill_tests::{Artist, World, picture, stage};

#[tokio::test]
async fn a_refused_prompt_ends_short_with_its_reason_and_gives_its_credits_back() {
    let world = World::new(Artist::new(|prompt, call| match prompt {
        "refused" => Err(Failure::new(FailureCode::Refused).detail("SAFETY")),
        _ => Ok(picture(call)),
    }));
    let job = world.submit(vec![stage("a garden", 3), stage("refused", 2)]).await;
    world.run().await;
    let (ended, stages) = world.job(job).await;
    assert_eq!(ended.status, JobStatus::Partial);
    assert_eq!((ended.captured.get(), ended.released.get()), (12, 8));
    for slot in world.table.load_slots(stages[1].key).await.unwrap().values() {
        assert_eq!(slot.reason(), Some(FailureCode::Refused));
        assert_eq!(slot.attempts.len(), 2, "once, and once more");
    }
    world.audit(job).await;
}

#[tokio::test]
async fn a_wrong_key_stops_the_job_without_trying_every_slot() {
    let world = World::new(Artist::new(|_, _| Err(Failure::new(FailureCode::Unauthorised).detail("API_KEY_INVALID"))));
    let job = world.submit(vec![stage("a castle", 10)]).await;
    world.reconcile_all().await;
    let messages = world.take_images();
    world.draw(&messages[0]).await;
    world.reconcile_all().await;
    let (ended, _) = world.job(job).await;
    assert_eq!(ended.status, JobStatus::Failed);
    assert_eq!(ended.stop_requested.as_deref(), Some("gemini: unauthorised API_KEY_INVALID"));
    for message in &messages[1..] {
        world.draw(message).await;
    }
    assert_eq!(world.artist.calls(), 1, "no call starts once the job has ended");
    world.audit(job).await;
}

#[tokio::test]
async fn the_deadline_ends_a_job_with_what_it_has() {
    let world = World::new(Artist::tireless());
    let job = world.submit(vec![stage("a harbour", 4)]).await;
    world.reconcile_all().await;
    let messages = world.take_images();
    world.draw(&messages[0]).await;
    world.wait(Duration::from_hours(7));
    assert_eq!(world.sweeper.sweep().await.unwrap().holds_past_deadline, [job]);
    world.reconcile_all().await;
    let (ended, _) = world.job(job).await;
    assert_eq!((ended.status, ended.captured.get(), ended.released.get()), (JobStatus::Partial, 4, 12));
    for message in &messages {
        world.draw(message).await;
    }
    assert_eq!(world.artist.calls(), 1);
    world.audit(job).await;
}
