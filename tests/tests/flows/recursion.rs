//! Chains of messages that are longer than Lambda lets pass by itself.

use std::{num::NonZeroU32, sync::atomic::AtomicU32, sync::atomic::Ordering, time::Duration};

use serde_json::json;
use serde_yaml_ng::Value;
use toonmill_cloud::table::Telling;
use toonmill_domain::{
    Budget, Credits, Delivery, DeliveryId, DeliveryKey, Failure, FailureCode, JobId, JobStatus, Sink,
};
use toonmill_flows::{
    Budgets,
    submit::{NewJob, Submitted},
};
use toonmill_outbound::{Ports, Sender};
use toonmill_standins::Standins;
use toonmill_telegram::{Bot, Chat, ChatKind, Language, Post, Token};
use toonmill_tests::{Artist, Internet, World, new_job, picture, recursion::Lambda, stage, template::TEMPLATE};

const BOT: &str = "123456:a-bot-of-the-chains-and-nobody-elses-";

/// The template as it would be if nobody had thought of chains.
fn unaware() -> Value {
    let mut template = TEMPLATE.clone();
    for (_, resource) in template.get_mut("Resources").and_then(Value::as_mapping_mut).unwrap() {
        if let Some(properties) = resource.get_mut("Properties").and_then(Value::as_mapping_mut) {
            properties.remove("RecursiveLoop");
        }
    }
    template
}

fn templates() -> [(bool, Value); 2] {
    [(true, TEMPLATE.clone()), (false, unaware())]
}

/// A world in which the first provider takes so many requests a minute.
fn world_with_budget(per_minute: u32) -> World {
    let mut world = World::new(Artist::tireless());
    world.submitter.signup_grant = Credits::new(100_000).unwrap();
    let budgets = Budgets::new([("gemini".parse().unwrap(), Budget(NonZeroU32::new(per_minute).unwrap()))]);
    (world.worker.budgets, world.reconciler.budgets) = (budgets.clone(), budgets);
    world
}

/// The provider puts everybody off from now on, for so long.
fn begin_a_storm(world: &World, lasts: Duration) {
    let (clock, until) = (world.submitter.clock.clone(), world.now().plus(lasts));
    let number = AtomicU32::new(0);
    world.artist.rewrite(move |_, _| {
        if clock.now() < until {
            return Err(Failure::new(FailureCode::RateLimited));
        }
        Ok(picture(number.fetch_add(1, Ordering::Relaxed)))
    });
}

async fn assert_completed(world: &World, job: JobId) {
    assert_eq!(world.status(job).await, JobStatus::Completed);
    world.audit(job).await;
}

/// Runs a job to its end, for so long at most. Whether it ended in that time with no run stopped and no message dead.
async fn ends_undisturbed(lambda: &mut Lambda<'_>, job: JobId, longest: Duration) -> bool {
    let ended = lambda.run_until(longest, |world| world.status_of(job).is_terminal()).await;
    ended && lambda.stopped.is_empty() && lambda.dead == 0
}

/// With `RecursiveLoop: Allow` it ends in nine minutes (`five_thousand_slots_end_at_the_speed_of_their_budget`).
#[tokio::test]
async fn five_thousand_slots_stand_still_if_no_chain_may_be_long() {
    let world = world_with_budget(600);
    let job = world.submit(vec![stage("a year of episodes", 1_000); 5]).await;
    let (template, four_minutes) = (unaware(), Duration::from_mins(4));
    let mut lambda = Lambda::new(&world, &template, None);
    assert!(!ends_undisturbed(&mut lambda, job, four_minutes).await);
    assert!(lambda.stopped.contains_key("Complete"), "{:?}", lambda.stopped);
}

#[tokio::test]
async fn half_an_hour_of_429_costs_half_an_hour_and_few_messages_only_if_chains_may_be_long() {
    const SLOTS: u32 = 160;
    const PER_MINUTE: u32 = 10;
    let storm = Duration::from_mins(30);
    for (aware, template) in templates() {
        let world = world_with_budget(PER_MINUTE);
        let job = world.submit(vec![stage("a storm", SLOTS)]).await;
        begin_a_storm(&world, storm);
        let mut lambda = Lambda::new(&world, &template, None);
        // The storm, a turn for each slot after it, and the longest wait, which may have begun just before its end.
        let expected = storm + Duration::from_mins(u64::from(SLOTS / PER_MINUTE)) + Duration::from_mins(10);
        assert_eq!(ends_undisturbed(&mut lambda, job, expected).await, aware);
        assert_eq!(lambda.stopped.contains_key("GenerateImage"), !aware, "{:?}", lambda.stopped);
        if aware {
            let messages = world.queues.taken();
            println!("{messages} messages, {} calls of the provider", world.artist.calls());
            // The first window of 20 meets the storm; each of its slots waits for its time and for its turn.
            assert!(messages <= 1_000, "{messages} messages");
            assert_completed(&world, job).await;
        }
    }
}

#[tokio::test]
async fn a_storm_of_half_an_hour_costs_a_slot_fewer_than_twenty_messages() {
    let world = World::new(Artist::tireless());
    let job = world.submit(vec![stage("a storm in a glass", 3)]).await;
    begin_a_storm(&world, Duration::from_mins(30));
    let mut lambda = Lambda::new(&world, &TEMPLATE, None);
    let ended = lambda.run_until(Duration::from_mins(36), |world| world.status_of(job).is_terminal()).await;
    assert!(ended, "each is drawn within five minutes after the storm");
    let runs = lambda.runs["GenerateImage"].len();
    assert!(runs <= 3 * 19, "{runs} messages for three slots");
    assert_completed(&world, job).await;
}

#[tokio::test]
async fn a_chat_hears_of_a_job_of_ten_minutes_every_few_seconds_only_if_chains_may_be_long() {
    for (aware, template) in templates() {
        let telegram = Standins::start(toonmill_standins::Settings::default()).await.unwrap();
        let bot = Bot::new(reqwest::Client::new(), Token::new(BOT).unwrap(), Some(&telegram.base_url())).unwrap();
        bot.get_me().await.unwrap();
        let update = json!({ "update_id": 1, "message": {
            "message_id": 1, "from": { "id": 7, "is_bot": false, "first_name": "A" },
            "chat": { "id": 7, "type": "private" }, "date": 1, "text": "a wolf",
        }});
        telegram.telegram().deliver(BOT, update, 0).unwrap();
        let world = World::new(Artist::tireless());
        let (_internet, network) = Internet::begin().await;
        let deliverer = world.deliverer(Some(bot), Sender::new(network, Ports::default()));
        begin_a_storm(&world, Duration::from_mins(10));
        let chat = Chat { id: 7, kind: ChatKind::Private, thread: None, language: Language::En };
        let document = serde_json::to_string(&Post::job(chat, 1, "a wolf".to_owned(), 1)).unwrap();
        let id = DeliveryId::new(world.submitter.ids.make());
        let key = DeliveryKey { account: "ann".parse().unwrap(), sink: Sink::Telegram, id };
        let post = Some(Delivery::new(key.clone(), None, document, world.now()));
        let new = NewJob { telling: Telling { update: None, post }, ..new_job("ann", vec![stage("a wolf", 1)]) };
        let Submitted::New(job) = world.submitter.submit(new).await.unwrap() else { panic!("it is new") };
        let mut lambda = Lambda::new(&world, &template, Some(&deliverer));
        assert!(lambda.run_until(Duration::from_mins(20), |world| world.status_of(job).is_terminal()).await);
        let told = |world: &World| world.network.dynamo().item("U#ann", &format!("DT#{id}")).unwrap();
        let shown = |world: &World| told(world)["state"]["S"] == "delivered";
        assert!(lambda.run_until(Duration::from_mins(2), shown).await, "the picture is shown in the end");
        let turns = &lambda.runs["Deliver"];
        let longest = turns.windows(2).map(|pair| pair[1].since(pair[0])).max().unwrap();
        assert_eq!(longest <= Duration::from_secs(15), aware, "{longest:?} of silence; stopped: {:?}", lambda.stopped);
        assert_eq!(lambda.stopped.contains_key("Deliver"), !aware, "{:?}", lambda.stopped);
        assert_completed(&world, job).await;
        telegram.shutdown().await;
    }
}
