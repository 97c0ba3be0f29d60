//! What things cost in AWS calls.

use toonmill_tests::{Artist, World, stage};

fn names(calls: &[toonmill_tests::Call]) -> Vec<String> {
    calls.iter().map(toonmill_tests::Call::name).collect()
}

#[tokio::test]
async fn a_first_try_image_on_a_warm_worker_costs_four_calls() {
    let world = World::new(Artist::tireless());
    world.submit(vec![stage("a still life", 3)]).await;
    world.reconcile_all().await;
    let messages = world.take_images();
    world.draw(&messages[0]).await;
    world.network.take_calls();
    world.draw(&messages[1]).await;
    let expected = ["DynamoDB.UpdateItem", "S3.PutObject", "DynamoDB.TransactWriteItems", "DynamoDB.UpdateItem"];
    assert_eq!(names(&world.network.take_calls()), expected, "claim, put, commit, count");
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
