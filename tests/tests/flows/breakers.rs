//! Who may be called: circuit breakers, and an operator's pause.

use std::time::Duration;

use serde_json::json;
use toonmill_domain::{Choice, Failover, Failure, FailureCode, JobStatus, SlotMessage, health::MayCall};
use toonmill_flows::{
    draw::{Caches, Drawn},
    operate::Action,
};
use toonmill_tests::{Artist, Order, World, picture, stage, stage_that_moves};

fn gemini() -> Choice {
    Choice { provider: "gemini".parse().unwrap(), model: "gemini-3-pro-image".parse().unwrap() }
}

fn failing(code: FailureCode) -> Artist {
    Artist::new(move |_, _| Err(Failure::new(code)))
}

async fn may_call(world: &World) -> MayCall {
    world.table.load_health(&gemini().provider).await.unwrap().may_call(&gemini().model, world.now())
}

/// A world in which gemini's breaker has just opened, and the messages of the rest of its stage.
async fn opened(quantity: u32) -> (World, toonmill_domain::JobId, Vec<SlotMessage>) {
    let mut world = World::new(failing(FailureCode::Overloaded));
    world.worker.breaker_rules.failures = 3;
    let job = world.submit(vec![stage("a storm", quantity)]).await;
    world.reconcile_all().await;
    let mut messages = world.take_images();
    let rest = messages.split_off(3);
    for message in &messages {
        assert_eq!(world.draw(message).await, Drawn::BackedOff(FailureCode::Overloaded));
    }
    assert!(matches!(may_call(&world).await, MayCall::NotBefore(_)));
    assert_eq!(world.worker.caches.take_opened(), 1, "opened, and reported, once");
    (world, job, rest)
}

fn draw_again(world: &World) {
    let number = std::sync::atomic::AtomicU32::new(0);
    world.artist.rewrite(move |_, _| Ok(picture(number.fetch_add(1, std::sync::atomic::Ordering::Relaxed))));
}

#[tokio::test]
async fn an_open_breaker_sends_messages_back_unclaimed_and_dispatches_nothing() {
    let (world, job, rest) = opened(5).await;
    let calls = world.artist.calls();
    for message in &rest {
        assert_eq!(world.draw(message).await, Drawn::SentBack);
    }
    assert_eq!(world.artist.calls(), calls);
    let stages = world.job(job).await.1;
    let slots = world.table.load_slots(stages[0].key).await.unwrap();
    assert_eq!(slots.len(), 3, "those that were sent back have no record, and so no try is used");
    // The reconciler has looked at the provider a moment ago.
    world.wait(Duration::from_secs(6));
    let other = world.submit(vec![stage("a calm", 4)]).await;
    world.reconcile_all().await;
    let (waiting, stages) = world.job(other).await;
    assert_eq!(stages[0].dispatched, 0);
    assert!(
        waiting.next_check_at.unwrap().since(world.now()) <= Duration::from_secs(30),
        "looked at when it may close"
    );
    draw_again(&world);
    world.wait(Duration::from_secs(30));
    world.ring(other).await;
    world.run().await;
    assert_eq!((world.status(job).await, world.status(other).await), (JobStatus::Completed, JobStatus::Completed));
    assert_eq!(may_call(&world).await, MayCall::Yes);
    world.audit(job).await;
}

#[tokio::test]
async fn half_open_one_worker_probes_and_the_others_wait() {
    let (mut world, _, rest) = opened(6).await;
    draw_again(&world);
    world.wait(Duration::from_secs(21));
    let choice = gemini();
    let MayCall::Probe { since } = may_call(&world).await else { panic!("not half open") };
    let until = world.now().plus(Duration::from_secs(70));
    let taken = world.table.take_probe(&choice, since, until, world.now(), "another worker").await.unwrap();
    assert!(taken.0);
    assert_eq!(world.draw(&rest[0]).await, Drawn::SentBack, "somebody else is probing");
    world.wait(Duration::from_secs(71));
    assert_eq!(world.draw(&rest[0]).await, Drawn::Stored, "whoever probed is dead");
    assert_eq!(may_call(&world).await, MayCall::Yes);
    world.worker.caches = Caches::default();
    assert_eq!(world.draw(&rest[1]).await, Drawn::Stored);
}

#[tokio::test]
async fn a_probe_that_fails_opens_it_for_twice_as_long() {
    let (world, _, rest) = opened(5).await;
    world.wait(Duration::from_secs(21));
    assert_eq!(world.draw(&rest[0]).await, Drawn::BackedOff(FailureCode::Overloaded));
    let MayCall::NotBefore(until) = may_call(&world).await else { panic!("closed") };
    assert_eq!(until.since(world.now()), Duration::from_secs(40));
}

#[tokio::test]
async fn a_probe_with_which_nobody_was_called_is_given_back() {
    let (world, _, rest) = opened(5).await;
    draw_again(&world);
    world.wait(Duration::from_secs(21));
    // A copy of a message that has been drawn: the probe is taken, and the claim lost.
    let stale = rest[0];
    world.table.claim(&stale, "another", world.now().plus(Duration::from_mins(9)), world.now()).await.unwrap();
    assert_eq!(world.draw(&stale).await, Drawn::Stale);
    assert!(matches!(may_call(&world).await, MayCall::Probe { .. }));
}

#[tokio::test]
async fn an_answer_forgets_the_failures_and_costs_nothing_where_there_were_none() {
    let mut world = World::new(Artist::new(|_, call| match call {
        2 | 3 => Err(Failure::new(FailureCode::TimedOut)),
        _ => Ok(picture(call)),
    }));
    world.worker.breaker_rules.failures = 3;
    world.submit(vec![stage("a lull", 9)]).await;
    world.reconcile_all().await;
    let messages = world.take_images();
    let mut costs = Vec::new();
    for message in &messages[..5] {
        world.network.take_calls();
        world.draw(message).await;
        costs.push(world.network.take_calls().len());
    }
    assert_eq!(costs[3..], [5, 4], "one call forgets the failures of the second and third, and then it is as ever");
    let health = world.table.load_health(&gemini().provider).await.unwrap();
    assert_eq!(health.breakers[&gemini().model].failures, 0);
}

#[tokio::test]
async fn a_failure_is_counted_once_though_its_answer_was_lost() {
    let world = World::new(failing(FailureCode::Overloaded));
    let (choice, now) = (gemini(), world.now());
    world.network.doom("DynamoDB.UpdateItem", toonmill_tests::Fate::LostAfter);
    assert_eq!(world.table.count_failure(&choice, now, "one").await.unwrap().failures, 1);
    assert_eq!(world.table.count_failure(&choice, now, "two").await.unwrap().failures, 2);
    let later = now.plus(Duration::from_mins(6));
    assert_eq!(
        world.table.count_failure(&choice, later, "three").await.unwrap().failures,
        1,
        "long ago is not in a row"
    );
}

#[tokio::test]
async fn an_open_breaker_of_one_provider_lets_another_draw_at_once() {
    let mut world = World::new(Artist::by_order(|order: &Order<'_>| match order.provider {
        "gemini" => Err(Failure::new(FailureCode::Overloaded)),
        _ => Ok(picture(order.call)),
    }));
    world.worker.breaker_rules.failures = 3;
    let job = world.submit(vec![stage_that_moves("a siege", 20, Failover::AfterRounds)]).await;
    world.run().await;
    let (ended, stages) = world.job(job).await;
    assert_eq!((ended.status, stages[0].round.0), (JobStatus::Completed, 1));
    assert_eq!(world.artist.calls(), 23);
    world.audit(job).await;
}

#[tokio::test]
async fn an_operator_sees_and_closes_a_breaker_and_pauses_by_the_same_notion() {
    let (world, _, rest) = opened(5).await;
    let operate = async |action: serde_json::Value| {
        let action: Action = serde_json::from_value(action).unwrap();
        world.operator().operate(action).await.unwrap()
    };
    let seen = operate(json!({"action": "provider", "provider": "gemini"})).await;
    assert_eq!(seen["breakers"][0]["open"]["reason"], "overloaded");
    let closed = operate(json!({"action": "reset", "provider": "gemini"})).await;
    assert_eq!(closed["reset"], json!(["gemini-3-pro-image"]));
    assert_eq!(may_call(&world).await, MayCall::Yes);
    operate(json!({"action": "pause", "provider": "gemini", "paused": true, "minutes": 5})).await;
    world.wait(Duration::from_secs(16));
    assert_eq!(world.draw(&rest[0]).await, Drawn::SentBack);
    operate(json!({"action": "pause", "provider": "gemini", "paused": false})).await;
    world.wait(Duration::from_secs(16));
    draw_again(&world);
    assert_eq!(world.draw(&rest[0]).await, Drawn::Stored);
}
