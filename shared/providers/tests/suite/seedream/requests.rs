//! What is sent, beside what BytePlus's own SDK sends.

use serde_json::{Value, json};
use toonmill_providers::Kind;

use crate::server::{self, Answer, Received, Sketch, assert_headers, recording, reference};

async fn sent(sketch: Sketch) -> (Received, Value) {
    let request = server::sent(sketch, Answer::recorded(Kind::Seedream, "generate_b64")).await;
    let body = serde_json::from_slice(&request.body).unwrap();
    (request, body)
}

/// The SDK's body without the fields that it sends unset.
fn recorded(name: &str) -> Value {
    let mut body = recording(Kind::Seedream, "requests", name)["body"].take();
    body.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    body
}

#[tokio::test]
async fn the_request_for_a_picture_is_the_sdks() {
    let references = vec![reference("image/PNG"), reference("image/png")];
    let sketch = Sketch { size: Some("4K"), ratio: "1:1", references, ..Sketch::by(Kind::Seedream) };
    let (request, body) = sent(sketch).await;

    let mut expected = recorded("generate_b64");
    expected["prompt"] = json!("Draw a red square");
    // Width and height instead of the name of a size: the ratio is not left to the words of the prompt.
    expected["size"] = json!("4096x4096");
    // The recording mixes a link and data; what we hold is always data, its type in lower case.
    expected["image"][0] = expected["image"][1].clone();
    // `standard` is what 4.5 does anyway, and the only mode it has.
    expected.as_object_mut().unwrap().remove("optimize_prompt_options");
    assert_eq!(body, expected);

    assert!(request.head.starts_with("POST /api/v3/images/generations HTTP/1.1\r\n"));
    // Ours accepts whatever comes, and says so.
    assert_headers(&request, &recording(Kind::Seedream, "requests", "generate_b64"), &["Accept"]);
}

#[tokio::test]
async fn one_reference_is_text_and_none_is_left_out() {
    let sketch = Sketch { references: vec![reference("image/png")], ..Sketch::by(Kind::Seedream) };
    assert_eq!(sent(sketch).await.1["image"], recorded("generate_single_image")["image"]);

    let (_, body) = sent(Sketch { ratio: "1:1", ..Sketch::by(Kind::Seedream) }).await;
    let mut expected = recorded("generate_url");
    expected["prompt"] = json!("Draw a red square");
    // A link would be one more call for a picture that is paid for.
    expected["response_format"] = json!("b64_json");
    // The API's own default, said: one slot is one picture.
    expected["sequential_image_generation"] = json!("disabled");
    assert_eq!(body, expected);
}

#[tokio::test]
async fn the_watermark_is_always_said() {
    for (asked, sent_as) in [(None, false), (Some(false), false), (Some(true), true)] {
        let (_, body) = sent(Sketch { watermark: asked, ..Sketch::by(Kind::Seedream) }).await;
        assert_eq!(body["watermark"], json!(sent_as), "{asked:?}");
    }
}

#[tokio::test]
async fn every_ratio_of_every_model_has_at_least_the_least_pixels() {
    let all = Sketch::by(Kind::Seedream).catalogue;
    for model in all.image_models().filter(|model| model.provider.as_str() == "seedream") {
        for (ratio, size) in
            model.aspect_ratios.iter().flat_map(|ratio| model.image_sizes.iter().map(move |s| (ratio, s)))
        {
            let frame = model.frame(*ratio, Some(size)).unwrap();
            assert!(u64::from(frame.width) * u64::from(frame.height) >= 3_686_400, "{frame}");
            assert!(ratio.fits(frame.width, frame.height, 0), "{frame} is not {ratio}");
        }
    }
}
