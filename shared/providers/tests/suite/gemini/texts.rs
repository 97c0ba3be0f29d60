//! Texts: what is sent, beside what Google's own SDK sends, and what each answer means.

use serde_json::{Value, json};
use toonmill_domain::{Failure, FailureCode};
use toonmill_providers::{FinishReason, Kind, Usage, Writing};

use crate::{
    server::{Answer, assert_headers, recording},
    writing::Essay,
};

fn recorded(name: &str) -> Answer {
    Answer::recorded(Kind::Gemini, name)
}

async fn answered(answer: Answer) -> Result<Writing, Failure> {
    Essay::by(Kind::Gemini).answered(answer).await
}

async fn with_schema(answer: Answer) -> Result<Writing, Failure> {
    Essay::with_schema(Kind::Gemini).answered(answer).await
}

fn failure(code: FailureCode, detail: &str) -> Failure {
    Failure::new(code).detail(detail)
}

#[tokio::test]
async fn the_request_for_a_text_is_the_sdks() {
    let essay = Essay { input: "Say hi", temperature: Some(0.2), ..Essay::by(Kind::Gemini) };
    let (request, body) = essay.sent(recorded("text")).await;
    let recorded = recording(Kind::Gemini, "requests", "text");
    let mut expected = recorded["body"].clone();
    let config = expected["generationConfig"].as_object_mut().unwrap();
    // Nothing of ours asks for them.
    config.remove("stopSequences");
    // The recording's model, which is gone, had a budget; those of today have levels.
    config.insert("thinkingConfig".into(), json!({ "thinkingLevel": "LOW" }));
    assert_eq!(body, expected);
    assert!(request.head.starts_with("POST /v1/models/gemini-3.8-flash:generateContent HTTP/1.1\r\n"));
    assert_headers(&request, &recorded, &[]);
}

#[tokio::test]
async fn the_request_for_data_is_the_sdks() {
    let (request, body) = Essay::with_schema(Kind::Gemini).sent(recorded("text_json_schema")).await;
    let recorded = recording(Kind::Gemini, "requests", "text_json_schema");
    let mut expected = recorded["body"].clone();
    let config = expected["generationConfig"].as_object_mut().unwrap();
    // What it costs is known beforehand, so the tokens are always limited, thoughts among them.
    config.insert("maxOutputTokens".into(), json!(64));
    config.insert("thinkingConfig".into(), json!({ "thinkingLevel": "LOW" }));
    // The recording's schema lets other properties through.
    config["responseJsonSchema"].as_object_mut().unwrap().insert("additionalProperties".into(), json!(false));
    assert_eq!(body, expected);
    assert_headers(&request, &recorded, &[]);
}

#[tokio::test]
async fn instructions_are_a_content_of_their_own() {
    let (_, body) = Essay { system: Some("Be brief"), ..Essay::by(Kind::Gemini) }.sent(recorded("text")).await;
    // As google-genai 3.3.0 writes it, with a role that the API does not look at.
    assert_eq!(body["systemInstruction"], json!({ "parts": [{ "text": "Be brief" }], "role": "user" }));
    assert_eq!(body["contents"], json!([{ "parts": [{ "text": "A recipe" }], "role": "user" }]));
}

#[tokio::test]
async fn a_text_comes_with_who_wrote_it_and_what_it_took() {
    let usage = |prompt_tokens, output_tokens, total_tokens| {
        Some(Usage { prompt_tokens, output_tokens, thinking_tokens: 0, total_tokens })
    };
    let writing = answered(recorded("text")).await.unwrap();
    let expected = Writing {
        text: "hi".into(),
        model_version: Some("gemini-2.5-flash".into()),
        usage: usage(3, 1, 4),
        finish_reason: FinishReason::Stop,
    };
    assert_eq!(writing, expected);
    let data = with_schema(recorded("text_json_schema")).await.unwrap();
    assert_eq!(data.text, r#"{"name":"toast","steps":["bread","heat"]}"#);
    assert_eq!(data.usage, usage(4, 14, 18));
}

fn with_parts(parts: &Value, finish_reason: &str) -> Answer {
    let candidate = json!({ "content": { "parts": parts, "role": "model" }, "finishReason": finish_reason });
    Answer::json(200, &json!({ "candidates": [candidate], "somethingNew": [1] }))
}

#[tokio::test]
async fn thoughts_are_left_out_and_parts_joined() {
    let parts = json!([
        { "text": "The user wants a recipe.", "thought": true },
        { "text": "Toast " },
        { "text": "bread.", "thoughtSignature": "AAAA" },
    ]);
    assert_eq!(answered(with_parts(&parts, "STOP")).await.unwrap().text, "Toast bread.");
    let only_thoughts = with_parts(&json!([{ "text": "Hm.", "thought": true }]), "MAX_TOKENS");
    assert_eq!(answered(only_thoughts).await, Err(failure(FailureCode::Empty, "MAX_TOKENS")));
}

#[tokio::test]
async fn a_text_that_was_cut_off_is_one_and_data_is_not() {
    let cut = with_parts(&json!([{ "text": r#"{"name":"toa"# }]), "MAX_TOKENS");
    let writing = answered(cut.clone()).await.unwrap();
    assert_eq!((writing.text.as_str(), writing.finish_reason), (r#"{"name":"toa"#, FinishReason::MaxOutputTokens));
    assert_eq!(with_schema(cut).await, Err(failure(FailureCode::InvalidText, "the answer was cut off")));
}

#[tokio::test]
async fn data_that_breaks_its_schema_is_invalid_and_is_not_repeated() {
    let cases = [
        (r#"{"name":"toast","steps":"a secret"}"#, "the answer breaks /properties/steps/type"),
        (r#"{"name":"toast"}"#, "the answer breaks /required"),
        (r#"{"name":"toast","steps":[],"secret":1}"#, "the answer breaks /additionalProperties"),
        ("```json\n{}\n```", "the answer is not JSON"),
        ("I would rather not.", "the answer is not JSON"),
    ];
    for (text, detail) in cases {
        let answer = with_parts(&json!([{ "text": text }]), "STOP");
        assert_eq!(with_schema(answer).await, Err(failure(FailureCode::InvalidText, detail)), "{text}");
    }
}

#[tokio::test]
async fn each_ending_without_a_text_has_its_outcome() {
    use FailureCode::{BadRequest, Empty, ModelRetired, Overloaded, Refused, Unauthorised};
    for (name, code, detail) in [
        ("block_SAFETY", Refused, "SAFETY"),
        ("block_OTHER", Refused, "OTHER"),
        ("block_PROHIBITED_CONTENT", Refused, "PROHIBITED_CONTENT"),
        ("finish_SAFETY", Refused, "SAFETY"),
        ("finish_RECITATION", Refused, "RECITATION"),
        ("finish_PROHIBITED_CONTENT", Refused, "PROHIBITED_CONTENT"),
        ("err_400", BadRequest, "400 INVALID_ARGUMENT"),
        ("err_400_key", Unauthorised, "400 INVALID_ARGUMENT API_KEY_INVALID"),
        ("err_400_precondition", Unauthorised, "400 FAILED_PRECONDITION"),
        ("err_401", Unauthorised, "401 UNAUTHENTICATED"),
        ("err_403", Unauthorised, "403 PERMISSION_DENIED"),
        ("err_404", ModelRetired, "404 NOT_FOUND"),
        ("err_408", Overloaded, "408"),
        ("err_409", Overloaded, "409 ABORTED"),
        ("err_499", Overloaded, "499 CANCELLED"),
        ("err_500", Overloaded, "500 INTERNAL"),
        ("err_503", Overloaded, "503 UNAVAILABLE"),
        ("err_504", Overloaded, "504 DEADLINE_EXCEEDED"),
    ] {
        assert_eq!(answered(recorded(name)).await, Err(failure(code, detail)), "{name}");
    }
    assert_eq!(answered(recorded("err_429")).await.unwrap_err().code, FailureCode::RateLimited);
    let begun = json!([{ "text": "Once upon a time" }]);
    for (reason, code) in [
        ("SPII", Refused),
        ("BLOCKLIST", Refused),
        ("LANGUAGE", Refused),
        ("OTHER", Empty),
        ("MALFORMED_RESPONSE", Empty),
        ("A_REASON_OF_2027", Empty),
    ] {
        let expected = Err(failure(code, reason));
        assert_eq!(answered(with_parts(&begun, reason)).await, expected, "what was begun is no text");
    }
    let empty = |detail: &str| Err(failure(Empty, detail));
    assert_eq!(answered(with_parts(&json!([{ "text": " \n" }]), "STOP")).await, empty("STOP"));
    assert_eq!(answered(Answer::json(200, &json!({}))).await, empty("no candidates"));
    let html = Answer::Whole(200, String::new(), b"<html>".to_vec());
    let malformed = failure(FailureCode::InvalidText, "the answer is not the JSON it should be");
    assert_eq!(answered(html).await, Err(malformed));
    let error = recording(Kind::Gemini, "responses", "err_503")["body"].take();
    assert_eq!(answered(Answer::json(200, &error)).await.unwrap_err().code, Overloaded, "an error with status 200");
}
