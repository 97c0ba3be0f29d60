//! Field names. The API reads proto3 JSON: every name may be in camelCase or in `snake_case`, both
//! in one request, and a name it does not know is an error.

use serde_json::{Map, Value};

use super::error::ApiError;

const ROOT: &[&str] = &[
    "model",
    "contents",
    "system_instruction",
    "safety_settings",
    "generation_config",
    "tools",
    "tool_config",
    "cached_content",
    "store",
    "service_tier",
];
const CONTENT: &[&str] = &["role", "parts"];
const PART: &[&str] = &[
    "text",
    "inline_data",
    "file_data",
    "thought",
    "thought_signature",
    "function_call",
    "function_response",
    "executable_code",
    "code_execution_result",
    "video_metadata",
    "media_resolution",
    "part_metadata",
];
const INLINE_DATA: &[&str] = &["mime_type", "data", "display_name"];
const GENERATION_CONFIG: &[&str] = &[
    "temperature",
    "top_p",
    "top_k",
    "candidate_count",
    "max_output_tokens",
    "stop_sequences",
    "response_modalities",
    "image_config",
    "response_mime_type",
    "response_schema",
    "response_json_schema",
    "thinking_config",
    "seed",
    "presence_penalty",
    "frequency_penalty",
    "response_logprobs",
    "logprobs",
    "enable_enhanced_civic_answers",
    "speech_config",
    "media_resolution",
];
const IMAGE_CONFIG: &[&str] = &["aspect_ratio", "image_size", "person_generation"];
const THINKING_CONFIG: &[&str] = &["include_thoughts", "thinking_budget", "thinking_level"];
/// `Schema` of the API: a part of Open API's, and not JSON Schema.
const SCHEMA: &[&str] = &[
    "type",
    "format",
    "title",
    "description",
    "nullable",
    "default",
    "items",
    "min_items",
    "max_items",
    "enum",
    "properties",
    "property_ordering",
    "required",
    "min_properties",
    "max_properties",
    "minimum",
    "maximum",
    "min_length",
    "max_length",
    "pattern",
    "example",
    "any_of",
];
const SAFETY_SETTING: &[&str] = &["category", "threshold"];

/// The same JSON with every name in `snake_case`.
pub(super) fn in_snake_case(value: Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, value)| (snake_case(&name), value))
            // The names within a schema are the user's.
            .map(|(name, value)| if is_schema(&name) { (name, value) } else { (name, in_snake_case(value)) })
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(values) => values.into_iter().map(in_snake_case).collect::<Vec<_>>().into(),
        other => other,
    }
}

fn is_schema(name: &str) -> bool {
    matches!(name, "response_schema" | "response_json_schema")
}

fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for character in name.chars() {
        if character.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(character.to_ascii_lowercase());
    }
    snake
}

/// Refuses the first name that the API does not have.
pub(super) fn check_names(request: &Value) -> Result<(), ApiError> {
    known(request, "", ROOT)?;
    contents(list(request, "contents"), "contents")?;
    if let Some(instruction) = request.get("system_instruction") {
        content(instruction, "system_instruction")?;
    }
    for (index, setting) in list(request, "safety_settings").iter().enumerate() {
        known(setting, &format!("safety_settings[{index}]"), SAFETY_SETTING)?;
    }
    if let Some(config) = request.get("generation_config") {
        known(config, "generation_config", GENERATION_CONFIG)?;
        if let Some(image) = config.get("image_config") {
            known(image, "generation_config.image_config", IMAGE_CONFIG)?;
        }
        if let Some(thinking) = config.get("thinking_config") {
            known(thinking, "generation_config.thinking_config", THINKING_CONFIG)?;
        }
        if let Some(schema) = config.get("response_schema") {
            response_schema(schema, "generation_config.response_schema")?;
        }
    }
    Ok(())
}

/// The elements of a field that is a list; none if it is absent.
pub(super) fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn contents(contents: &[Value], at: &str) -> Result<(), ApiError> {
    contents.iter().enumerate().try_for_each(|(index, one)| content(one, &format!("{at}[{index}]")))
}

fn content(one: &Value, at: &str) -> Result<(), ApiError> {
    known(one, at, CONTENT)?;
    for (index, part) in list(one, "parts").iter().enumerate() {
        let at = format!("{at}.parts[{index}]");
        known(part, &at, PART)?;
        if let Some(data) = part.get("inline_data") {
            known(data, &format!("{at}.inline_data"), INLINE_DATA)?;
        }
    }
    Ok(())
}

fn response_schema(schema: &Value, at: &str) -> Result<(), ApiError> {
    let Some(members) = schema.as_object() else { return Err(ApiError::value(at)) };
    for (name, value) in members {
        let snake = snake_case(name);
        if !SCHEMA.contains(&snake.as_str()) {
            return Err(unknown(name, at));
        }
        match (snake.as_str(), value) {
            ("items", items) => response_schema(items, &format!("{at}.items"))?,
            ("properties", Value::Object(properties)) => {
                for (name, property) in properties {
                    response_schema(property, &format!("{at}.properties[{name}]"))?;
                }
            }
            ("any_of", Value::Array(choices)) => {
                for (index, choice) in choices.iter().enumerate() {
                    response_schema(choice, &format!("{at}.any_of[{index}]"))?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn unknown(name: &str, at: &str) -> ApiError {
    let place = if at.is_empty() { String::new() } else { format!(" at '{at}'") };
    ApiError::field(at, format!("Invalid JSON payload received. Unknown name \"{name}\"{place}: Cannot find field."))
}

fn known(value: &Value, at: &str, names: &[&str]) -> Result<(), ApiError> {
    let Some(fields) = value.as_object() else {
        return Err(ApiError::value(at));
    };
    match fields.keys().find(|name| !names.contains(&name.as_str())) {
        None => Ok(()),
        Some(name) => Err(unknown(name, at)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_spellings_are_one_name() {
        let mixed = json!({"generationConfig": {"image_config": {"aspectRatio": "1:1"}}});
        let snake = json!({"generation_config": {"image_config": {"aspect_ratio": "1:1"}}});
        assert_eq!(in_snake_case(mixed), snake);
    }

    #[test]
    fn an_unknown_name_is_named_with_its_place() {
        let request = json!({"generation_config": {"image_config": {"ratio": "1:1"}}});
        let error = format!("{:?}", check_names(&request).unwrap_err());
        assert!(error.contains("ratio") && error.contains("generation_config.image_config"));
    }
}
