//! A pipeline: up to twenty stages, each a prompt drawn many times.

use toonmill_domain::{Failover, MAX_IMAGES_PER_STAGE, MAX_STAGES};

use crate::{
    MAX_INPUTS,
    findings::Findings,
    reader::Fields,
    stage::{StageDraft, WantedFile, read_files, read_name, read_prompt, read_provider, read_ratio},
};

pub(crate) fn read(fields: &Fields<'_>, problems: &Findings) -> Vec<StageDraft> {
    let stages = fields.list("stages", MAX_STAGES);
    let entries = stages.value.unwrap_or_default();
    if !problems.has(&stages.pointer) && !(1..=MAX_STAGES).contains(&entries.len) {
        fields.problem(&stages.pointer, format!("must hold 1 to {MAX_STAGES} stages, not {}", entries.len));
    }
    let for_all = merged_image(fields);
    let stages = entries.first.into_iter().filter_map(|(pointer, value)| Fields::of(value, &pointer, problems));
    stages.map(|stage| read_stage(&stage, for_all.as_ref())).collect()
}

fn read_stage(fields: &Fields<'_>, for_all: Option<&WantedFile>) -> StageDraft {
    let quantity = fields.require(fields.integer("quantity", 1, MAX_IMAGES_PER_STAGE));
    let (files_at, mut files) = read_files(fields, "inputFileIds");
    files.extend(merged_image(fields).or_else(|| for_all.cloned()));
    if files.len() > MAX_INPUTS {
        fields.problem(&files_at, format!("must name at most {MAX_INPUTS} files together with mergedImageAttachId"));
    }
    StageDraft {
        wording: None,
        prompt: read_prompt(fields, "prompt"),
        quantity: quantity.value.unwrap_or(1),
        aspect_ratio: read_ratio(fields, "aspectRatio"),
        image_size: read_name(fields, "imageSize"),
        provider: read_provider(fields, "provider"),
        model: read_name(fields, "model"),
        failover: read_failover(fields),
        watermark: fields.flag("watermark").value,
        files,
        files_at,
        keep_files: true,
        naming: None,
        temporary: false,
        publish: None,
        measured: None,
    }
}

/// The older name of one more input picture: of a stage, or of all stages that have none of their own.
fn merged_image(fields: &Fields<'_>) -> Option<WantedFile> {
    let given = fields.any("mergedImageAttachId");
    let file = fields.file_id(&given.pointer, given.value?)?;
    Some(WantedFile { pointer: given.pointer, file })
}

pub(crate) fn read_failover(fields: &Fields<'_>) -> (String, Failover) {
    let given = fields.choice("failover");
    let failover = given.value.map_or(Some(Failover::default()), Failover::parse);
    if failover.is_none() {
        fields.problem(&given.pointer, format!("must be {}", Failover::ALL.map(Failover::as_str).join(", ")));
    }
    (given.pointer, failover.unwrap_or_default())
}
