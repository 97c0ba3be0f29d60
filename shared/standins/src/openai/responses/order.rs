//! A request, checked: what is to be written, or the error that the real API has.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Map, Value, json};

use super::{
    models::{self, Model, Thinking},
    strict,
};
use crate::{
    openai::error::ApiError,
    sitting::{Commission, Reference},
};

/// What a valid request asks for.
#[derive(Debug)]
pub(in crate::openai) struct Order {
    pub(super) model: Model,
    /// Its frame is nothing: no picture is drawn.
    pub(super) commission: Commission,
    pub(super) max_output_tokens: Option<u64>,
    pub(super) schema: Option<Value>,
    /// Absent for models that do not think.
    pub(super) effort: Option<String>,
    pub(super) stream: bool,
    /// As it was sent, for the answer, which repeats much of it.
    pub(super) request: Map<String, Value>,
}

const FIELDS: &[&str] = &[
    "include",
    "input",
    "instructions",
    "max_output_tokens",
    "max_tool_calls",
    "metadata",
    "model",
    "parallel_tool_calls",
    "prompt_cache_key",
    "reasoning",
    "safety_identifier",
    "service_tier",
    "store",
    "stream",
    "stream_options",
    "temperature",
    "text",
    "top_logprobs",
    "top_p",
    "truncation",
    "user",
];
/// Known to the real one, which does with them what is not done here.
const REFUSED: &[&str] = &["background", "conversation", "previous_response_id", "prompt", "tools", "tool_choice"];
const EFFORTS: &[&str] = &["none", "minimal", "low", "medium", "high", "xhigh", "max"];
const LEAST_TOKENS: u64 = 16;

impl Order {
    pub(in crate::openai) fn read(body: &[u8]) -> Result<Self, ApiError> {
        let Ok(Value::Object(mut request)) = serde_json::from_slice::<Value>(body) else {
            return Err(ApiError::unreadable());
        };
        request.retain(|_, value| !value.is_null());
        let model = request.get("model").ok_or_else(|| ApiError::missing("model"))?;
        let model = model.as_str().ok_or_else(|| wrong_type("model", "a string"))?;
        let model = models::find(model).ok_or_else(|| ApiError::unknown_model(model))?;
        for name in request.keys() {
            if REFUSED.contains(&name.as_str()) {
                return Err(ApiError::value(name, "", "This stand-in writes one text and knows no tools."));
            }
            if !FIELDS.contains(&name.as_str()) {
                return Err(ApiError::unknown(name));
            }
        }
        let commission = commission(request.get("input").ok_or_else(|| ApiError::missing("input"))?)?;
        for name in ["store", "stream"] {
            if request.get(name).is_some_and(|value| !value.is_boolean()) {
                return Err(wrong_type(name, "a boolean"));
            }
        }
        if request.get("instructions").is_some_and(|value| !value.is_string()) {
            return Err(wrong_type("instructions", "a string"));
        }
        let effort = effort(model, request.get("reasoning"))?;
        sampling(model, effort.as_deref(), &request)?;
        Ok(Self {
            model,
            commission,
            max_output_tokens: max_output_tokens(request.get("max_output_tokens"))?,
            schema: schema(request.get("text"))?,
            effort,
            stream: request.get("stream") == Some(&json!(true)),
            request,
        })
    }
}

/// The user's words and pictures.
fn commission(input: &Value) -> Result<Commission, ApiError> {
    let mut commission = Commission { prompt: String::new(), references: Vec::new(), width_px: 0, height_px: 0 };
    match input {
        Value::String(text) => commission.prompt.clone_from(text),
        Value::Array(turns) => {
            let mut words = Vec::new();
            for (index, turn) in turns.iter().enumerate() {
                let at = format!("input[{index}]");
                let role = turn.get("role").and_then(Value::as_str).unwrap_or_default();
                if !matches!(role, "user" | "assistant" | "system" | "developer") {
                    let why = "Supported values are: 'assistant', 'system', 'developer', and 'user'.";
                    return Err(ApiError::value(&format!("{at}.role"), role, why));
                }
                let (text, pictures) = content(turn.get("content"), &format!("{at}.content"))?;
                if role == "user" {
                    words.extend(text);
                    commission.references.extend(pictures);
                }
            }
            commission.prompt = words.join("\n");
        }
        _ => return Err(wrong_type("input", "one of a string or array of input items")),
    }
    Ok(commission)
}

fn content(content: Option<&Value>, at: &str) -> Result<(Vec<String>, Vec<Reference>), ApiError> {
    let parts = match content {
        Some(Value::String(text)) => return Ok((vec![text.clone()], Vec::new())),
        Some(Value::Array(parts)) => parts,
        Some(_) => return Err(wrong_type(at, "one of a string or array of content parts")),
        None => return Err(ApiError::missing(at)),
    };
    let (mut words, mut pictures) = (Vec::new(), Vec::new());
    for (index, part) in parts.iter().enumerate() {
        let at = format!("{at}[{index}]");
        let text = |name: &str| {
            let text = part.get(name).and_then(Value::as_str);
            text.ok_or_else(|| ApiError::missing(&format!("{at}.{name}")))
        };
        match text("type")? {
            "input_text" | "output_text" => words.push(text("text")?.to_owned()),
            "input_image" => pictures.push(picture(text("image_url")?, &format!("{at}.image_url"))?),
            other => {
                let why = "Supported values are: 'input_text', 'input_image', 'output_text'.";
                return Err(ApiError::value(&format!("{at}.type"), other, why));
            }
        }
    }
    Ok((words, pictures))
}

fn picture(url: &str, at: &str) -> Result<Reference, ApiError> {
    let data = url.strip_prefix("data:image/").and_then(|rest| rest.split_once(";base64,"));
    let bytes = data.and_then(|(_, data)| BASE64_STANDARD.decode(data).ok());
    bytes.and_then(Reference::read).ok_or_else(|| {
        let message = "The image data you provided does not represent a valid image.";
        ApiError::new(400, Some("invalid_image"), message).about(at)
    })
}

fn effort(model: Model, reasoning: Option<&Value>) -> Result<Option<String>, ApiError> {
    let Some(reasoning) = reasoning else {
        return Ok((model.thinking != Thinking::Never).then(|| "medium".to_owned()));
    };
    if model.thinking == Thinking::Never {
        return Err(unsupported("reasoning.effort"));
    }
    match reasoning.get("effort").and_then(Value::as_str) {
        None => Ok(Some("medium".to_owned())),
        Some(effort) if EFFORTS.contains(&effort) => Ok(Some(effort.to_owned())),
        Some(effort) => {
            let why = format!("Supported values are: '{}'.", EFFORTS.join("', '"));
            Err(ApiError::value("reasoning.effort", effort, &why))
        }
    }
}

fn sampling(model: Model, effort: Option<&str>, request: &Map<String, Value>) -> Result<(), ApiError> {
    for (name, most) in [("temperature", 2.0), ("top_p", 1.0)] {
        let Some(value) = request.get(name) else { continue };
        let Some(number) = value.as_f64() else { return Err(wrong_type(name, "a decimal")) };
        if !(0.0..=most).contains(&number) {
            let message = format!("Invalid '{name}': decimal out of range. Expected a value from 0 to {most}.");
            let code = if number < 0.0 { "decimal_below_min_value" } else { "decimal_above_max_value" };
            return Err(ApiError::new(400, Some(code), message).about(name));
        }
        let fixed = model.thinking == Thinking::AtFixedTemperature || effort.is_some_and(|effort| effort != "none");
        if fixed {
            return Err(unsupported(name));
        }
    }
    Ok(())
}

fn max_output_tokens(given: Option<&Value>) -> Result<Option<u64>, ApiError> {
    const NAME: &str = "max_output_tokens";
    match given.map(Value::as_u64) {
        None => Ok(None),
        Some(Some(tokens)) if tokens >= LEAST_TOKENS => Ok(Some(tokens)),
        Some(Some(tokens)) => {
            let message = format!(
                "Invalid '{NAME}': integer below minimum value. Expected a value >= {LEAST_TOKENS}, but got {tokens} \
                 instead."
            );
            Err(ApiError::new(400, Some("integer_below_min_value"), message).about(NAME))
        }
        Some(None) => Err(wrong_type(NAME, "an integer")),
    }
}

fn schema(text: Option<&Value>) -> Result<Option<Value>, ApiError> {
    let Some(format) = text.and_then(|text| text.get("format")).filter(|format| !format.is_null()) else {
        return Ok(None);
    };
    match format.get("type").and_then(Value::as_str) {
        Some("text") => Ok(None),
        Some("json_object") => Ok(Some(json!({ "type": "object" }))),
        Some("json_schema") => {
            let name = format.get("name").and_then(Value::as_str);
            let name = name.ok_or_else(|| ApiError::missing("text.format.name"))?;
            let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
            if !(1..=64).contains(&name.len()) || !name.chars().all(is_part) {
                let why = "Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.";
                return Err(ApiError::value("text.format.name", name, why));
            }
            let schema = format.get("schema").ok_or_else(|| ApiError::missing("text.format.schema"))?;
            if format.get("strict") == Some(&json!(true)) {
                strict::check(name, schema)?;
            }
            Ok(Some(schema.clone()))
        }
        other => {
            let why = "Supported values are: 'json_object', 'json_schema', and 'text'.";
            Err(ApiError::value("text.format.type", other.unwrap_or_default(), why))
        }
    }
}

fn wrong_type(name: &str, wanted: &str) -> ApiError {
    let message = format!("Invalid type for '{name}': expected {wanted}.");
    ApiError::new(400, Some("invalid_type"), message).about(name)
}

fn unsupported(name: &str) -> ApiError {
    let message = format!("Unsupported parameter: '{name}' is not supported with this model.");
    ApiError::new(400, Some("unsupported_parameter"), message).about(name)
}
