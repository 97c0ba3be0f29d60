//! A request, checked: what is to be drawn, or the error that the real API has.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Map, Value};

use super::{
    error::ApiError,
    models::{self, Model},
};
use crate::sitting::{Commission, Reference};

/// What a valid request asks for.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) model: &'static Model,
    pub(super) commission: Commission,
    /// A link, which is what the API sends when it is not asked for anything else.
    pub(super) as_link: bool,
    pub(super) png: bool,
}

const FIELDS: &[&str] = &[
    "model",
    "prompt",
    "image",
    "response_format",
    "size",
    "seed",
    "guidance_scale",
    "watermark",
    "optimize_prompt",
    "optimize_prompt_options",
    "sequential_image_generation",
    "sequential_image_generation_options",
    "tools",
    "output_format",
    "layer_decomposition",
    "stream",
];
const MAX_REFERENCES: usize = 14;
const MAX_REFERENCE_BYTES: usize = 10_000_000;
/// References and pictures together.
const MAX_PICTURES: u64 = 15;
const FORMATS: &[&str] = &["jpeg", "png", "webp", "bmp", "tiff", "gif"];

impl Order {
    pub(super) fn read(body: &[u8]) -> Result<Self, ApiError> {
        let Ok(Value::Object(mut fields)) = serde_json::from_slice(body) else {
            return Err(ApiError::parameter("", "the body is not a JSON object"));
        };
        // The SDK sends every field that is not set as null.
        fields.retain(|_, value| !value.is_null());
        let model = text(&fields, "model")?.ok_or_else(|| ApiError::missing("model"))?;
        let model = models::find(model).ok_or_else(ApiError::unknown_model)?;
        let prompt = text(&fields, "prompt")?.filter(|prompt| !prompt.is_empty());
        let prompt = prompt.ok_or_else(|| ApiError::missing("prompt"))?.to_owned();
        // What the real one says to a name that it does not know is not known.
        if let Some(unknown) = fields.keys().find(|name| !FIELDS.contains(&name.as_str())) {
            return Err(ApiError::parameter(unknown, "unknown field"));
        }
        let references = references(fields.get("image"))?;
        let size = text(&fields, "size")?.unwrap_or("2048x2048");
        let (width_px, height_px) = model.pixels(size).map_err(|why| ApiError::parameter("size", &why))?;
        let as_link = choice(&fields, "response_format", &["url", "b64_json"])? != Some("b64_json");
        flag(&fields, "watermark")?;
        if flag(&fields, "stream")? {
            return Err(ApiError::parameter("stream", "this stand-in does not stream"));
        }
        sequence(&fields, references.len())?;
        if fields.contains_key("guidance_scale") {
            return Err(ApiError::parameter("guidance_scale", "it is not supported by the current model"));
        }
        let format = choice(&fields, "output_format", &["jpeg", "png"])?;
        if format.is_some() && !model.formats {
            return Err(ApiError::parameter("output_format", "it is not supported by the current model"));
        }
        let commission = Commission { prompt, references, width_px, height_px };
        Ok(Self { model, commission, as_link, png: format == Some("png") })
    }
}

fn references(image: Option<&Value>) -> Result<Vec<Reference>, ApiError> {
    let images = match image {
        None => return Ok(Vec::new()),
        Some(Value::Array(images)) => images.as_slice(),
        Some(image) => std::slice::from_ref(image),
    };
    if images.len() > MAX_REFERENCES {
        return Err(ApiError::parameter("image", &format!("at most {MAX_REFERENCES} images are allowed")));
    }
    images.iter().map(|image| reference(image.as_str().unwrap_or_default())).collect()
}

fn reference(image: &str) -> Result<Reference, ApiError> {
    let wrong = |why: &str| ApiError::parameter("image", why);
    // A link is taken at its word: nothing is fetched here.
    if image.starts_with("https://") || image.starts_with("http://") {
        return Ok(Reference { bytes: image.as_bytes().to_vec(), thumbnail: None });
    }
    let data = image.strip_prefix("data:image/").and_then(|rest| rest.split_once(";base64,"));
    let Some((format, data)) = data else { return Err(wrong("neither a URL nor data:image/<format>;base64,<data>")) };
    if !FORMATS.contains(&format) {
        return Err(wrong(&format!("`{format}` is not one of {}", FORMATS.join(", "))));
    }
    let bytes = BASE64_STANDARD.decode(data).map_err(|_| wrong("the data is not base64"))?;
    if bytes.len() > MAX_REFERENCE_BYTES {
        return Err(wrong("an image is larger than 10 MB"));
    }
    if matches!(format, "bmp" | "tiff" | "gif") {
        return Ok(Reference { bytes, thumbnail: None });
    }
    Reference::read(bytes).ok_or_else(|| wrong("the data is not an image"))
}

fn sequence(fields: &Map<String, Value>, references: usize) -> Result<(), ApiError> {
    let group = choice(fields, "sequential_image_generation", &["auto", "disabled"])? == Some("auto");
    let Some(options) = fields.get("sequential_image_generation_options") else { return Ok(()) };
    let most = options.get("max_images").map_or(Some(MAX_PICTURES), Value::as_u64);
    let together = most.filter(|most| (1..=MAX_PICTURES).contains(most)).map(|most| most + references as u64);
    match together {
        Some(together) if together <= MAX_PICTURES || !group => Ok(()),
        Some(_) => Err(ApiError::parameter("max_images", "input and output images must not exceed 15")),
        None => Err(ApiError::parameter("max_images", "it must be from 1 to 15")),
    }
}

fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, ApiError> {
    match fields.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(ApiError::parameter(name, "it must be a string")),
    }
}

fn choice<'a>(fields: &'a Map<String, Value>, name: &str, choices: &[&str]) -> Result<Option<&'a str>, ApiError> {
    let given = text(fields, name)?;
    match given {
        Some(word) if !choices.contains(&word) => {
            Err(ApiError::parameter(name, &format!("it must be one of {}", choices.join(", "))))
        }
        _ => Ok(given),
    }
}

fn flag(fields: &Map<String, Value>, name: &str) -> Result<bool, ApiError> {
    match fields.get(name) {
        None => Ok(false),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(_) => Err(ApiError::parameter(name, "it must be a boolean")),
    }
}
