//! Calls that get no whole answer.

use std::time::Duration;

use toonmill_domain::{Failure, FailureCode};
use toonmill_providers::{Account, Kind, Providers, Secret, Settings, SetupError};

use crate::{
    server::{Answer, KEY, Server, Sketch, answered, recording, settings},
    writing::{Essay, WRITERS},
};

/// A recorded answer with a picture.
fn good(kind: Kind) -> &'static str {
    match kind {
        Kind::Gemini => "image_pro",
        Kind::Seedream => "generate_b64",
        Kind::OpenAi => "images_generate",
    }
}

fn picture(kind: Kind) -> Vec<u8> {
    recording(kind, "responses", good(kind))["body"].to_string().into_bytes()
}

fn hurried(kind: Kind) -> Sketch {
    Sketch { time_limit: Duration::from_secs(1), ..Sketch::by(kind) }
}

#[tokio::test]
async fn each_way_of_breaking_off_has_its_outcome_after_one_call() {
    for kind in Kind::ALL {
        let cases = [
            (Answer::Closed, FailureCode::TimedOut, "connection lost"),
            (Answer::Reset, FailureCode::TimedOut, "connection lost"),
            (Answer::Silence, FailureCode::TimedOut, "no answer in time"),
            (Answer::Half(picture(kind)), FailureCode::TimedOut, "the answer was cut short"),
            (Answer::Stalled(picture(kind)), FailureCode::TimedOut, "the answer did not end in time"),
        ];
        for (answer, code, detail) in cases {
            let server = Server::start(answer).await;
            let sketch = if detail.ends_with("in time") { hurried(kind) } else { Sketch::by(kind) };
            let failure = sketch.draw(&server.providers()).await.unwrap_err();
            assert_eq!(failure, Failure::new(code).detail(detail), "{kind:?}");
            assert_eq!(server.received().len(), 1, "{kind:?}, {detail}");
            // The server had the whole request: the call may have to be paid for.
            assert!(failure.code.policy().maybe_paid, "{kind:?}, {detail}");
        }
    }
}

#[tokio::test]
async fn a_text_breaks_off_in_the_same_ways() {
    for kind in WRITERS {
        let name = if kind == Kind::Gemini { "text" } else { "responses_text" };
        let text = || recording(kind, "responses", name)["body"].to_string().into_bytes();
        let cases = [
            (Answer::Closed, FailureCode::TimedOut, "connection lost"),
            (Answer::Silence, FailureCode::TimedOut, "no answer in time"),
            (Answer::Half(text()), FailureCode::TimedOut, "the answer was cut short"),
            (Answer::Stalled(text()), FailureCode::TimedOut, "the answer did not end in time"),
            (Answer::Endless(None), FailureCode::InvalidText, "the answer is larger than 64 MB"),
        ];
        for (answer, code, detail) in cases {
            let seconds = if detail.ends_with("in time") { 1 } else { 30 };
            let essay = Essay { time_limit: Duration::from_secs(seconds), ..Essay::by(kind) };
            assert_eq!(essay.answered(answer).await, Err(Failure::new(code).detail(detail)), "{kind:?}");
        }
    }
}

#[tokio::test]
async fn a_schema_that_is_none_costs_nothing() {
    for kind in WRITERS {
        let server = Server::start(Answer::Closed).await;
        let essay = Essay { schema: Some(serde_json::json!({ "type": 7 })), ..Essay::by(kind) };
        let failure = essay.write(&server.providers()).await.unwrap_err();
        assert_eq!(failure, Failure::new(FailureCode::BadRequest).detail("the schema is not JSON Schema"));
        assert!(server.received().is_empty());
    }
}

#[test]
fn seedream_does_not_write() {
    let providers = Providers::connect(&settings("http://127.0.0.1:1")).unwrap();
    assert!(providers.writer(&"seedream".parse().unwrap()).is_none());
}

#[tokio::test]
async fn a_refused_connection_is_an_overload() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let providers = Providers::connect(&settings(&format!("http://{closed}"))).unwrap();
    for kind in Kind::ALL {
        let failure = Sketch::by(kind).draw(&providers).await.unwrap_err();
        assert_eq!(failure, Failure::new(FailureCode::Overloaded).detail("no connection"), "{kind:?}");
        assert!(!failure.code.policy().maybe_paid, "nothing was sent");
    }
}

#[tokio::test]
async fn an_answer_without_end_is_not_read() {
    for announced in [None, Some((64 << 20) + 1)] {
        let failure = answered(Kind::Gemini, Answer::Endless(announced)).await.unwrap_err();
        assert_eq!(failure, Failure::new(FailureCode::InvalidImage).detail("the answer is larger than 64 MB"));
    }
}

#[test]
fn settings_that_cannot_work_are_refused_by_name() {
    for kind in Kind::ALL {
        let with = |key: &str, url: &str| {
            let account = Account { api_key: Secret::new(key), base_url: Some(url.to_owned()) };
            Providers::connect(&Settings { accounts: [(kind, account)].into() }).map(|_| ()).unwrap_err()
        };
        assert!(matches!(with("a\nb", "http://x"), SetupError::Key { provider } if provider == kind.as_str()));
        assert!(matches!(with(KEY, "localhost:1"), SetupError::BaseUrl { provider } if provider == kind.as_str()));
    }
    assert_eq!(Providers::connect(&Settings::default()).unwrap().configured().count(), 0);
}
