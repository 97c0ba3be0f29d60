//! The calls that the cost model multiplies with prices are those that jobs really make.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use toonmill_domain::Credits;
use toonmill_tests::{Artist, World, stage, world::RECONCILE};

use super::read;

/// A job from its submit to its end, at the first try, by one worker that is warm.
async fn counted(stages: usize, quantity: u32) -> Value {
    let mut world = World::new(Artist::tireless());
    world.submitter.signup_grant = Credits::new(10_000).unwrap();
    world.submit(vec![stage("somebody else's", 1)]).await;
    world.run().await;
    world.network.take_calls();
    world.network.dynamo().start_meter();
    let job = world.submit(vec![stage("a page", quantity); stages]).await;
    let mut reconciles = 0;
    while world.queues.count(RECONCILE) > 0 {
        reconciles += world.queues.count(RECONCILE);
        world.reconcile_all().await;
        for message in world.take_images() {
            world.draw(&message).await;
        }
    }
    let units = world.network.dynamo().units();
    let mut calls = BTreeMap::<String, u32>::new();
    for call in world.network.take_calls() {
        *calls.entry(call.name()).or_default() += 1;
    }
    assert_eq!(world.job(job).await.0.captured.get(), u64::from(quantity) * 4 * u64::try_from(stages).unwrap());
    let images = u64::from(quantity) * u64::try_from(stages).unwrap();
    json!({
        "images": images, "reconciles": reconciles,
        "writeUnits": units.write, "readUnits": units.read, "calls": calls,
    })
}

#[tokio::test]
async fn what_a_job_costs_in_calls_is_what_the_cost_model_says() {
    let counted = json!([counted(3, 50).await, counted(1, 1).await]);
    let said: Value = serde_json::from_str(&read("shared/local/src/cost/counted.json")).unwrap();
    let should = format!("shared/local/src/cost/counted.json should be:\n{counted:#}");
    assert_eq!(without_units(&counted), without_units(&said), "{should}");
    // A record that grows by a field may pass a kilobyte, which is no other call.
    for (counted, said) in counted.as_array().unwrap().iter().zip(said.as_array().unwrap()) {
        for units in ["readUnits", "writeUnits"] {
            let (counted, said) = (counted[units].as_f64().unwrap(), said[units].as_f64().unwrap());
            assert!((counted - said).abs() <= said * 0.1, "{units}: {should}");
        }
    }
}

fn without_units(jobs: &Value) -> Value {
    let mut jobs = jobs.clone();
    for job in jobs.as_array_mut().unwrap() {
        job.as_object_mut().unwrap().retain(|name, _| !name.ends_with("Units"));
    }
    jobs
}
