//! A request, checked: what is to be drawn, or the error that the real API has.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    error::ApiError,
    models::{self, Kind, Model},
};
use crate::{
    form::{self, Part},
    sitting::{Commission, Reference},
};

/// What a valid request asks for.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) model: Model,
    pub(super) commission: Commission,
    pub(super) format: Format,
    pub(super) quality: String,
    pub(super) background: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Png,
    Jpeg,
    WebP,
}

/// Of both calls. `response_format` and `style` went with DALL-E.
const FIELDS: &[&str] = &[
    "model",
    "prompt",
    "background",
    "moderation",
    "n",
    "output_compression",
    "output_format",
    "partial_images",
    "quality",
    "size",
    "stream",
    "user",
];
const MAX_PROMPT_CHARS: usize = 32_000;
const MAX_REFERENCES: usize = 16;
const MAX_REFERENCE_BYTES: usize = 50_000_000;
const PICTURE_TYPES: &[&str] = &["image/png", "image/jpeg", "image/webp"];

impl Order {
    pub(super) fn from_json(body: &[u8]) -> Result<Self, ApiError> {
        let Ok(Value::Object(fields)) = serde_json::from_slice(body) else { return Err(ApiError::unreadable()) };
        let mut given = BTreeMap::new();
        for (name, value) in fields {
            let text = match value {
                Value::Null => continue,
                Value::String(text) => text,
                // Numbers and flags have their type; as text they are read like those of a form.
                value @ (Value::Number(_) | Value::Bool(_)) if is_scalar(&name) => value.to_string(),
                value => {
                    let why = "Expected another type.";
                    return Err(ApiError::value(&name, &value.to_string(), why));
                }
            };
            given.insert(name, text);
        }
        Self::checked(&given, Vec::new(), &[])
    }

    pub(super) fn from_form(parameters: &str, body: &[u8]) -> Result<Self, ApiError> {
        let mut given = BTreeMap::new();
        let mut references = Vec::new();
        let unreadable = || ApiError::new(400, None, "The form could not be parsed.");
        let parts = form::parts(parameters, body).ok_or_else(unreadable)?;
        let lists = parts.iter().filter(|part| part.name == "image[]").count();
        let singles = parts.iter().filter(|part| part.name == "image").count();
        for part in &parts {
            match part.name {
                "image" | "image[]" => references.push(picture(part)?),
                "mask" => drop(picture(part)?),
                name => {
                    let text = String::from_utf8(part.content.to_vec());
                    given.insert(name.to_owned(), text.map_err(|_| ApiError::value(name, "", "Expected text."))?);
                }
            }
        }
        // A list that is not said to be one is its last element or an error; no client means either.
        if singles > 1 || (singles > 0 && lists > 0) {
            return Err(ApiError::new(400, Some("duplicate_parameter"), "Duplicate parameter: 'image'.").about("image"));
        }
        if references.is_empty() {
            return Err(ApiError::missing("image"));
        }
        if references.len() > MAX_REFERENCES {
            let why = format!("Expected at most {MAX_REFERENCES} images.");
            return Err(ApiError::value("image", &references.len().to_string(), &why));
        }
        Self::checked(&given, references, &["input_fidelity"])
    }

    fn checked(given: &BTreeMap<String, String>, references: Vec<Reference>, more: &[&str]) -> Result<Self, ApiError> {
        let field = |name: &str| given.get(name).map(String::as_str);
        let model = field("model").ok_or_else(|| ApiError::missing("model"))?;
        let model = models::find(model).ok_or_else(|| ApiError::unknown_model(model))?;
        let known = |name: &str| FIELDS.contains(&name) || more.contains(&name);
        if let Some(unknown) = given.keys().find(|name| !known(name)) {
            return Err(ApiError::unknown(unknown));
        }
        let prompt = field("prompt").filter(|prompt| !prompt.is_empty()).ok_or_else(|| ApiError::missing("prompt"))?;
        if prompt.chars().count() > MAX_PROMPT_CHARS {
            let message = format!("Invalid 'prompt': string too long. Expected at most {MAX_PROMPT_CHARS} characters.");
            return Err(ApiError::new(400, Some("string_above_max_length"), message).about("prompt"));
        }
        one_of(field("moderation"), "moderation", &["auto", "low"])?;
        let quality = one_of(field("quality"), "quality", model.qualities())?.unwrap_or("auto");
        let background = background(model, field("background"))?;
        let format = match one_of(field("output_format"), "output_format", &["png", "jpeg", "webp"])? {
            Some("jpeg") => Format::Jpeg,
            Some("webp") => Format::WebP,
            _ => Format::Png,
        };
        if background == "transparent" && format == Format::Jpeg {
            return Err(ApiError::value("background", background, "JPEG has no transparency."));
        }
        within(field("output_compression"), "output_compression", 100)?;
        if format == Format::Png && field("output_compression").is_some_and(|percent| percent != "100") {
            return Err(ApiError::value("output_compression", "", "Compression is not supported for PNG."));
        }
        if field("input_fidelity").is_some() && model.kind != Kind::One {
            return Err(ApiError::unknown("input_fidelity"));
        }
        for name in ["n", "partial_images", "stream"] {
            let usual = if name == "n" { "1" } else { "0" };
            if field(name).is_some_and(|value| value != usual && value != "false") {
                return Err(ApiError::value(name, field(name).unwrap_or_default(), "This stand-in draws one picture."));
            }
        }
        let size = field("size").unwrap_or("auto");
        let (width_px, height_px) = model.pixels(size).map_err(|why| ApiError::value("size", size, why))?;
        let commission = Commission { prompt: prompt.to_owned(), references, width_px, height_px };
        Ok(Self { model, commission, format, quality: quality.to_owned(), background: background.to_owned() })
    }
}

fn is_scalar(name: &str) -> bool {
    matches!(name, "n" | "output_compression" | "partial_images" | "stream")
}

fn background(model: Model, given: Option<&str>) -> Result<&str, ApiError> {
    let background = one_of(given, "background", &["transparent", "opaque", "auto"])?.unwrap_or("auto");
    if background == "transparent" && model.kind == Kind::Two {
        return Err(ApiError::value("background", background, "This model has no transparent background."));
    }
    Ok(background)
}

fn picture(part: &Part<'_>) -> Result<Reference, ApiError> {
    let wrong = |why: &str| ApiError::new(400, Some("invalid_image_file"), why).about(part.name);
    let media_type = part.media_type.unwrap_or_default();
    if part.file_name.is_none() || !PICTURE_TYPES.contains(&media_type) {
        let message = format!(
            "Invalid file '{}': unsupported mimetype ('{media_type}'). Supported file formats are 'image/jpeg', \
             'image/png', and 'image/webp'.",
            part.name
        );
        return Err(ApiError::new(400, Some("unsupported_file_mimetype"), message).about(part.name));
    }
    if part.content.len() >= MAX_REFERENCE_BYTES {
        return Err(wrong("The image is too large. Expected less than 50 MB."));
    }
    Reference::read(part.content.to_vec()).ok_or_else(|| wrong("The image data you provided is not a valid image."))
}

fn one_of<'a>(given: Option<&'a str>, name: &str, choices: &[&str]) -> Result<Option<&'a str>, ApiError> {
    match given {
        Some(word) if !choices.contains(&word) => {
            let why = format!("Supported values are: '{}'.", choices.join("', '"));
            Err(ApiError::value(name, word, &why))
        }
        _ => Ok(given),
    }
}

fn within(given: Option<&str>, name: &str, most: u32) -> Result<(), ApiError> {
    match given.map(str::parse::<u32>) {
        None => Ok(()),
        Some(Ok(number)) if number <= most => Ok(()),
        Some(_) => Err(ApiError::value(name, given.unwrap_or_default(), &format!("Expected 0 to {most}."))),
    }
}
