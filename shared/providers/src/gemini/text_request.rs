//! The body of a call for text.

use serde::Serialize;
use serde_json::Value;
use toonmill_domain::Failure;

use crate::{WriteRequest, http};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    contents: [Content<'a>; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    system_instruction: Option<Content<'a>>,
    generation_config: GenerationConfig<'a>,
}

#[derive(Serialize)]
struct Content<'a> {
    parts: [Part<'a>; 1],
    role: &'static str,
}

#[derive(Serialize)]
struct Part<'a> {
    text: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GenerationConfig<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    max_output_tokens: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_mime_type: Option<&'static str>,
    /// Plain JSON Schema. `responseSchema`, which excludes it, has another dialect.
    #[serde(skip_serializing_if = "Option::is_none")]
    response_json_schema: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking_config: Option<ThinkingConfig<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ThinkingConfig<'a> {
    thinking_level: &'a str,
}

pub(super) fn body(request: &WriteRequest<'_>) -> Result<Vec<u8>, Failure> {
    let content = |text| Content { parts: [Part { text }], role: "user" };
    let body = Body {
        contents: [content(request.input)],
        system_instruction: request.system.map(content),
        generation_config: GenerationConfig {
            temperature: request.temperature,
            max_output_tokens: request.max_output_tokens,
            response_mime_type: request.schema.map(|_| "application/json"),
            response_json_schema: request.schema,
            thinking_config: request
                .model
                .parameters
                .thinking
                .as_deref()
                .map(|thinking_level| ThinkingConfig { thinking_level }),
        },
    };
    http::json(&body, request.input.len() + request.system.map_or(0, str::len))
}
