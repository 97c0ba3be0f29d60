//! The two calls: JSON without references, a form with them.

use serde::Serialize;
use toonmill_domain::{Failure, FailureCode};

use super::form::Form;
use crate::{DrawRequest, Reference, http};

pub(super) struct Call {
    pub(super) operation: &'static str,
    pub(super) content_type: String,
    pub(super) body: Vec<u8>,
}

/// `response_format` is not among them: models of this family always answer in base64 and refuse to be asked.
#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    prompt: &'a str,
    background: &'static str,
    n: u8,
    output_format: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    quality: Option<&'a str>,
    size: &'a str,
}

pub(super) fn call(request: &DrawRequest<'_>) -> Result<Call, Failure> {
    let model = request.model;
    let frame = model.frame(request.aspect_ratio, request.image_size).ok_or_else(|| {
        Failure::new(FailureCode::BadRequest).detail(format!("{} has no frame of {}", model.id, request.aspect_ratio))
    })?;
    let size = frame.to_string();
    let body = Body {
        model: model.id.as_str(),
        prompt: request.prompt,
        background: "opaque",
        n: 1,
        // Without loss: what is stored is encoded once more.
        output_format: "png",
        // Said, because `auto` has no price that is known beforehand.
        quality: model.parameters.quality.as_deref(),
        size: &size,
    };
    if request.references.is_empty() {
        let body = http::json(&body, request.prompt.len())?;
        return Ok(Call { operation: "generations", content_type: "application/json".to_owned(), body });
    }
    let form = form(&body, request.references);
    Ok(Call { operation: "edits", content_type: form.content_type(), body: form.finish() })
}

fn form(body: &Body<'_>, references: &[Reference]) -> Form {
    let mut form = Form::new(references.iter().map(|reference| reference.bytes.len() + 256).sum());
    form.text("prompt", body.prompt);
    form.text("background", body.background);
    form.text("model", body.model);
    form.text("n", &body.n.to_string());
    form.text("output_format", body.output_format);
    if let Some(quality) = body.quality {
        form.text("quality", quality);
    }
    form.text("size", body.size);
    // One file is a field, several are a list.
    let name = if references.len() == 1 { "image" } else { "image[]" };
    for (number, reference) in (1..).zip(references) {
        let extension = reference.mime_type.rsplit('/').next().unwrap_or_default();
        form.file(name, &format!("reference-{number}.{extension}"), &reference.mime_type, &reference.bytes);
    }
    form
}
