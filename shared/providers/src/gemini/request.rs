//! The body of a call. Field names are the camelCase of <https://ai.google.dev/api/generate-content>.

use serde::Serialize;
use toonmill_domain::Failure;

use crate::{
    DrawRequest,
    base64_field::{self, Base64},
    http,
};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    contents: [Content<'a>; 1],
    generation_config: GenerationConfig<'a>,
}

#[derive(Serialize)]
struct Content<'a> {
    role: &'static str,
    parts: Vec<Part<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Part<'a> {
    Text(&'a str),
    InlineData(InlineData<'a>),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct InlineData<'a> {
    mime_type: &'a str,
    data: Base64<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GenerationConfig<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_k: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_output_tokens: Option<u32>,
    /// With IMAGE alone a model that will not draw has no way to say why.
    response_modalities: [&'static str; 2],
    image_config: ImageConfig<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ImageConfig<'a> {
    aspect_ratio: String,
    /// Left out where there is no choice: gemini-3.1-flash-lite-image answers 400 to an
    /// `imageSize` (<https://github.com/pollinations/pollinations/pull/12131>), and
    /// gemini-2.5-flash-image had none.
    #[serde(skip_serializing_if = "Option::is_none")]
    image_size: Option<&'a str>,
}

pub(super) fn body(request: &DrawRequest<'_>) -> Result<Vec<u8>, Failure> {
    let model = request.model;
    let references = request.references.iter().map(|reference| {
        Part::InlineData(InlineData { mime_type: &reference.mime_type, data: Base64(&reference.bytes) })
    });
    let parameters = &model.parameters;
    let body = Body {
        contents: [Content {
            role: "user",
            parts: [Part::Text(request.prompt)].into_iter().chain(references).collect(),
        }],
        generation_config: GenerationConfig {
            temperature: parameters.temperature.map(|range| range.default),
            top_p: parameters.top_p.map(|range| range.default),
            top_k: parameters.top_k.map(|range| range.default),
            max_output_tokens: parameters.max_output_tokens.map(|range| range.default),
            response_modalities: ["TEXT", "IMAGE"],
            image_config: ImageConfig {
                aspect_ratio: request.aspect_ratio.to_string(),
                image_size: (model.image_sizes.len() > 1).then(|| model.size_or_default(request.image_size)),
            },
        },
    };
    http::json(&body, base64_field::encoded_len(request.references) + request.prompt.len())
}
