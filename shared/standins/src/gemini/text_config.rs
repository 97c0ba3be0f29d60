//! What a request says about the text it wants: its length, its shape, and how much to think.

use serde_json::Value;

use super::error::ApiError;

#[derive(Debug, Default)]
pub(super) struct TextConfig {
    pub(super) schema: Option<Value>,
    pub(super) max_output_tokens: Option<u64>,
    /// Whether the answer shows what the model thought.
    pub(super) include_thoughts: bool,
    /// Tokens that are thought away before the first word.
    pub(super) thoughts: u64,
}

impl TextConfig {
    pub(super) fn read(config: &Value) -> Result<Self, ApiError> {
        let is_given = |name: &str| config.get(name).is_some_and(|value| !value.is_null());
        let schema = match (is_given("response_schema"), is_given("response_json_schema")) {
            (true, true) => {
                let message = "Only one of response_schema and response_json_schema may be set.";
                return Err(ApiError::field("generation_config.response_json_schema", message));
            }
            (true, false) => config.get("response_schema"),
            (false, _) => config.get("response_json_schema").filter(|schema| !schema.is_null()),
        };
        let mime_type = config.get("response_mime_type").and_then(Value::as_str).unwrap_or("text/plain");
        match mime_type {
            "application/json" => {}
            "text/plain" if schema.is_none() => {}
            "text/x.enum" => return Err(ApiError::invalid("This stand-in writes text and JSON.")),
            "text/plain" => {
                let message = "Function calling config or JSON mode must be enabled: response_mime_type \
                     'application/json' is needed with a response schema.";
                return Err(ApiError::field("generation_config.response_mime_type", message));
            }
            _ => {
                let message = format!(
                    "* GenerateContentRequest.generation_config.response_mime_type: allowed mimetypes are \
                     `text/plain`, `application/json`, `text/x.enum`; not `{mime_type}`\n"
                );
                return Err(ApiError::field("generation_config.response_mime_type", message));
            }
        }
        if schema.is_some_and(|schema| !schema.is_object()) {
            return Err(ApiError::value("generation_config.response_json_schema"));
        }
        let json_without_schema = (mime_type == "application/json").then(|| serde_json::json!({ "type": "object" }));
        let thinking = config.get("thinking_config").unwrap_or(&Value::Null);
        Ok(Self {
            schema: schema.cloned().or(json_without_schema),
            max_output_tokens: config.get("max_output_tokens").and_then(Value::as_u64),
            include_thoughts: thinking.get("include_thoughts") == Some(&Value::Bool(true)),
            thoughts: thoughts(thinking)?,
        })
    }
}

fn thoughts(thinking: &Value) -> Result<u64, ApiError> {
    let level = thinking.get("thinking_level").and_then(Value::as_str);
    let budget = thinking.get("thinking_budget").and_then(Value::as_i64);
    match (level.map(str::to_ascii_uppercase).as_deref(), budget) {
        (Some(_), Some(_)) => {
            Err(ApiError::invalid("You can only set only one of thinking budget and thinking level."))
        }
        (Some("MINIMAL"), None) | (None, Some(0)) => Ok(0),
        (Some("LOW"), None) => Ok(8),
        (Some("MEDIUM" | "HIGH" | "XHIGH" | "THINKING_LEVEL_UNSPECIFIED"), None) | (None, _) => Ok(32),
        (Some(_), None) => Err(ApiError::value("generation_config.thinking_config.thinking_level")),
    }
}
