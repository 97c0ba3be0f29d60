//! What each answer means.

use std::time::Duration;

use serde_json::{Value, json};
use toonmill_domain::{Failure, FailureCode};
use toonmill_providers::{Drawing, Kind, Usage};

use crate::server::{self, Answer, pixel};

async fn answered(answer: Answer) -> Result<Drawing, Failure> {
    server::answered(Kind::Seedream, answer).await
}

fn recorded(name: &str) -> Answer {
    Answer::recorded(Kind::Seedream, name)
}

fn failure(code: FailureCode, detail: &str) -> Failure {
    Failure::new(code).detail(detail)
}

#[tokio::test]
async fn a_picture_comes_with_who_drew_it_and_what_it_took() {
    let drawing = answered(recorded("generate_b64")).await.unwrap();
    assert_eq!(drawing.bytes, pixel());
    // What 4.x draws; the answer does not say.
    assert_eq!(drawing.mime_type, "image/jpeg");
    assert_eq!(drawing.model_version.as_deref(), Some("seedream-4-5-251128"));
    assert_eq!(drawing.usage, Some(Usage { output_tokens: 16384, total_tokens: 16384, ..Usage::default() }));
}

#[tokio::test]
async fn every_recorded_error_has_its_outcome() {
    use FailureCode::{BadRequest, ModelRetired, Overloaded, QuotaExhausted, RateLimited, Refused, Unauthorised};
    let cases = [
        ("err_400_input_text", Refused, "400 InputTextSensitiveContentDetected"),
        ("err_400_input_image", Refused, "400 InputImageSensitiveContentDetected"),
        ("err_400_missing", BadRequest, "400 MissingParameter"),
        ("err_400_param", BadRequest, "400 InvalidParameter"),
        ("err_401", Unauthorised, "401 AuthenticationError"),
        ("err_403", QuotaExhausted, "403 AccountOverdueError"),
        ("err_404", ModelRetired, "404 InvalidEndpointOrModel.NotFound"),
        ("err_404_notopen", Unauthorised, "404 ModelNotOpen"),
        ("err_408", Overloaded, "408 RequestTimeout"),
        ("err_409", Overloaded, "409 Conflict"),
        ("err_422", BadRequest, "422 Unprocessable"),
        ("err_429", RateLimited, "429 ModelAccountIpmRateLimitExceeded"),
        ("err_429_overload", RateLimited, "429 ServerOverloaded"),
        ("err_429_quota", QuotaExhausted, "429 QuotaExceeded"),
        ("err_500", Overloaded, "500 InternalServiceError"),
        ("err_503", Overloaded, "503 ServiceUnavailable"),
    ];
    for (name, code, detail) in cases {
        assert_eq!(answered(recorded(name)).await, Err(failure(code, detail)), "{name}");
    }
}

fn error(code: &str) -> Value {
    json!({ "error": { "code": code, "message": "words. Request id: 0", "param": "", "type": "" } })
}

#[tokio::test]
async fn the_rest_of_the_error_table_is_known_by_how_its_codes_begin() {
    use FailureCode::{BadRequest, ModelRetired, QuotaExhausted, RateLimited, Refused, Unauthorised};
    let cases = [
        (400, "SensitiveContentDetected.Violence", Refused),
        (400, "OutputImageSensitiveContentDetected.Nudity", Refused),
        (400, "OutputImageRiskDetection", Refused),
        (400, "InvalidParameter.UnsupportedImageFormat", BadRequest),
        (400, "InvalidEndpoint.ClosedEndpoint", ModelRetired),
        (403, "AccessDenied", Unauthorised),
        (403, "OperationDenied.PermissionDenied", Unauthorised),
        (403, "OperationDenied.ServiceOverdue", QuotaExhausted),
        (404, "InvalidEndpointOrModel.ModelIDAccessDisabled", Unauthorised),
        (429, "RateLimitExceeded.EndpointRPMExceeded", RateLimited),
        (429, "ModelAccountTpmRateLimitExceeded", RateLimited),
        (429, "SetLimitExceeded", QuotaExhausted),
        (429, "QuotaExceeded.SomethingNew", QuotaExhausted),
    ];
    for (status, name, code) in cases {
        let answer = answered(Answer::json(status, &error(name))).await;
        assert_eq!(answer, Err(failure(code, &format!("{status} {name}"))));
    }
}

#[tokio::test]
async fn a_limit_says_how_long_to_wait_and_a_quota_does_not() {
    let limited = failure(FailureCode::RateLimited, "429 ModelAccountIpmRateLimitExceeded");
    let limited = limited.retry_after(Some(Duration::from_secs(1)));
    assert_eq!(answered(recorded("err_429_retry_after")).await, Err(limited));
    let spent = Answer::Whole(429, "retry-after: 1\r\n".into(), error("QuotaExceeded").to_string().into());
    assert_eq!(answered(spent).await, Err(failure(FailureCode::QuotaExhausted, "429 QuotaExceeded")));
}

#[tokio::test]
async fn without_a_code_the_status_has_to_do() {
    for (status, code) in [
        (302, FailureCode::BadRequest),
        (402, FailureCode::QuotaExhausted),
        (413, FailureCode::BadRequest),
        (502, FailureCode::Overloaded),
        // Behind the gateway that gave up, the picture may have been drawn.
        (504, FailureCode::TimedOut),
    ] {
        let answer = Answer::Whole(status, "location: /elsewhere\r\n".into(), b"<html>".to_vec());
        assert_eq!(answered(answer).await, Err(failure(code, &status.to_string())));
    }
    let sentence = Answer::json(400, &error("you wrote: a secret"));
    assert_eq!(answered(sentence).await, Err(failure(FailureCode::BadRequest, "400")), "is not repeated");
}

#[tokio::test]
async fn a_picture_that_failed_within_a_200_is_an_error_of_its_own() {
    let with = |items: Value| Answer::json(200, &json!({ "model": "m", "data": items, "somethingNew": null }));
    let refused = failure(FailureCode::Refused, "200 OutputImageSensitiveContentDetected");
    assert_eq!(answered(with(json!([error("OutputImageSensitiveContentDetected")]))).await, Err(refused.clone()));
    let overloaded = failure(FailureCode::Overloaded, "200 InternalServiceError");
    assert_eq!(answered(with(json!([error("InternalServiceError")]))).await, Err(overloaded));
    let unknown = failure(FailureCode::Empty, "200 SomethingNew");
    assert_eq!(answered(with(json!([error("SomethingNew")]))).await, Err(unknown));
    // The same without a list.
    assert_eq!(answered(Answer::json(200, &error("OutputImageSensitiveContentDetected"))).await, Err(refused));
    // A good one beside it is a picture all the same.
    let data = json!({ "b64_json": "iVBORw0K", "url": null, "size": "2048x2048", "output_format": "png" });
    let drawing = answered(with(json!([error("InternalServiceError"), data]))).await.unwrap();
    assert_eq!((&*drawing.bytes, drawing.mime_type.as_str()), (&b"\x89PNG\r\n"[..], "image/png"));
}

#[tokio::test]
async fn a_200_that_holds_no_picture_is_empty_and_one_that_breaks_it_is_invalid() {
    let empty = Err(failure(FailureCode::Empty, "no picture"));
    for body in [json!({}), json!({ "data": null }), json!({ "data": [] }), json!({ "data": [{ "b64_json": null }] })] {
        assert_eq!(answered(Answer::json(200, &body)).await, empty, "{body}");
    }
    let invalid = |detail: &str| Err(failure(FailureCode::InvalidImage, detail));
    let not_base64 = Answer::json(200, &json!({ "data": [{ "b64_json": "not base64" }] }));
    assert_eq!(answered(not_base64).await, invalid("the picture is not base64"));
    let html = Answer::Whole(200, String::new(), b"<html>".to_vec());
    assert_eq!(answered(html).await, invalid("the answer is not the JSON it should be"));
}
