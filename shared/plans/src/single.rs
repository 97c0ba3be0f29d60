//! A single call: one image, spelt as the older text-and-image API spells it.

use serde_json::{Value, json};
use toonmill_domain::StagePlan;

use crate::{
    reader::Fields,
    stage::{StageDraft, read_files, read_name, read_prompt, read_provider, read_ratio},
};

/// The arguments by which a request is for text.
const TEXT_ARGUMENTS: [&str; 4] = ["input_text", "system_prompt", "temperature", "max_output_tokens"];

pub(crate) fn read(fields: &Fields<'_>) -> Option<StageDraft> {
    let stream = fields.flag("stream");
    if stream.value == Some(true) {
        fields.problem(&stream.pointer, "there is no streaming here: ask for the job's events");
    }
    let store = fields.flag("store_result");
    if store.value == Some(false) {
        fields.problem(&store.pointer, "an image is always stored as a file; only a text can be kept in its job alone");
    }
    let (provider, model) = (read_provider(fields, "provider"), read_name(fields, "model_id"));
    let arguments = fields.require(fields.object("arguments")).value?;
    let text = TEXT_ARGUMENTS.map(|name| arguments.any(name)).into_iter().find(|given| !given.absent);
    if let Some(text) = text {
        arguments.problem(&text.pointer, "no text model is configured in this deployment; send prompt for an image");
        if arguments.any("prompt").absent {
            return None;
        }
    }
    let (files_at, files) = read_files(&arguments, "reference_file_ids");
    Some(StageDraft {
        prompt: read_prompt(&arguments, "prompt"),
        quantity: 1,
        aspect_ratio: read_ratio(&arguments, "aspect_ratio"),
        image_size: read_name(&arguments, "size"),
        provider,
        model,
        watermark: arguments.flag("watermark").value,
        files,
        files_at,
    })
}

/// The arguments of a single job as its plan keeps them.
pub fn arguments(stage: &StagePlan) -> Value {
    let mut arguments = json!({ "prompt": stage.prompt, "aspect_ratio": stage.aspect_ratio });
    if let Value::Object(members) = &mut arguments {
        members.extend(stage.watermark.map(|watermark| ("watermark".to_owned(), Value::from(watermark))));
        members.extend(stage.image_size.as_deref().map(|size| ("size".to_owned(), Value::from(size))));
        if !stage.input_files.is_empty() {
            members.insert("reference_file_ids".to_owned(), json!(stage.input_files));
        }
    }
    arguments
}
