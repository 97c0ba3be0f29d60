//! Scripts and counters over HTTP.

use serde_json::{Value, json};
use toonmill_standins::faults::{Latency, Script};

use crate::world::{LITE, PROMPT, World, small};

impl World {
    async fn control(&self, method: reqwest::Method, path: &str, body: Value) -> (u16, Value) {
        let url = format!("{}/_control{path}", self.server.base_url());
        let response = self.client.request(method, url).body(body.to_string()).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }
}

#[tokio::test]
async fn a_script_is_set_changed_and_reset() {
    use reqwest::Method;
    let world = World::with(Script { seed: 5, ..Script::default() }).await;
    let (status, state) = world.control(Method::PUT, "", json!({ "failure_rate": 0.5 })).await;
    assert_eq!((status, &state["script"]["seed"]), (200, &json!(0)));
    let (_, state) = world.control(Method::POST, "", json!({ "latency_ms": [0, 1], "failure_rate": 0.0 })).await;
    assert_eq!(state["script"]["latency_ms"], json!([0, 1]));
    assert_eq!(world.server.script().latency_ms, Latency { min_ms: 0, max_ms: 1 });
    let rule = json!({ "match": { "prompt_contains": "gate" }, "times": 1, "fault": { "kind": "blocked", "reason": "SAFETY" } });
    let (_, state) = world.control(Method::POST, "/rules", rule).await;
    assert_eq!(state["script"]["rules"].as_array().unwrap().len(), 1);
    let refused = world.post_to(&world.url("v1", LITE), &small(PROMPT)).await;
    assert_eq!(refused.body["promptFeedback"]["blockReason"], "SAFETY");
    world.picture(PROMPT).await;
    let (_, state) = world.control(Method::GET, "", Value::Null).await;
    assert_eq!(state["stats"]["outcomes"], json!({ "blocked_SAFETY": 1, "picture": 1 }));
    assert_eq!(state["stats"]["prompts"], json!([{ "provider": "gemini", "prompt": PROMPT, "calls": 2 }]));
    let (_, state) = world.control(Method::DELETE, "", Value::Null).await;
    assert_eq!((&state["script"]["seed"], &state["stats"]["calls"]), (&json!(5), &json!(0)));
}

#[tokio::test]
async fn a_script_that_cannot_be_read_changes_nothing() {
    use reqwest::Method;
    let world = World::new().await;
    for (method, body) in [
        (Method::PUT, json!({ "sead": 1 })),
        (Method::POST, json!({ "failure_rate": 2.0 })),
        (Method::POST, json!([1])),
    ] {
        let (status, answer) = world.control(method, "", body).await;
        assert!(status == 400 && answer["error"].is_string(), "{answer}");
    }
    assert_eq!(world.server.script(), Script::default());
}

#[tokio::test]
async fn chance_fails_the_same_calls_in_every_run() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let script = Script { seed: 3, failure_rate: 0.5, hang_ms: 1, ..Script::default() };
        let world = World::with(script).await;
        for _ in 0..12 {
            let request = world.client.post(world.url("v1", LITE)).header("x-goog-api-key", "any").json(&small(PROMPT));
            // Some of these are meant to fail; the counters say which.
            let _ = request.send().await;
        }
        let stats = world.server.stats();
        assert_eq!(stats.calls, 12);
        assert!((1..12).contains(&stats.pictures()), "{stats:?}");
        runs.push(stats.outcomes);
    }
    assert_eq!(runs[0], runs[1]);
}
