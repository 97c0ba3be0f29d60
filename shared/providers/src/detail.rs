//! What of an error's body may be shown.

use serde_json::Value;

/// Text that is safe in a detail: an identifier, never a sentence, which can quote a prompt or a key.
pub(crate) fn token(text: &str) -> Option<&str> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    ((1..=96).contains(&text.len()) && text.chars().all(is_part)).then_some(text)
}

pub(crate) fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name).and_then(Value::as_str)
}

/// What is safe of these, one after the other.
pub(crate) fn tokens<'a>(parts: impl IntoIterator<Item = Option<&'a str>>) -> String {
    parts.into_iter().flatten().filter_map(token).collect::<Vec<_>>().join(" ")
}
