//! A provider's budget of requests a minute, shared by all workers.

use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZeroU32,
    sync::{Arc, Mutex},
    time::Duration,
};

use toonmill_cloud::queues::read_message;
use toonmill_domain::{Budget, Failure, FailureCode, JobStatus, ProviderId, SlotMessage, Timestamp};
use toonmill_flows::{
    Budgets,
    draw::{Caches, Drawn},
};
use toonmill_standins::faults::Limit;
use toonmill_tests::{
    Artist, World, picture, stage,
    world::{IMAGES, RECONCILE},
};

fn gemini() -> ProviderId {
    "gemini".parse().unwrap()
}

fn per_minute(requests: u32) -> Budget {
    Budget(NonZeroU32::new(requests).unwrap())
}

fn shape(world: &mut World, requests: u32) {
    let budgets = Budgets::new([(gemini(), per_minute(requests))]);
    (world.worker.budgets, world.reconciler.budgets) = (budgets.clone(), budgets);
}

/// What a run of many workers came to.
#[derive(Debug)]
struct Traffic {
    images: u32,
    calls: u32,
    told_to_wait: u32,
    sent_back: u32,
    /// SDK calls, those for the job as a whole included, but no queries: workers look now and then who may be called,
    /// however much they draw meanwhile.
    sdk_calls: usize,
    took: Duration,
}

/// A warm function.
struct Warm {
    free_at: i64,
    caches: Caches,
}

/// Plays a job over so many workers that take `latency` for a call, each with caches of its own, as warm functions
/// have them. Messages are delivered when they are due and a worker is free, as SQS and Lambda do it.
async fn play(world: &mut World, workers: usize, latency: Duration, limit: Option<u32>, quantity: u32) -> Traffic {
    let limit = Arc::new(Mutex::new(limit.map(|limit| Limit::new(usize::try_from(limit).unwrap()))));
    let clock = world.submitter.clock.clone();
    let told = Arc::new(Mutex::new(0_u32));
    let (counted, number) = (Arc::clone(&told), Mutex::new(0_u32));
    world.artist.rewrite(move |_, _| {
        let now = Duration::from_millis(u64::try_from(clock.now().as_millis()).unwrap());
        if let Some(Err(wait)) = limit.lock().unwrap().as_mut().map(|limit| limit.pass(now)) {
            *counted.lock().unwrap() += 1;
            return Err(Failure::new(FailureCode::RateLimited).retry_after(Some(wait)));
        }
        let mut number = number.lock().unwrap();
        *number += 1;
        Ok(picture(*number))
    });
    let began = world.now();
    let job = world.submit(vec![stage("a thousand cranes", quantity)]).await;
    world.network.take_calls();
    let mut due: BTreeMap<(i64, u64), String> = BTreeMap::new();
    let mut arrivals = 0_u64;
    let mut pool: Vec<Warm> =
        (0..workers).map(|_| Warm { free_at: began.as_millis(), caches: Caches::default() }).collect();
    let mut traffic =
        Traffic { images: 0, calls: 0, told_to_wait: 0, sent_back: 0, sdk_calls: 0, took: Duration::ZERO };
    while !world.status_of(job).is_terminal() {
        while world.queues.count(RECONCILE) > 0 {
            world.reconcile_all().await;
        }
        for waiting in world.queues.take(IMAGES) {
            arrivals += 1;
            due.insert((world.now().as_millis() + waiting.delay_secs * 1_000, arrivals), waiting.body);
        }
        let Some(((visible, _), body)) = due.pop_first() else { continue };
        let warm = pool.iter_mut().min_by_key(|warm| warm.free_at).unwrap();
        let at = visible.max(warm.free_at).max(world.now().as_millis());
        world.wait(Timestamp::from_millis(at).since(world.now()));
        std::mem::swap(&mut world.worker.caches, &mut warm.caches);
        let before = world.artist.calls();
        let message: SlotMessage = read_message(&body).unwrap();
        let drawn = world.draw(&message).await;
        std::mem::swap(&mut world.worker.caches, &mut warm.caches);
        let called = world.artist.calls() - before;
        traffic.calls += called;
        traffic.images += u32::from(drawn == Drawn::Stored);
        traffic.sent_back += u32::from(drawn == Drawn::SentBack);
        warm.free_at = at + if called > 0 { i64::try_from(latency.as_millis()).unwrap() } else { 5 };
    }
    traffic.told_to_wait = *told.lock().unwrap();
    traffic.took = world.now().since(began);
    traffic.sdk_calls = world.network.take_calls().iter().filter(|call| call.operation != "Query").count();
    assert_eq!(world.status(job).await, JobStatus::Completed);
    world.audit(job).await;
    traffic
}

/// SDK calls an image, beyond those without a budget and without a limit.
fn extra(shaped: &Traffic, free: &Traffic) -> f64 {
    let calls = |of: &Traffic| f64::from(u32::try_from(of.sdk_calls).unwrap()) / f64::from(of.images);
    calls(shaped) - calls(free)
}

#[tokio::test]
async fn a_thousand_slots_stay_under_three_hundred_requests_a_minute() {
    let world = || {
        let mut world = World::new(Artist::tireless());
        world.submitter.signup_grant = toonmill_domain::Credits::new(100_000).unwrap();
        world
    };
    let (workers, latency) = (60, Duration::from_secs(4));
    let free = play(&mut world(), workers, latency, None, 1_000).await;
    let mut shaped = world();
    shape(&mut shaped, 300);
    let shaped = play(&mut shaped, workers, latency, Some(300), 1_000).await;
    let storm = play(&mut world(), workers, latency, Some(300), 600).await;
    let text = format!("free {free:?}\nshaped {shaped:?}\nstorm {storm:?}");
    println!("{text}\n{:.3} extra SDK calls an image", extra(&shaped, &free));
    assert_eq!(shaped.images, 1_000, "{text}");
    assert!(shaped.told_to_wait * 20 < shaped.calls, "5 % are told to wait: {text}");
    assert!(extra(&shaped, &free) <= 0.1, "{} extra calls an image: {text}", extra(&shaped, &free));
    assert!(shaped.took < Duration::from_mins(4), "a thousand at 300 a minute take 200 s: {text}");
    assert!(storm.told_to_wait * 10 > storm.calls, "without shaping it storms: {text}");
}

#[tokio::test]
async fn workers_slower_than_the_budget_pay_little_for_it() {
    let mut free = World::new(Artist::tireless());
    let mut shaped = World::new(Artist::tireless());
    shape(&mut shaped, 300);
    // 4 workers of 15 s are 16 a minute: most turns are long over when they get to them.
    let free = play(&mut free, 4, Duration::from_secs(15), None, 200).await;
    let shaped = play(&mut shaped, 4, Duration::from_secs(15), Some(300), 200).await;
    let text = format!("free {free:?}\nshaped {shaped:?}");
    assert!(extra(&shaped, &free) <= 0.1, "{} extra calls an image: {text}", extra(&shaped, &free));
    assert!(shaped.took <= free.took + Duration::from_mins(1), "{text}");
    assert_eq!(shaped.told_to_wait, 0, "{text}");
}

#[tokio::test]
async fn two_that_reserve_at_once_get_different_turns_and_a_lost_answer_wastes_none() {
    let world = World::new(Artist::tireless());
    let (budget, now) = (per_minute(60), world.now());
    let reserve = async |count, token: &str| {
        world.table.reserve_turns(&gemini(), budget, count, now, token).await.unwrap().iter().collect::<Vec<_>>()
    };
    let mut all = reserve(3, "a").await;
    world.network.doom("DynamoDB.UpdateItem", toonmill_tests::Fate::LostAfter);
    all.extend(reserve(2, "b").await);
    all.extend(reserve(1, "c").await);
    let offsets: Vec<_> = all.iter().map(|at| at.since(now).as_secs()).collect();
    assert_eq!(offsets, [0, 1, 2, 3, 4, 5]);
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), 6);
    world.wait(Duration::from_mins(1));
    let later = world.table.reserve_turns(&gemini(), budget, 2, world.now(), "d").await.unwrap();
    assert_eq!(later.first, world.now(), "turns that nobody took are not saved up");
}

#[tokio::test]
async fn a_message_without_a_turn_gets_one_and_comes_back_for_it_unclaimed() {
    let mut world = World::new(Artist::tireless());
    let job = world.submit(vec![stage("a queue", 2)]).await;
    world.reconcile_all().await;
    let messages = world.take_images();
    shape(&mut world, 6);
    world.table.reserve_turns(&gemini(), per_minute(6), 3, world.now(), "others").await.unwrap();
    assert_eq!(world.draw(&messages[0]).await, Drawn::SentBack);
    assert_eq!(world.artist.calls(), 0);
    let waiting = world.queues.take(IMAGES).remove(0);
    assert_eq!(waiting.delay_secs, 30);
    let back: SlotMessage = read_message(&waiting.body).unwrap();
    assert_eq!(world.draw(&back).await, Drawn::SentBack, "a copy that comes too soon keeps its turn");
    assert_eq!(world.queues.take(IMAGES)[0].body, waiting.body);
    world.wait(Duration::from_secs(30));
    world.network.take_calls();
    assert_eq!(world.draw(&back).await, Drawn::Stored);
    assert!(world.network.take_calls().len() <= 5, "no call for a turn that it has");
    assert!(!world.status(job).await.is_terminal());
}
