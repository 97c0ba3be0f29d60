//! What things cost in AWS calls.

use std::{collections::BTreeMap, time::Duration};

use toonmill_domain::{Credits, InputImage, RingCause, Work, sha256::hex_of};
use toonmill_flows::draw::{Caches, Drawn};
use toonmill_tests::{Artist, World, picture, stage, world::RECONCILE};

fn names(calls: &[toonmill_tests::Call]) -> Vec<String> {
    calls.iter().map(toonmill_tests::Call::name).collect()
}

/// How often each call was made since this was last asked.
fn counts(world: &World) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for call in world.network.take_calls() {
        *counts.entry(call.name()).or_default() += 1;
    }
    counts
}

fn rich() -> World {
    let mut world = World::new(Artist::tireless());
    world.submitter.signup_grant = Credits::new(100_000).unwrap();
    world
}

/// The four that no image can do without.
const IMAGE: [&str; 4] = ["DynamoDB.UpdateItem", "S3.PutObject", "DynamoDB.TransactWriteItems", "DynamoDB.UpdateItem"];

#[tokio::test]
async fn a_first_try_image_on_a_warm_worker_costs_four_calls() {
    let world = World::new(Artist::tireless());
    world.submit(vec![stage("a still life", 3)]).await;
    world.reconcile_all().await;
    let messages = world.take_images();
    world.draw(&messages[0]).await;
    world.network.take_calls();
    world.draw(&messages[1]).await;
    assert_eq!(names(&world.network.take_calls()), IMAGE, "claim, put, commit, count");
}

#[tokio::test]
async fn a_reconcile_of_a_new_job_costs_one_query_and_one_batch_per_ten_slots() {
    let world = World::new(Artist::tireless());
    world.submit(vec![stage("a crowd", 50)]).await;
    world.network.take_calls();
    world.reconcile_all().await;
    let calls = names(&world.network.take_calls());
    assert_eq!(
        calls.iter().filter(|name| *name == "DynamoDB.Query").count(),
        2,
        "the job, and its provider: {calls:?}"
    );
    assert_eq!(calls.iter().filter(|name| *name == "SQS.SendMessageBatch").count(), 5, "{calls:?}");
    assert_eq!(calls.len(), 9, "the two reads, the watermark, the job's next check: {calls:?}");
}

#[tokio::test]
async fn a_cold_worker_reads_plan_provider_and_inputs_once_for_all_its_images() {
    let mut world = World::new(Artist::tireless());
    let reference = picture(900).bytes;
    let sha256 = hex_of(&reference);
    let input = InputImage {
        object_key: "accounts/ann/uploads/hero.png".to_owned(),
        mime_type: "image/png".to_owned(),
        size_bytes: reference.len().try_into().unwrap(),
        sha256,
        pixels: None,
        turned: false,
    };
    world.blobs.put(&input.object_key, &input.mime_type, &input.sha256, reference).await.unwrap();
    let mut with_input = stage("the hero again", 4);
    if let Work::Image(image) = &mut with_input.work {
        image.inputs = vec![input.clone(), input];
    }
    world.submit(vec![with_input]).await;
    world.reconcile_all().await;
    let messages = world.take_images();
    world.worker.caches = Caches::default();
    world.network.take_calls();
    world.draw(&messages[0]).await;
    let first = names(&world.network.take_calls());
    let reads = ["S3.GetObject", "DynamoDB.Query", "DynamoDB.UpdateItem", "S3.GetObject"];
    assert_eq!(first[..4], reads, "plan, provider, claim, and the input once although it is sent twice");
    assert_eq!(first[4..], IMAGE[1..]);
    for message in &messages[1..] {
        world.draw(message).await;
        let calls = names(&world.network.take_calls());
        assert_eq!(calls[..4], IMAGE);
        // The last of the stage rings.
        assert!(calls[4..].is_empty() || calls[4..] == ["SQS.SendMessage"], "{calls:?}");
    }
}

#[tokio::test]
async fn a_copy_of_a_message_costs_its_claim_and_its_count() {
    let world = World::new(Artist::tireless());
    world.submit(vec![stage("twins", 3)]).await;
    world.reconcile_all().await;
    let messages = world.take_images();
    world.draw(&messages[0]).await;
    world.network.take_calls();
    assert_eq!(world.draw(&messages[0]).await, Drawn::CountedAgain);
    assert_eq!(names(&world.network.take_calls()), ["DynamoDB.UpdateItem", "DynamoDB.UpdateItem"]);
}

#[tokio::test]
async fn a_ring_for_a_job_at_work_costs_one_query_whatever_its_size() {
    for stages in [1, 5] {
        let world = rich();
        let job = world.submit(vec![stage("many", 150); stages]).await;
        world.reconcile_all().await;
        world.network.take_calls();
        world.reconciler.reconcile(job, RingCause::Settled).await.unwrap();
        assert_eq!(names(&world.network.take_calls()), ["DynamoDB.Query"], "{stages} stages");
    }
}

#[tokio::test]
async fn what_is_missing_is_sent_ten_to_a_call_whatever_the_jobs_size() {
    for (quantity, batches) in [(10, 1), (101, 11), (200, 20)] {
        let world = rich();
        world.submit(vec![stage("many", quantity)]).await;
        world.network.take_calls();
        world.reconcile_all().await;
        let counts = counts(&world);
        assert_eq!(counts["SQS.SendMessageBatch"], batches, "{counts:?}");
        assert_eq!(counts.values().sum::<usize>(), batches + 4, "{counts:?}");
    }
}

#[tokio::test]
async fn a_reconcile_reads_the_job_by_one_query_however_many_stages_it_has() {
    for stages in [1, 2, 5] {
        let world = rich();
        world.submit(vec![stage("many", 20); stages]).await;
        world.network.take_calls();
        world.reconcile_all().await;
        let counts = counts(&world);
        assert_eq!(counts["DynamoDB.Query"], 2, "the job with all its stages, and the provider: {counts:?}");
        assert_eq!(counts["SQS.SendMessageBatch"], 2 * stages, "{counts:?}");
        assert_eq!(counts["DynamoDB.UpdateItem"], stages + 1, "the watermarks, and the job's next check: {counts:?}");
        assert_eq!(counts.len(), 3, "{counts:?}");
    }
}

/// Calls of the reconcile that sends again what was lost: all messages of a stage of so many slots.
async fn calls_to_send_again(quantity: u32) -> BTreeMap<String, usize> {
    let world = rich();
    let job = world.submit(vec![stage("many", quantity)]).await;
    world.reconcile_all().await;
    assert_eq!(world.take_images().len(), usize::try_from(quantity).unwrap());
    world.wait(Duration::from_mins(6));
    world.network.take_calls();
    world.ring(job).await;
    let counts = counts(&world);
    assert_eq!(world.take_images().len(), usize::try_from(quantity).unwrap());
    counts
}

#[tokio::test]
async fn what_was_lost_is_sent_again_ten_to_a_call_and_read_by_the_page() {
    let (few, many) = (calls_to_send_again(10).await, calls_to_send_again(200).await);
    assert_eq!((few["SQS.SendMessageBatch"], many["SQS.SendMessageBatch"]), (1, 20), "{few:?} {many:?}");
    let others = |mut counts: BTreeMap<String, usize>| {
        counts.remove("SQS.SendMessageBatch");
        counts
    };
    let (few, many) = (others(few), others(many));
    assert_eq!(few, many);
    assert_eq!(few, [("DynamoDB.Query".to_owned(), 3), ("DynamoDB.UpdateItem".to_owned(), 2)].into());
}

/// Calls of the reconcile that ends a job of which everything is stored.
async fn calls_to_end(quantity: u32) -> BTreeMap<String, usize> {
    let world = rich();
    let job = world.submit(vec![stage("a long strip", quantity); 2]).await;
    while world.queues.count(RECONCILE) > 0 {
        world.reconcile_all().await;
        let messages = world.take_images();
        // The last ring is the one that is counted.
        for message in messages {
            world.draw(&message).await;
        }
        let (_, stages) = world.job(job).await;
        if stages.iter().all(toonmill_domain::Stage::all_stored) {
            break;
        }
    }
    world.network.take_calls();
    world.reconcile_all().await;
    let counts = counts(&world);
    assert!(world.status(job).await.is_terminal());
    counts
}

#[tokio::test]
async fn ending_a_job_costs_the_same_calls_whatever_its_size() {
    let small = calls_to_end(3).await;
    assert_eq!(
        small.values().sum::<usize>(),
        10,
        "job; closing; two stages closed, read, read again; settle: {small:?}"
    );
    assert_eq!(calls_to_end(120).await, small);
}

/// Calls of the reconcile that ends a cancelled job of which `missing` slots were sent and none was drawn.
async fn calls_to_give_up(missing: u32) -> usize {
    let world = rich();
    let job = world.submit(vec![stage("never mind", missing)]).await;
    world.reconcile_all().await;
    world.table.request_cancel(job, &"ann".parse().unwrap(), world.now()).await.unwrap();
    world.network.take_calls();
    world.ring(job).await;
    let calls = counts(&world).values().sum();
    assert!(world.status(job).await.is_terminal());
    calls
}

#[tokio::test]
async fn giving_up_costs_one_call_a_missing_slot() {
    let (few, many) = (calls_to_give_up(10).await, calls_to_give_up(110).await);
    assert_eq!(many - few, 100, "{few} and {many}");
}
