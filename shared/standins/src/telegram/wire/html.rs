//! `parse_mode=HTML`: text and entities out of markup, as far as bots use it.

use std::cmp::Reverse;

use serde_json::{Map, Value, json};

use super::super::limits::units;

/// A tag that is open.
struct Open<'a> {
    tag: &'a str,
    offset: usize,
    /// Empty for a link without an address, which is text.
    entity: Map<String, Value>,
}

/// The text without its markup, and the entities that the markup said. The error is Telegram's reason.
pub(crate) fn from_html(markup: &str) -> Result<(String, Vec<Value>), String> {
    let (mut text, mut entities, mut open) = (String::new(), Vec::new(), Vec::<Open<'_>>::new());
    let mut rest = markup;
    while let Some(at) = rest.find(['<', '&']) {
        let (plain, marked) = rest.split_at(at);
        text.push_str(plain);
        if let Some(after) = marked.strip_prefix('&') {
            let (letter, after) = reference(after).unwrap_or(('&', after));
            text.push(letter);
            rest = after;
            continue;
        }
        let byte = markup.len() - marked.len();
        let Some((tag, after)) = marked.get(1..).and_then(|inner| inner.split_once('>')) else {
            return Err(format!("Unclosed start tag at byte offset {byte}"));
        };
        rest = after;
        if let Some(name) = tag.strip_prefix('/') {
            let Some(Open { tag, offset, mut entity }) = open.pop() else {
                return Err(format!("Unexpected end tag at byte offset {byte}"));
            };
            if !name.trim().eq_ignore_ascii_case(tag) {
                return Err(format!(
                    "Unmatched end tag at byte offset {byte}, expected \"</{tag}>\", found \"</{name}>\""
                ));
            }
            let length = units(&text) - offset;
            if length > 0 && !entity.is_empty() {
                entity.insert("offset".into(), json!(offset));
                entity.insert("length".into(), json!(length));
                entities.push((offset, Reverse(length), Value::Object(entity)));
            }
        } else {
            let name = tag.split([' ', '\n']).next().unwrap_or_default();
            let entity =
                entity(name, tag).ok_or_else(|| format!("Unsupported start tag \"{name}\" at byte offset {byte}"))?;
            open.push(Open { tag: name, offset: units(&text), entity });
        }
    }
    text.push_str(rest);
    if let Some(Open { tag, .. }) = open.pop() {
        return Err(format!("Can't find end tag corresponding to start tag \"{tag}\""));
    }
    // Outer ones come before those within them.
    entities.sort_by_key(|(offset, length, _)| (*offset, *length));
    Ok((text, entities.into_iter().map(|(_, _, entity)| entity).collect()))
}

/// What a tag says. `None` if there is no such tag.
fn entity(name: &str, tag: &str) -> Option<Map<String, Value>> {
    let kind = match name.to_ascii_lowercase().as_str() {
        "b" | "strong" => "bold",
        "i" | "em" => "italic",
        "u" | "ins" => "underline",
        "s" | "strike" | "del" => "strikethrough",
        "tg-spoiler" => "spoiler",
        "span" if tag.contains("tg-spoiler") => "spoiler",
        "code" => "code",
        "pre" => "pre",
        "blockquote" => "blockquote",
        "a" => "text_link",
        _ => return None,
    };
    let mut entity = Map::new();
    entity.insert("type".into(), json!(kind));
    if kind == "text_link" {
        let address = tag.split_once("href=").map(|(_, address)| address.trim().trim_matches(['"', '\'']));
        let Some(address) = address.filter(|address| !address.is_empty()) else { return Some(Map::new()) };
        entity.insert("url".into(), json!(address.replace("&amp;", "&")));
    }
    Some(entity)
}

/// The character that `lt;` or `#65;` names, and what comes after it.
fn reference(text: &str) -> Option<(char, &str)> {
    let (name, after) = text.split_once(';')?;
    let letter = match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        _ => {
            let digits = name.strip_prefix('#')?;
            let code = match digits.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => digits.parse().ok()?,
            };
            char::from_u32(code)?
        }
    };
    Some((letter, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_becomes_entities_in_utf_16_units() {
        let (text, entities) =
            from_html("🎨 <b>안녕 <i>x</i></b> &amp; &lt;hi&#62; & <a href=\"https://e.x/?a&amp;b\">l</a>").unwrap();
        assert_eq!(text, "🎨 안녕 x & <hi> & l");
        assert_eq!(
            Value::from(entities),
            json!([
                { "type": "bold", "offset": 3, "length": 4 },
                { "type": "italic", "offset": 6, "length": 1 },
                { "type": "text_link", "url": "https://e.x/?a&b", "offset": 17, "length": 1 },
            ])
        );
    }

    #[test]
    fn broken_markup_is_refused_in_telegrams_words() {
        let why = |markup| from_html(markup).unwrap_err();
        assert_eq!(why("<b>x"), "Can't find end tag corresponding to start tag \"b\"");
        assert_eq!(why("x</b>"), "Unexpected end tag at byte offset 1");
        assert_eq!(why("a <x>"), "Unsupported start tag \"x\" at byte offset 2");
        assert!(why("<b>x</i>").starts_with("Unmatched end tag at byte offset 4"));
        assert!(why("1 < 2").starts_with("Unclosed"));
    }
}
