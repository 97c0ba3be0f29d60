//! Requests that the real API refuses.

use serde_json::{Value, json};
use toonmill_standins::{Settings, Standins};

use crate::world::{LITE, PROMPT, World, ask, small};

#[tokio::test]
async fn keys_are_checked_before_anything_else() {
    let server = Standins::start(Settings { api_key: Some("right".into()), ..Settings::default() }).await.unwrap();
    let url = format!("{}/v1/models/{LITE}:generateContent", server.base_url());
    let client = reqwest::Client::new();
    let ask = |key: Option<&'static str>, header: &'static str| {
        let request = client.post(&url).json(&json!({ "contents": [] }));
        let request = key.into_iter().fold(request, |request, key| request.header(header, key));
        async move {
            let response = request.send().await.unwrap();
            (response.status().as_u16(), response.json::<Value>().await.unwrap())
        }
    };
    let (status, body) = ask(Some("wrong"), "x-goog-api-key").await;
    let recorded: Value = serde_json::from_str(include_str!("../../../fixtures/gemini/err_400_key.json")).unwrap();
    assert_eq!((status, &body), (400, &recorded["body"]));
    let (status, body) = ask(None, "x-goog-api-key").await;
    assert_eq!((status, &body["error"]["status"]), (403, &json!("PERMISSION_DENIED")));
    let (status, body) = ask(Some("Bearer abc"), "authorization").await;
    assert_eq!((status, &body["error"]["status"]), (401, &json!("UNAUTHENTICATED")));
    let (status, body) = ask(Some("right"), "x-goog-api-key").await;
    assert_eq!((status, &body["error"]["status"]), (400, &json!("INVALID_ARGUMENT")));
    assert_eq!(server.stats().outcome("rejected_400"), 2);
    server.shutdown().await;
}

#[tokio::test]
async fn unknown_and_retired_models_are_not_found() {
    let world = World::new().await;
    for (model, words) in [
        ("gemini-x", "is not found for API version v1beta"),
        ("gemini-3-pro-image-preview", "is no longer available"),
        ("gemini-2.5-flash-image", "is no longer available"),
        ("imagen-4.0-generate-001", "is no longer available"),
    ] {
        let answer = world.post_to(&world.url("v1beta", model), &small(PROMPT)).await;
        assert_eq!(answer.status, 404, "{model}");
        assert_eq!(answer.error()["status"], "NOT_FOUND");
        assert!(answer.error()["message"].as_str().unwrap().contains(words), "{model}");
    }
}

#[tokio::test]
async fn a_wrong_ratio_is_refused_as_the_recorded_answer_has_it() {
    let recorded: Value = serde_json::from_str(include_str!("../../../fixtures/gemini/err_400.json")).unwrap();
    let world = World::new().await;
    for ratio in ["7:5", "1:8", "16x9"] {
        let answer = world.post(&ask(PROMPT, &json!({ "imageConfig": { "aspectRatio": ratio } }))).await;
        assert_eq!((answer.status.as_u16(), &answer.body), (400, &recorded["body"]), "{ratio}");
    }
}

#[tokio::test]
async fn fields_are_held_to_their_types_and_ranges() {
    let world = World::new().await;
    for (config, field) in [
        (json!({ "imageConfig": { "imageSize": "1k" } }), "generation_config.image_config.image_size"),
        (json!({ "imageConfig": { "imageSize": "512" } }), "generation_config.image_config.image_size"),
        (json!({ "imageConfig": { "ratio": "1:1" } }), "generation_config.image_config"),
        (json!({ "imageConfig": { "outputMimeType": "image/jpeg" } }), "generation_config.image_config"),
        (json!({ "responseModalities": ["PICTURE"] }), "generation_config.response_modalities[0]"),
        (json!({ "temperature": 3.0 }), "generation_config.temperature"),
        (json!({ "maxOutputTokens": 99_999 }), "generation_config.max_output_tokens"),
    ] {
        let answer = world.post(&ask(PROMPT, &config)).await;
        assert_eq!(answer.status, 400, "{config}");
        assert_eq!(answer.error()["status"], "INVALID_ARGUMENT", "{config}");
        assert_eq!(answer.details(), ["BadRequest"], "{config}");
        assert_eq!(answer.error()["details"][0]["fieldViolations"][0]["field"], field, "{config}");
    }
}

#[tokio::test]
async fn parts_are_checked_one_by_one() {
    const DOT: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR42mM4IWcDAALUASNMnwvaAAAAAElFTkSuQmCC";
    let world = World::new().await;
    let inline = |media_type: &str, data: &str| json!({ "inlineData": { "mimeType": media_type, "data": data } });
    for (parts, words) in [
        (json!([]), "must not be empty"),
        (json!([{}]), "must have one initialized field"),
        (json!([{ "text": "x", "inlineData": { "mimeType": "image/png", "data": DOT } }]), "already set"),
        (json!([inline("image/gif", DOT)]), "Unsupported MIME type: image/gif"),
        (json!([inline("image/png", "%%%")]), "Base64 decoding failed"),
        (json!([inline("image/png", "aGVsbG8=")]), "Unable to process input image"),
        (json!(vec![inline("image/png", DOT); 15]), "at most 14"),
    ] {
        let answer = world.post(&json!({ "contents": [{ "parts": parts }] })).await;
        assert_eq!(answer.status, 400, "{words}");
        assert!(answer.error()["message"].as_str().unwrap().contains(words), "{}", answer.body);
    }
    let fourteen = json!({ "contents": [{ "parts": vec![inline("image/jpeg", DOT); 14] }] });
    assert_eq!(world.post(&fourteen).await.status, 200);
}

#[tokio::test]
async fn what_is_not_json_and_what_is_too_much_is_refused() {
    let world = World::new().await;
    let send = |body: Vec<u8>| {
        let request = world.client.post(world.url("v1", LITE)).header("x-goog-api-key", "any").body(body);
        async move {
            let response = request.send().await.unwrap();
            (response.status().as_u16(), response.text().await.unwrap())
        }
    };
    let (status, body) = send(b"{\"contents\": ".to_vec()).await;
    assert!(status == 400 && body.contains("Invalid JSON payload received"), "{body}");
    let (status, body) = send(vec![b' '; 21 * 1024 * 1024]).await;
    assert!(status == 400 && body.contains("exceeds the limit: 20971520 bytes"), "{body}");
}

#[tokio::test]
async fn a_model_of_words_does_not_draw() {
    let world = World::new().await;
    let url = world.url("v1", "gemini-3.8-flash");
    let words = world.post_to(&url, &ask(PROMPT, &json!({}))).await;
    assert_eq!(words.status, 200);
    let picture = world.post_to(&url, &ask(PROMPT, &json!({ "responseModalities": ["IMAGE"] }))).await;
    assert_eq!(picture.status, 400);
}

#[tokio::test]
async fn other_methods_and_paths_are_not_here() {
    let world = World::new().await;
    let url = world.url("v1", LITE).replace("generateContent", "embedContent");
    assert_eq!(world.post_to(&url, &small(PROMPT)).await.status, 501);
    let answer = world.post_to(&format!("{}/v2/models", world.server.base_url()), &json!({})).await;
    assert!(answer.status == 404 && answer.body.as_str().unwrap().contains("<html"));
}
