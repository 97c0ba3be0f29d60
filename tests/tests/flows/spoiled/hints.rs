//! Spoiled records of what only hints or informs: breakers, pauses, statistics.

use std::time::Duration;

use serde_json::json;
use toonmill_domain::{Choice, FailureCode, JobStatus, health::Opening};
use toonmill_tests::{Artist, World, stage};

use super::{DAMAGES, Damage, Spots, load, spoil};

fn gemini() -> Choice {
    Choice { provider: "gemini".parse().unwrap(), model: "gemini-3-pro-image".parse().unwrap() }
}

/// A world in which nobody may call gemini for a day.
async fn shut() -> World {
    let world = World::new(Artist::tireless());
    let until = world.now().plus(Duration::from_hours(24));
    let opening = Opening { since: world.now(), until, number: 1, reason: FailureCode::Overloaded, probe_until: None };
    world.table.open_breaker(&gemini(), None, &opening, "me").await.unwrap();
    world.table.pause_provider(&gemini().provider, until).await.unwrap();
    world
}

const BREAKER: (&str, &str) = ("P#gemini", "M#gemini-3-pro-image");
const BREAKER_SPOTS: Spots = Spots { name: "reason", number: "openUntil", needed: "openings" };
const PAUSE_SPOTS: Spots = Spots { name: "pausedUntil", number: "pausedUntil", needed: "pausedUntil" };

#[tokio::test]
async fn a_breaker_and_a_pause_that_cannot_be_read_stop_no_call() {
    for damage in DAMAGES {
        let world = shut().await;
        spoil(&world, ("P#gemini", "A"), damage, PAUSE_SPOTS).await;
        let job = world.submit(vec![stage("a page", 2)]).await;
        world.reconcile_all().await;
        assert!(world.take_images().is_empty(), "{damage:?}: the breaker, which is whole, still counts");
        spoil(&world, BREAKER, damage, BREAKER_SPOTS).await;
        world.wait(Duration::from_mins(2));
        world.ring(job).await;
        world.run().await;
        // A reason that is not known is one of a newer version: the breaker is as open as it says.
        let is_kept = matches!(damage, Damage::UnknownName);
        assert_eq!(world.status(job).await == JobStatus::Completed, !is_kept, "{damage:?}");
        let reset = json!({ "action": "reset", "provider": "gemini" });
        let reset = world.operator().operate(serde_json::from_value(reset).unwrap()).await.unwrap();
        assert_eq!(reset["reset"], json!(["gemini-3-pro-image"]), "{damage:?}");
        assert!(!load(&world, BREAKER.0, BREAKER.1).await.contains_key("openSince"), "{damage:?}");
        world.wait(Duration::from_mins(2));
        world.ring(job).await;
        world.run().await;
        assert_eq!(world.status(job).await, JobStatus::Completed, "{damage:?}");
        world.audit(job).await;
    }
}

#[tokio::test]
async fn a_reset_of_one_model_reads_nothing() {
    let world = shut().await;
    spoil(&world, BREAKER, Damage::WrongType, BREAKER_SPOTS).await;
    world.network.take_calls();
    for (model, reset) in [("gemini-3-pro-image", json!(["gemini-3-pro-image"])), ("no-such-model", json!([]))] {
        let action = json!({ "action": "reset", "provider": "gemini", "model": model });
        let answer = world.operator().operate(serde_json::from_value(action).unwrap()).await.unwrap();
        assert_eq!(answer["reset"], reset);
    }
    let calls: Vec<_> = world.network.take_calls().iter().map(toonmill_tests::Call::name).collect();
    assert_eq!(calls, ["DynamoDB.UpdateItem", "DynamoDB.UpdateItem"]);
}

#[tokio::test]
async fn statistics_that_cannot_be_read_are_none_and_the_job_is_as_good_as_any() {
    for damage in [Damage::UnknownName, Damage::WrongType] {
        let world = World::new(Artist::new(|_, call| match call {
            1 => Err(toonmill_domain::Failure::new(FailureCode::BadRequest)),
            _ => Ok(toonmill_tests::picture(call)),
        }));
        let job = world.submit(vec![stage("a page", 2)]).await;
        world.run().await;
        assert!(world.job(job).await.0.statistics.is_some());
        let spots = Spots { name: "statistics", number: "statistics", needed: "" };
        spoil(&world, (&format!("J#{job}"), "A"), damage, spots).await;
        let (seen, _) = world.job(job).await;
        assert_eq!((seen.status, seen.statistics), (JobStatus::Partial, None), "{damage:?}");
        world.retrier.retry(&toonmill_tests::again(job, "ann")).await.unwrap();
        world.run().await;
        let (ended, _) = world.job(job).await;
        assert_eq!((ended.status, ended.statistics.is_some()), (JobStatus::Completed, true), "{damage:?}");
        world.audit(job).await;
    }
}
