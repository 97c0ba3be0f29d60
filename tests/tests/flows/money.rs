//! Credits: held at submit, settled once, never out of nothing.

use std::time::Duration;

use toonmill_cloud::table::Granted;
use toonmill_domain::{Credits, JobStatus};
use toonmill_flows::submit::{IdempotencyKey, SubmitError, Submitted};
use toonmill_tests::{Artist, Fate, World, stage, world::new_job};

#[tokio::test]
async fn a_job_beyond_the_balance_is_refused_and_writes_nothing() {
    let world = World::new(Artist::tireless());
    let refused = world.try_submit("ann", vec![stage("an empire", 251)]).await;
    assert!(matches!(
        refused,
        Err(SubmitError::InsufficientCredits { needed, available })
            if (needed.get(), available.get()) == (1_004, 1_000)
    ));
    assert!(world.table.list_jobs(&"ann".parse().unwrap(), None, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_fifth_unfinished_job_is_refused_until_one_ends() {
    let world = World::new(Artist::tireless());
    for number in 0..4 {
        world.submit(vec![stage(&format!("job {number}"), 1)]).await;
    }
    let refused = world.try_submit("ann", vec![stage("one too many", 1)]).await;
    assert!(matches!(refused, Err(SubmitError::TooManyActiveJobs { active: 4, limit: 4 })));
    world.run().await;
    world.submit(vec![stage("now there is room", 1)]).await;
}

#[tokio::test]
async fn a_repeated_request_is_one_job_and_another_body_is_refused() {
    let world = World::new(Artist::tireless());
    let keyed = |prompt: &str, fingerprint: &str| {
        let mut job = new_job("ann", vec![stage(prompt, 1)]);
        job.idempotency = Some(IdempotencyKey { key_sha256: "k".to_owned(), fingerprint: fingerprint.to_owned() });
        job
    };
    let Submitted::New(first) = world.submitter.submit(keyed("once", "a")).await.unwrap() else { panic!() };
    assert_eq!(world.submitter.submit(keyed("once", "a")).await.unwrap(), Submitted::Before(first));
    let other = world.submitter.submit(keyed("another", "b")).await;
    assert!(matches!(other, Err(SubmitError::KeyReused)));
    world.wait(toonmill_flows::submit::IDEMPOTENCY_LIFETIME + Duration::from_secs(1));
    assert!(matches!(world.submitter.submit(keyed("once", "a")).await.unwrap(), Submitted::New(_)));
}

#[tokio::test]
async fn a_grant_is_given_once_per_cause() {
    let world = World::new(Artist::tireless());
    let ann = "ann".parse().unwrap();
    for token in ["one", "two"] {
        world.table.open_account(&ann, Credits::new(10).unwrap(), world.now(), token).await.unwrap();
        world.wait(Duration::from_millis(1));
    }
    let mut granted = Vec::new();
    for token in ["three", "four", "five"] {
        world.network.doom("DynamoDB.TransactWriteItems", Fate::LostAfter);
        let five = Credits::new(5).unwrap();
        granted.push(world.table.grant(&ann, "invoice-7", five, world.now(), token).await.unwrap());
        world.wait(Duration::from_millis(1));
    }
    assert_eq!(granted, [Granted::Now, Granted::Before, Granted::Before]);
    let account = world.table.load_account(&ann).await.unwrap().unwrap();
    assert_eq!(account.balance.get(), 15);
    let violations = toonmill_flows::audit::audit_account(&world.table, &ann).await.unwrap();
    assert!(violations.is_empty(), "{violations:?}");
}

#[tokio::test]
async fn two_settles_of_one_job_are_one() {
    let world = World::new(Artist::tireless());
    let job = world.submit(vec![stage("two judges", 2)]).await;
    world.reconcile_all().await;
    for message in world.take_images() {
        world.draw(&message).await;
    }
    // The second decides a moment later: its settle is another one, not a repeat of the first.
    let late = async {
        world.wait(Duration::from_millis(1));
        world.ring(job).await;
    };
    let (one, two) = tokio::join!(world.ring(job), late);
    assert_eq!((one, two), ((), ()));
    world.run().await;
    assert_eq!(world.status(job).await, JobStatus::Completed);
    let ledger = world.table.load_ledger(&"ann".parse().unwrap()).await.unwrap();
    assert_eq!(ledger.len(), 3, "grant, hold and capture: {ledger:?}");
    world.audit(job).await;
}
