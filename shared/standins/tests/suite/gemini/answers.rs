//! Good answers, whoever asks and however they spell it.

use serde_json::{Value, json};

use crate::world::{Answer, LITE, MODEL, PROMPT, World, ask, size_of, small};

#[tokio::test]
async fn both_versions_and_both_spellings_draw_the_same_picture() {
    let camel = json!({
        "contents": [{ "role": "user", "parts": [{ "text": PROMPT }] }],
        "systemInstruction": { "role": "user", "parts": [{ "text": "You are an illustrator." }] },
        "safetySettings": [{ "category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_ONLY_HIGH" }],
        "generationConfig": { "responseModalities": ["IMAGE"], "topK": 64.0, "imageConfig": { "aspectRatio": "4:5", "imageSize": "512" } },
    });
    let snake = json!({
        "contents": [{ "parts": [{ "text": PROMPT }] }],
        "generation_config": { "response_modalities": ["IMAGE"], "image_config": { "aspect_ratio": "4:5", "image_size": "512" } },
    });
    let mixed = json!({
        "contents": [{ "parts": [{ "text": PROMPT }] }],
        "generationConfig": { "response_modalities": ["IMAGE"], "imageConfig": { "aspect_ratio": "4:5", "imageSize": "512" } },
    });
    let mut pictures = Vec::new();
    for (version, body) in [("v1", &camel), ("v1beta", &snake), ("v1", &mixed)] {
        let world = World::new().await;
        let picture = world.post_to(&world.url(version, LITE), body).await.picture();
        assert_eq!(size_of(&picture), (464, 576));
        pictures.push(picture);
    }
    assert_eq!(pictures[0], pictures[1]);
    assert_eq!(pictures[0], pictures[2]);
}

#[tokio::test]
async fn a_pro_answer_has_every_field_of_the_recorded_one() {
    let recorded: Value = serde_json::from_str(include_str!("../../../fixtures/gemini/image_pro.json")).unwrap();
    let config =
        json!({ "responseModalities": ["TEXT", "IMAGE"], "imageConfig": { "aspectRatio": "16:9", "imageSize": "1K" } });
    let world = World::new().await;
    let mut answer = world.post(&ask(PROMPT, &config)).await;
    // Only some answers think in pictures; one of the first dozen does.
    for _ in 0..12 {
        if drafts(&answer) > 0 {
            break;
        }
        answer = world.post(&ask(PROMPT, &config)).await;
    }
    assert_eq!(answer.status, 200);
    assert_eq!(shape(&answer.body), shape(&recorded["body"]));
    assert_eq!(answer.body["modelVersion"], MODEL);
    assert_eq!(size_of(&answer.picture()), (1376, 768));
    let usage = &answer.body["usageMetadata"];
    let count = |name: &str| usage[name].as_u64().unwrap();
    let parts = count("promptTokenCount") + count("candidatesTokenCount") + count("thoughtsTokenCount");
    assert_eq!(parts, count("totalTokenCount"));
}

/// The kinds of parts, and the fields outside of them.
fn shape(body: &Value) -> Vec<String> {
    let parts = body["candidates"][0]["content"]["parts"].as_array().unwrap();
    let mut shape: Vec<String> = parts.iter().map(keys).collect();
    let usage = keys(&body["usageMetadata"]);
    shape.extend([keys(body), keys(&body["candidates"][0]), keys(&body["candidates"][0]["content"]), usage]);
    shape
}

fn keys(value: &Value) -> String {
    let mut keys: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys.join(" ")
}

fn drafts(answer: &Answer) -> usize {
    let parts = answer.body["candidates"][0]["content"]["parts"].as_array().unwrap();
    parts.iter().filter(|part| part["thought"] == true && part.get("inlineData").is_some()).count()
}

#[tokio::test]
async fn without_image_among_the_modalities_there_are_only_words() {
    let world = World::new().await;
    let answer = world.post(&ask(PROMPT, &json!({ "responseModalities": ["TEXT"] }))).await;
    let parts = answer.body["candidates"][0]["content"]["parts"].as_array().unwrap();
    assert!(parts.len() == 1 && parts[0]["text"].is_string());
    assert_eq!(answer.body["candidates"][0]["finishReason"], "STOP");
}

#[tokio::test]
async fn a_reference_gives_its_ratio_and_changes_the_picture() {
    let world = World::new().await;
    let mut body = small(PROMPT);
    let plain = world.picture(PROMPT).await;
    let wide = image::RgbImage::from_fn(320, 180, |x, y| image::Rgb([x.to_le_bytes()[0], y.to_le_bytes()[0], 90]));
    let png = toonmill_standins::sketch::png(&wide);
    let data = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, png);
    body["contents"][0]["parts"]
        .as_array_mut()
        .unwrap()
        .push(json!({ "inlineData": { "mime_type": "image/png", "data": data } }));
    let answer = world.post_to(&world.url("v1", LITE), &body).await;
    assert_eq!(size_of(&plain), (512, 512));
    assert_eq!(size_of(&answer.picture()), (688, 384));
    let details = answer.body["usageMetadata"]["promptTokensDetails"].as_array().unwrap();
    assert!(details.iter().any(|detail| detail["modality"] == "IMAGE" && detail["tokenCount"] == 560));
}

#[tokio::test]
async fn every_ratio_of_a_model_is_drawn_in_its_size() {
    let world = World::new().await;
    for (ratio, size) in [("2:3", (424, 632)), ("21:9", (792, 336)), ("9:16", (384, 688)), ("8:1", (1464, 176))] {
        let config =
            json!({ "responseModalities": ["IMAGE"], "imageConfig": { "aspectRatio": ratio, "imageSize": "512" } });
        let answer = world.post_to(&world.url("v1", LITE), &ask(PROMPT, &config)).await;
        assert_eq!(size_of(&answer.picture()), size, "{ratio}");
    }
    let config = json!({ "imageConfig": { "aspectRatio": "4:3", "imageSize": "2K" } });
    let answer = world.post(&ask(PROMPT, &config)).await;
    assert_eq!(size_of(&answer.picture()), (2400, 1792));
}
