//! Requests that ARK refuses.

use serde_json::{Value, json};
use toonmill_standins::{Settings, Standins};

use super::answers::{PATH, ask};
use crate::world::{World, recorded};

const DOT: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR42mM4IWcDAALUASNMnwvaAAAAAElFTkSuQmCC";

#[tokio::test]
async fn the_key_is_checked_before_anything_else() {
    let server = Standins::start(Settings { api_key: Some("right".into()), ..Settings::default() }).await.unwrap();
    let url = format!("{}{PATH}", server.base_url());
    for (key, status) in [("Bearer wrong", 401), ("Bearer ", 401), ("right", 401), ("Bearer right", 400)] {
        let response = reqwest::Client::new().post(&url).header("authorization", key).body("{}").send().await.unwrap();
        assert_eq!(response.status(), status, "{key}");
        if status == 401 {
            assert_eq!(response.json::<Value>().await.unwrap(), recorded("ark", "err_401")["body"]);
        }
    }
}

#[tokio::test]
async fn the_recorded_refusals_come_word_for_word() {
    let world = World::new().await;
    for (changes, name) in [
        (json!({ "prompt": null }), "err_400_missing"),
        (json!({ "size": "1024x1024" }), "err_400_param"),
        (json!({ "model": "seedream-3-0-t2i" }), "err_404"),
    ] {
        let answer = world.send_json(PATH, &ask(&changes)).await;
        let recorded = recorded("ark", name);
        assert_eq!(
            (u64::from(answer.status.as_u16()), &answer.body),
            (recorded["status"].as_u64().unwrap(), &recorded["body"])
        );
    }
    assert_eq!(world.server.stats().providers["seedream"].outcomes["rejected_400"], 2);
}

#[tokio::test]
async fn fields_are_held_to_their_types_and_ranges() {
    let world = World::new().await;
    for (changes, param) in [
        (json!({ "n": 1 }), "n"),
        (json!({ "aspect_ratio": "16:9" }), "aspect_ratio"),
        (json!({ "prompt": 1 }), "prompt"),
        (json!({ "size": "3K" }), "size"),
        (json!({ "watermark": "no" }), "watermark"),
        (json!({ "response_format": "png" }), "response_format"),
        (json!({ "guidance_scale": 2.5 }), "guidance_scale"),
        (json!({ "output_format": "png" }), "output_format"),
        (json!({ "stream": true }), "stream"),
        (json!({ "sequential_image_generation_options": { "max_images": 16 } }), "max_images"),
        (json!({ "image": 1 }), "image"),
        (json!({ "image": "data:image/PNG;base64,AAAA" }), "image"),
        (json!({ "image": "data:image/png;base64,%%%" }), "image"),
        (json!({ "image": "data:image/png;base64,aGVsbG8=" }), "image"),
        (json!({ "image": "aGVsbG8=" }), "image"),
        (json!({ "image": vec![DOT; 15] }), "image"),
        (
            json!({
                "image": vec![DOT; 10], "sequential_image_generation": "auto",
                "sequential_image_generation_options": { "max_images": 6 },
            }),
            "max_images",
        ),
    ] {
        let answer = world.send_json(PATH, &ask(&changes)).await;
        assert_eq!(answer.status, 400, "{changes}");
        assert_eq!((&answer.error()["code"], &answer.error()["param"]), (&json!("InvalidParameter"), &json!(param)));
    }
    let not_json = world.send(PATH, "application/json", "{").await;
    assert_eq!((not_json.status.as_u16(), &not_json.error()["type"]), (400, &json!("BadRequest")));
    assert_eq!(world.send_json(PATH, &ask(&json!({ "image": vec![DOT; 14], "watermark": true }))).await.status, 200);
}
