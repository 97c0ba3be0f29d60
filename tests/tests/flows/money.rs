//! Credits: held at submit, settled once, never out of nothing.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;
use toonmill_cloud::table::Granted;
use toonmill_domain::{ActiveSet, Credits, JobKind, JobStatus, Limit, Limits};
use toonmill_flows::submit::{IdempotencyKey, SubmitError, Submitted};
use toonmill_tests::{Artist, Fate, World, orders::new_job, stage};

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
    assert!(matches!(refused, Err(SubmitError::TooManyActiveJobs { active: 4, limit: 4, .. })));
    world.run().await;
    world.submit(vec![stage("now there is room", 1)]).await;
}

#[tokio::test]
async fn single_jobs_have_places_of_their_own_and_leave_them_when_they_end() {
    let world = World::new(Artist::tireless());
    let ann = "ann".parse().unwrap();
    let mut single = new_job("ann", vec![stage("a wolf", 1)]);
    single.kind = JobKind::SingleImage;
    for _ in 0..5 {
        world.submitter.submit(single.clone()).await.unwrap();
    }
    world.submit(vec![stage("a pipeline", 1)]).await;
    let account = world.table.load_account(&ann).await.unwrap().unwrap();
    assert_eq!((account.active.len(), account.active_singles.len()), (1, 5));
    single.limits = Limits::default().with(Limit::ActiveSingleJobs, 5);
    let refused = world.submitter.submit(single).await;
    assert!(matches!(refused, Err(SubmitError::TooManyActiveJobs { set: ActiveSet::Singles, active: 5, limit: 5 })));
    world.run().await;
    let account = world.table.load_account(&ann).await.unwrap().unwrap();
    assert_eq!((account.active.len(), account.active_singles.len()), (0, 0));
}

/// No transaction leaves an ended job in the sets. Should one be there all the same, it keeps nobody out.
#[tokio::test]
async fn ended_jobs_among_the_unfinished_are_taken_out_when_they_would_keep_a_job_out() {
    let world = World::new(Artist::tireless());
    let ended = world.submit(vec![stage("long over", 1)]).await;
    world.run().await;
    for number in 0..2 {
        world.submit(vec![stage(&format!("job {number}"), 1)]).await;
    }
    let gone = "01890a5d-ac96-774b-bcce-b302099a8057".to_owned();
    let key = |value: &str| AttributeValue::S(value.to_owned());
    let leak = world.dynamodb.update_item().table_name("toonmill").key("pk", key("U#ann")).key("sk", key("A"));
    let leak = leak.update_expression("ADD active :leaked");
    leak.expression_attribute_values(":leaked", AttributeValue::Ss(vec![ended.to_string(), gone]))
        .send()
        .await
        .unwrap();
    for number in 0..2 {
        world.submit(vec![stage(&format!("there is room for {number}"), 1)]).await;
    }
    let refused = world.try_submit("ann", vec![stage("one too many", 1)]).await;
    assert!(matches!(refused, Err(SubmitError::TooManyActiveJobs { active: 4, limit: 4, .. })));
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
        world.table.sign_up(&ann, Credits::new(10).unwrap(), world.now(), token).await.unwrap();
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
async fn the_sign_up_grant_comes_once_though_an_operator_opened_the_account() {
    let world = World::new(Artist::tireless());
    let welcome = json!({ "action": "grant", "accountId": "ann", "credits": 5, "cause": "welcome" });
    for _ in 0..2 {
        world.operator().operate(serde_json::from_value(welcome.clone()).unwrap()).await.unwrap();
    }
    let balance = async || world.table.load_account(&"ann".parse().unwrap()).await.unwrap().unwrap().balance.get();
    assert_eq!(balance().await, 5);
    // It would be enough for this job, and the grant comes all the same.
    world.submit(vec![stage("a welcome", 1)]).await;
    assert_eq!(balance().await, 1_001);
    world.submit(vec![stage("a guest", 1)]).await;
    assert_eq!(balance().await, 997);
    // The operator's may come while the first job is written.
    let late = json!({ "action": "grant", "accountId": "bob", "credits": 5, "cause": "welcome" });
    let operator = world.operator();
    let greet = operator.operate(serde_json::from_value(late).unwrap());
    let (greeted, submitted) = tokio::join!(greet, world.try_submit("bob", vec![stage("a guest", 1)]));
    assert!(greeted.is_ok() && submitted.is_ok(), "{greeted:?} {submitted:?}");
    let bob = world.table.load_account(&"bob".parse().unwrap()).await.unwrap().unwrap();
    assert_eq!((bob.balance.get(), bob.held.get(), bob.signed_up), (1_001, 4, true));
    let forged = json!({ "action": "grant", "accountId": "ann", "credits": 5, "cause": "signup" });
    assert!(world.operator().operate(serde_json::from_value(forged).unwrap()).await.is_err());
}

#[tokio::test]
async fn an_account_whose_sign_up_grant_only_the_ledger_knows_is_given_no_second_one() {
    let world = World::new(Artist::tireless());
    world.submit(vec![stage("an old friend", 1)]).await;
    // As an earlier version left it.
    let forget = world.dynamodb.update_item().table_name("toonmill").update_expression("REMOVE signedUp");
    let key = |text: &str| AttributeValue::S(text.to_owned());
    forget.key("pk", key("U#ann")).key("sk", key("A")).send().await.unwrap();
    world.submit(vec![stage("an old friend again", 1)]).await;
    let ann = world.table.load_account(&"ann".parse().unwrap()).await.unwrap().unwrap();
    assert_eq!((ann.balance.get(), ann.signed_up), (992, true));
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
