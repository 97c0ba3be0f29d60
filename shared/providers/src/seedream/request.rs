//! The body of a call. The SDK sends every unset field as `null`; here they are left out.

use serde::Serialize;
use toonmill_domain::{Failure, FailureCode};

use crate::{
    DrawRequest,
    base64_field::{self, DataUri},
    http,
};

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    prompt: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<Image<'a>>,
    /// Width and height. With the name of a size the ratio would be read from the prompt.
    size: String,
    /// A link would be a second call, of a picture that is paid for by then, and to a host that nobody has named.
    response_format: &'static str,
    /// Always said: left out, it is a visible mark in the corner.
    watermark: bool,
    /// One slot is one picture. With `auto` the model decides how many there are.
    sequential_image_generation: &'static str,
}

/// One picture is text, several are a list.
#[derive(Serialize)]
#[serde(untagged)]
enum Image<'a> {
    One(DataUri<'a>),
    Many(Vec<DataUri<'a>>),
}

pub(super) fn body(request: &DrawRequest<'_>) -> Result<Vec<u8>, Failure> {
    let model = request.model;
    let frame = model.frame(request.aspect_ratio, request.image_size).ok_or_else(|| {
        Failure::new(FailureCode::BadRequest).detail(format!("{} has no frame of {}", model.id, request.aspect_ratio))
    })?;
    let body = Body {
        model: model.id.as_str(),
        prompt: request.prompt,
        image: match request.references {
            [] => None,
            [one] => Some(Image::One(DataUri(one))),
            many => Some(Image::Many(many.iter().map(DataUri).collect())),
        },
        size: frame.to_string(),
        response_format: "b64_json",
        watermark: request.watermark.or(model.parameters.watermark).unwrap_or(false),
        sequential_image_generation: "disabled",
    };
    http::json(&body, base64_field::encoded_len(request.references) + request.prompt.len())
}
