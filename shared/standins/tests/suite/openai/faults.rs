//! Every fault of the script, as OpenAI has it.

use serde_json::json;
use toonmill_standins::faults::{BrokenPicture, Fault, Quota};

use super::answers::{GENERATIONS, ask};
use crate::world::{Answer, World, recorded, size_of};

async fn answer_with(fault: Fault) -> Answer {
    World::failing(fault).await.send_json(GENERATIONS, &ask(&json!({}))).await
}

fn error(status: u16) -> Fault {
    Fault::Error { status, message: None, wrapped: false }
}

#[tokio::test]
async fn every_recorded_error_can_be_had() {
    for (name, fault) in [
        ("err_400_moderation", Fault::Blocked { reason: "SAFETY".into() }),
        ("err_400_moderation", Fault::Finished { reason: "IMAGE_SAFETY".into() }),
        ("err_401", Fault::BadKey {}),
        ("err_401", error(401)),
        ("err_403", error(403)),
        ("err_404", Fault::Retired {}),
        ("err_408", error(408)),
        ("err_409", error(409)),
        ("err_422", error(422)),
        ("err_429", Fault::RateLimited { retry_after_ms: Some(120), quota: Quota::PerMinute }),
        ("err_500", error(500)),
        ("err_503", error(503)),
    ] {
        let recorded = recorded("openai", name);
        let answer = answer_with(fault).await;
        assert_eq!(u64::from(answer.status.as_u16()), recorded["status"].as_u64().unwrap(), "{name}");
        for field in ["code", "type", "param"] {
            assert_eq!(answer.error()[field], recorded["body"]["error"][field], "{name}, {field}");
        }
        for header in ["x-request-id", "retry-after", "retry-after-ms"] {
            assert_eq!(answer.header(header), recorded["headers"][header].as_str().unwrap_or_default(), "{name}");
        }
    }
}

#[tokio::test]
async fn a_quota_that_is_used_up_names_no_wait() {
    for quota in [Quota::PerDay, Quota::Spend, Quota::Prepaid] {
        let answer = answer_with(Fault::RateLimited { retry_after_ms: Some(120), quota }).await;
        assert_eq!((answer.status.as_u16(), &answer.error()["code"]), (429, &json!("insufficient_quota")));
        assert_eq!(answer.header("retry-after"), "");
    }
    let place = answer_with(Fault::WrongPlace {}).await;
    assert_eq!((place.status.as_u16(), place.error()["type"].as_str()), (403, Some("invalid_request_error")));
    assert_eq!(answer_with(Fault::Hang { ms: Some(1) }).await.status, 504);
    assert!(answer_with(Fault::BadGateway {}).await.body.as_str().unwrap().contains("<html>"));
}

#[tokio::test]
async fn good_looking_answers_may_be_wrong_too() {
    for fault in [Fault::Finished { reason: "NO_IMAGE".into() }, Fault::TextOnly {}] {
        let answer = answer_with(fault).await;
        assert_eq!((answer.status.as_u16(), &answer.body["data"]), (200, &json!([])));
    }
    let broken = async |how| answer_with(Fault::BrokenPicture { how }).await;
    let truncated = broken(BrokenPicture::Truncated).await.data();
    assert!(truncated.starts_with(b"\x89PNG") && image::load_from_memory(&truncated).is_err());
    assert_eq!(broken(BrokenPicture::WrongType).await.body["output_format"], "jpeg");
    assert_eq!(size_of(&answer_with(Fault::WrongRatio {}).await.data()), (720, 720));
    assert!(answer_with(Fault::BrokenJson {}).await.body.is_string());
}
