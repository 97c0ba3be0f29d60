//! A rollback by one release: this version finds records that the next one wrote, and serves them.

mod studio;

use std::{collections::BTreeSet, time::Duration};

use serde_json::{Value, json};
use toonmill_cloud::{queues::read_message, table::UpdateRecord};
use toonmill_domain::{
    DeliveryMessage, FailureCode, JobStatus, LedgerKind, Membership, ReconcileMessage, Sink, SlotMessage, Tier,
    limits::Rate,
};
use toonmill_flows::operate::Action;
use toonmill_tests::{
    again, next_release,
    world::{DELIVER, IMAGES, RECONCILE},
};

use studio::Studio;

const DAY: Duration = Duration::from_hours(24);

async fn operate(studio: &Studio, action: Value) -> Value {
    let action: Action = serde_json::from_value(action).unwrap();
    studio.world.operator().operate(action).await.unwrap()
}

#[tokio::test]
async fn every_job_goes_on_and_nothing_that_the_next_release_wrote_is_lost() {
    let studio = Box::pin(Studio::open()).await;
    let world = &studio.world;
    let rewritten = next_release::rewrite(world);
    let kinds: BTreeSet<String> = rewritten.kinds.iter().map(|kind| (*kind).to_owned()).collect();
    assert_eq!(kinds, next_release::kinds(), "a world with every kind of record");
    studio.rewrite_plans().await;
    studio.deliver_rewritten_messages().await;

    // Draw, count, reconcile, the next round, close and settle.
    studio.run().await;
    let (open, _) = world.job(studio.open).await;
    assert_eq!(open.status, JobStatus::Completed);
    // A close that the next release began, for a reason of its own.
    let (closing, _) = world.job(studio.closing).await;
    assert_eq!((closing.status, closing.closing.unwrap().as_str()), (JobStatus::Cancelled, "eclipsed"));
    // A job that ended short, for a failure that only the next release knows.
    let (short, stages) = world.job(studio.short).await;
    let codes = &short.statistics.as_ref().unwrap().by_provider[&"gemini".parse().unwrap()].failures;
    assert_eq!(codes.keys().map(FailureCode::as_str).collect::<Vec<_>>(), ["moon_in_the_way"]);
    let slots = world.table.load_slots(stages[0].key).await.unwrap();
    let reasons: Vec<_> = slots.values().filter_map(toonmill_domain::Slot::reason).collect();
    assert_eq!(reasons.iter().map(FailureCode::as_str).collect::<Vec<_>>(), ["moon_in_the_way"]);
    studio.heal();
    world.retrier.retry(&again(studio.short, "ann")).await.unwrap();
    studio.run().await;
    assert_eq!(world.status(studio.short).await, JobStatus::Completed);
    for job in [studio.open, studio.closing, studio.short, studio.done] {
        world.audit(job).await;
    }
    assert_eq!(rewritten.losses(world), Vec::<String>::new());
}

#[tokio::test]
async fn what_is_only_read_is_read() {
    let studio = Box::pin(Studio::open()).await;
    let world = &studio.world;
    let rewritten = next_release::rewrite(world);
    studio.rewrite_plans().await;
    let (ann, now) = ("ann".parse().unwrap(), world.now());
    let table = &world.table;
    assert_eq!(table.list_jobs(&ann, None, 10).await.unwrap().len(), 5);
    assert_eq!(table.list_history(&ann, None, 10).await.unwrap().len(), 1);
    assert_eq!(table.list_sheets(&ann, studio.hero, None, 10).await.unwrap().len(), 1);
    assert_eq!(table.load_cut_images(&ann, studio.done).await.unwrap().len(), 1);
    assert_eq!(table.load_character(&ann, studio.hero).await.unwrap().unwrap().name, "민수");
    assert!(table.load_file(studio.upload, &ann).await.unwrap().is_some());
    assert_eq!(table.load_uploads(&ann).await.unwrap().files, 1);
    assert!(table.knows_update(UpdateRecord(1), now).await.unwrap());
    assert!(table.load_idempotency(&ann, studio::KEY_SHA256, now).await.unwrap().is_some());
    assert!(table.is_hook_off(&ann, "https://off.example/hook").await.unwrap());
    assert_eq!(table.load_request_use("ann", now).await.unwrap().reads_this_minute, 1);
    // A tier of the next release is worth no more than the first, and stays as it is until an operator says otherwise.
    let user = table.load_user(&"ann".parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(user.membership.tier, Tier::Free);
    table.sign_in(&user.sign_in, now).await.unwrap();
    assert_eq!(world.network.dynamo().item("U#ann", "USER").unwrap()["tier"]["S"], "patron");
    // A scope of the next release opens nothing here, and the others open what they did.
    let key = table.load_service_key(studio::KEY_SHA256).await.unwrap().unwrap();
    assert_eq!(key.scopes.len(), 1);
    assert_eq!(table.list_service_keys(&ann, None, 10).await.unwrap(), [key]);
    // What moved credits counts, whatever it is called.
    let ledger = table.load_ledger(&ann).await.unwrap();
    assert!(
        ledger.iter().any(|entry| matches!(&entry.kind, LedgerKind::Unknown { entry, .. } if entry == "tidal_gift"))
    );
    assert_eq!(operate(&studio, json!({ "action": "audit" })).await["violations"], json!([]));
    // An entry of the log that the next release knows is passed over, and the others are told.
    let log = table.load_events(studio.short, 0).await.unwrap();
    assert!(log.iter().all(|event| event.what.name() != "moon.risen") && log.last().unwrap().what.is_end(), "{log:?}");
    for job in [studio.open, studio.closing, studio.short, studio.done] {
        assert_eq!(operate(&studio, json!({ "action": "show", "jobId": job })).await["id"], json!(job));
    }
    let seen = operate(&studio, json!({ "action": "provider", "provider": "gemini" })).await;
    assert_eq!(seen["breakers"][0]["open"]["reason"], "moon_in_the_way");
    // What is written besides by expressions.
    operate(&studio, json!({ "action": "pause", "provider": "gemini", "paused": false })).await;
    operate(&studio, json!({ "action": "reset", "provider": "gemini" })).await;
    operate(&studio, json!({ "action": "grant", "accountId": "ann", "credits": 5, "cause": "tide" })).await;
    table.count_requests("ann", Rate::Read, 1, &toonmill_domain::Limits::default(), now).await.unwrap();
    table.take_chat(7, Duration::from_secs(1), now.plus(DAY)).await.unwrap();
    table.turn_hook(&ann, "https://off.example/hook", false, now).await.unwrap();
    table.put_hook_secrets(&ann, Some(&studio.secrets), &studio.secrets, "again").await.unwrap();
    let file = table.load_file(studio.upload, &ann).await.unwrap().unwrap();
    table.note_checked(&file).await.unwrap();
    assert!(table.save_file(&file, "save").await.unwrap());
    assert_eq!(rewritten.losses(world), Vec::<String>::new());
    let premium = Membership { tier: Tier::Premium, expires_at: None };
    assert_eq!(table.set_membership(&user.sign_in.user, premium, now).await.unwrap().membership, premium);
}

#[tokio::test]
async fn the_sweep_the_deliveries_and_the_cleanup_serve_them() {
    let studio = Box::pin(Studio::open()).await;
    let world = &studio.world;
    let rewritten = next_release::rewrite(world);
    studio.rewrite_plans().await;
    for queue in [RECONCILE, IMAGES, DELIVER] {
        world.queues.take(queue);
    }
    world.wait(Duration::from_mins(20));
    let swept = world.sweeper.sweep().await.unwrap();
    assert_eq!((swept.unreadable, swept.failed_queries, swept.rung), (0, 0, 2), "the open jobs");
    assert_eq!(swept.deliveries, 2, "one to a server and one to a chat");
    for message in world.queues.take(DELIVER) {
        let message: DeliveryMessage = read_message(&message.body).unwrap();
        if message.sink == Sink::Webhook {
            studio.deliverer.deliver(&message, world.now().plus(Duration::from_mins(1))).await.unwrap();
        }
    }
    assert_eq!(studio.internet.received().len(), 1, "the server was called");
    assert_eq!(rewritten.losses(world), Vec::<String>::new());
    studio.run().await;
    world.wait(Duration::from_secs(3_601));
    let visited = world.cleaner(DAY * 90).clean(false).await.unwrap();
    assert_eq!((visited.unreadable, visited.failed), (0, 0));
    world.wait(DAY * 100);
    let cleaned = world.cleaner(DAY * 90).clean(false).await.unwrap();
    assert_eq!((cleaned.unreadable, cleaned.failed, cleaned.jobs), (0, 0, 5));
    assert_eq!(world.object_keys(), Vec::<String>::new());
}

#[test]
fn messages_of_the_next_release_are_read() {
    let job = "01890a5d-ac96-774b-bcce-b302099a8057";
    let ring = json!({ "v": 1, "job": job, "cause": "moonrise", "mood": "wistful" });
    assert_eq!(read_message::<ReconcileMessage>(&ring.to_string()).unwrap().job.to_string(), job);
    let slot = json!({ "v": 1, "job": job, "stage": 0, "slot": 0, "epoch": 1, "round": 1, "fence": 0, "mood": {} });
    assert_eq!(read_message::<SlotMessage>(&slot.to_string()).unwrap().job.to_string(), job);
    let delivery = json!({ "v": 1, "account": "ann", "sink": "webhook", "id": job, "mood": 1 });
    assert_eq!(read_message::<DeliveryMessage>(&delivery.to_string()).unwrap().account.as_str(), "ann");
}
