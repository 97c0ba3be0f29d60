//! Single writes that meet transactions on the same item, batches that are done in part, and calls that are wrong.

use toonmill_cloud::CloudErrorKind;
use toonmill_domain::JobStatus;
use toonmill_flows::draw::Drawn;
use toonmill_tests::{Artist, Fate, World, stage};

const UPDATE: &str = "DynamoDB.UpdateItem";

fn conflict(world: &World, times: usize) {
    (0..times).for_each(|_| world.network.doom(UPDATE, Fate::Conflict));
}

#[tokio::test]
async fn a_single_write_that_meets_a_transaction_is_written_a_moment_later() {
    let world = World::new(Artist::tireless());
    let job = world.submit(vec![stage("a crossing", 2)]).await;
    // The watermark, the claim and the count, which are single writes.
    conflict(&world, 2);
    world.reconcile_all().await;
    for message in world.take_images() {
        conflict(&world, 3);
        assert_eq!(world.draw(&message).await, Drawn::Stored);
    }
    world.run().await;
    assert_eq!((world.status(job).await, world.artist.calls()), (JobStatus::Completed, 2));
    world.audit(job).await;
}

#[tokio::test]
async fn a_conflict_that_does_not_end_is_told_as_one() {
    let world = World::new(Artist::tireless());
    let job = world.submit(vec![stage("a traffic jam", 1)]).await;
    conflict(&world, 8);
    world.network.take_calls();
    let noted = world.table.note_stuck(job, world.now()).await;
    let error = noted.unwrap_err();
    assert_eq!((error.kind, error.is_passing()), (CloudErrorKind::Conflict, true));
    assert_eq!(world.network.calls_of(UPDATE), 8);
    world.table.note_stuck(job, world.now()).await.unwrap();
}
