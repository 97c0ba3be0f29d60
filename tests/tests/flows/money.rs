//! Credits: held at submit, settled once, never out of nothing.

use toonmill_domain::{Credits, JobStatus};
use toonmill_flows::submit::{IdempotencyKey, SubmitError, Submitted};
use toonmill_tests::{Artist, World, stage, world::new_job};

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
    world.wait(toonmill_flows::submit::IDEMPOTENCY_LIFETIME + std::time::Duration::from_secs(1));
    assert!(matches!(world.submitter.submit(keyed("once", "a")).await.unwrap(), Submitted::New(_)));
}

#[tokio::test]
async fn a_grant_is_given_once_per_cause() {
    let world = World::new(Artist::tireless());
    let ann = "ann".parse().unwrap();
    for _ in 0..2 {
        world.table.open_account(&ann, Credits::new(10).unwrap(), world.now()).await.unwrap();
        world.wait(std::time::Duration::from_secs(1));
    }
    for _ in 0..3 {
        world.wait(std::time::Duration::from_secs(1));
        world.table.grant(&ann, "invoice-7", Credits::new(5).unwrap(), world.now()).await.unwrap();
    }
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
    let (one, two) = tokio::join!(world.ring(job), world.ring(job));
    assert_eq!((one, two), ((), ()));
    world.run().await;
    assert_eq!(world.status(job).await, JobStatus::Completed);
    let ledger = world.table.load_ledger(&"ann".parse().unwrap()).await.unwrap();
    assert_eq!(ledger.len(), 3, "grant, hold and capture: {ledger:?}");
    world.audit(job).await;
}
