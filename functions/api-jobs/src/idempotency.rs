//! `Idempotency-Key`: what a repeated request is recognised by.

use http::{HeaderMap, Method};
use serde::{Serialize, Serializer};
use serde_json::Value;
use sfv::{BareItem, Item, Parser};
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
    let key = key_of(value.as_bytes()).filter(|_| values.next().is_none()).ok_or_else(|| {
        let detail = format!(
            "must be one value of 1 to {LONGEST} visible ASCII characters, or a quoted string of as many, in which there may be spaces"
        );
        Problem::invalid(vec![FieldError::new("/header/Idempotency-Key", detail)])
    })?;
    let canonical = serde_json_canonicalizer::to_vec(&Said(body)).map_err(|_| Problem::internal())?;
    let fingerprint = Sha256::new()
        .chain_update(method.as_str())
        .chain_update(b" ")
        .chain_update(path)
        .chain_update(b"\n")
        .chain_update(canonical)
        .finalize();
    Ok(Some(IdempotencyKey { key_sha256: hex_of(key.as_bytes()), fingerprint: hex::encode(fingerprint) }))
}

/// The key that a header's value stands for. By the draft it is a string of a structured field, and so in quotes
/// (draft-ietf-httpapi-idempotency-key-header-07, 2.1; RFC 9651, 3.3.3). Without quotes it is the same key.
fn key_of(value: &[u8]) -> Option<String> {
    let value = value.trim_ascii();
    let key = if value.starts_with(b"\"") {
        let item: Item = Parser::new(value).parse().ok()?;
        match item.bare_item {
            BareItem::String(key) => key.as_str().to_owned(),
            _ => return None,
        }
    } else {
        let is_visible = value.iter().all(u8::is_ascii_graphic);
        String::from_utf8(value.to_vec()).ok().filter(|_| is_visible)?
    };
    let fits = (1..=LONGEST).contains(&key.len()) && !key.trim().is_empty();
    fits.then_some(key)
}

/// A body, as it is compared with that of a repeated request: a member that is null counts as absent, and no body as an empty
/// object. The canonical form of the rest (RFC 8785) has one order of members and one spelling of each number.
struct Said<'a>(&'a Value);

impl Serialize for Said<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Null => serializer.collect_map(std::iter::empty::<(&str, Value)>()),
            body => Members(body).serialize(serializer),
        }
    }
}

/// A value without its members that are null.
struct Members<'a>(&'a Value);

impl Serialize for Members<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Object(members) => {
                let said = members.iter().filter(|(_, value)| !value.is_null());
                serializer.collect_map(said.map(|(name, value)| (name, Members(value))))
            }
            Value::Array(values) => serializer.collect_seq(values.iter().map(Members)),
            scalar => scalar.serialize(serializer),
        }
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
    fn numbers_have_one_spelling_and_null_is_absent() {
        let one = fingerprint("/a", r#"{"a": 1, "b": {"c": [null, 10]}}"#);
        for same in
            [r#"{"a": 1.0, "b": {"c": [null, 1e1]}}"#, r#"{"d": null, "a": 1, "b": {"c": [null, 10], "d": null}}"#]
        {
            assert_eq!(one, fingerprint("/a", same), "{same}");
        }
        // A null in a list holds a place.
        for other in [r#"{"a": 1, "b": {"c": [10]}}"#, r#"{"a": "1", "b": {"c": [null, 10]}}"#, r#"{"a": 1, "b": {}}"#]
        {
            assert_ne!(one, fingerprint("/a", other), "{other}");
        }
        assert_eq!(fingerprint("/a", "{}"), fingerprint("/a", "null"));
        assert_eq!(fingerprint("/a", "{}"), fingerprint("/a", r#"{"deadlineSeconds": null}"#));
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
    fn a_quoted_key_and_a_bare_one_are_one() {
        let key = |value: &str| key_of(value.as_bytes());
        for same in ["page-12", "\"page-12\"", "  page-12 ", " \"page-12\"\t", "\"page-12\";v=1"] {
            assert_eq!(key(same).as_deref(), Some("page-12"), "{same}");
        }
        assert_eq!(key("\"page 12\"").as_deref(), Some("page 12"));
        assert_eq!(key("\" page\"").as_deref(), Some(" page"), "what is in quotes is the key's own");
        assert_eq!(key(r#""a \"b\" \\""#).as_deref(), Some(r#"a "b" \"#));
        assert_eq!(key("a\"b").as_deref(), Some("a\"b"));
        assert_eq!(key("?1").as_deref(), Some("?1"));
    }

    #[test]
    fn a_key_is_visible_and_not_too_long() {
        let read = |value: &str| {
            let headers = HeaderMap::from_iter([("idempotency-key".parse().unwrap(), value.parse().unwrap())]);
            read(&headers, &Method::POST, "/", &Value::Null)
        };
        for good in ["x".repeat(255), format!("\"{}\"", "x".repeat(255)), format!("\"{}\"", "\\\"".repeat(255))] {
            assert!(read(&good).unwrap().is_some());
        }
        let (long, long_quoted) = ("x".repeat(256), format!("\"{}\"", "x".repeat(256)));
        for bad in [
            "",
            " ",
            "a b",
            "\"",
            "\"\"",
            "\"  \"",
            "\"a",
            "\"a\"b",
            "\"a\" b",
            "\"a\\b\"",
            "\"a\", \"b\"",
            "가",
            "\"가\"",
            &long,
            &long_quoted,
        ] {
            assert!(read(bad).is_err(), "{bad:?}");
        }
        let mut twice = HeaderMap::new();
        twice.append("idempotency-key", "a".parse().unwrap());
        twice.append("idempotency-key", "b".parse().unwrap());
        assert!(super::read(&twice, &Method::POST, "/", &Value::Null).is_err());
    }
}
