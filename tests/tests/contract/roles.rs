//! What each function may do against what it does: nothing missing, nothing spare.
//!
//! The scenes go through everything that a function can be made to call. Those of the API are with its own tests.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use toonmill_cloud::table::Telling;
use toonmill_domain::{
    Budget, Delivery, DeliveryId, DeliveryKey, DeliveryMessage, Failover, Failure, FailureCode, HistoryEntry,
    InputImage, JobId, Naming, PixelSize, Publication, Sink, StagePlan, Work, sha256::hex_of,
};
use toonmill_flows::{Budgets, submit::NewJob};
use toonmill_outbound::{Ports, Sender};
use toonmill_standins::Standins;
use toonmill_telegram::{Bot, Chat, ChatKind, Language, Post, Token};
use toonmill_tests::{
    Artist, Fate, Internet, Page, World, catalogue_in_bucket, new_job, picture, policy,
    rights::Right,
    stage, stage_that_moves, text,
    world::{DELIVER, RECONCILE},
};
use toonmill_webhooks::{Secret, Secrets};

const BOT: &str = "123456:a-bot-of-the-contract-and-nobody-elses";
const DAY: Duration = Duration::from_hours(24);

/// What each function needed.
#[derive(Default)]
struct Used(BTreeMap<&'static str, BTreeSet<Right>>);

impl Used {
    fn add(&mut self, world: &World) {
        // Jobs are submitted by the API, whose scenes are with its own tests.
        for (function, rights) in world.network.rights().into_iter().filter(|(function, _)| *function != "ApiJobs") {
            self.0.entry(function).or_default().extend(rights);
        }
    }
}

async fn sweep(world: &World) {
    world.network.acting("Sweep", world.sweeper.sweep()).await.unwrap();
}

/// A row of the due index that names nothing: the sweep puts it off.
async fn spoil_a_row(world: &World) {
    let due = AttributeValue::N(world.now().as_millis().to_string());
    let row = [("pk", "J#nonsense"), ("sk", "A"), ("dueShard", "open#0")].map(|(name, value)| (name, value.to_owned()));
    let put = row.into_iter().fold(world.dynamodb.put_item().table_name("toonmill"), |put, (name, value)| {
        put.item(name, AttributeValue::S(value))
    });
    put.item("nextCheckAt", due).send().await.unwrap();
}

async fn clean(world: &World) {
    world.network.acting("Cleanup", world.cleaner(DAY * 90).clean(false)).await.unwrap();
}

async fn operate(world: &World, action: Value) {
    let (operator, action) = (world.operator(), serde_json::from_value(action).unwrap());
    world.network.acting("Operator", operator.operate(action)).await.unwrap();
}

async fn has_ended(world: &World, job: JobId) -> bool {
    world.job(job).await.0.status.is_terminal()
}

/// Failures, rounds, another provider, a breaker with its probe, a budget, and a sweep for those who wait.
async fn a_siege(used: &mut Used) {
    let mut world = World::new(Artist::new(|_, call| match call {
        1..=9 => Err(Failure::new(FailureCode::Overloaded)),
        _ => Ok(picture(call)),
    }));
    world.worker.breaker_rules.failures = 3;
    let budgets = Budgets::new([("gemini".parse().unwrap(), Budget(30.try_into().unwrap()))]);
    (world.worker.budgets, world.reconciler.budgets) = (budgets.clone(), budgets);
    let job = world.submit(vec![stage_that_moves("a siege", 12, Failover::AfterRounds)]).await;
    world.queues.take(RECONCILE);
    for _ in 0..40 {
        world.wait(Duration::from_mins(1));
        sweep(&world).await;
        world.run().await;
    }
    assert!(has_ended(&world, job).await);
    operate(&world, json!({ "action": "provider", "provider": "gemini" })).await;
    operate(&world, json!({ "action": "reset", "provider": "gemini" })).await;
    used.add(&world);
}

/// Lost workers and buried messages; a stop, and a job whose plan is gone.
async fn a_graveyard(used: &mut Used) {
    let world = World::new(Artist::tireless());
    let job = world.submit(vec![stage("a wolf", 2)]).await;
    world.reconcile_all().await;
    let mut images = world.take_images();
    let delivery = world.delivery();
    world.table.claim(&images[0], &delivery.holder, delivery.deadline, world.now()).await.unwrap();
    let second = images.remove(1);
    world.table.claim(&second, &delivery.holder, delivery.deadline, world.now()).await.unwrap();
    world.network.acting("DeadLetter", world.undertaker.bury_reconcile(job)).await.unwrap();
    world.wait(Duration::from_secs(80));
    world.network.acting("DeadLetter", world.undertaker.bury_image(&second)).await.unwrap();
    world.draw(&images[0]).await;
    world.run().await;
    assert!(has_ended(&world, job).await);

    // Stored by a worker that never came to count it.
    let job = world.submit(vec![stage("an uncounted sheep", 1)]).await;
    world.reconcile_all().await;
    let message = world.take_images().remove(0);
    let go = world.network.pause_before("S3.PutObject");
    let no_count = async {
        while !world.network.take_calls().iter().any(|call| call.operation == "PutObject") {
            tokio::task::yield_now().await;
        }
        (0..20).for_each(|_| world.network.doom("DynamoDB.UpdateItem", Fate::ServerError));
        go.notify_one();
    };
    let delivery = world.delivery();
    let (drawn, ()) = tokio::join!(world.worker.draw(&message, &delivery), no_count);
    assert!(drawn.is_err(), "{drawn:?}");
    world.network.pardon();
    world.ring(job).await;
    world.run().await;
    assert!(has_ended(&world, job).await);

    world.submit(vec![stage("a ghost", 1), text("a ghost")]).await;
    world.reconcile_all().await;
    let plans: Vec<_> = world.object_keys().into_iter().filter(|key| key.starts_with("plans/")).collect();
    world.blobs.delete(&plans).await.unwrap();
    world.run().await;
    used.add(&world);
}

/// A picture drawn from another, and texts of which some fail.
async fn a_library(used: &mut Used) {
    let world = World::new(Artist::tireless());
    // One that is sent as it is, and one that has to be turned first.
    let mut inputs = Vec::new();
    for (number, turned) in [(1, false), (2, true)] {
        let bytes = picture(number).bytes;
        let input = InputImage {
            object_key: format!("accounts/ann/uploads/{number}.png"),
            sha256: hex_of(&bytes),
            mime_type: "image/png".to_owned(),
            size_bytes: bytes.len().try_into().unwrap(),
            pixels: Some(PixelSize { width: 64, height: 64 }),
            turned,
        };
        world.blobs.put(&input.object_key, &input.mime_type, &input.sha256, bytes).await.unwrap();
        inputs.push(input);
    }
    let mut drawn = stage("from two others", 1);
    if let Work::Image(work) = &mut drawn.work {
        work.inputs = inputs;
    }
    let job = world.submit(vec![drawn]).await;
    world.run().await;
    assert!(has_ended(&world, job).await);
    world.unaudited("an image is removed: an audit is for what should not be, too");
    let images: Vec<_> = world.object_keys().into_iter().filter(|key| key.contains("/jobs/")).collect();
    world.blobs.delete(&images).await.unwrap();
    operate(&world, json!({ "action": "audit", "jobId": job })).await;
    used.add(&world);

    let world = World::new(Artist::tireless());
    world.author.rewrite(|_, call| match call {
        1..=2 => Err(Failure::new(FailureCode::RateLimited)),
        call => Ok(toonmill_tests::writing(&format!("line {call}"))),
    });
    let job = world.submit(vec![StagePlan { quantity: 3, ..text("a wolf") }]).await;
    world.run().await;
    assert!(has_ended(&world, job).await);
    used.add(&world);
}

/// A temporary picture in somebody's history, an object that nobody stored, and a job that has been kept long enough.
async fn an_attic(used: &mut Used) {
    let world = World::new(Artist::tireless());
    let of_a_cut = StagePlan {
        naming: Some(Naming { folder: "cut-1/_".to_owned(), stem: "monster".to_owned() }),
        publish: Some(Publication::History(HistoryEntry {
            cut: "cut-1".to_owned(),
            process: None,
            prompt: "a wolf".to_owned(),
        })),
        temporary: true,
        ..stage("a wolf", 1)
    };
    let job = world.submit(vec![of_a_cut, stage("a page", 1)]).await;
    world.reconcile_all().await;
    let images = world.take_images();
    let dead = world.delivery();
    world.table.claim(&images[0], &dead.holder, dead.deadline, world.now()).await.unwrap();
    world.wait(Duration::from_mins(30));
    world.ring(job).await;
    world.run().await;
    assert!(has_ended(&world, job).await);
    operate(&world, json!({ "action": "show", "jobId": job })).await;
    operate(&world, json!({ "action": "audit", "jobId": job })).await;
    operate(&world, json!({ "action": "audit" })).await;
    world.wait(Duration::from_secs(3_601));
    clean(&world).await;
    world.wait(DAY * 2);
    clean(&world).await;
    world.wait(DAY * 91);
    clean(&world).await;
    assert!(world.table.load_job(job).await.unwrap().is_none());
    used.add(&world);
}

/// What only an operator does.
async fn an_office(used: &mut Used) {
    let world = World::new(Artist::tireless());
    let job = world.submit(vec![stage("a page", 1)]).await;
    operate(&world, json!({ "action": "ring", "jobId": job })).await;
    operate(&world, json!({ "action": "settle", "jobId": job, "force": true })).await;
    operate(&world, json!({ "action": "grant", "accountId": "bob", "credits": 5, "cause": "welcome" })).await;
    operate(&world, json!({ "action": "pause", "provider": "gemini", "paused": true })).await;
    world.run().await;
    assert!(has_ended(&world, job).await);
    used.add(&world);
}

/// A hook that is called, and one that wants no more; a chat that is answered, shown a picture, and told what is missing.
async fn a_messenger(used: &mut Used) {
    let (internet, network) = Internet::begin().await;
    let telegram = Standins::start(toonmill_standins::Settings::default()).await.unwrap();
    let bot = Bot::new(reqwest::Client::new(), Token::new(BOT).unwrap(), Some(&telegram.base_url())).unwrap();
    bot.get_me().await.unwrap();
    let world = World::new(Artist::new(|prompt, call| match prompt {
        "half of a wolf" if call > 1 => Err(Failure::new(FailureCode::Refused)),
        _ => Ok(picture(call)),
    }));
    let deliverer = world.deliverer(Some(bot), Sender::new(network, Ports::default()));
    let secrets = serde_json::to_string(&Secrets::first(Secret::new([1; 32]))).unwrap();
    world.table.put_hook_secrets(&"ann".parse().unwrap(), None, &secrets, "me").await.unwrap();
    internet.put("hooks.example/hook", Page::raw("410 Gone\r\nContent-Length: 0", b""));
    let update = json!({ "update_id": 1, "message": {
        "message_id": 1, "from": { "id": 7, "is_bot": false, "first_name": "A" }, "chat": { "id": 7, "type": "private" },
        "date": 1, "text": "a wolf",
    }});
    telegram.telegram().deliver(BOT, update, 0).unwrap();
    for (prompt, quantity) in [("a wolf", 1), ("half of a wolf", 2)] {
        let chat = Chat { id: 7, kind: ChatKind::Private, thread: None, language: Language::En };
        let document = serde_json::to_string(&Post::job(chat, 1, prompt.to_owned(), 1)).unwrap();
        let id = DeliveryId::new(world.submitter.ids.make());
        let key = DeliveryKey { account: "ann".parse().unwrap(), sink: Sink::Telegram, id };
        let post = Some(Delivery::new(key, None, document, world.now()));
        let new = NewJob {
            webhook_url: Some("https://hooks.example/hook".to_owned()),
            telling: Telling { update: None, post },
            ..new_job("ann", vec![stage(prompt, quantity)])
        };
        world.submitter.submit(new).await.unwrap();
        world.queues.take(DELIVER);
        world.wait(Duration::from_mins(1));
        spoil_a_row(&world).await;
        sweep(&world).await;
        for _ in 0..30 {
            world.run().await;
            world.deliver_all(&deliverer).await;
        }
    }
    world.unaudited("a picture is gone when it is to be shown");
    let images: Vec<_> = world.object_keys().into_iter().filter(|key| key.contains("/jobs/")).collect();
    world.blobs.delete(&images).await.unwrap();
    let shown = world.table.list_deliveries(&"ann".parse().unwrap(), Sink::Telegram, None, 10).await.unwrap();
    for delivery in shown {
        assert!(world.table.reopen_delivery(&delivery, &delivery.document, world.now()).await.unwrap());
        world.wait(Duration::from_mins(1));
        world.deliver(&deliverer, &DeliveryMessage::new(&delivery.key, None)).await;
    }
    used.add(&world);
    telegram.shutdown().await;
}

/// What the workers start with, where the catalogue is an object of the bucket.
async fn a_price_list(used: &mut Used) {
    let world = World::new(Artist::tireless());
    for function in ["GenerateImage", "GenerateText"] {
        catalogue_in_bucket(&world, function, "{}").await.unwrap();
    }
    used.add(&world);
}

/// What a world says at its end.
fn last_words(world: World) -> String {
    let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(world)));
    ended.err().and_then(|words| words.downcast::<String>().ok()).map(|words| *words).unwrap_or_default()
}

#[tokio::test]
async fn a_world_tells_at_its_end_what_a_function_did_and_may_not() {
    let world = World::new(Artist::tireless());
    let job = world.submit(vec![stage("a wolf", 1)]).await;
    world.run().await;
    world.network.acting("Sweep", world.table.load_job(job)).await.unwrap();
    world.network.acting("JobEvents", world.table.load_account(&"ann".parse().unwrap())).await.unwrap();
    assert_eq!(last_words(world), "at the end of the test:\nSweep may not dynamodb:Query on Table(\"J#\")");

    let world = World::new(Artist::tireless());
    let job = world.submit(vec![stage("a wolf", 1)]).await;
    let stage = world.job(job).await.1[0].key;
    world.network.acting("JobEvents", world.table.load_ledger(&"ann".parse().unwrap())).await.unwrap();
    world.network.acting("JobEvents", world.table.load_slots(stage)).await.unwrap();
    assert_eq!(last_words(world), "at the end of the test:\nJobEvents may not dynamodb:Query on Table(\"U#\")");
}

#[tokio::test]
async fn a_world_tells_at_its_end_what_is_not_exact_unless_the_test_says_why() {
    for reason in [None, Some("an image is lost")] {
        let world = World::new(Artist::tireless());
        world.submit(vec![stage("a wolf", 1)]).await;
        world.run().await;
        let images: Vec<_> = world.object_keys().into_iter().filter(|key| key.contains("/jobs/")).collect();
        world.blobs.delete(&images).await.unwrap();
        if let Some(reason) = reason {
            world.unaudited(reason);
        }
        let words = last_words(world);
        assert!(words.contains("AR-1") == reason.is_none(), "{words}");
    }
}

#[tokio::test]
async fn a_role_has_what_its_function_needs_and_nothing_more() {
    let mut used = Used::default();
    a_siege(&mut used).await;
    a_graveyard(&mut used).await;
    a_library(&mut used).await;
    an_attic(&mut used).await;
    an_office(&mut used).await;
    a_messenger(&mut used).await;
    a_price_list(&mut used).await;
    let found: Vec<String> = used.0.iter().flat_map(|(function, rights)| policy::compare(function, rights)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
    let functions =
        ["Cleanup", "Complete", "DeadLetter", "Deliver", "GenerateImage", "GenerateText", "Operator", "Sweep"];
    assert!(used.0.keys().eq(functions.iter()), "{:?}", used.0.keys());
}
