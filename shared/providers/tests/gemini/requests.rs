//! What is sent, beside what Google's own SDK sends.

use bytes::Bytes;
use serde_json::{Value, json};
use toonmill_providers::{Catalogue, Reference};

use crate::server::{Answer, KEY, Received, Server, Sketch, recording};

/// The PNG of one pixel in the recordings.
fn pixel() -> Bytes {
    let hex = "89504e470d0a1a0a0000000d49484452000000010000000108020000009077\
               53de0000000c4944415478da633821670300\
               02d401234c9f0bda0000000049454e44ae426082";
    let hex: String = hex.split_whitespace().collect();
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

async fn sent(sketch: Sketch) -> (Received, Value) {
    let server = Server::start(Answer::recorded("image_pro")).await;
    sketch.draw(&server.providers()).await.unwrap();
    let [request] = server.received().try_into().unwrap();
    let body = serde_json::from_slice(&request.body).unwrap();
    (request, body)
}

#[tokio::test]
async fn the_request_for_a_picture_is_the_sdks() {
    let reference = |mime_type: &str| Reference { mime_type: mime_type.into(), bytes: pixel() };
    let references = vec![reference("image/png"), reference("image/jpeg")];
    let (request, body) = sent(Sketch { size: Some("2K"), references, ..Sketch::default() }).await;

    let recorded = recording("requests", "image_pro");
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

    let mut lines = request.head.lines();
    // The recording is of the model's old name.
    assert_eq!(lines.next(), Some("POST /v1/models/gemini-3-pro-image:generateContent HTTP/1.1"));
    let headers: Vec<_> = lines.collect();
    for (name, value) in recorded["headers"].as_object().unwrap() {
        let value = if name == "x-goog-api-key" { KEY } else { value.as_str().unwrap() };
        let line = format!("{}: {value}", name.to_lowercase());
        assert!(headers.contains(&line.as_str()), "{line} is not in {headers:?}");
    }
}

#[tokio::test]
async fn a_model_of_one_size_is_not_told_it() {
    let (request, body) =
        sent(Sketch { model: "gemini-3.1-flash-lite-image", ratio: "1:1", ..Sketch::default() }).await;
    let mut expected = recording("requests", "image_flash")["body"].take();
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
    let (_, body) = sent(Sketch { catalogue, ..Sketch::default() }).await;
    let expected = json!({
        "topP": 0.95, "topK": 40, "maxOutputTokens": 32768, "responseModalities": ["TEXT", "IMAGE"],
        "imageConfig": { "aspectRatio": "16:9", "imageSize": "1K" },
    });
    assert_eq!(body["generationConfig"], expected);
}
