//! What `strict` asks of a schema: objects that name each of their properties as required and allow no others
//! (<https://developers.openai.com/api/docs/guides/structured-outputs>).

use serde_json::Value;

use crate::openai::error::ApiError;

const PARAM: &str = "text.format.schema";

pub(super) fn check(name: &str, schema: &Value) -> Result<(), ApiError> {
    let kind = schema.get("type").and_then(Value::as_str).unwrap_or("None");
    if kind != "object" {
        let why = format!("schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{kind}\"'.");
        return Err(wrong(name, &why));
    }
    object(name, schema, &mut Vec::new())
}

fn object(name: &str, schema: &Value, at: &mut Vec<String>) -> Result<(), ApiError> {
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        if schema.get("additionalProperties") != Some(&Value::Bool(false)) {
            let why = "'additionalProperties' is required to be supplied and to be false.";
            return Err(wrong(name, &format!("In context={}, {why}", context(at))));
        }
        let required = schema.get("required").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        if let Some(missing) = properties.keys().find(|key| !required.iter().any(|one| one.as_str() == Some(key))) {
            let why = format!(
                "In context={}, 'required' is required to be supplied and to be an array including every key in \
                 properties. Missing '{missing}'.",
                context(at)
            );
            return Err(wrong(name, &why));
        }
    }
    for (keyword, value) in schema.as_object().into_iter().flatten() {
        let inner: Vec<(&str, &Value)> = match (keyword.as_str(), value) {
            ("properties" | "$defs" | "definitions", Value::Object(members)) => {
                members.iter().map(|(name, schema)| (name.as_str(), schema)).collect()
            }
            ("anyOf", Value::Array(choices)) => choices.iter().map(|choice| ("anyOf", choice)).collect(),
            ("items", items) => vec![("items", items)],
            _ => continue,
        };
        for (step, schema) in inner {
            at.push(step.to_owned());
            object(name, schema, at)?;
            at.pop();
        }
    }
    Ok(())
}

fn context(at: &[String]) -> String {
    let steps: Vec<_> = at.iter().map(|step| format!("'{step}'")).collect();
    format!("({})", steps.join(", "))
}

fn wrong(name: &str, why: &str) -> ApiError {
    let message = format!("Invalid schema for response_format '{name}': {why}");
    ApiError::new(400, Some("invalid_json_schema"), message).about(PARAM)
}
