//! Texts: what is sent, beside what OpenAI's own SDK sends, and what each answer means.

use serde_json::{Value, json};
use toonmill_domain::{Failure, FailureCode};
use toonmill_providers::{FinishReason, Kind, Usage, Writing};

use crate::{
    server::{Answer, assert_headers, recording},
    writing::Essay,
};

fn recorded(name: &str) -> Answer {
    Answer::recorded(Kind::OpenAi, name)
}

async fn answered(answer: Answer) -> Result<Writing, Failure> {
    Essay::by(Kind::OpenAi).answered(answer).await
}

async fn with_schema(answer: Answer) -> Result<Writing, Failure> {
    Essay::with_schema(Kind::OpenAi).answered(answer).await
}

fn failure(code: FailureCode, detail: &str) -> Failure {
    Failure::new(code).detail(detail)
}

#[tokio::test]
async fn the_request_for_a_text_is_the_sdks() {
    let essay = Essay { system: Some("Be brief"), input: "Say hi", ..Essay::by(Kind::OpenAi) };
    let (request, body) = essay.sent(recorded("responses_text")).await;
    let recorded = recording(Kind::OpenAi, "requests", "responses_text");
    let mut expected = recorded["body"].clone();
    let members = expected.as_object_mut().unwrap();
    members["model"] = json!("gpt-5.6-luna");
    // With no thoughts the tokens that are paid for are those that are read.
    members["reasoning"] = json!({ "effort": "none" });
    // Nobody and nothing of ours is made known to OpenAI.
    members.remove("metadata");
    members.remove("safety_identifier");
    assert_eq!(body, expected);
    assert!(request.head.starts_with("POST /v1/responses HTTP/1.1\r\n"));
    assert_headers(&request, &recorded, &["accept"]);
}

#[tokio::test]
async fn the_request_for_data_is_the_sdks() {
    let (_, body) = Essay::with_schema(Kind::OpenAi).sent(recorded("responses_structured")).await;
    let mut expected = recording(Kind::OpenAi, "requests", "responses_structured")["body"].take();
    let members = expected.as_object_mut().unwrap();
    members["model"] = json!("gpt-5.6-luna");
    // The SDK takes the name from a Python class.
    members["text"]["format"]["name"] = json!("answer");
    // What it costs is known beforehand, and the text is the user's.
    members.insert("max_output_tokens".into(), json!(64));
    members.insert("reasoning".into(), json!({ "effort": "none" }));
    members.insert("store".into(), json!(false));
    assert_eq!(body, expected);
}

#[tokio::test]
async fn a_temperature_is_sent_if_one_is_asked_for() {
    let temperature = async |temperature| {
        let essay = Essay { temperature, ..Essay::by(Kind::OpenAi) };
        essay.sent(recorded("responses_text")).await.1.get("temperature").cloned()
    };
    assert_eq!(temperature(Some(0.2)).await, Some(json!(0.2)));
    assert_eq!(temperature(None).await, None);
}

#[tokio::test]
async fn a_text_comes_with_who_wrote_it_and_what_it_took() {
    let expected = Writing {
        text: "Hi there".into(),
        model_version: Some("gpt-5.1-2025-11-13".into()),
        usage: Some(Usage { prompt_tokens: 10, output_tokens: 5, thinking_tokens: 0, total_tokens: 15 }),
        finish_reason: FinishReason::Stop,
    };
    assert_eq!(answered(recorded("responses_text")).await, Ok(expected));
    let data = with_schema(recorded("responses_structured")).await.unwrap();
    assert_eq!(data.text, r#"{"name":"toast","steps":["bread","heat"]}"#);
}

/// The recorded answer with this in place of its message.
fn with_output(output: Value) -> Answer {
    let mut body = recording(Kind::OpenAi, "responses", "responses_text")["body"].take();
    body["output"] = output;
    Answer::json(200, &body)
}

fn message(text: &str) -> Value {
    json!({ "type": "message", "content": [{ "type": "output_text", "text": text }] })
}

#[tokio::test]
async fn thoughts_are_left_out_of_the_text_and_counted_apart() {
    let mut body = recording(Kind::OpenAi, "responses", "responses_text")["body"].take();
    let thought = json!({ "type": "reasoning", "summary": [], "content": [{ "type": "output_text", "text": "Hm." }] });
    body["output"] = json!([thought, message("Toast "), message("bread."), { "type": "later_than_us" }]);
    body["usage"]["output_tokens_details"]["reasoning_tokens"] = json!(3);
    let writing = answered(Answer::json(200, &body)).await.unwrap();
    assert_eq!(writing.text, "Toast bread.");
    let usage = Usage { prompt_tokens: 10, output_tokens: 2, thinking_tokens: 3, total_tokens: 15 };
    assert_eq!(writing.usage, Some(usage));
    body["usage"] = Value::Null;
    assert_eq!(answered(Answer::json(200, &body)).await.unwrap().usage, None);
}

#[tokio::test]
async fn each_ending_within_a_200_has_its_outcome() {
    use FailureCode::{BadRequest, Empty, Overloaded, RateLimited, Refused, Unauthorised};
    let refused = Err(failure(Refused, "refusal"));
    assert_eq!(answered(recorded("responses_refusal")).await, refused);
    assert_eq!(with_schema(recorded("responses_refusal")).await, refused, "is no broken data");

    let cut = answered(recorded("responses_incomplete")).await.unwrap();
    assert_eq!((cut.text.as_str(), cut.finish_reason), ("Hi", FinishReason::MaxOutputTokens));
    let invalid = |detail| Err(failure(FailureCode::InvalidText, detail));
    assert_eq!(with_schema(recorded("responses_incomplete")).await, invalid("the answer was cut off"));

    let mut body = recording(Kind::OpenAi, "responses", "responses_incomplete")["body"].take();
    body["incomplete_details"]["reason"] = json!("content_filter");
    assert_eq!(answered(Answer::json(200, &body)).await, Err(failure(Refused, "content_filter")));
    body["incomplete_details"]["reason"] = json!("max_output_tokens");
    body["output"] = json!([]);
    assert_eq!(answered(Answer::json(200, &body)).await, Err(failure(Empty, "max_output_tokens")));

    assert_eq!(answered(recorded("responses_failed")).await, Err(failure(Overloaded, "200 server_error")));
    let mut body = recording(Kind::OpenAi, "responses", "responses_failed")["body"].take();
    for (name, code) in [
        ("rate_limit_exceeded", RateLimited),
        ("invalid_prompt", Refused),
        ("bio_policy", Refused),
        ("data_residency_mismatch", Unauthorised),
        ("invalid_image", BadRequest),
    ] {
        body["error"]["code"] = json!(name);
        let expected = Err(failure(code, &format!("200 {name}")));
        assert_eq!(answered(Answer::json(200, &body)).await, expected, "{name}");
    }
    body["status"] = json!("queued");
    assert_eq!(answered(Answer::json(200, &body)).await, Err(failure(Empty, "queued")));
    for output in [json!([]), json!([message(" ")]), json!([{ "type": "message", "content": null }]), Value::Null] {
        assert_eq!(answered(with_output(output)).await, Err(failure(Empty, "no text")));
    }
    let html = Answer::Whole(200, String::new(), b"<html>".to_vec());
    assert_eq!(answered(html).await, invalid("the answer is not the JSON it should be"));
}

#[tokio::test]
async fn data_that_breaks_its_schema_is_invalid_and_is_not_repeated() {
    let broken = with_output(json!([message(r#"{"name":7,"steps":["a secret"]}"#)]));
    let expected = failure(FailureCode::InvalidText, "the answer breaks /properties/name/type");
    assert_eq!(with_schema(broken).await, Err(expected));
}

#[tokio::test]
async fn every_recorded_error_has_its_outcome() {
    use FailureCode::{BadRequest, ModelRetired, Overloaded, Unauthorised};
    for (name, code, detail) in [
        ("err_400", BadRequest, "400 invalid_value"),
        ("err_401", Unauthorised, "401 invalid_api_key"),
        ("err_403", Unauthorised, "403 invalid_request_error"),
        ("err_404", ModelRetired, "404 model_not_found"),
        ("err_408", Overloaded, "408 server_error"),
        ("err_409", Overloaded, "409 server_error"),
        ("err_422", BadRequest, "422 invalid_request_error"),
        ("err_500", Overloaded, "500 server_error"),
        ("err_503", Overloaded, "503 server_error"),
    ] {
        assert_eq!(answered(recorded(name)).await, Err(failure(code, detail)), "{name}");
    }
    let limited = answered(recorded("err_429")).await.unwrap_err();
    assert_eq!((limited.code, limited.retry_after.is_some()), (FailureCode::RateLimited, true));
    // A prompt that was flagged: a refusal that comes as a 400.
    let error = json!({ "error": { "message": "words", "type": "invalid_request_error", "code": "invalid_prompt" } });
    assert_eq!(answered(Answer::json(400, &error)).await, Err(failure(FailureCode::Refused, "400 invalid_prompt")));
}
