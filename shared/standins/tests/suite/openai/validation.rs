//! Requests that OpenAI refuses.

use serde_json::{Value, json};
use toonmill_standins::{Settings, Standins};

use super::{
    answers::{GENERATIONS, ask},
    form::{EDITS, Form, dot},
};
use crate::world::{PROMPT, World, recorded};

#[tokio::test]
async fn the_key_is_checked_before_anything_else() {
    let server = Standins::start(Settings { api_key: Some("right".into()), ..Settings::default() }).await.unwrap();
    let url = format!("{}{GENERATIONS}", server.base_url());
    let code = async |key: &str| {
        let response = reqwest::Client::new().post(&url).header("authorization", key).body("{}").send().await.unwrap();
        (response.status().as_u16(), response.json::<Value>().await.unwrap()["error"]["code"].clone())
    };
    let recorded = recorded("openai", "err_401")["body"]["error"]["code"].take();
    assert_eq!(code("Bearer wrong").await, (401, recorded));
    assert_eq!(code("Bearer ").await, (401, Value::Null));
    assert_eq!(code("Bearer right").await, (400, json!("unsupported_content_type")));
}

#[tokio::test]
async fn fields_are_held_to_their_types_and_ranges() {
    let world = World::new().await;
    for (changes, code, param) in [
        (json!({ "model": null }), "missing_required_parameter", "model"),
        (json!({ "prompt": "" }), "missing_required_parameter", "prompt"),
        (json!({ "prompt": "x".repeat(32_001) }), "string_above_max_length", "prompt"),
        (json!({ "prompt": ["x"] }), "invalid_value", "prompt"),
        // Both went with DALL-E.
        (json!({ "response_format": "b64_json" }), "unknown_parameter", "response_format"),
        (json!({ "style": "vivid" }), "unknown_parameter", "style"),
        (json!({ "aspect_ratio": "16:9" }), "unknown_parameter", "aspect_ratio"),
        (json!({ "input_fidelity": "high" }), "unknown_parameter", "input_fidelity"),
        (json!({ "size": "1792x1024x1" }), "invalid_value", "size"),
        (json!({ "size": "512x512" }), "invalid_value", "size"),
        (json!({ "quality": "hd" }), "invalid_value", "quality"),
        (json!({ "background": "transparent" }), "invalid_value", "background"),
        (json!({ "output_format": "gif" }), "invalid_value", "output_format"),
        (json!({ "output_compression": 90 }), "invalid_value", "output_compression"),
        (json!({ "output_format": "webp", "output_compression": 101 }), "invalid_value", "output_compression"),
        (json!({ "n": 2 }), "invalid_value", "n"),
        (json!({ "stream": true }), "invalid_value", "stream"),
    ] {
        let answer = world.send_json(GENERATIONS, &ask(&changes)).await;
        assert_eq!(answer.status, 400, "{param}");
        assert_eq!((&answer.error()["code"], &answer.error()["param"]), (&json!(code), &json!(param)));
        assert_eq!(answer.error()["type"], "invalid_request_error");
    }
    for gone in ["dall-e-3", "gpt-image-1", "gpt-5"] {
        let answer = world.send_json(GENERATIONS, &ask(&json!({ "model": gone }))).await;
        assert_eq!((answer.status.as_u16(), &answer.error()["code"]), (404, &json!("model_not_found")), "{gone}");
    }
    let not_json = world.send(GENERATIONS, "application/json", "{").await;
    assert_eq!((not_json.status.as_u16(), &not_json.error()["code"]), (400, &Value::Null));
}

#[tokio::test]
async fn forms_are_checked_part_by_part() {
    let world = World::new().await;
    let form = Form::default().text("model", "gpt-image-2").text("prompt", PROMPT);
    let png = |form: Form, name: &str| form.file(name, "image/png", &dot());
    for (form, code) in [
        (form.clone(), "missing_required_parameter"),
        (png(png(form.clone(), "image"), "image"), "duplicate_parameter"),
        (png(png(form.clone(), "image"), "image[]"), "duplicate_parameter"),
        ((0..17).fold(form.clone(), |form, _| png(form, "image[]")), "invalid_value"),
        (form.clone().file("image", "image/gif", &dot()), "unsupported_file_mimetype"),
        (form.clone().text("image", "aGVsbG8="), "unsupported_file_mimetype"),
        (form.clone().file("image", "image/png", b"hello"), "invalid_image_file"),
        (png(form.clone().text("input_fidelity", "high"), "image"), "unknown_parameter"),
        (png(form.clone().text("size", "1x1"), "image"), "invalid_value"),
    ] {
        let answer = form.send(&world).await;
        assert_eq!((answer.status.as_u16(), &answer.error()["code"]), (400, &json!(code)));
    }
    let broken = world.send(EDITS, "multipart/form-data; boundary=xyz", "--xyz\r\n").await;
    assert_eq!(broken.status, 400);
    let json = world.send_json(EDITS, &ask(&json!({}))).await;
    assert_eq!(json.error()["code"], "unsupported_content_type");
    let sixteen = (0..16).fold(form, |form, _| png(form, "image[]"));
    assert_eq!(sixteen.send(&world).await.status, 200);
}
