//! A request, checked: what is to be drawn and how large, or the error that the real API has.

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use serde_json::Value;

use super::{
    error::ApiError,
    fields::{check_names, in_snake_case, list},
    models::{Kind, Model},
    text_config::TextConfig,
};
use crate::sitting::{Commission, Reference};

/// What a valid request asks for.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) model: &'static Model,
    pub(super) commission: Commission,
    /// The answer may hold words.
    pub(super) words: bool,
    /// The answer is to hold a picture.
    pub(super) picture: bool,
    pub(super) text: TextConfig,
    /// The answer comes in pieces.
    pub(super) stream: bool,
}

const MAX_PICTURES: usize = 14;
const PICTURE_TYPES: &[&str] = &["image/png", "image/jpeg", "image/webp", "image/heic", "image/heif"];
const CATEGORIES: &[&str] = &["HARASSMENT", "HATE_SPEECH", "SEXUALLY_EXPLICIT", "DANGEROUS_CONTENT", "CIVIC_INTEGRITY"];
const THRESHOLDS: &[&str] = &[
    "HARM_BLOCK_THRESHOLD_UNSPECIFIED",
    "BLOCK_LOW_AND_ABOVE",
    "BLOCK_MEDIUM_AND_ABOVE",
    "BLOCK_ONLY_HIGH",
    "BLOCK_NONE",
    "OFF",
];

impl Order {
    pub(super) fn read(model: &'static Model, stream: bool, body: &[u8]) -> Result<Self, ApiError> {
        let request = serde_json::from_slice(body).map_err(|error| ApiError::unreadable(&error.to_string()))?;
        let request = in_snake_case(request);
        check_names(&request)?;
        let contents = contents(&request)?;
        safety_settings(&request)?;
        let config = request.get("generation_config").unwrap_or(&Value::Null);
        sampling(model, config)?;
        let text = TextConfig::read(config)?;
        let (words, picture) = modalities(model, config)?;
        let references = contents.references;
        let (width_px, height_px) = pixels(model, config, &references)?;
        let commission = Commission { prompt: contents.prompt, references, width_px, height_px };
        Ok(Self { model, commission, words, picture, text, stream })
    }
}

struct Contents {
    prompt: String,
    references: Vec<Reference>,
}

fn contents(request: &Value) -> Result<Contents, ApiError> {
    let turns = list(request, "contents");
    if turns.is_empty() {
        let message = "* GenerateContentRequest.contents: contents is not specified\n";
        return Err(ApiError::field("contents", message));
    }
    let mut prompt: Vec<&str> = Vec::new();
    let mut references = Vec::new();
    for (turn_index, turn) in turns.iter().enumerate() {
        let role = turn.get("role").and_then(Value::as_str).unwrap_or("user");
        if !matches!(role, "user" | "model") {
            return Err(ApiError::invalid("Please use a valid role: user, model."));
        }
        let parts = list(turn, "parts");
        if parts.is_empty() {
            return Err(ApiError::invalid(format!(
                "* GenerateContentRequest.contents[{turn_index}].parts: contents.parts must not be empty.\n"
            )));
        }
        for (index, part) in parts.iter().enumerate() {
            let at = format!("contents[{turn_index}].parts[{index}]");
            match part_data(part, &at)? {
                PartData::Text(text) if role == "user" => prompt.push(text),
                PartData::Picture(reference) => references.push(reference),
                PartData::Text(_) | PartData::Other => {}
            }
        }
    }
    if references.len() > MAX_PICTURES {
        return Err(ApiError::invalid(format!(
            "The request has {} images. The model accepts at most {MAX_PICTURES}.",
            references.len()
        )));
    }
    Ok(Contents { prompt: prompt.join("\n"), references })
}

enum PartData<'a> {
    Text(&'a str),
    Picture(Reference),
    Other,
}

fn part_data<'a>(part: &'a Value, at: &str) -> Result<PartData<'a>, ApiError> {
    const DATA: &[&str] = &[
        "text",
        "inline_data",
        "file_data",
        "function_call",
        "function_response",
        "executable_code",
        "code_execution_result",
    ];
    let data: Vec<&str> = DATA.iter().copied().filter(|name| part.get(name).is_some()).collect();
    match data.as_slice() {
        ["text"] => match part.get("text").and_then(Value::as_str) {
            Some(text) => Ok(PartData::Text(text)),
            None => Err(ApiError::value(&format!("{at}.text"))),
        },
        ["inline_data"] => {
            let inline = part.get("inline_data").unwrap_or(&Value::Null);
            picture(inline, &format!("{at}.inline_data")).map(PartData::Picture)
        }
        [] => Err(ApiError::invalid(format!(
            "* GenerateContentRequest.{at}.data: required oneof field 'data' must have one initialized field\n"
        ))),
        [_] => Ok(PartData::Other),
        [_, second, ..] => Err(ApiError::field(
            at,
            format!("Invalid value at '{at}' (oneof), oneof field 'data' is already set. Cannot set '{second}'"),
        )),
    }
}

fn picture(inline: &Value, at: &str) -> Result<Reference, ApiError> {
    let text = |name| inline.get(name).and_then(Value::as_str).unwrap_or_default();
    let (media_type, data) = (text("mime_type"), text("data"));
    if !PICTURE_TYPES.contains(&media_type) {
        return Err(ApiError::invalid(format!("Unsupported MIME type: {media_type}")));
    }
    let Some(bytes) = decode(data) else {
        let start: String = data.chars().take(24).collect();
        let field = format!("{at}.data");
        let message = format!("Invalid value at '{field}' (TYPE_BYTES), Base64 decoding failed for \"{start}\"");
        return Err(ApiError::field(&field, message));
    };
    if media_type.starts_with("image/hei") {
        return Ok(Reference { bytes, thumbnail: None });
    }
    Reference::read(bytes).ok_or_else(|| {
        ApiError::invalid(
            "Unable to process input image. Please retry or report in \
             https://developers.generativeai.google/guide/troubleshooting",
        )
    })
}

/// proto3 JSON takes both base64 alphabets, with padding or without.
fn decode(data: &str) -> Option<Vec<u8>> {
    let lenient = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let alphabet = if data.contains(['-', '_']) { &alphabet::URL_SAFE } else { &alphabet::STANDARD };
    GeneralPurpose::new(alphabet, lenient).decode(data).ok().filter(|bytes| !bytes.is_empty())
}

fn safety_settings(request: &Value) -> Result<(), ApiError> {
    for (index, setting) in list(request, "safety_settings").iter().enumerate() {
        let word = |name| setting.get(name).and_then(Value::as_str).unwrap_or_default();
        let category = word("category").strip_prefix("HARM_CATEGORY_").unwrap_or_default();
        if !CATEGORIES.contains(&category) {
            return Err(ApiError::value(&format!("safety_settings[{index}].category")));
        }
        if !THRESHOLDS.contains(&word("threshold")) {
            return Err(ApiError::value(&format!("safety_settings[{index}].threshold")));
        }
    }
    Ok(())
}

fn sampling(model: &Model, config: &Value) -> Result<(), ApiError> {
    let within = |name: &str, least: f64, most: f64| match config.get(name) {
        None | Some(Value::Null) => Ok(()),
        Some(value) if value.as_f64().is_some_and(|number| (least..=most).contains(&number)) => Ok(()),
        Some(_) => Err(ApiError::field(
            &format!("generation_config.{name}"),
            format!(
                "* GenerateContentRequest.generation_config.{name}: {name} must be in the range [{least}, {most}].\n"
            ),
        )),
    };
    within("temperature", 0.0, 2.0)?;
    within("top_p", 0.0, 1.0)?;
    within("top_k", 1.0, 1000.0)?;
    if config.get("candidate_count").and_then(Value::as_f64).is_some_and(|count| count > 1.0) {
        return Err(ApiError::invalid("Multiple candidates is not enabled for this model"));
    }
    let tokens = config.get("max_output_tokens").and_then(Value::as_u64);
    let most = if model.kind == Kind::Text { 65_536 } else { 32_768 };
    if tokens.is_some_and(|tokens| !(1..=most).contains(&tokens)) {
        return Err(ApiError::field(
            "generation_config.max_output_tokens",
            format!("max_output_tokens must be in the range [1, {most}]."),
        ));
    }
    Ok(())
}

/// Whether words and whether a picture may come back.
fn modalities(model: &Model, config: &Value) -> Result<(bool, bool), ApiError> {
    let wanted = list(config, "response_modalities");
    let draws = model.kind != Kind::Text;
    if wanted.is_empty() {
        return Ok((true, draws));
    }
    for (index, modality) in wanted.iter().enumerate() {
        if !matches!(modality.as_str(), Some("TEXT" | "IMAGE" | "AUDIO")) {
            let field = format!("generation_config.response_modalities[{index}]");
            return Err(ApiError::value(&field));
        }
    }
    let has = |name: &str| wanted.iter().any(|modality| modality.as_str() == Some(name));
    if has("AUDIO") || (has("IMAGE") && !draws) {
        return Err(ApiError::invalid(format!(
            "The requested combination of response modalities ({}) is not supported by the model. \
             models/{} accepts the following combination of response modalities:\n* TEXT{}",
            wanted.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
            model.id,
            if draws { "\n* IMAGE\n* TEXT, IMAGE" } else { "" },
        )));
    }
    Ok((has("TEXT"), has("IMAGE")))
}

fn pixels(model: &Model, config: &Value, references: &[Reference]) -> Result<(u32, u32), ApiError> {
    let image = config.get("image_config").unwrap_or(&Value::Null);
    let field = |name: &str| match image.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.as_str())),
        Some(_) => Err(ApiError::value(&format!("generation_config.image_config.{name}"))),
    };
    let (width, height) = match field("aspect_ratio")? {
        Some(ratio) => {
            model.ratio(ratio).ok_or_else(|| ApiError::value("generation_config.image_config.aspect_ratio"))?
        }
        None => match references.iter().rev().find_map(|one| one.thumbnail.as_ref()) {
            Some(like) => model.ratio_like(like.width(), like.height()),
            None => (1024, 1024),
        },
    };
    let (times, divided_by) = match field("image_size")? {
        Some(size) => model.size(size).ok_or_else(|| ApiError::value("generation_config.image_config.image_size"))?,
        None => (1, 1),
    };
    Ok((width * times / divided_by, height * times / divided_by))
}
