//! A plan is there for its job: what no job came of goes.

use std::time::Duration;

use toonmill_domain::JobStatus;
use toonmill_flows::submit::SubmitError;
use toonmill_tests::{Artist, Fate, World, stage};

const DAY: Duration = Duration::from_hours(24);

fn plans(world: &World) -> usize {
    world.object_keys().iter().filter(|key| key.starts_with("plans/")).count()
}

/// Two visits of the cleanup, a day apart and when what waits is over.
async fn clean_for_two_days(world: &World) {
    for _ in 0..2 {
        world.wait(DAY);
        world.cleaner(DAY * 90).clean(false).await.unwrap();
    }
}

#[tokio::test]
async fn a_refused_submit_leaves_no_plan() {
    let world = World::new(Artist::tireless());
    let refused = world.try_submit("ann", vec![stage("an empire", 251)]).await;
    assert!(matches!(refused, Err(SubmitError::InsufficientCredits { .. })), "{refused:?}");
    assert_eq!(plans(&world), 0);
}

#[tokio::test]
async fn a_plan_whose_submit_was_cut_off_is_gone_within_two_days() {
    let world = World::new(Artist::tireless());
    let go = world.network.pause_before("S3.PutObject");
    let submit = world.try_submit("ann", vec![stage("half a thought", 1)]);
    let cut = async {
        while world.network.calls_of("S3.PutObject") == 0 {
            tokio::task::yield_now().await;
        }
        // Everything after the plan fails: to the table it is as if the function had died.
        for _ in 0..20 {
            world.network.doom("DynamoDB.TransactWriteItems", Fate::ServerError);
        }
        go.notify_one();
    };
    let (submitted, ()) = tokio::join!(submit, cut);
    assert!(submitted.is_err());
    world.network.pardon();
    assert_eq!(plans(&world), 1);
    world.cleaner(DAY * 90).clean(false).await.unwrap();
    assert_eq!(plans(&world), 1, "it may yet be written");
    clean_for_two_days(&world).await;
    assert_eq!(plans(&world), 0);
}

#[tokio::test]
async fn a_refused_plan_that_could_not_be_removed_is_gone_within_two_days() {
    let world = World::new(Artist::tireless());
    for _ in 0..10 {
        world.network.doom("S3.DeleteObjects", Fate::ServerError);
    }
    assert!(world.try_submit("ann", vec![stage("an empire", 251)]).await.is_err());
    world.network.pardon();
    assert_eq!(plans(&world), 1);
    clean_for_two_days(&world).await;
    assert_eq!(plans(&world), 0);
}

#[tokio::test]
async fn the_plan_of_a_job_stays_though_the_call_that_announced_it_arrives_again() {
    let world = World::new(Artist::tireless());
    for fate in [Fate::LostAfter, Fate::TimedOutAfter, Fate::ServerErrorAfter] {
        world.network.doom("DynamoDB.TransactWriteItems", fate);
        world.submit(vec![stage("a long story", 1)]).await;
    }
    let job = world.submit(vec![stage("an echo", 1)]).await;
    // Long after the service has forgotten the request's token.
    let late = world.table.expect_plan(job, &"ann".parse().unwrap(), world.now(), world.now().plus(DAY)).await;
    assert!(late.is_ok(), "{late:?}");
    clean_for_two_days(&world).await;
    assert_eq!(plans(&world), 4);
    world.ring(job).await;
    world.run().await;
    assert!(world.status(job).await.is_terminal());
    assert_ne!(world.status(job).await, JobStatus::InQueue);
}

#[tokio::test]
async fn a_submit_that_was_given_up_is_not_written_late() {
    let world = World::new(Artist::tireless());
    let job = world.submit(vec![stage("a job", 1)]).await;
    assert!(!world.table.give_up_plan(job).await.unwrap(), "its plan is kept");
    assert!(world.try_submit("ann", vec![stage("an empire", 251)]).await.is_err());
    // The same submit once more, as a call that was held up on its way: there are credits by now.
    let refused = world.network.last_transaction();
    let grant = serde_json::json!({ "action": "grant", "accountId": "ann", "credits": 5_000, "cause": "late" });
    world.operator().operate(serde_json::from_value(grant).unwrap()).await.unwrap();
    assert_eq!(world.network.arrive_late(&refused), 400);
    assert_eq!(world.table.list_jobs(&"ann".parse().unwrap(), None, 10).await.unwrap().len(), 1);
}
