//! The functions' own clients that write, against the stand-ins.

use std::time::Duration;

use serde_json::{Value, json};
use toonmill_domain::{Failure, FailureCode};
use toonmill_providers::{FinishReason, Kind, WriteRequest, Writing};
use toonmill_standins::faults::{BrokenPicture, BrokenText, Cut, Fault, Quota, Rule, Script};

use crate::{clients::Client, world::World};

const WRITERS: [Kind; 2] = [Kind::Gemini, Kind::OpenAi];
const ENGLISH: &str = "A hunter stands before the gate";
const KOREAN: &str = "사냥꾼이 문 앞에 선다";

fn storyboard() -> Value {
    let text = json!({ "type": "string" });
    json!({
        "type": "object",
        "properties": {
            "cuts": { "type": "array", "items": {
                "type": "object",
                "properties": {
                    "title": text, "background": text, "description": text,
                    "dialogue": { "type": "array", "items": text },
                    "weight": { "type": "integer", "minimum": 1, "maximum": 3 },
                },
                "required": ["title", "background", "description", "dialogue", "weight"],
                "additionalProperties": false,
            } },
        },
        "required": ["cuts"],
        "additionalProperties": false,
    })
}

async fn write(
    client: &Client,
    kind: Kind,
    input: &str,
    schema: Option<&Value>,
    max_output_tokens: u32,
) -> Result<Writing, Failure> {
    let provider = kind.as_str().parse().unwrap();
    let request = WriteRequest {
        model: client.catalogue.default_text_model(&provider).unwrap(),
        system: Some("You write for webtoons."),
        input,
        schema,
        temperature: Some(0.7),
        max_output_tokens,
        time_limit: Duration::from_secs(20),
    };
    client.providers.writer(&provider).unwrap().write(request).await
}

#[tokio::test]
async fn every_model_that_writes_writes() {
    let client = Client::new(World::new().await);
    for model in client.catalogue.text_models() {
        let request = WriteRequest {
            model,
            system: None,
            input: ENGLISH,
            schema: Some(&storyboard()),
            temperature: model.parameters.temperature.map(|range| range.default),
            max_output_tokens: 4_096,
            time_limit: Duration::from_secs(20),
        };
        let writing = client.providers.writer(&model.provider).unwrap().write(request).await.unwrap();
        assert_eq!(writing.model_version.as_deref(), Some(model.id.as_str()));
    }
}

#[tokio::test]
async fn a_text_is_about_its_prompt_and_the_same_for_the_same_script() {
    for kind in WRITERS {
        let written = async |input| write(&Client::new(World::new().await), kind, input, None, 1_024).await.unwrap();
        let writing = written(KOREAN).await;
        assert!(writing.text.starts_with(KOREAN), "{}", writing.text);
        assert_eq!(writing, written(KOREAN).await);
        assert_eq!(writing.finish_reason, FinishReason::Stop);
        let usage = writing.usage.unwrap();
        assert!(usage.prompt_tokens > 0 && usage.output_tokens > 10);
        assert_eq!(usage.total_tokens, usage.prompt_tokens + usage.output_tokens + usage.thinking_tokens);
        let cut = write(&Client::new(World::new().await), kind, KOREAN, None, 16).await.unwrap();
        assert_eq!(cut.finish_reason, FinishReason::MaxOutputTokens);
        assert!(writing.text.starts_with(&cut.text));
    }
}

#[tokio::test]
async fn data_satisfies_the_schema_and_is_in_the_language_of_the_prompt() {
    let client = Client::new(World::new().await);
    for kind in WRITERS {
        for (input, hangul) in [(ENGLISH, false), (KOREAN, true)] {
            let writing = write(&client, kind, input, Some(&storyboard()), 4_096).await.unwrap();
            let data: Value = serde_json::from_str(&writing.text).unwrap();
            let title = data["cuts"][0]["title"].as_str().unwrap();
            assert_eq!(!title.is_ascii(), hangul, "{title}");
        }
        let cut = write(&client, kind, ENGLISH, Some(&storyboard()), 16).await.unwrap_err();
        assert_eq!(cut.code, FailureCode::InvalidText);
    }
}

async fn outcome(kind: Kind, fault: Fault, schema: Option<&Value>) -> Option<FailureCode> {
    let client = Client::new(World::failing(fault).await);
    write(&client, kind, ENGLISH, schema, 4_096).await.err().map(|failure| failure.code)
}

#[tokio::test]
async fn each_fault_has_one_outcome_whoever_is_asked() {
    use FailureCode::{
        BadRequest, Empty, InvalidText, ModelRetired, Overloaded, QuotaExhausted, RateLimited, Refused, TimedOut,
        Unauthorised,
    };
    let error = |status| Fault::Error { status, message: None, wrapped: false };
    let limited = |quota| Fault::RateLimited { retry_after_ms: None, quota };
    let broken = |how| Fault::BrokenText { how };
    let finished = |reason: &str| Fault::Finished { reason: reason.into() };
    // The second is the outcome when data is asked for, where it differs.
    let cases = [
        (Fault::None {}, None, None),
        (limited(Quota::PerMinute), Some(RateLimited), None),
        (limited(Quota::PerDay), Some(QuotaExhausted), None),
        (error(400), Some(BadRequest), None),
        (error(401), Some(Unauthorised), None),
        (error(403), Some(Unauthorised), None),
        (error(404), Some(ModelRetired), None),
        (Fault::BadKey {}, Some(Unauthorised), None),
        (Fault::WrongPlace {}, Some(Unauthorised), None),
        (Fault::Retired {}, Some(ModelRetired), None),
        (error(408), Some(Overloaded), None),
        (error(409), Some(Overloaded), None),
        (error(422), Some(BadRequest), None),
        (error(500), Some(Overloaded), None),
        (error(503), Some(Overloaded), None),
        (Fault::BadGateway {}, Some(Overloaded), None),
        // The request had arrived: it may have been worked on, and paid for.
        (Fault::Reset { cut: Cut::BeforeAnswer }, Some(TimedOut), None),
        (Fault::Reset { cut: Cut::MidAnswer }, Some(TimedOut), None),
        (Fault::Blocked { reason: "SAFETY".into() }, Some(Refused), None),
        (finished("SAFETY"), Some(Refused), None),
        (finished("OTHER"), Some(Empty), None),
        (finished("MAX_TOKENS"), None, Some(InvalidText)),
        (Fault::TextOnly {}, Some(Empty), None),
        (Fault::BrokenJson {}, Some(InvalidText), None),
        (broken(BrokenText::CutOff), None, Some(InvalidText)),
        (broken(BrokenText::NotJson), None, Some(InvalidText)),
        (broken(BrokenText::WrongShape), None, Some(InvalidText)),
        // A script that was written for pictures.
        (Fault::BrokenPicture { how: BrokenPicture::Empty }, Some(Empty), None),
        (Fault::BrokenPicture { how: BrokenPicture::Truncated }, None, Some(InvalidText)),
        (Fault::Blank {}, None, None),
    ];
    let schema = storyboard();
    for kind in WRITERS {
        for (fault, of_text, of_data) in cases.clone() {
            assert_eq!(outcome(kind, fault.clone(), None).await, of_text, "{kind:?}, {fault:?}");
            assert_eq!(outcome(kind, fault.clone(), Some(&schema)).await, of_data.or(of_text), "{kind:?}, {fault:?}");
        }
    }
}

#[tokio::test]
async fn openai_fails_within_a_200_too() {
    for (code, expected) in [
        ("server_error", FailureCode::Overloaded),
        ("rate_limit_exceeded", FailureCode::RateLimited),
        ("invalid_prompt", FailureCode::Refused),
    ] {
        let fault = Fault::Finished { reason: code.into() };
        assert_eq!(outcome(Kind::OpenAi, fault, None).await, Some(expected), "{code}");
    }
}

#[tokio::test]
async fn a_rule_for_a_prompt_is_about_texts_too() {
    let rules = vec![Rule::for_prompt("HUNTER", Fault::Blocked { reason: "SAFETY".into() })];
    let client = Client::new(World::with(Script { rules, ..Script::default() }).await);
    for kind in WRITERS {
        let refused = write(&client, kind, ENGLISH, None, 64).await.unwrap_err();
        assert_eq!(refused.code, FailureCode::Refused);
        write(&client, kind, KOREAN, None, 64).await.unwrap();
    }
    let stats = client.world.server.stats();
    assert_eq!((stats.calls, stats.outcomes["blocked_SAFETY"]), (4, 2));
}
