//! The body of a call for text.

use serde::Serialize;
use serde_json::Value;
use toonmill_domain::Failure;

use crate::{WriteRequest, http};

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    input: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    instructions: Option<&'a str>,
    max_output_tokens: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning: Option<Reasoning<'a>>,
    /// Nobody comes back to it, and it is a user's text.
    store: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<TextConfig<'a>>,
}

#[derive(Serialize)]
struct Reasoning<'a> {
    effort: &'a str,
}

#[derive(Serialize)]
struct TextConfig<'a> {
    format: Format<'a>,
}

#[derive(Serialize)]
struct Format<'a> {
    r#type: &'static str,
    strict: bool,
    name: &'static str,
    schema: &'a Value,
}

pub(super) fn body(request: &WriteRequest<'_>) -> Result<Vec<u8>, Failure> {
    let format = |schema| Format { r#type: "json_schema", strict: true, name: "answer", schema };
    let body = Body {
        model: request.model.id.as_str(),
        input: request.input,
        instructions: request.system,
        max_output_tokens: request.max_output_tokens,
        reasoning: request.model.parameters.thinking.as_deref().map(|effort| Reasoning { effort }),
        store: false,
        temperature: request.temperature,
        text: request.schema.map(|schema| TextConfig { format: format(schema) }),
    };
    http::json(&body, request.input.len() + request.system.map_or(0, str::len))
}
