//! What is sent, beside what OpenAI's own SDK sends.

use serde_json::{Value, json};
use toonmill_providers::Kind;

use crate::server::{self, Answer, Received, Sketch, assert_headers, pixel, recording, reference};

async fn sent(sketch: Sketch, answer: &str) -> Received {
    server::sent(sketch, Answer::recorded(Kind::OpenAi, answer)).await
}

#[tokio::test]
async fn the_request_for_a_picture_is_the_sdks() {
    let request = sent(Sketch { ratio: "1:1", ..Sketch::by(Kind::OpenAi) }, "images_generate").await;
    let recorded = recording(Kind::OpenAi, "requests", "images_generate");
    let mut expected = recorded["body"].clone();
    let members = expected.as_object_mut().unwrap();
    members["model"] = json!("gpt-image-2");
    members["prompt"] = json!("Draw a red square");
    // Without loss, so there is nothing to say about the compression.
    members["output_format"] = json!("png");
    members.remove("output_compression");
    // `auto` is the default.
    members.remove("moderation");
    // Nobody of ours is made known to OpenAI.
    members.remove("user");
    assert_eq!(serde_json::from_slice::<Value>(&request.body).unwrap(), expected);
    assert!(request.head.starts_with("POST /v1/images/generations HTTP/1.1\r\n"));
    assert_headers(&request, &recorded, &["accept"]);
}

#[tokio::test]
async fn the_size_follows_from_the_ratio() {
    for (ratio, size) in [("16:9", "1280x720"), ("9:16", "720x1280"), ("3:2", "1248x832"), ("21:9", "1456x624")] {
        let request = sent(Sketch { ratio, ..Sketch::by(Kind::OpenAi) }, "images_generate").await;
        assert_eq!(serde_json::from_slice::<Value>(&request.body).unwrap()["size"], size);
    }
}

/// Headers and content of each part, and the boundary taken away.
fn parts(request: &Received) -> Vec<(String, Vec<u8>)> {
    let content_type = request.head.lines().find_map(|line| line.strip_prefix("content-type: ")).unwrap();
    let boundary = content_type.strip_prefix("multipart/form-data; boundary=").unwrap();
    assert_eq!(boundary.len(), 32);
    // One character a byte, so that cutting text cuts bytes.
    let body: String = request.body.iter().copied().map(char::from).collect();
    let body = body.strip_suffix(&format!("\r\n--{boundary}--\r\n")).unwrap();
    let body = body.strip_prefix(&format!("--{boundary}\r\n")).unwrap();
    let between = format!("\r\n--{boundary}\r\n");
    body.split(&between)
        .map(|part| {
            let (head, content) = part.split_once("\r\n\r\n").unwrap();
            (head.to_owned(), content.chars().map(|c| u8::try_from(c).unwrap()).collect())
        })
        .collect()
}

/// The parts of the recorded form: its headers as lines, and its content.
fn recorded_parts(name: &str) -> Vec<(String, Vec<u8>)> {
    let recorded = recording(Kind::OpenAi, "requests", name);
    let parts = recorded["body"]["multipart"].as_array().unwrap().iter();
    parts
        .map(|part| {
            let headers = part["headers"].as_object().unwrap().iter();
            let lines: Vec<_> = headers.map(|(name, value)| format!("{name}: {}", value.as_str().unwrap())).collect();
            let content = part["text"].as_str().map_or_else(|| pixel().to_vec(), |text| text.as_bytes().to_vec());
            (lines.join("\r\n"), content)
        })
        .collect()
}

fn field(name: &str) -> String {
    format!("Content-Disposition: form-data; name=\"{name}\"")
}

#[tokio::test]
async fn several_references_are_a_form_with_a_list() {
    let references = vec![reference("image/png"), reference("image/png")];
    let sketch = Sketch { ratio: "1:1", references, ..Sketch::by(Kind::OpenAi) };
    let request = sent(sketch, "images_edit_many").await;
    let mut expected = recorded_parts("images_edit_many");
    // gpt-image-2 always looks closely, and wants the field left out.
    expected.retain(|(head, _)| *head != field("input_fidelity"));
    for (head, content) in &mut expected {
        let ours = [
            ("prompt", "Draw a red square"),
            ("background", "opaque"),
            ("model", "gpt-image-2"),
            ("quality", "medium"),
        ];
        if let Some((_, text)) = ours.iter().find(|(name, _)| *head == field(name)) {
            *content = text.as_bytes().to_vec();
        }
        // Names of files are ours too.
        *head = head.replace("a.png", "reference-1.png").replace("b.png", "reference-2.png");
    }
    // The recording leaves the size to the model.
    expected.insert(6, (field("size"), b"1024x1024".to_vec()));
    assert_eq!(parts(&request), expected);
    assert!(request.head.starts_with("POST /v1/images/edits HTTP/1.1\r\n"));
}

#[tokio::test]
async fn one_reference_is_a_field() {
    let sketch = Sketch { references: vec![reference("image/webp")], ..Sketch::by(Kind::OpenAi) };
    let request = sent(sketch, "images_edit_one").await;
    let ours = parts(&request).pop().unwrap();
    let mut recorded = recorded_parts("images_edit_one").remove(3);
    recorded.0 = recorded.0.replace("a.png", "reference-1.webp").replace("image/png", "image/webp");
    assert_eq!(ours, recorded);
}

#[tokio::test]
async fn no_two_forms_have_one_boundary() {
    let form = async || {
        let sketch = Sketch { references: vec![reference("image/png")], ..Sketch::by(Kind::OpenAi) };
        sent(sketch, "images_edit_one").await.body
    };
    assert_ne!(form().await, form().await);
}
