//! Good answers, as base64 and behind links.

use serde_json::{Value, json};

use crate::world::{PROMPT, World, names, recorded, size_of};

pub(crate) const PATH: &str = "/api/v3/images/generations";

/// The smallest picture there is, as base64.
pub(crate) fn ask(changes: &Value) -> Value {
    let mut body = json!({
        "model": "seedream-4-5-251128", "prompt": PROMPT, "size": "2560x1440", "response_format": "b64_json",
    });
    body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    body
}

#[tokio::test]
async fn what_the_sdk_sends_is_answered_as_the_sdk_was() {
    let world = World::new().await;
    // Its nulls are no values.
    for (name, side) in [("generate_b64", 4096), ("generate_url", 2048), ("generate_single_image", 2048)] {
        let body = recorded("ark", &format!("request_{name}"))["body"].take();
        let answer = world.send_json(PATH, &body).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let shape = if name == "generate_b64" { "generate_b64" } else { "generate_url" };
        assert_eq!(names(&answer.body), names(&recorded("ark", shape)["body"]), "{name}");
        assert_eq!(answer.body["data"][0]["size"], format!("{side}x{side}"));
        assert_eq!(answer.body["usage"]["generated_images"], 1);
        assert!(!answer.header("x-request-id").is_empty());
    }
}

#[tokio::test]
async fn a_picture_has_the_size_that_was_asked_for_and_is_a_jpeg() {
    let world = World::new().await;
    let first = world.send_json(PATH, &ask(&json!({}))).await.data();
    assert!(first.starts_with(b"\xff\xd8\xff"));
    assert_eq!(size_of(&first), (2560, 1440));
    let second = world.send_json(PATH, &ask(&json!({}))).await.data();
    assert_ne!(first, second, "another call of the prompt is another picture");
    let png = ask(&json!({ "model": "seedream-5-0-260128", "output_format": "png" }));
    let answer = world.send_json(PATH, &png).await;
    assert!(answer.data().starts_with(b"\x89PNG"));
    assert_eq!(answer.body["data"][0]["output_format"], "png");
    assert_eq!(world.server.stats().providers["seedream"].calls, 3);
}

#[tokio::test]
async fn a_link_leads_to_the_picture() {
    let world = World::new().await;
    let answer = world.send_json(PATH, &ask(&json!({ "response_format": null }))).await;
    let link = answer.body["data"][0]["url"].as_str().unwrap();
    assert!(link.contains("?X-Tos-Algorithm="), "{link}");
    let picture = world.client.get(link).send().await.unwrap().bytes().await.unwrap();
    assert_eq!(size_of(&picture), (2560, 1440));
    let elsewhere = link.replace("_files/", "_files/0");
    assert_eq!(world.client.get(elsewhere).send().await.unwrap().status(), 403);
}
