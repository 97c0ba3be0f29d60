//! What an attempt makes: inputs, one provider call, and the check of what came.

use std::{borrow::Cow, time::Duration};

use bytes::Bytes;
use toonmill_domain::{Failure, FailureCode, ImageWork, PixelSize, Slot, TextWork, Usage, plan, sha256::hex_of};
use toonmill_imaging::{Encoded, RATIO_TOLERANCE_PERCENT, check_and_encode};
use toonmill_providers::{DrawRequest, Drawing, WriteRequest, Writing};

use super::{FINISHING, Work, Worker};

/// The bytes to store, and what is to be remembered of them.
pub(super) struct Made {
    pub(super) bytes: Bytes,
    /// Of `bytes`, in lower-case hex.
    pub(super) sha256: String,
    pub(super) format: Format,
    pub(super) pixels: Option<PixelSize>,
    pub(super) fingerprint: Option<String>,
    pub(super) model_version: Option<String>,
    pub(super) usage: Option<Usage>,
    pub(super) finish_reason: Option<String>,
}

#[derive(Clone, Copy)]
pub(super) enum Format {
    WebP,
    Text,
    Json,
}

impl Format {
    pub(super) const fn mime_type(self) -> &'static str {
        match self {
            Self::WebP => "image/webp",
            Self::Text => "text/plain; charset=utf-8",
            Self::Json => "application/json",
        }
    }

    pub(super) const fn extension(self) -> &'static str {
        match self {
            Self::WebP => "webp",
            Self::Text => "txt",
            Self::Json => "json",
        }
    }
}

impl Worker {
    /// `holder` names the call.
    pub(super) async fn make(&self, work: &Work<'_>, holder: &str) -> Result<Made, Failure> {
        match &work.stage.work {
            plan::Work::Image(image) => self.draw_image(work, image, holder).await,
            plan::Work::Text(text) => self.write_text(work, text, holder).await,
        }
    }

    async fn draw_image(&self, work: &Work<'_>, image: &ImageWork, holder: &str) -> Result<Made, Failure> {
        let model = self.catalogue.image_model(work.pass.choice.model.as_str()).ok_or_else(gone)?.model;
        let provider = self.providers.get(&work.pass.choice.provider).ok_or_else(no_key)?;
        let (aspect_ratio, inputs) = work.stage.picture_of(work.slot.key.slot, image);
        let mut references = Vec::with_capacity(inputs.len());
        for input in (1..).zip(inputs) {
            let account = &work.plan.account;
            references.push(self.caches.inputs.reference(&self.blobs, account, input, model).await?);
        }
        let request = DrawRequest {
            model,
            prompt: work.stage.prompt_of(work.slot.key.slot),
            aspect_ratio,
            image_size: image.image_size.as_deref(),
            references: &references,
            watermark: image.watermark,
            time_limit: self.time_limit(work, model.time_limit()),
        };
        let drawn = provider.draw(request).await;
        self.note_call(&work.pass, drawn.as_ref().err().map(|failure| failure.code), holder).await;
        let Drawing { bytes, model_version, usage, .. } = drawn?;
        let Encoded { webp, width, height, sha256, fingerprint } =
            check_and_encode(bytes, aspect_ratio, RATIO_TOLERANCE_PERCENT, self.effort)?;
        let pixels = Some(PixelSize { width, height });
        let fingerprint = Some(fingerprint.to_string());
        Ok(Made {
            bytes: webp,
            sha256,
            format: Format::WebP,
            pixels,
            fingerprint,
            model_version,
            usage,
            finish_reason: None,
        })
    }

    async fn write_text(&self, work: &Work<'_>, text: &TextWork, holder: &str) -> Result<Made, Failure> {
        let model = self.catalogue.text_model(work.pass.choice.model.as_str()).ok_or_else(gone)?.model;
        let writer = self.providers.writer(&work.pass.choice.provider).ok_or_else(no_key)?;
        let input = with_what_was_wrong(work.stage.prompt_of(work.slot.key.slot), &work.slot);
        let request = WriteRequest {
            model,
            system: text.system.as_deref(),
            input: &input,
            schema: text.schema.as_ref(),
            temperature: text.temperature,
            max_output_tokens: text.max_output_tokens,
            time_limit: self.time_limit(work, model.time_limit()),
        };
        let answered = writer.write(request).await;
        self.note_call(&work.pass, answered.as_ref().err().map(|failure| failure.code), holder).await;
        let Writing { text: written, model_version, usage, finish_reason } = answered?;
        Ok(Made {
            sha256: hex_of(written.as_bytes()),
            bytes: written.into(),
            format: if text.schema.is_some() { Format::Json } else { Format::Text },
            pixels: None,
            fingerprint: None,
            model_version,
            usage,
            finish_reason: Some(finish_reason.as_str().to_owned()),
        })
    }

    fn time_limit(&self, work: &Work<'_>, of_model: Duration) -> Duration {
        of_model.min(work.deadline.since(self.clock.now()).saturating_sub(FINISHING))
    }
}

/// What is asked, and if the last answer was refused by its schema, why it was: asked the same again, a model makes the
/// same mistake again. The reason names a place of the schema and nothing of the answer.
fn with_what_was_wrong<'a>(input: &'a str, slot: &Slot) -> Cow<'a, str> {
    let last = slot.attempts.last().filter(|attempt| attempt.code == FailureCode::InvalidText);
    match last.and_then(|attempt| attempt.detail.as_deref()) {
        None => input.into(),
        Some(why) => format!(
            "{input}\n\nAn earlier answer could not be used: {why}. Answer anew and in full, exactly as the schema asks, and \
             briefly enough to come to the end."
        )
        .into(),
    }
}

fn gone() -> Failure {
    Failure::new(FailureCode::ModelRetired).detail("not in the catalogue")
}

fn no_key() -> Failure {
    Failure::new(FailureCode::Unauthorised).detail("no key is configured")
}
