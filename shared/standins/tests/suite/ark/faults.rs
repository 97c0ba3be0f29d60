//! Every fault of the script, as ARK has it.

use serde_json::json;
use toonmill_standins::faults::{BrokenPicture, Fault, Quota};

use super::answers::{PATH, ask};
use crate::world::{Answer, World, recorded, size_of};

async fn answer_with(fault: Fault) -> Answer {
    World::failing(fault).await.send_json(PATH, &ask(&json!({}))).await
}

fn error(status: u16) -> Fault {
    Fault::Error { status, message: None, wrapped: false }
}

fn limited(quota: Quota) -> Fault {
    Fault::RateLimited { retry_after_ms: Some(1500), quota }
}

#[tokio::test]
async fn every_recorded_error_can_be_had_word_for_word() {
    let refused = |reason: &str| Fault::Blocked { reason: reason.into() };
    for (name, fault) in [
        ("err_400_input_text", refused("SAFETY")),
        ("err_400_param", error(400)),
        ("err_401", Fault::BadKey {}),
        ("err_401", error(401)),
        ("err_403", error(403)),
        ("err_404", Fault::Retired {}),
        ("err_404_notopen", error(404)),
        ("err_408", error(408)),
        ("err_409", error(409)),
        ("err_422", error(422)),
        ("err_429", limited(Quota::PerMinute)),
        ("err_429_overload", error(429)),
        ("err_429_quota", limited(Quota::PerDay)),
        ("err_500", error(500)),
        ("err_503", error(503)),
    ] {
        let recorded = recorded("ark", name);
        let answer = answer_with(fault).await;
        assert_eq!(u64::from(answer.status.as_u16()), recorded["status"].as_u64().unwrap(), "{name}");
        assert_eq!(answer.body, recorded["body"], "{name}");
        assert_eq!(answer.header("x-request-id"), recorded["headers"]["X-Request-Id"], "{name}");
    }
    let code = "InputImageSensitiveContentDetected.PrivacyInformation";
    let answer = answer_with(refused(code)).await;
    assert_eq!((answer.status.as_u16(), &answer.error()["code"]), (400, &json!(code)), "its own word stands");
}

#[tokio::test]
async fn the_other_rows_of_the_table_have_their_codes() {
    for (fault, status, code) in [
        (limited(Quota::Spend), 429, "SetLimitExceeded"),
        (limited(Quota::Prepaid), 403, "AccountOverdueError"),
        (Fault::WrongPlace {}, 403, "OperationDenied.PermissionDenied"),
        (Fault::Hang { ms: Some(1) }, 504, "GatewayTimeout"),
    ] {
        let answer = answer_with(fault).await;
        assert_eq!((answer.status.as_u16(), &answer.error()["code"]), (status, &json!(code)));
    }
    assert_eq!(answer_with(limited(Quota::PerMinute)).await.header("retry-after"), "2");
    assert_eq!(answer_with(limited(Quota::PerDay)).await.header("retry-after"), "");
    assert!(answer_with(Fault::BadGateway {}).await.body.as_str().unwrap().contains("<html>"));
}

#[tokio::test]
async fn a_drawing_that_fails_is_an_error_within_a_200() {
    for (reason, code) in [
        ("IMAGE_SAFETY", "OutputImageSensitiveContentDetected"),
        ("OutputImageSensitiveContentDetected.Nudity", "OutputImageSensitiveContentDetected.Nudity"),
        ("InternalServiceError", "InternalServiceError"),
    ] {
        let answer = answer_with(Fault::Finished { reason: reason.into() }).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.body["data"][0]["error"]["code"], code);
        assert_eq!(answer.body["usage"]["generated_images"], 0);
    }
    for fault in [Fault::Finished { reason: "NO_IMAGE".into() }, Fault::TextOnly {}] {
        let answer = answer_with(fault).await;
        assert_eq!((answer.status.as_u16(), &answer.body["data"]), (200, &json!([])));
    }
}

#[tokio::test]
async fn broken_pictures_are_broken_each_in_its_way() {
    let broken = async |how| answer_with(Fault::BrokenPicture { how }).await;
    let truncated = broken(BrokenPicture::Truncated).await.data();
    assert!(truncated.starts_with(b"\xff\xd8\xff") && !truncated.ends_with(b"\xff\xd9"));
    assert!(broken(BrokenPicture::NotAPicture).await.data().starts_with(b"<html>"));
    assert_eq!(broken(BrokenPicture::Empty).await.body["data"][0]["b64_json"], "");
    assert!(broken(BrokenPicture::BadBase64).await.body.to_string().contains("*=not=base64"));
    assert!(answer_with(Fault::BrokenJson {}).await.body.is_string());
    assert_eq!(size_of(&answer_with(Fault::WrongRatio {}).await.data()), (1440, 1440));
}
