//! Data that satisfies a schema: JSON Schema as both providers take it, and Gemini's older dialect, which is a part
//! of Open API's: its types are in capitals, and its names may be in `snake_case`.
//!
//! Patterns and conditions (`if`, `not`, `dependentRequired`) are not understood; neither provider takes them.

use fastrand::Rng;
use serde_json::{Map, Number, Value};

use super::phrases::Language;

/// Deeper than this only what must be there is made, so that a schema that refers to itself comes to an end.
const DEEP: usize = 5;
const DEEPEST: usize = 32;

/// Data for this schema, about this prompt.
pub(crate) fn data(schema: &Value, prompt: &str, seed: u64) -> Value {
    Maker { root: schema, language: Language::of(prompt), chance: Rng::with_seed(seed) }.make(schema, "", 0)
}

struct Maker<'a> {
    root: &'a Value,
    language: Language,
    chance: Rng,
}

impl Maker<'_> {
    fn make(&mut self, schema: &Value, name: &str, depth: usize) -> Value {
        if depth > DEEPEST {
            return Value::Null;
        }
        if let Some(pointer) = schema.get("$ref").and_then(Value::as_str).and_then(|at| at.strip_prefix('#')) {
            let target = self.root.pointer(pointer).unwrap_or(&Value::Null);
            return self.make(target, name, depth + 1);
        }
        if let Some(only) = schema.get("const") {
            return only.clone();
        }
        if let Some(choices) = list(schema, "enum") {
            return self.chance.choice(choices).cloned().unwrap_or_default();
        }
        if let Some(choices) = list(schema, "anyOf").or_else(|| list(schema, "oneOf")) {
            let null = |schema: &&Value| kind(schema) == "null";
            let chosen = if depth > DEEP { choices.iter().find(null) } else { None };
            let chosen = chosen.or_else(|| choices.iter().find(|one| !null(one))).or(choices.first());
            return self.make(chosen.unwrap_or(&Value::Null), name, depth + 1);
        }
        match kind(schema).as_str() {
            "object" => self.object(schema, depth),
            "array" => self.array(schema, name, depth),
            "integer" => self.whole(schema).into(),
            "number" => Number::from_f64(number(schema)).map_or(Value::Null, Value::Number),
            "boolean" => self.chance.bool().into(),
            "null" => Value::Null,
            _ => self.string(schema, name).into(),
        }
    }

    fn object(&mut self, schema: &Value, depth: usize) -> Value {
        let required = list(schema, "required").unwrap_or_default();
        let mut object = Map::new();
        for (name, property) in get(schema, "properties").and_then(Value::as_object).into_iter().flatten() {
            if depth <= DEEP || required.iter().any(|one| one.as_str() == Some(name)) {
                object.insert(name.clone(), self.make(property, name, depth + 1));
            }
        }
        object.into()
    }

    fn array(&mut self, schema: &Value, name: &str, depth: usize) -> Value {
        let (least, most) = (count(schema, "minItems").unwrap_or(0), count(schema, "maxItems").unwrap_or(u64::MAX));
        let usual = if depth > DEEP { 0 } else { self.chance.u64(2..=4) };
        let items = get(schema, "items").unwrap_or(&Value::Null);
        (0..usual.max(least).min(most)).map(|_| self.make(items, name, depth + 1)).collect()
    }

    fn whole(&mut self, schema: &Value) -> i64 {
        let bound = |name| get(schema, name).and_then(Value::as_i64);
        let least = bound("minimum").or_else(|| bound("exclusiveMinimum").map(|bound| bound.saturating_add(1)));
        let most = bound("maximum").or_else(|| bound("exclusiveMaximum").map(|bound| bound.saturating_sub(1)));
        let least = least.unwrap_or_else(|| most.map_or(1, |most| most.min(1)));
        let most = most.unwrap_or(i64::MAX).min(least.saturating_add(9)).max(least);
        let step = bound("multipleOf").filter(|step| *step > 0).unwrap_or(1);
        let number = self.chance.i64(least..=most);
        // Up to the next multiple, or down to one where the bound is near.
        let up = number.saturating_add((step - number.rem_euclid(step)) % step);
        if bound("maximum").is_some_and(|most| up > most) { up.saturating_sub(step) } else { up }
    }

    fn string(&mut self, schema: &Value, name: &str) -> String {
        let text = match get(schema, "format").and_then(Value::as_str) {
            Some("date-time") => "2026-11-20T09:00:00Z".to_owned(),
            Some("date") => "2026-11-20".to_owned(),
            Some("time") => "09:00:00Z".to_owned(),
            Some("email") => "reader@example.com".to_owned(),
            Some("uri") => "https://example.com/".to_owned(),
            Some("uuid") => format!("00000000-0000-4000-8000-{:012x}", self.chance.u64(..) >> 16),
            _ => {
                let phrases = self.language.of_property(name);
                self.chance.choice(phrases).copied().unwrap_or_default().to_owned()
            }
        };
        let least = count(schema, "minLength").unwrap_or(0);
        let most = usize::try_from(count(schema, "maxLength").unwrap_or(u64::MAX)).unwrap_or(usize::MAX);
        let mut long = text.clone();
        while (long.chars().count() as u64) < least {
            long.push(' ');
            long.push_str(&text);
        }
        long.chars().take(most).collect()
    }
}

fn number(schema: &Value) -> f64 {
    let bound = |name| get(schema, name).and_then(Value::as_f64);
    let least = bound("minimum").or_else(|| bound("exclusiveMinimum"));
    let most = bound("maximum").or_else(|| bound("exclusiveMaximum"));
    match (least, most) {
        // The middle is within the bounds, whether they count or not.
        (Some(least), Some(most)) => f64::midpoint(least, most),
        (Some(least), None) => least + 1.5,
        (None, Some(most)) => most - 1.5,
        (None, None) => 1.5,
    }
}

/// A member, by its name in either spelling.
fn get<'a>(schema: &'a Value, name: &str) -> Option<&'a Value> {
    let snake = || {
        let snake = name.chars().fold(String::new(), |mut snake, c| {
            if c.is_ascii_uppercase() {
                snake.push('_');
            }
            snake.push(c.to_ascii_lowercase());
            snake
        });
        schema.get(snake)
    };
    schema.get(name).or_else(snake)
}

fn list<'a>(schema: &'a Value, name: &str) -> Option<&'a [Value]> {
    get(schema, name)?.as_array().map(Vec::as_slice)
}

/// Counts are numbers, or text as protocol buffers spell those of 64 bits.
fn count(schema: &Value, name: &str) -> Option<u64> {
    let count = get(schema, name)?;
    count.as_u64().or_else(|| count.as_str()?.parse().ok())
}

/// The type in small letters; of several the first that is not `null`; by its members if none is given.
fn kind(schema: &Value) -> String {
    let named = match schema.get("type") {
        Some(Value::String(name)) => Some(name.as_str()),
        Some(Value::Array(names)) => {
            let names = || names.iter().filter_map(Value::as_str);
            names().find(|name| *name != "null").or_else(|| names().next())
        }
        _ => None,
    };
    let guessed = || match schema {
        Value::Object(members) if members.contains_key("properties") => "object",
        Value::Object(members) if members.contains_key("items") => "array",
        _ => "string",
    };
    named.unwrap_or_else(guessed).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn data_satisfies_its_schema_whatever_the_seed() {
        let schemas = [
            json!({ "type": "string", "minLength": 40, "maxLength": 41 }),
            json!({ "type": "string", "enum": ["a", "b"] }),
            json!({ "const": 7 }),
            json!({ "type": "integer", "minimum": 3, "maximum": 5 }),
            json!({ "type": "integer", "exclusiveMinimum": 3, "exclusiveMaximum": 5 }),
            json!({ "type": "integer", "maximum": -3 }),
            json!({ "type": "integer", "minimum": 1, "maximum": 12, "multipleOf": 5 }),
            json!({ "type": "number", "exclusiveMinimum": 0, "maximum": 0.5 }),
            json!({ "type": ["null", "boolean"] }),
            json!({ "type": "array", "items": { "type": "string", "format": "date" }, "minItems": 5, "maxItems": 6 }),
            json!({ "anyOf": [{ "type": "null" }, { "type": "integer" }] }),
            json!({
                "type": "object",
                "properties": {
                    "cuts": { "type": "array", "items": { "$ref": "#/$defs/cut" } },
                    "parent": { "anyOf": [{ "$ref": "#" }, { "type": "null" }] },
                },
                "required": ["cuts", "parent"],
                "additionalProperties": false,
                "$defs": { "cut": {
                    "type": "object",
                    "properties": { "title": { "type": "string" }, "characters": { "items": { "type": "string" } } },
                    "required": ["title", "characters"],
                } },
            }),
        ];
        for schema in schemas {
            let validator = jsonschema::validator_for(&schema).unwrap();
            for seed in 0..50 {
                let data = data(&schema, "x", seed);
                assert!(validator.is_valid(&data), "{data} of {schema}");
            }
        }
    }

    #[test]
    fn the_older_dialect_is_understood() {
        let schema = json!({
            "type": "OBJECT",
            "properties": { "dialogue": { "type": "ARRAY", "items": { "type": "STRING" }, "min_items": "5" } },
        });
        let data = data(&schema, "문", 1);
        let lines = data["dialogue"].as_array().unwrap();
        assert_eq!(lines.len(), 5);
        assert!(lines.iter().all(|line| Language::of(line.as_str().unwrap()) == Language::Korean));
    }
}
