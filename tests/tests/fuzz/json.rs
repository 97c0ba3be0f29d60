//! Bodies of requests, from their bytes to JSON.

use serde_json::Value;
use toonmill_http_api::{ProblemKind, body::parse_json};

use crate::{decisions::Decisions, spoil};

/// Bodies in which nothing is wrong, by every way in which JSON can be spelt.
const RIGHT: [&str; 4] = [
    r#"{"stages": [{"prompt": "옥상의 \ud83d\ude00 결투\n", "quantity": 5.0e1, "inputFileIds": [], "model": null}], "maxRounds": 3}"#,
    "\u{feff} {\"a\": [1e-7, -0, 18446744073709551615, true], \"a/b~\": {\"\": \"\\u00e9\"}} \r\n",
    r#"{"a": 1, "b": {"a": 1}, "a": null}"#,
    "[[[[[]]]]]",
];

/// What is read is what `serde_json` reads, and what is refused is refused for one of the reasons that there are.
fn check(bytes: &[u8]) {
    let plain = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let theirs = serde_json::from_slice::<Value>(plain);
    match parse_json(bytes) {
        Ok(None) => assert!(plain.iter().all(u8::is_ascii_whitespace), "{bytes:?}"),
        // Of a member that is there twice, with null once, the last is theirs and the other ours.
        Ok(Some(ours)) => match theirs {
            Ok(theirs) if theirs == ours => {}
            Ok(_) => assert!(has_twice(plain), "{}", String::from_utf8_lossy(bytes)),
            Err(error) => panic!("{error}: {}", String::from_utf8_lossy(bytes)),
        },
        Err(problem) => match problem.kind() {
            ProblemKind::InvalidRequest => assert!(theirs.is_err() || has_twice(plain)),
            ProblemKind::MalformedJson | ProblemKind::UnsupportedMediaType => assert!(theirs.is_err()),
            other => panic!("{other:?}"),
        },
    }
}

/// Whether some name is in the text twice: a hint only, since names have many spellings.
fn has_twice(text: &[u8]) -> bool {
    let text = String::from_utf8_lossy(text);
    let names: Vec<&str> = text.split('"').collect();
    let unique: std::collections::BTreeSet<_> = names.iter().collect();
    unique.len() < names.len()
}

#[test]
fn json() {
    bolero::check!().for_each(|input: &[u8]| {
        let mut decisions = Decisions::new(input);
        let right = *decisions.one_of(&RIGHT);
        check(&spoil::bytes(right.as_bytes(), &mut decisions));
    });
}
