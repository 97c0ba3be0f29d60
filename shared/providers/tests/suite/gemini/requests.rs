//! What is sent, beside what Google's own SDK sends.

use serde_json::{Value, json};
use toonmill_providers::{Catalogue, Kind};

use crate::server::{self, Answer, Received, Sketch, assert_headers, recording, reference};

async fn sent(sketch: Sketch) -> (Received, Value) {
    let request = server::sent(sketch, Answer::recorded(Kind::Gemini, "image_pro")).await;
    let body = serde_json::from_slice(&request.body).unwrap();
    (request, body)
}

#[tokio::test]
async fn the_request_for_a_picture_is_the_sdks() {
    let references = vec![reference("image/png"), reference("image/jpeg")];
    let (request, body) = sent(Sketch { size: Some("2K"), references, ..Sketch::by(Kind::Gemini) }).await;

    let recorded = recording(Kind::Gemini, "requests", "image_pro");
    let mut expected = recorded["body"].clone();
    let members = expected.as_object_mut().unwrap();
    // Nothing of ours asks for these two.
    members.remove("systemInstruction");
    members.remove("safetySettings");
    // The model fixes topK at 64.
    members["generationConfig"].as_object_mut().unwrap().remove("topK");
    // The SDK writes `mime_type` here, in the midst of camelCase; the older SDK writes `mimeType`,
    // as the API's reference does.
    for part in members["contents"][0]["parts"].as_array_mut().unwrap() {
        if let Some(data) = part.get_mut("inlineData").and_then(Value::as_object_mut) {
            let mime_type = data.remove("mime_type").unwrap();
            data.insert("mimeType".into(), mime_type);
        }
    }
    assert_eq!(body, expected);

    // The recording is of the model's old name.
    assert!(request.head.starts_with("POST /v1/models/gemini-3-pro-image:generateContent HTTP/1.1\r\n"));
    assert_headers(&request, &recorded, &[]);
}

#[tokio::test]
async fn a_model_of_one_size_is_not_told_it() {
    let (request, body) =
        sent(Sketch { model: "gemini-3.1-flash-lite-image", ratio: "1:1", ..Sketch::by(Kind::Gemini) }).await;
    let mut expected = recording(Kind::Gemini, "requests", "image_flash")["body"].take();
    // The SDK leaves the defaults to the server; ours are the API's own, and allow text beside the picture.
    let config = expected["generationConfig"].as_object_mut().unwrap();
    config.insert("temperature".into(), json!(1.0));
    config.insert("topP".into(), json!(0.95));
    config.insert("maxOutputTokens".into(), json!(4096));
    config.insert("responseModalities".into(), json!(["TEXT", "IMAGE"]));
    assert_eq!(body, expected);
    assert!(request.head.starts_with("POST /v1/models/gemini-3.1-flash-lite-image:generateContent "));
}

#[tokio::test]
async fn what_the_catalogue_allows_is_sent() {
    let patch = json!({ "models": { "gemini-3-pro-image": { "parameters": {
        "topK": { "min": 1, "max": 64, "default": 40 }, "temperature": null,
    } } } });
    let catalogue = Catalogue::with_patch(&patch.to_string()).unwrap();
    let (_, body) = sent(Sketch { catalogue, ..Sketch::by(Kind::Gemini) }).await;
    let expected = json!({
        "topP": 0.95, "topK": 40, "maxOutputTokens": 32768, "responseModalities": ["TEXT", "IMAGE"],
        "imageConfig": { "aspectRatio": "16:9", "imageSize": "1K" },
    });
    assert_eq!(body["generationConfig"], expected);
}
