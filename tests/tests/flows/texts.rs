//! Texts are slots like any others: claimed, stored, counted and charged once.

use serde_json::json;
use toonmill_domain::{Failure, FailureCode, JobStatus, SlotIndex, StagePlan, TextWork, Work, plan};
use toonmill_flows::draw::Drawn;
use toonmill_tests::{Artist, World, text, world::TEXTS, writing};

fn world() -> World {
    World::new(Artist::tireless())
}

#[tokio::test]
async fn a_text_is_written_stored_and_charged_once() {
    let world = world();
    let job = world.submit(vec![text("a wolf")]).await;
    world.run().await;
    let (job, stages) = world.job(job).await;
    assert_eq!((job.status, job.captured.get(), job.released.get()), (JobStatus::Completed, 2, 0));
    let slot = world.table.load_slots(stages[0].key).await.unwrap().remove(&SlotIndex(0)).unwrap();
    let artifact = slot.artifact.unwrap();
    assert_eq!(world.blobs.get_text(&artifact.object_key, 1_000).await.unwrap(), "About a wolf.");
    assert_eq!((artifact.mime_type.as_str(), artifact.pixels), ("text/plain; charset=utf-8", None));
    assert_eq!(artifact.object_key.rsplit_once('.').unwrap().1, "txt");
    assert_eq!(artifact.usage.unwrap().total_tokens, 14);
    assert_eq!((artifact.finish_reason.as_deref(), artifact.model_version.is_some()), (Some("stop"), true));
    let file = world.table.load_file(artifact.file, &job.account).await.unwrap().unwrap();
    assert_eq!((file.sha256, file.pixels), (Some(artifact.sha256), None));
    assert_eq!((world.author.calls(), world.artist.calls()), (1, 0));
    world.audit(job.id).await;
}

#[tokio::test]
async fn a_text_goes_to_the_queue_of_texts_and_a_copy_of_its_message_writes_nothing() {
    let world = world();
    let job = world.submit(vec![text("a wolf")]).await;
    world.reconcile_all().await;
    assert!(world.take_images().is_empty());
    let message = toonmill_cloud::queues::read_message(&world.queues.take(TEXTS).remove(0).body).unwrap();
    assert_eq!(world.draw(&message).await, Drawn::Stored);
    assert_eq!(world.draw(&message).await, Drawn::CountedAgain);
    assert_eq!(world.author.calls(), 1);
    world.run().await;
    world.audit(job).await;
}

#[tokio::test]
async fn two_slots_may_hold_the_same_words() {
    let world = world();
    world.author.rewrite(|_, _| Ok(writing("yes")));
    let job = world.submit(vec![StagePlan { quantity: 3, ..text("is it red?") }]).await;
    world.run().await;
    assert_eq!(world.status(job).await, JobStatus::Completed);
    world.audit(job).await;
}

#[tokio::test]
async fn a_text_that_is_kept_in_its_job_alone_has_no_file() {
    let world = world();
    let job = world.submit(vec![StagePlan { keep_files: false, ..text("a wolf") }]).await;
    world.run().await;
    let (job, stages) = world.job(job).await;
    let slot = world.table.load_slots(stages[0].key).await.unwrap().remove(&SlotIndex(0)).unwrap();
    let artifact = slot.artifact.unwrap();
    assert_eq!(world.table.load_file(artifact.file, &job.account).await.unwrap(), None);
    assert_eq!(world.blobs.get_text(&artifact.object_key, 1_000).await.unwrap(), "About a wolf.");
    assert!(!stages[0].keep_files);
    world.audit(job.id).await;
}

#[tokio::test]
async fn an_answer_that_its_schema_refuses_is_asked_for_again_and_then_given_back() {
    let world = world();
    let schema = json!({ "type": "object" });
    let mut asked = text("a wolf");
    let plan::Work::Text(work) = asked.work else { panic!() };
    asked.work = Work::Text(TextWork { schema: Some(schema), ..work });
    world.author.rewrite(|_, call| match call {
        1 => Err(Failure::new(FailureCode::InvalidText)),
        _ => Ok(writing("{}")),
    });
    let job = world.submit(vec![asked.clone()]).await;
    world.run().await;
    let (ended, stages) = world.job(job).await;
    assert_eq!(ended.status, JobStatus::Completed);
    let slot = world.table.load_slots(stages[0].key).await.unwrap().remove(&SlotIndex(0)).unwrap();
    assert_eq!(slot.attempts[0].code, FailureCode::InvalidText);
    assert_eq!(slot.artifact.unwrap().mime_type, "application/json");

    world.author.rewrite(|_, _| Err(Failure::new(FailureCode::InvalidText)));
    let job = world.submit(vec![asked]).await;
    world.run().await;
    let (ended, _) = world.job(job).await;
    assert_eq!((ended.status, ended.captured.get(), ended.released.get()), (JobStatus::Failed, 0, 2));
    assert_eq!(world.author.calls(), 2 + 3 * 6, "three tries in each of six rounds");
    world.audit(job).await;
}
