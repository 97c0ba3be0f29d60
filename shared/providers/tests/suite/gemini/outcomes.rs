//! What each answer means.

use std::time::Duration;

use serde_json::{Value, json};
use toonmill_domain::{Failure, FailureCode};
use toonmill_providers::{Drawing, Kind, Usage};

use crate::server::{self, Answer};

const PIXEL: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR42mM4IWcDAALUASNMnwvaAAAAAElFTkSuQmCC";

async fn answered(answer: Answer) -> Result<Drawing, Failure> {
    server::answered(Kind::Gemini, answer).await
}

fn recorded(name: &str) -> Answer {
    Answer::recorded(Kind::Gemini, name)
}

fn recording(folder: &str, name: &str) -> Value {
    server::recording(Kind::Gemini, folder, name)
}

fn failure(code: FailureCode, detail: &str) -> Failure {
    Failure::new(code).detail(detail)
}

#[tokio::test]
async fn a_picture_comes_with_who_drew_it_and_what_it_took() {
    let drawing = answered(recorded("image_pro")).await.unwrap();
    assert!(drawing.bytes.starts_with(b"\x89PNG") && drawing.bytes.ends_with(b"IEND\xaeB`\x82"));
    assert_eq!(drawing.mime_type, "image/png");
    assert_eq!(drawing.model_version.as_deref(), Some("gemini-3-pro-image-preview"));
    let usage = Usage { prompt_tokens: 1090, output_tokens: 1120, thinking_tokens: 205, total_tokens: 2415 };
    assert_eq!(drawing.usage, Some(usage));
    assert_eq!(drawing.text.as_deref(), Some("Here it is."), "thoughts are left out");

    let drawing = answered(recorded("image_flash")).await.unwrap();
    assert_eq!((drawing.bytes.len(), drawing.text), (69, None));
}

#[tokio::test]
async fn every_recorded_answer_without_a_picture_has_its_outcome() {
    use FailureCode::{BadRequest, Empty, ModelRetired, Overloaded, Refused, Unauthorised};
    let cases = [
        ("block_SAFETY", Refused, "SAFETY"),
        ("block_OTHER", Refused, "OTHER"),
        ("block_PROHIBITED_CONTENT", Refused, "PROHIBITED_CONTENT"),
        ("block_IMAGE_SAFETY", Refused, "IMAGE_SAFETY"),
        ("finish_SAFETY", Refused, "SAFETY"),
        ("finish_RECITATION", Refused, "RECITATION"),
        ("finish_PROHIBITED_CONTENT", Refused, "PROHIBITED_CONTENT"),
        ("finish_IMAGE_SAFETY", Refused, "IMAGE_SAFETY"),
        ("finish_IMAGE_PROHIBITED_CONTENT", Refused, "IMAGE_PROHIBITED_CONTENT"),
        ("finish_IMAGE_OTHER", Empty, "IMAGE_OTHER"),
        ("finish_NO_IMAGE", Empty, "NO_IMAGE"),
        ("finish_MAX_TOKENS", Empty, "MAX_TOKENS"),
        ("finish_STOP_text_only", Empty, "STOP"),
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
    ];
    for (name, code, detail) in cases {
        assert_eq!(answered(recorded(name)).await, Err(failure(code, detail)), "{name}");
    }
}

#[tokio::test]
async fn a_limit_by_the_minute_says_how_long_to_wait() {
    let expected = failure(FailureCode::RateLimited, "429 RESOURCE_EXHAUSTED")
        .retry_after(Some(Duration::from_nanos(34_074_824_224)));
    assert_eq!(answered(recorded("err_429")).await, Err(expected));
}

/// The recorded 429 with another violation.
fn quota(violation: Value) -> Answer {
    let mut body = recording("responses", "err_429")["body"].take();
    body["error"]["details"][0]["violations"][0] = violation;
    Answer::json(429, &body)
}

#[tokio::test]
async fn a_quota_of_the_day_is_used_up_whatever_delay_is_named() {
    let id = "GenerateRequestsPerDayPerProjectPerModel-FreeTier";
    let expected = failure(FailureCode::QuotaExhausted, &format!("429 RESOURCE_EXHAUSTED {id}"));
    assert_eq!(answered(quota(json!({ "quotaId": id, "quotaValue": "20" }))).await, Err(expected));

    let id = "GenerateRequestsPerMinutePerProjectPerModel-FreeTier";
    let expected = failure(FailureCode::QuotaExhausted, &format!("429 RESOURCE_EXHAUSTED {id}"));
    assert_eq!(answered(quota(json!({ "quotaId": id, "quotaValue": "0" }))).await, Err(expected));

    let passing = answered(quota(json!({ "quotaId": 7, "subject": null }))).await.unwrap_err();
    assert_eq!(passing.code, FailureCode::RateLimited);
}

#[tokio::test]
async fn retry_after_is_honoured_where_waiting_helps() {
    let with_header = |status: u16| Answer::Whole(status, "retry-after: 7\r\n".into(), Vec::new());
    let wait = Some(Duration::from_secs(7));
    assert_eq!(answered(with_header(429)).await, Err(failure(FailureCode::RateLimited, "429").retry_after(wait)));
    assert_eq!(answered(with_header(503)).await, Err(failure(FailureCode::Overloaded, "503").retry_after(wait)));
    assert_eq!(answered(with_header(403)).await, Err(failure(FailureCode::Unauthorised, "403")));
    let dated = Answer::Whole(429, "retry-after: Fri, 20 Nov 2026 12:00:00 GMT\r\n".into(), Vec::new());
    assert_eq!(answered(dated).await, Err(failure(FailureCode::RateLimited, "429")));
}

#[tokio::test]
async fn errors_in_other_wrappings_are_understood() {
    let error = recording("responses", "err_400_key")["body"].take();
    let expected = Err(failure(FailureCode::Unauthorised, "400 INVALID_ARGUMENT API_KEY_INVALID"));
    assert_eq!(answered(Answer::json(400, &json!([error]))).await, expected, "in an array");
    assert_eq!(answered(Answer::json(200, &error)).await, expected, "with status 200");

    let html = Answer::Whole(502, "content-type: text/html\r\n".into(), b"<html>Bad Gateway</html>".to_vec());
    assert_eq!(answered(html).await, Err(failure(FailureCode::Overloaded, "502")));
    let paid = json!({ "error": { "details": [{ "reason": "BILLING_DISABLED" }], "status": "PERMISSION_DENIED" } });
    let expected = Err(failure(FailureCode::QuotaExhausted, "403 PERMISSION_DENIED BILLING_DISABLED"));
    assert_eq!(answered(Answer::json(403, &paid)).await, expected);
    for (status, code) in [
        (302, FailureCode::BadRequest),
        (402, FailureCode::QuotaExhausted),
        (410, FailureCode::ModelRetired),
        (413, FailureCode::BadRequest),
        (529, FailureCode::Overloaded),
    ] {
        let answer = Answer::Whole(status, "location: /elsewhere\r\n".into(), Vec::new());
        assert_eq!(answered(answer).await, Err(failure(code, &status.to_string())));
    }
}

#[tokio::test]
async fn a_sentence_where_a_code_should_be_is_not_repeated() {
    let body = json!({ "promptFeedback": { "blockReason": "you wrote: a secret" } });
    assert_eq!(answered(Answer::json(200, &body)).await, Err(failure(FailureCode::Refused, "blocked")));
    let body = json!({ "error": { "status": "no such key: abc" } });
    assert_eq!(answered(Answer::json(400, &body)).await, Err(failure(FailureCode::BadRequest, "400")));
}

fn with_parts(parts: &Value, finish_reason: &str) -> Answer {
    let candidate = json!({ "content": { "parts": parts }, "finishReason": finish_reason, "later": {} });
    Answer::json(200, &json!({ "candidates": [candidate], "somethingNew": [1] }))
}

#[tokio::test]
async fn of_several_pictures_the_last_that_is_no_thought_is_taken() {
    let parts = json!([
        { "inlineData": { "mimeType": "image/png", "data": "AAAA" } },
        { "inlineData": { "mimeType": "image/jpeg", "data": PIXEL } },
        { "text": "Done." },
        { "inlineData": { "mimeType": "image/png", "data": "BBBB" }, "thought": true },
    ]);
    let drawing = answered(with_parts(&parts, "A_REASON_OF_2027")).await.unwrap();
    assert_eq!((drawing.bytes.len(), drawing.mime_type.as_str()), (69, "image/jpeg"));
    assert_eq!(drawing.usage, None);
}

#[tokio::test]
async fn a_200_that_holds_no_picture_is_empty_and_one_that_breaks_it_is_invalid() {
    let empty = |detail: &str| Err(failure(FailureCode::Empty, detail));
    assert_eq!(answered(Answer::json(200, &json!({}))).await, empty("no candidates"));
    assert_eq!(answered(Answer::json(200, &json!({ "candidates": [{}] }))).await, empty("no candidates"));
    assert_eq!(answered(with_parts(&json!([]), "A_REASON_OF_2027")).await, empty("A_REASON_OF_2027"));
    assert_eq!(
        answered(with_parts(&json!([{ "thought": true, "inlineData": { "data": PIXEL } }]), "STOP")).await,
        empty("STOP")
    );
    assert_eq!(answered(with_parts(&json!([{ "inlineData": {} }]), "STOP")).await, empty("a picture of no bytes"));

    let invalid = |detail: &str| Err(failure(FailureCode::InvalidImage, detail));
    let not_base64 = with_parts(&json!([{ "inlineData": { "data": "not base64" } }]), "STOP");
    assert_eq!(answered(not_base64).await, invalid("the picture is not base64"));
    let html = Answer::Whole(200, String::new(), b"<html>".to_vec());
    assert_eq!(answered(html).await, invalid("the answer is not the JSON it should be"));
}

#[tokio::test]
async fn escapes_within_the_base64_are_undone() {
    let escaped = PIXEL.replace('/', "\\/").replace('D', "\\u0044");
    let body = format!(r#"{{"candidates":[{{"content":{{"parts":[{{"inlineData":{{"data":"{escaped}"}}}}]}}}}]}}"#);
    let drawing = answered(Answer::Whole(200, String::new(), body.into_bytes())).await.unwrap();
    assert_eq!(drawing.bytes.len(), 69);
}
