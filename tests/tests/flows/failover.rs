//! Slots that may be drawn by another provider than their stage's first choice.

use toonmill_domain::{Failover, Failure, FailureCode, JobStatus, SlotIndex};
use toonmill_flows::draw::Drawn;
use toonmill_providers::Catalogue;
use toonmill_tests::{
    Artist, Order, World, picture,
    queues::Waiting,
    stage, stage_that_moves,
    world::{IMAGES, IMAGES_ELSEWHERE},
};

/// Gemini fails like this, and Seedream draws.
fn only_gemini_fails(code: FailureCode) -> Artist {
    let number = std::sync::atomic::AtomicU32::new(0);
    Artist::by_order(move |order: &Order<'_>| match order.provider {
        "gemini" => Err(Failure::new(code)),
        _ => Ok(picture(number.fetch_add(1, std::sync::atomic::Ordering::Relaxed))),
    })
}

/// Who was asked for the first slot of the first stage, in order, and who drew it in the end.
async fn history(world: &World, job: toonmill_domain::JobId) -> (Vec<String>, Option<String>) {
    let first = world.job(job).await.1.first().unwrap().key.slot(SlotIndex(0));
    let slot = world.table.load_slot(first).await.unwrap().unwrap();
    let asked = slot.attempts.iter().map(|attempt| attempt.provider.as_ref().unwrap().to_string()).collect();
    (asked, slot.artifact.map(|artifact| artifact.provider.to_string()))
}

#[tokio::test]
async fn after_three_rounds_another_provider_draws_at_the_price_of_the_first() {
    let mut world = World::new(only_gemini_fails(FailureCode::Empty));
    world.worker.breaker_rules.failures = 1_000;
    let job = world.submit(vec![stage_that_moves("a bridge", 2, Failover::AfterRounds)]).await;
    world.run().await;
    let (ended, stages) = world.job(job).await;
    assert_eq!((ended.status, stages[0].round.0), (JobStatus::Completed, 4));
    assert_eq!((ended.captured.get(), ended.released.get()), (8, 0));
    assert_eq!(history(&world, job).await, (vec!["gemini".to_owned(); 9], Some("seedream".to_owned())));
    let images = ended.statistics.unwrap().by_provider.into_iter();
    let images: Vec<_> = images.map(|(name, of)| (name.to_string(), of.stored)).collect();
    assert_eq!(images, [("gemini".to_owned(), 0), ("seedream".to_owned(), 2)]);
    world.audit(job).await;
}

#[tokio::test]
async fn a_stage_that_keeps_its_style_ends_short_instead() {
    let world = World::new(only_gemini_fails(FailureCode::Empty));
    let job = world.submit(vec![stage("a bridge", 1)]).await;
    world.run().await;
    assert_eq!(world.status(job).await, JobStatus::Failed);
    assert_eq!(history(&world, job).await, (vec!["gemini".to_owned(); 18], None));
    world.audit(job).await;
}

#[tokio::test]
async fn a_refusal_is_tried_once_more_and_then_once_elsewhere() {
    let world = World::new(only_gemini_fails(FailureCode::Refused));
    let job = world.submit(vec![stage_that_moves("a duel", 1, Failover::OnRefusal)]).await;
    world.run().await;
    assert_eq!(world.status(job).await, JobStatus::Completed);
    assert_eq!(history(&world, job).await, (vec!["gemini".to_owned(); 2], Some("seedream".to_owned())));
    world.audit(job).await;
}

#[tokio::test]
async fn what_both_refuse_is_given_up_with_its_reason() {
    let world = World::new(Artist::new(|_, _| Err(Failure::new(FailureCode::Refused).detail("SAFETY"))));
    let job = world.submit(vec![stage_that_moves("a duel", 1, Failover::OnRefusal)]).await;
    world.run().await;
    let (ended, stages) = world.job(job).await;
    assert_eq!((ended.status, ended.released.get()), (JobStatus::Failed, 4));
    let asked = ["gemini", "gemini", "seedream"].map(str::to_owned).to_vec();
    assert_eq!(history(&world, job).await, (asked, None));
    let slot = world.table.load_slot(stages[0].key.slot(SlotIndex(0))).await.unwrap().unwrap();
    assert_eq!(slot.reason(), Some(FailureCode::Refused));
    world.audit(job).await;
}

#[tokio::test]
async fn a_wrong_key_of_one_provider_does_not_stop_a_job_that_another_may_draw() {
    for code in [FailureCode::Unauthorised, FailureCode::QuotaExhausted, FailureCode::ModelRetired] {
        let world = World::new(only_gemini_fails(code));
        let job = world.submit(vec![stage_that_moves("a harbour", 12, Failover::AfterRounds)]).await;
        world.run().await;
        let (ended, stages) = world.job(job).await;
        assert_eq!((ended.status, stages[0].round.0), (JobStatus::Completed, 1), "{code:?}");
        assert_eq!(history(&world, job).await, (vec!["gemini".to_owned()], Some("seedream".to_owned())));
        assert_eq!(world.artist.calls(), 13, "the breaker spares the other slots the same answer");
        world.audit(job).await;
    }
}

#[tokio::test]
async fn with_no_provider_left_the_job_is_stopped() {
    let world = World::new(Artist::new(|_, _| Err(Failure::new(FailureCode::Unauthorised))));
    let job = world.submit(vec![stage_that_moves("a harbour", 1, Failover::AfterRounds)]).await;
    world.run().await;
    let (ended, _) = world.job(job).await;
    assert_eq!(ended.status, JobStatus::Failed);
    assert!(ended.stop_requested.unwrap().starts_with("seedream: unauthorised"));
    world.audit(job).await;
}

#[tokio::test]
async fn a_message_on_the_wrong_queue_is_drawn_by_the_right_provider() {
    let world = World::new(only_gemini_fails(FailureCode::Refused));
    let job = world.submit(vec![stage_that_moves("a duel", 1, Failover::OnRefusal)]).await;
    world.reconcile_all().await;
    for _ in 0..2 {
        let message = world.take_images().remove(0);
        world.wait(std::time::Duration::from_secs(20));
        world.draw(&message).await;
    }
    // After two refusals the message waits for Seedream; a copy that was sent before the record said so does not.
    let waiting = world.queues.take(IMAGES_ELSEWHERE);
    let [Waiting { body, .. }] = &waiting[..] else { panic!("{waiting:?}") };
    let message = toonmill_cloud::queues::read_message(body).unwrap();
    world.wait(std::time::Duration::from_secs(20));
    world.draw(&message).await;
    world.run().await;
    assert_eq!(history(&world, job).await.1, Some("seedream".to_owned()));
    world.audit(job).await;
}

#[tokio::test]
async fn lost_messages_of_a_slot_that_has_moved_are_sent_where_it_belongs() {
    let world = World::new(only_gemini_fails(FailureCode::Refused));
    let job = world.submit(vec![stage_that_moves("a duel", 1, Failover::OnRefusal)]).await;
    world.reconcile_all().await;
    for _ in 0..2 {
        let message = world.take_images().remove(0);
        world.wait(std::time::Duration::from_secs(20));
        world.draw(&message).await;
    }
    assert_eq!(world.take_images().len(), 1, "lost");
    world.wait(std::time::Duration::from_mins(6));
    world.ring(job).await;
    assert_eq!(world.queues.count(IMAGES_ELSEWHERE), 1);
    world.run().await;
    assert_eq!(world.status(job).await, JobStatus::Completed);
    world.audit(job).await;
}

/// The artist's pictures, but Gemini's key could not be read by the worker.
fn without_geminis_key(artist: Artist) -> World {
    let mut world = World::new(artist);
    world.worker.providers.withhold("gemini".parse().unwrap());
    world
}

#[tokio::test]
async fn slots_of_a_provider_whose_key_cannot_be_read_wait_unclaimed_until_it_can() {
    let mut world = without_geminis_key(Artist::tireless());
    let job = world.submit(vec![stage("a bridge", 2)]).await;
    world.reconcile_all().await;
    for message in world.take_images() {
        assert_eq!(world.draw(&message).await, Drawn::SentBack);
    }
    let first = world.job(job).await.1[0].key.slot(SlotIndex(0));
    assert_eq!(world.table.load_slot(first).await.unwrap(), None, "nobody has claimed it");
    let waiting = world.queues.take(IMAGES);
    assert!(waiting.len() == 2 && waiting.iter().all(|message| message.delay_secs >= 30), "{waiting:?}");
    assert_eq!((world.artist.calls(), world.status(job).await), (0, JobStatus::InProgress));
    // The key is read again, and the messages come back.
    world.worker.providers = World::new(Artist::tireless()).worker.providers;
    world.wait(std::time::Duration::from_secs(40));
    for Waiting { body, .. } in &waiting {
        let drawn = world.draw(&toonmill_cloud::queues::read_message(body).unwrap()).await;
        assert_eq!(drawn, Drawn::Stored);
    }
    world.run().await;
    assert_eq!(world.status(job).await, JobStatus::Completed);
    assert_eq!(history(&world, job).await, (Vec::new(), Some("gemini".to_owned())), "no try was used up");
    world.audit(job).await;
}

#[tokio::test]
async fn slots_that_may_move_are_drawn_by_another_while_a_key_cannot_be_read() {
    let world = without_geminis_key(Artist::tireless());
    let job = world.submit(vec![stage_that_moves("a bridge", 2, Failover::AfterRounds)]).await;
    world.run().await;
    assert_eq!(world.status(job).await, JobStatus::Completed);
    assert_eq!(history(&world, job).await, (Vec::new(), Some("seedream".to_owned())));
    world.audit(job).await;
}

#[tokio::test]
async fn without_a_usable_catalogue_a_worker_claims_nothing_and_the_messages_wait() {
    let mut world = World::new(Artist::tireless());
    let catalogue = std::mem::replace(&mut world.worker.catalogue, Catalogue::empty());
    let job = world.submit(vec![stage_that_moves("a bridge", 1, Failover::AfterRounds)]).await;
    world.reconcile_all().await;
    let message = world.take_images().remove(0);
    assert_eq!(world.draw(&message).await, Drawn::SentBack);
    let first = world.job(job).await.1[0].key.slot(SlotIndex(0));
    assert_eq!((world.table.load_slot(first).await.unwrap(), world.artist.calls()), (None, 0));
    world.worker.catalogue = catalogue;
    world.wait(std::time::Duration::from_secs(40));
    world.run().await;
    assert_eq!(world.status(job).await, JobStatus::Completed);
    world.audit(job).await;
}
