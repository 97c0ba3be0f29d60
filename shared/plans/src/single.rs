//! A single call: one image or one text, spelt as the older text-and-image API spells it.

use serde_json::{Map, Value, json};
use toonmill_domain::{Failover, StagePlan, Work};

use crate::{
    reader::Fields,
    stage::{StageDraft, read_files, read_name, read_prompt, read_provider, read_ratio},
    text::{TextDraft, read_input},
    wish::Wish,
};

/// One of the two things that a single call can be for.
#[derive(Debug)]
pub(crate) enum Single {
    Image(Box<StageDraft>),
    Text(Box<TextDraft>),
}

/// Without a prompt to draw, a call is for text.
pub(crate) fn read(fields: &Fields<'_>) -> Option<Single> {
    let stream = fields.flag("stream");
    if stream.value == Some(true) {
        fields.problem(&stream.pointer, "there is no streaming here: ask for the job's events");
    }
    let keep_files = fields.flag("store_result").value.unwrap_or(true);
    let model = read_name(fields, "model_id");
    let provider = match read_provider(fields, "provider") {
        // A model that is named says by itself whose it is.
        (at, Wish::Auto) if model.absent && fields.choice("provider").absent => (at, Wish::Default),
        given => given,
    };
    let given = fields.require(fields.object("arguments"));
    let arguments = given.value?;
    let text = arguments.any("input_text");
    if arguments.any("prompt").absent {
        if text.absent {
            fields.problem(&given.pointer, "must have input_text, for a text, or prompt, for an image");
            return None;
        }
        return Some(Single::Text(Box::new(TextDraft {
            input: read_input(&arguments, "input_text"),
            system: arguments.words("system_prompt"),
            instructions: None,
            limits: None,
            schema: None,
            parts: Vec::new(),
            temperature: arguments.fraction("temperature"),
            max_output_tokens: arguments.integer("max_output_tokens", 1, u32::MAX),
            provider,
            model,
            keep_files,
        })));
    }
    if !text.absent {
        arguments.problem(&text.pointer, "cannot stand beside prompt: a call is for one text or for one image");
    }
    let (files_at, files) = read_files(&arguments, "reference_file_ids");
    Some(Single::Image(Box::new(StageDraft {
        wording: None,
        prompt: read_prompt(&arguments, "prompt"),
        quantity: 1,
        aspect_ratio: read_ratio(&arguments, "aspect_ratio"),
        image_size: read_name(&arguments, "size"),
        provider,
        model,
        failover: (String::new(), Failover::Never),
        watermark: arguments.flag("watermark").value,
        files,
        files_at,
        keep_files,
        naming: None,
        temporary: false,
        publish: None,
        measured: None,
    })))
}

/// The arguments of a single job as its plan keeps them.
pub fn arguments(stage: &StagePlan) -> Value {
    let mut members = Map::new();
    match &stage.work {
        Work::Image(image) => {
            members.insert("prompt".to_owned(), json!(stage.prompt));
            members.insert("aspect_ratio".to_owned(), json!(image.aspect_ratio));
            members.extend(image.watermark.map(|watermark| ("watermark".to_owned(), json!(watermark))));
            members.extend(image.image_size.as_ref().map(|size| ("size".to_owned(), json!(size))));
            if !image.input_files.is_empty() {
                members.insert("reference_file_ids".to_owned(), json!(image.input_files));
            }
        }
        Work::Text(text) => {
            members.insert("input_text".to_owned(), json!(stage.prompt));
            members.extend(text.system.as_ref().map(|system| ("system_prompt".to_owned(), json!(system))));
            members.extend(text.temperature.map(|temperature| ("temperature".to_owned(), json!(temperature))));
            members.insert("max_output_tokens".to_owned(), json!(text.max_output_tokens));
        }
    }
    Value::Object(members)
}
