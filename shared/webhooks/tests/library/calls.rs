use std::{
    fs::{self, File},
    path::Path,
    process::Command,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde_json::{Value, json};
use toonmill_domain::{Credits, JobKind, JobStatus, Timestamp};
use toonmill_python::{python, run};
use toonmill_webhooks::{Event, Facts, Headers, Secret, Secrets, sign, verify};
use uuid::Uuid;

const ID: Uuid = Uuid::from_u128(0x0189_0a5d_ac96_774b_bcce_b302_099a_8057);

/// What the library thinks of a call.
#[derive(Debug)]
struct Opinion {
    refused: Option<String>,
    /// How it would have signed it.
    signature: String,
}

/// Asks the library about calls, each with the secret of its receiver.
fn opinions(name: &str, calls: &[(&Secret, &Headers, &str)]) -> Vec<Opinion> {
    let target = env!("CARGO_TARGET_TMPDIR");
    let lines = calls.iter().map(|(secret, headers, body)| {
        let by_name: Value =
            headers.to_send().map(|(name, value)| (name.to_owned(), json!(value))).into_iter().collect();
        format!("{}\n", json!({ "secret": secret.reveal(), "headers": by_name, "body": body }))
    });
    let calls = Path::new(target).join(format!("webhooks-{name}.jsonl"));
    fs::write(&calls, lines.collect::<String>()).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/library/calls.py");
    let python = python(target, "webhooks-venv", include_str!("requirements.txt"));
    let answers = run(Command::new(python).arg("-B").arg(script).stdin(File::open(calls).unwrap()));
    let opinion = |line| {
        let answer: Value = serde_json::from_str(line).unwrap();
        let refused = answer["refused"].as_str().map(str::to_owned);
        Opinion { refused, signature: answer["signature"].as_str().unwrap().to_owned() }
    };
    answers.lines().map(opinion).collect()
}

fn secret(byte: u8) -> Secret {
    // No two bytes of it are the same, and its base64 has all kinds of characters.
    Secret::new(std::array::from_fn(|index| byte.wrapping_mul(31).wrapping_add(u8::try_from(index * 7).unwrap())))
}

fn body() -> String {
    let credits = |credits| Credits::new(credits).unwrap();
    let facts = Facts {
        job: "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap(),
        kind: JobKind::Pipeline,
        status: JobStatus::Partial,
        requested: 150,
        stored: 147,
        given_up: 3,
        held: credits(600),
        captured: credits(588),
        released: credits(12),
        production_id: Some("사냥꾼 \"1\"".to_owned()),
    };
    Event::ended(facts, now()).unwrap().body()
}

#[expect(clippy::disallowed_methods, reason = "the library reads the real clock, and refuses what is of another time")]
fn now() -> Timestamp {
    Timestamp::from_millis(0).plus(SystemTime::now().duration_since(UNIX_EPOCH).unwrap())
}

#[test]
fn the_library_believes_what_we_sign_and_we_what_it_signs() {
    let (now, body) = (now(), body());
    let headers = sign(&Secrets::first(secret(1)), ID, body.as_bytes(), now);
    let [opinion] = opinions("one", &[(&secret(1), &headers, &body)]).try_into().unwrap();
    assert_eq!(opinion.refused, None);
    assert_eq!(opinion.signature, headers.signature);
    let theirs = Headers { signature: opinion.signature, ..headers };
    assert_eq!(verify(&secret(1), &theirs, body.as_bytes(), now), Ok(()));
}

#[test]
fn while_a_secret_is_rotated_the_library_believes_us_with_either() {
    let (now, body) = (now(), body());
    let secrets = Secrets::first(secret(1)).rotated(secret(2), now);
    let both = sign(&secrets, ID, body.as_bytes(), now);
    // A day ago they were rotated, as it were.
    let rotated = Secrets::first(secret(1)).rotated(secret(2), now.minus(Duration::from_hours(24)));
    let one = sign(&rotated, ID, body.as_bytes(), now);
    let calls = [(&secret(1), &both), (&secret(2), &both), (&secret(3), &both), (&secret(1), &one), (&secret(2), &one)];
    let opinions = opinions("rotation", &calls.map(|(secret, headers)| (secret, headers, body.as_str())));
    let no_match = Some("No matching signature found");
    let refused: Vec<_> = opinions.iter().map(|opinion| opinion.refused.as_deref()).collect();
    assert_eq!(refused, [None, None, no_match, no_match, None]);
    for (secret, opinion) in [secret(1), secret(2)].iter().zip(opinions) {
        let theirs = Headers { signature: opinion.signature, ..both.clone() };
        assert_eq!(verify(secret, &theirs, body.as_bytes(), now), Ok(()));
    }
}

#[test]
fn the_library_refuses_what_we_refuse() {
    let (now, body) = (now(), body());
    let secrets = Secrets::first(secret(1));
    let signed_at = |at| sign(&secrets, ID, body.as_bytes(), at);
    let (old, ahead) = (now.minus(Duration::from_mins(7)), now.plus(Duration::from_mins(7)));
    let another_id = Headers { id: Uuid::nil().to_string(), ..signed_at(now) };
    let another_body = body.replace("147", "150");
    let calls = [
        (signed_at(old), body.as_str(), "Message timestamp too old"),
        (signed_at(ahead), &body, "Message timestamp too new"),
        (another_id, &body, "No matching signature found"),
        (signed_at(now), &another_body, "No matching signature found"),
    ];
    let secret = secret(1);
    let asked: Vec<_> = calls.iter().map(|(headers, body, _)| (&secret, headers, *body)).collect();
    for (opinion, (headers, body, why)) in opinions("refusals", &asked).iter().zip(&calls) {
        assert_eq!(opinion.refused.as_deref(), Some(*why));
        assert!(verify(&secret, headers, body.as_bytes(), now).is_err(), "{why}");
    }
}
