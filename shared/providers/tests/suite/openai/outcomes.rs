//! What each answer means.

use std::time::Duration;

use serde_json::{Value, json};
use toonmill_domain::{Failure, FailureCode};
use toonmill_providers::{Drawing, Kind, Usage};

use crate::server::{self, Answer, pixel};

async fn answered(answer: Answer) -> Result<Drawing, Failure> {
    server::answered(Kind::OpenAi, answer).await
}

fn recorded(name: &str) -> Answer {
    Answer::recorded(Kind::OpenAi, name)
}

fn failure(code: FailureCode, detail: &str) -> Failure {
    Failure::new(code).detail(detail)
}

#[tokio::test]
async fn a_picture_comes_with_what_it_took() {
    let drawing = answered(recorded("images_generate")).await.unwrap();
    assert_eq!(drawing.bytes, pixel());
    assert_eq!(drawing.mime_type, "image/jpeg");
    let usage = Usage { prompt_tokens: 12, output_tokens: 1056, thinking_tokens: 0, total_tokens: 1068 };
    assert_eq!(drawing.usage, Some(usage));
    assert_eq!((drawing.model_version, drawing.text), (None, None));
}

#[tokio::test]
async fn every_recorded_error_has_its_outcome() {
    use FailureCode::{BadRequest, ModelRetired, Overloaded, Refused, Unauthorised};
    let cases = [
        ("err_400", BadRequest, "400 invalid_value"),
        ("err_400_moderation", Refused, "400 moderation_blocked"),
        ("err_401", Unauthorised, "401 invalid_api_key"),
        ("err_403", Unauthorised, "403 invalid_request_error"),
        ("err_404", ModelRetired, "404 model_not_found"),
        ("err_408", Overloaded, "408 server_error"),
        ("err_409", Overloaded, "409 server_error"),
        ("err_422", BadRequest, "422 invalid_request_error"),
        ("err_500", Overloaded, "500 server_error"),
        ("err_503", Overloaded, "503 server_error"),
    ];
    for (name, code, detail) in cases {
        assert_eq!(answered(recorded(name)).await, Err(failure(code, detail)), "{name}");
    }
}

fn error(code: &str) -> Value {
    json!({ "error": { "message": "words", "type": "insufficient_quota", "param": null, "code": code } })
}

#[tokio::test]
async fn a_limit_passes_and_a_quota_does_not() {
    let limited = failure(FailureCode::RateLimited, "429 rate_limit_exceeded");
    let wait = |wait| Some(Duration::from_millis(wait));
    // Two headers say it; the finer one is believed.
    assert_eq!(answered(recorded("err_429")).await, Err(limited.clone().retry_after(wait(120))));
    assert_eq!(answered(recorded("err_429_seconds")).await, Err(limited.retry_after(wait(2_000))));
    for (status, code) in [(429, "insufficient_quota"), (400, "billing_hard_limit_reached")] {
        let answer = Answer::Whole(status, "retry-after: 1\r\n".into(), error(code).to_string().into());
        let expected = failure(FailureCode::QuotaExhausted, &format!("{status} {code}"));
        assert_eq!(answered(answer).await, Err(expected));
    }
}

#[tokio::test]
async fn without_a_code_the_status_has_to_do() {
    for (status, code) in [
        (302, FailureCode::BadRequest),
        (402, FailureCode::QuotaExhausted),
        (410, FailureCode::ModelRetired),
        (413, FailureCode::BadRequest),
        (429, FailureCode::RateLimited),
        (502, FailureCode::Overloaded),
        // Behind the gateway that gave up, the picture may have been drawn.
        (504, FailureCode::TimedOut),
    ] {
        let answer = Answer::Whole(status, "location: /elsewhere\r\n".into(), b"<html>".to_vec());
        assert_eq!(answered(answer).await, Err(failure(code, &status.to_string())));
    }
    let refused = Answer::json(400, &error("content_policy_violation"));
    assert_eq!(answered(refused).await, Err(failure(FailureCode::Refused, "400 content_policy_violation")));
    let sentence = Answer::json(400, &error("you wrote: a secret"));
    assert_eq!(answered(sentence).await, Err(failure(FailureCode::BadRequest, "400")), "is not repeated");
}

#[tokio::test]
async fn a_200_that_holds_no_picture_is_empty_and_one_that_breaks_it_is_invalid() {
    let empty = Err(failure(FailureCode::Empty, "no picture"));
    let link = json!({ "data": [{ "url": "https://example.com/a.png", "revised_prompt": "x" }] });
    for body in [json!({}), json!({ "data": [] }), json!({ "data": [{ "b64_json": null }] }), link] {
        assert_eq!(answered(Answer::json(200, &body)).await, empty, "{body}");
    }
    let invalid = |detail: &str| Err(failure(FailureCode::InvalidImage, detail));
    let not_base64 = Answer::json(200, &json!({ "data": [{ "b64_json": "not base64" }] }));
    assert_eq!(answered(not_base64).await, invalid("the picture is not base64"));
    let html = Answer::Whole(200, String::new(), b"<html>".to_vec());
    assert_eq!(answered(html).await, invalid("the answer is not the JSON it should be"));
}
