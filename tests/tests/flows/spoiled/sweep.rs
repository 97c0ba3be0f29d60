//! The sweep of an index in which rows are spoiled, of shards that do not answer, and of a backlog.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use aws_sdk_dynamodb::types::AttributeValue;
use toonmill_cloud::table::DUE_SHARDS;
use toonmill_domain::JobId;
use toonmill_flows::{Clock, submit::Submitted, sweep::Sweeper};
use toonmill_tests::{Artist, Fate, World, stage, world::RECONCILE};
use uuid::Uuid;

use super::{Item, load, put, text};

/// A world with unfinished jobs that are due, whose rings were lost.
async fn with_due_jobs(count: usize) -> (World, Vec<JobId>) {
    let world = World::new(Artist::tireless());
    world.unaudited("records of it are spoiled");
    let mut jobs = Vec::new();
    for number in 0..count {
        let submitted = world.try_submit(&format!("user-{number}"), vec![stage("a page", 1)]).await.unwrap();
        let (Submitted::New(job) | Submitted::Before(job)) = submitted;
        jobs.push(job);
    }
    world.queues.take(RECONCILE);
    world.wait(Duration::from_mins(2));
    (world, jobs)
}

/// How many of these are in a shard of the index.
fn in_shard(jobs: &[JobId], shard: u8) -> usize {
    jobs.iter().filter(|job| job.uuid().as_bytes()[15] % DUE_SHARDS == shard).count()
}

/// A row of the index that is due.
fn row(world: &World, pk: &str, sk: &str, shard: &str) -> Item {
    let due = AttributeValue::N((world.now().as_millis() - 1).to_string());
    [("pk", text(pk)), ("sk", text(sk)), ("dueShard", text(shard)), ("nextCheckAt", due)]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
}

#[tokio::test]
async fn rows_that_cannot_be_read_are_counted_and_put_off_and_all_others_are_rung() {
    let (world, jobs) = with_due_jobs(20).await;
    let nonsense = [
        ("J#nonsense", "A", "open#0"),
        ("E#01890a5d-ac96-774b-bcce-b302099a8057", "A", "open#3"),
        ("U#ann", "DM#01890a5d-ac96-774b-bcce-b302099a8057", "tell#0"),
        ("U#", "DW#01890a5d-ac96-774b-bcce-b302099a8057", "tell#9"),
    ];
    for (pk, sk, shard) in nonsense {
        put(&world, row(&world, pk, sk, shard)).await;
    }
    let swept = world.sweeper.sweep().await.unwrap();
    assert_eq!((swept.unreadable, swept.rung, swept.deliveries), (4, 20, 0));
    assert_eq!((swept.failed_queries, swept.unfinished), (0, false));
    let again = world.sweeper.sweep().await.unwrap();
    assert_eq!((again.unreadable, again.rung), (0, 20), "they are put off");
    world.wait(Duration::from_secs(3_601));
    assert_eq!(world.sweeper.sweep().await.unwrap().unreadable, 4, "and seen again after an hour");
    world.run().await;
    for job in jobs {
        assert!(world.status(job).await.is_terminal());
    }
}

#[tokio::test]
async fn a_job_whose_deadline_cannot_be_read_is_rung_all_the_same() {
    let (world, jobs) = with_due_jobs(2).await;
    let mut job = load(&world, &format!("J#{}", jobs[0]), "A").await;
    job.insert("deadline".to_owned(), text("soon"));
    put(&world, job).await;
    let swept = world.sweeper.sweep().await.unwrap();
    assert_eq!((swept.unreadable, swept.rung), (1, 2));
}

#[tokio::test]
async fn a_row_that_cannot_be_put_off_stops_nothing_either() {
    let (world, _) = with_due_jobs(20).await;
    put(&world, row(&world, "J#nonsense", "A", "open#0")).await;
    for _ in 0..3 {
        world.network.doom("DynamoDB.UpdateItem", Fate::ServerError);
    }
    let swept = world.sweeper.sweep().await.unwrap();
    assert_eq!((swept.unreadable, swept.rung), (1, 20));
}

#[tokio::test]
async fn a_shard_that_does_not_answer_is_the_next_sweeps_and_only_all_of_them_are_an_error() {
    let (world, jobs) = with_due_jobs(40).await;
    let lost = in_shard(&jobs, 0);
    assert!(lost > 0, "the first shard has jobs");
    for _ in 0..3 {
        world.network.doom("DynamoDB.Query", Fate::ServerError);
    }
    let swept = world.sweeper.sweep().await.unwrap();
    assert_eq!((swept.failed_queries, swept.rung), (1, 40 - lost));
    world.queues.take(RECONCILE);
    assert_eq!(world.sweeper.sweep().await.unwrap().rung, 40);
    for _ in 0..3 * 2 * usize::from(DUE_SHARDS) {
        world.network.doom("DynamoDB.Query", Fate::ServerError);
    }
    world.sweeper.sweep().await.unwrap_err();
}

#[tokio::test]
async fn the_backlog_of_an_outage_is_rung_in_one_sweep_while_its_time_lasts() {
    let (world, jobs) = with_due_jobs(10).await;
    let backlog = 450 + in_shard(&jobs, 0);
    for number in 0..450_u128 {
        let job = Uuid::from_u128(number * 10);
        put(&world, row(&world, &format!("J#{job}"), "A", "open#0")).await;
    }
    let swept = world.sweeper.sweep().await.unwrap();
    assert_eq!((swept.rung, swept.unfinished), (460, false));
    // Each look at the clock takes a minute: there is no time for further pages.
    let (now, looks) = (world.now(), AtomicU64::new(0));
    let clock = Clock::new(move || now.plus(Duration::from_mins(looks.fetch_add(1, Ordering::Relaxed))));
    let hurried = Sweeper { clock, ..world.sweeper.clone() };
    let swept = hurried.sweep().await.unwrap();
    assert_eq!((swept.rung, swept.unfinished), (460 - backlog + 200, true), "the first page of every shard");
}
