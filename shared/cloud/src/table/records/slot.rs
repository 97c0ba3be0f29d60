//! The slot's record. It is made by the first claim (or give-up) and changed by expressions from then on, so
//! only its parts are written here.

use aws_sdk_dynamodb::types::AttributeValue;
use toonmill_domain::{Artifact, Attempt, FailureCode, Fence, Slot, SlotIndex, SlotState, Stamp, Usage};

use crate::{
    error::CloudError,
    item::{Attributes, Item, Reader, number, text, time},
    table::{files::read_pixels, keys},
};

pub(in crate::table) fn attempt_value(attempt: &Attempt) -> AttributeValue {
    let attributes = Attributes::default()
        .with("fence", number(attempt.fence.0))
        .with("stamp", number(attempt.stamp.as_number()))
        .with("code", text(attempt.code.as_str()))
        .with_some("detail", attempt.detail.as_ref().map(text))
        .with_some("provider", attempt.provider.as_ref().map(text))
        .with_some("model", attempt.model.as_ref().map(text))
        .with("elapsedMs", number(attempt.elapsed_ms))
        .with("at", time(attempt.at));
    AttributeValue::M(attributes.into_item())
}

pub(in crate::table) fn artifact_value(artifact: &Artifact) -> AttributeValue {
    let attributes = Attributes::default()
        .with("file", text(artifact.file))
        .with("objectKey", text(&artifact.object_key))
        .with("sha256", text(&artifact.sha256))
        .with("sizeBytes", number(artifact.size_bytes))
        .with_some("width", artifact.pixels.map(|pixels| number(pixels.width)))
        .with_some("height", artifact.pixels.map(|pixels| number(pixels.height)))
        .with_some("fingerprint", artifact.fingerprint.as_ref().map(text))
        .with("mimeType", text(&artifact.mime_type))
        .with("provider", text(&artifact.provider))
        .with("model", text(&artifact.model))
        .with_some("modelVersion", artifact.model_version.as_ref().map(text))
        .with_some("usage", artifact.usage.map(usage_value))
        .with_some("finishReason", artifact.finish_reason.as_ref().map(text))
        .with("elapsedMs", number(artifact.elapsed_ms))
        .with("storedAt", time(artifact.stored_at));
    AttributeValue::M(attributes.into_item())
}

pub(in crate::table) fn read_slot(item: &Item) -> Result<Slot, CloudError> {
    let read = Reader::new(item, "slot record");
    let stage = read.named("pk", keys::parse_slot_partition)?;
    let key = stage.slot(SlotIndex(read.parsed("sk")?));
    let stamp = Stamp::from_number(read.number("stamp")?).ok_or_else(|| read.corrupt("stamp"))?;
    let attempts = read.maps("attempts", "attempt")?;
    let artifact = read.opt_map("artifact", "artifact")?;
    Ok(Slot {
        key,
        state: read.named("state", SlotState::parse)?,
        stamp,
        fence: Fence(read.number("fence")?),
        tries: read.opt_number("tries")?.unwrap_or(0),
        holder: read.opt_text("holder")?.map(str::to_owned),
        lease_until: read.opt_time("leaseUntil")?,
        not_before: read.opt_time("notBefore")?,
        attempts: attempts.iter().map(read_attempt).collect::<Result<_, _>>()?,
        waits: read.opt_number("waits")?.unwrap_or(0),
        round_waits: read.opt_number("roundWaits")?.unwrap_or(0),
        artifact: artifact.as_ref().map(read_artifact).transpose()?,
    })
}

fn read_attempt(read: &Reader<'_>) -> Result<Attempt, CloudError> {
    Ok(Attempt {
        fence: Fence(read.number("fence")?),
        stamp: Stamp::from_number(read.number("stamp")?).ok_or_else(|| read.corrupt("stamp"))?,
        code: read.named("code", FailureCode::of_record)?,
        detail: read.opt_text("detail")?.map(str::to_owned),
        provider: read.opt_text("provider")?.map(str::parse).transpose().map_err(|_| read.corrupt("provider"))?,
        model: read.opt_text("model")?.map(str::parse).transpose().map_err(|_| read.corrupt("model"))?,
        elapsed_ms: read.number("elapsedMs")?,
        at: read.time("at")?,
    })
}

fn read_artifact(read: &Reader<'_>) -> Result<Artifact, CloudError> {
    Ok(Artifact {
        file: read.parsed("file")?,
        object_key: read.text("objectKey")?.to_owned(),
        sha256: read.text("sha256")?.to_owned(),
        size_bytes: read.number("sizeBytes")?,
        pixels: read_pixels(read)?,
        fingerprint: read.opt_text("fingerprint")?.map(str::to_owned),
        mime_type: read.text("mimeType")?.to_owned(),
        provider: read.parsed("provider")?,
        model: read.parsed("model")?,
        model_version: read.opt_text("modelVersion")?.map(str::to_owned),
        usage: read.opt_map("usage", "usage of tokens")?.as_ref().map(read_usage).transpose()?,
        finish_reason: read.opt_text("finishReason")?.map(str::to_owned),
        elapsed_ms: read.number("elapsedMs")?,
        stored_at: read.time("storedAt")?,
    })
}

fn usage_value(usage: Usage) -> AttributeValue {
    let attributes = Attributes::default()
        .with("prompt", number(usage.prompt_tokens))
        .with("output", number(usage.output_tokens))
        .with("thinking", number(usage.thinking_tokens))
        .with("total", number(usage.total_tokens));
    AttributeValue::M(attributes.into_item())
}

fn read_usage(read: &Reader<'_>) -> Result<Usage, CloudError> {
    Ok(Usage {
        prompt_tokens: read.number("prompt")?,
        output_tokens: read.number("output")?,
        thinking_tokens: read.number("thinking")?,
        total_tokens: read.number("total")?,
    })
}
