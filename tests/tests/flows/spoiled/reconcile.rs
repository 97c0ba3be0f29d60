//! Open jobs of which a record is spoiled: what becomes of them, and of the others.

use std::{collections::BTreeSet, time::Duration};

use toonmill_cloud::queues::read_message;
use toonmill_domain::{JobId, JobStatus, ReconcileMessage};
use toonmill_flows::submit::Submitted;
use toonmill_tests::{Artist, World, stage, world::RECONCILE};

use super::{DAMAGES, Damage, Spots, load, put, spoil, text};

struct Sort {
    name: &'static str,
    key: fn(JobId) -> (String, String),
    spots: Spots,
    damages: &'static [Damage],
}

const SORTS: [Sort; 4] = [
    Sort {
        name: "job",
        key: |job| (format!("J#{job}"), "A".to_owned()),
        spots: Spots { name: "status", number: "version", needed: "account" },
        damages: &DAMAGES,
    },
    Sort {
        name: "stage",
        key: |job| (format!("J#{job}"), "B#000".to_owned()),
        spots: Spots { name: "failover", number: "quantity", needed: "provider" },
        damages: &DAMAGES,
    },
    Sort {
        name: "slot",
        key: |job| (format!("J#{job}#S000"), "0000".to_owned()),
        spots: Spots { name: "state", number: "fence", needed: "stamp" },
        damages: &DAMAGES,
    },
    // The account of the job, without which it cannot be settled. It names nothing.
    Sort {
        name: "account",
        key: |_| ("U#ann".to_owned(), "A".to_owned()),
        spots: Spots { name: "", number: "held", needed: "held" },
        damages: &[Damage::Truncated, Damage::WrongType, Damage::Missing],
    },
];

/// Delivers everything that waits, also if some of it fails: the jobs of the messages that failed.
async fn run(world: &World) -> BTreeSet<JobId> {
    let mut failed = BTreeSet::new();
    for _ in 0..100 {
        let rings = world.queues.take(RECONCILE);
        let images = world.take_images();
        if rings.is_empty() && images.is_empty() {
            return failed;
        }
        for ring in rings {
            let ring: ReconcileMessage = read_message(&ring.body).unwrap();
            if world.reconciler.reconcile(ring.job, ring.cause).await.is_err() {
                failed.insert(ring.job);
            }
        }
        for message in images {
            if world.worker.draw(&message, &world.delivery()).await.is_err() {
                failed.insert(message.job);
            }
        }
    }
    panic!("it does not end");
}

#[tokio::test]
async fn an_open_job_with_a_spoiled_record_fails_alone_and_goes_on_once_it_is_mended() {
    for sort in &SORTS {
        for damage in sort.damages.iter().copied() {
            let case = format!("{} {damage:?}", sort.name);
            let world = World::new(Artist::tireless());
            let mut jobs = Vec::new();
            for account in ["ann", "ben", "cho"] {
                let submitted = world.try_submit(account, vec![stage("a page", 2)]).await.unwrap();
                let (Submitted::New(job) | Submitted::Before(job)) = submitted;
                jobs.push(job);
            }
            world.reconcile_all().await;
            let images = world.take_images();
            let victim = jobs[0];
            let (now, later): (Vec<_>, Vec<_>) =
                images.into_iter().partition(|message| message.job == victim && message.slot.0 == 0);
            world.draw(&now[0]).await;
            let (pk, sk) = (sort.key)(victim);
            let whole = spoil(&world, (&pk, &sk), damage, sort.spots).await;
            for message in &later {
                let drawn = world.worker.draw(message, &world.delivery()).await;
                assert!(drawn.is_ok() || message.job == victim, "{case}: {drawn:?}");
            }
            assert!(run(&world).await.is_subset(&[victim].into()), "{case}");
            for job in &jobs[1..] {
                assert_eq!(world.status(*job).await, JobStatus::Completed, "{case}");
                world.audit(*job).await;
            }
            // The sweep brings the job back, its reconcile fails, and its dead letters are further and further apart.
            world.wait(Duration::from_mins(10));
            for minutes in [1, 2, 4] {
                assert_eq!(world.sweeper.sweep().await.unwrap().rung, 1, "{case}");
                assert_eq!(run(&world).await, [victim].into(), "{case}");
                world.undertaker.bury_reconcile(victim).await.unwrap();
                assert_eq!(world.sweeper.sweep().await.unwrap().rung, 0, "{case}");
                world.wait(Duration::from_mins(minutes));
            }
            put(&world, whole).await;
            world.sweeper.sweep().await.unwrap();
            assert_eq!(run(&world).await, [].into(), "{case}");
            assert_eq!(world.status(victim).await, JobStatus::Completed, "{case}: it is mended");
            world.audit(victim).await;
        }
    }
}

#[tokio::test]
async fn a_count_of_failures_that_cannot_be_read_begins_anew() {
    let world = World::new(Artist::tireless());
    let job = world.submit(vec![stage("a page", 1)]).await;
    let pk = format!("J#{job}");
    let mut record = load(&world, &pk, "A").await;
    record.insert("stuckTimes".to_owned(), text("seven"));
    put(&world, record).await;
    world.undertaker.bury_reconcile(job).await.unwrap();
    assert_eq!(world.job(job).await.0.next_check_at.unwrap().since(world.now()), Duration::from_mins(1));
}
