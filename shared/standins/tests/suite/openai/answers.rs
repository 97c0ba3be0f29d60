//! Good answers to both calls.

use serde_json::{Value, json};

use super::form::{Form, dot};
use crate::world::{PROMPT, World, names, recorded, size_of};

pub(crate) const GENERATIONS: &str = "/v1/images/generations";

pub(crate) fn ask(changes: &Value) -> Value {
    let mut body = json!({ "model": "gpt-image-2", "prompt": PROMPT, "size": "1280x720" });
    body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    body
}

#[tokio::test]
async fn what_the_sdk_sends_is_answered_as_the_sdk_was() {
    let world = World::new().await;
    let mut body = recorded("openai", "request_generate")["body"].take();
    // The model of the recording is gone.
    body["model"] = json!("gpt-image-2");
    let answer = world.send_json(GENERATIONS, &body).await;
    let recorded_answer = recorded("openai", "images_generate");
    assert_eq!(names(&answer.body), names(&recorded_answer["body"]));
    for name in ["background", "output_format", "quality", "size"] {
        assert_eq!(answer.body[name], recorded_answer["body"][name], "{name}");
    }
    assert!(answer.data().starts_with(b"\xff\xd8\xff"));
    for (name, value) in recorded_answer["headers"].as_object().unwrap() {
        assert_eq!(answer.header(name).to_lowercase(), value.as_str().unwrap(), "{name}");
    }
}

#[tokio::test]
async fn forms_of_the_sdk_are_understood() {
    let world = World::new().await;
    // `input_fidelity` and a mask are for this model, which is switched off last.
    for name in ["edit_many", "edit_one"] {
        let parts = recorded("openai", &format!("request_{name}"))["body"]["multipart"].take();
        let answer = Form::recorded(&parts, "gpt-image-1.5").send(&world).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(names(&answer.body), names(&recorded("openai", "images_edit_many")["body"]), "{name}");
        assert_eq!(size_of(&answer.data()), (1024, 1024));
    }
    assert_eq!(world.server.stats().providers["openai"].calls, 2);
}

#[tokio::test]
async fn formats_frames_and_references_are_those_that_were_asked_for() {
    let world = World::new().await;
    for (format, start) in [("png", &b"\x89PNG"[..]), ("jpeg", b"\xff\xd8\xff"), ("webp", b"RIFF")] {
        let answer = world.send_json(GENERATIONS, &ask(&json!({ "output_format": format }))).await;
        assert!(answer.data().starts_with(start), "{format}");
        assert_eq!(size_of(&answer.data()), (1280, 720));
        assert_eq!(answer.body["output_format"], format);
    }
    let form = Form::default().text("model", "gpt-image-2").text("prompt", PROMPT).text("size", "1280x720");
    let plain = World::new().await.send_json(GENERATIONS, &ask(&json!({}))).await.data();
    let drawn = form.file("image[]", "image/png", &dot()).send(&World::new().await).await;
    assert_eq!(drawn.body["usage"]["input_tokens_details"]["image_tokens"], 323);
    assert_ne!(drawn.data(), plain, "a reference makes another picture");
}
