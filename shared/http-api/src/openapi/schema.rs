//! JSON Schema (2020-12), written short.

use serde_json::{Map, Value, json};

pub fn any() -> Value {
    json!({})
}

pub fn text() -> Value {
    json!({ "type": "string" })
}

pub fn texts(from: u64, to: u64) -> Value {
    json!({ "type": "string", "minLength": from, "maxLength": to })
}

/// An event of a stream, as its fields are read: `data` is JSON, and `id` is where to go on from.
pub fn server_sent_event() -> Value {
    let data = json!({ "type": "string", "contentMediaType": "application/json" });
    object([("id?", text()), ("event", text()), ("data", data)])
}

pub fn one_of<'a>(names: impl IntoIterator<Item = &'a str>) -> Value {
    json!({ "type": "string", "enum": names.into_iter().collect::<Vec<_>>() })
}

pub fn uuid() -> Value {
    json!({ "type": "string", "format": "uuid" })
}

pub fn time() -> Value {
    json!({ "type": "string", "format": "date-time" })
}

pub fn flag() -> Value {
    json!({ "type": "boolean" })
}

pub fn count() -> Value {
    json!({ "type": "integer", "minimum": 0 })
}

pub fn whole(from: u64, to: u64) -> Value {
    json!({ "type": "integer", "minimum": from, "maximum": to })
}

pub fn number(from: f64, to: f64) -> Value {
    json!({ "type": "number", "minimum": from, "maximum": to })
}

/// The same, or null.
pub fn or_null(schema: &Value) -> Value {
    json!({ "anyOf": [schema, { "type": "null" }] })
}

/// The same, or what says nothing in a request: null, a blank string, and for a list or an object the other one, empty.
pub fn or_nothing(schema: &Value) -> Value {
    let mut any_of = vec![schema.clone(), json!({ "type": "null" })];
    let pattern = any_of.first_mut().and_then(|schema| schema.get_mut("pattern"));
    let has_pattern = pattern.is_some();
    if let Some(Value::String(pattern)) = pattern {
        pattern.insert_str(0, "^\\s*$|");
    }
    match schema.get("type").and_then(Value::as_str) {
        Some("string") if has_pattern => {}
        Some("string") if schema.as_object().is_some_and(|members| members.len() > 1) => {
            any_of.push(json!({ "type": "string", "pattern": "^\\s*$" }));
        }
        Some("array") => any_of.push(json!({ "type": "object", "maxProperties": 0 })),
        Some("object") => any_of.push(json!({ "type": "array", "maxItems": 0 })),
        _ => {}
    }
    json!({ "anyOf": any_of })
}

pub fn list(of: &Value) -> Value {
    json!({ "type": "array", "items": of })
}

pub fn lists(of: &Value, from: u64, to: u64) -> Value {
    json!({ "type": "array", "items": of, "minItems": from, "maxItems": to })
}

pub fn map(of: &Value) -> Value {
    json!({ "type": "object", "additionalProperties": of })
}

/// An object with these members, of which a name that ends in `?` may be absent. Others are ignored.
pub fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for (name, schema) in members {
        let bare = name.trim_end_matches('?');
        if bare == name {
            required.push(bare.to_owned());
        }
        properties.insert(bare.to_owned(), schema);
    }
    json!({ "type": "object", "properties": properties, "required": required })
}

/// An object with the members of both. What the second says goes before what the first does.
pub fn with(mut object: Value, more: Value) -> Value {
    let Value::Object(mut more) = more else { return object };
    let (properties, required) = (more.remove("properties"), more.remove("required"));
    if let (Some(Value::Object(into)), Some(Value::Object(from))) = (object.get_mut("properties"), properties) {
        into.extend(from);
    }
    if let (Some(Value::Array(into)), Some(Value::Array(from))) = (object.get_mut("required"), required) {
        into.extend(from);
    }
    object
}

/// A page of a list.
pub fn page(of: &Value) -> Value {
    object([("data", list(of)), ("nextCursor", or_null(&text()))])
}

/// One of the document's own schemas.
pub fn named(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}
