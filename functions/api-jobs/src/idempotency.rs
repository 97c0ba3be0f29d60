//! `Idempotency-Key`: what a repeated request is recognised by.

use http::{HeaderMap, Method};
use serde_json::Value;
use sha2::{Digest, Sha256};
use toonmill_domain::sha256::hex_of;
use toonmill_flows::submit::IdempotencyKey;
use toonmill_http_api::{FieldError, Problem};

const LONGEST: usize = 255;

/// The key of a request, if it has one.
pub(crate) fn read(
    headers: &HeaderMap,
    method: &Method,
    path: &str,
    body: &Value,
) -> Result<Option<IdempotencyKey>, Problem> {
    let mut values = headers.get_all("idempotency-key").iter();
    let Some(value) = values.next() else { return Ok(None) };
    let key = value.as_bytes();
    let visible = (1..=LONGEST).contains(&key.len()) && key.iter().all(u8::is_ascii_graphic);
    if !visible || values.next().is_some() {
        let detail = format!("must be one value of 1 to {LONGEST} visible ASCII characters");
        return Err(Problem::invalid(vec![FieldError::new("/header/Idempotency-Key", detail)]));
    }
    let mut fingerprint =
        Sha256::new().chain_update(method.as_str()).chain_update(b" ").chain_update(path).chain_update(b"\n");
    hash(body, &mut fingerprint);
    Ok(Some(IdempotencyKey { key_sha256: hex_of(key), fingerprint: hex::encode(fingerprint.finalize()) }))
}

/// Hashes a body without the order of its members and its white space: what two equal requests have in common.
fn hash(value: &Value, into: &mut Sha256) {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_unstable_by_key(|(name, _)| *name);
            into.update(b"{");
            for (name, value) in members {
                into.update(Value::from(name.as_str()).to_string());
                into.update(b":");
                hash(value, into);
                into.update(b",");
            }
            into.update(b"}");
        }
        Value::Array(values) => {
            into.update(b"[");
            for value in values {
                hash(value, into);
                into.update(b",");
            }
            into.update(b"]");
        }
        scalar => into.update(scalar.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fingerprint(path: &str, body: &str) -> String {
        let headers = HeaderMap::from_iter([("idempotency-key".parse().unwrap(), "k-1".parse().unwrap())]);
        let body = serde_json::from_str(body).unwrap();
        read(&headers, &Method::POST, path, &body).unwrap().unwrap().fingerprint
    }

    #[test]
    fn the_order_of_members_does_not_make_another_request() {
        let one = fingerprint("/a", r#"{"a": 1, "b": [1, {"c": null, "d": "x"}]}"#);
        assert_eq!(one, fingerprint("/a", r#"{"b":[1,{"d":"x","c":null}],"a":1}"#));
        for other in [r#"{"a":2,"b":[1,{"d":"x","c":null}]}"#, r#"{"a":1,"b":[{"d":"x","c":null},1]}"#, r#"{"a":1}"#] {
            assert_ne!(one, fingerprint("/a", other));
        }
        assert_ne!(fingerprint("/a", "{}"), fingerprint("/b", "{}"));
    }

    #[test]
    fn a_key_is_visible_and_not_too_long() {
        let read = |value: &str| {
            let headers = HeaderMap::from_iter([("idempotency-key".parse().unwrap(), value.parse().unwrap())]);
            read(&headers, &Method::POST, "/", &Value::Null)
        };
        assert!(read(&"x".repeat(255)).unwrap().is_some());
        for bad in ["", "a b", &"x".repeat(256)] {
            assert!(read(bad).is_err(), "{bad:?}");
        }
    }
}
