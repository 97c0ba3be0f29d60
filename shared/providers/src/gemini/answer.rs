//! What a 200 holds: a picture, or one of several ways of saying that there is none.
//!
//! Enumerations are read as text, because Google adds values without notice. What the model or
//! the provider says in prose (`finishMessage`) can quote the prompt, so it goes into no detail.

use std::borrow::Cow;

use reqwest::StatusCode;
use serde::Deserialize;
use toonmill_domain::{Failure, FailureCode, Usage};

use super::error;
use crate::{
    Drawing,
    base64_field::{self, Encoded},
    detail::token,
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Answer<'a> {
    #[serde(borrow)]
    pub(super) candidates: Option<Vec<Candidate<'a>>>,
    prompt_feedback: Option<PromptFeedback>,
    usage_metadata: Option<UsageMetadata>,
    pub(super) model_version: Option<String>,
    /// Seen in streams of status 200; an error all the same.
    error: Option<serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Candidate<'a> {
    #[serde(borrow)]
    content: Option<Content<'a>>,
    pub(super) finish_reason: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Content<'a> {
    #[serde(borrow)]
    parts: Option<Vec<Part<'a>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Part<'a> {
    pub(super) text: Option<String>,
    #[serde(borrow)]
    inline_data: Option<InlineData<'a>>,
    thought: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct InlineData<'a> {
    mime_type: Option<String>,
    #[serde(borrow, default, deserialize_with = "base64_field::text")]
    data: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PromptFeedback {
    block_reason: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct UsageMetadata {
    #[serde(rename = "promptTokenCount")]
    prompt: u64,
    #[serde(rename = "candidatesTokenCount")]
    output: u64,
    #[serde(rename = "thoughtsTokenCount")]
    thinking: u64,
    #[serde(rename = "totalTokenCount")]
    total: u64,
}

impl<'a> Answer<'a> {
    /// An answer that is not the JSON it should be is `unusable`.
    pub(super) fn parse(body: &'a [u8], unusable: FailureCode) -> Result<Self, Failure> {
        let malformed = |_| Failure::new(unusable).detail("the answer is not the JSON it should be");
        let mut answer: Self = serde_json::from_slice(body).map_err(malformed)?;
        if let Some(error) = answer.error.take() {
            let status = error::status_of(&error).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            return Err(error::classify_error(status, None, &error));
        }
        Ok(answer)
    }

    pub(super) fn usage(&self) -> Option<Usage> {
        self.usage_metadata.as_ref().map(|usage| Usage {
            prompt_tokens: usage.prompt,
            output_tokens: usage.output,
            thinking_tokens: usage.thinking,
            total_tokens: usage.total,
        })
    }

    /// The failure that an answer is which has nothing of what was asked for.
    pub(super) fn nothing(&self) -> Failure {
        if let Some(reason) = self.prompt_feedback.as_ref().and_then(|feedback| feedback.block_reason.as_deref()) {
            return Failure::new(FailureCode::Refused).detail(token(reason).unwrap_or("blocked"));
        }
        let mut reasons = self.candidates.iter().flatten().filter_map(|candidate| candidate.finish_reason.as_deref());
        let reason = reasons.next().and_then(token).unwrap_or("no candidates");
        Failure::new(by_finish_reason(reason)).detail(reason)
    }
}

impl<'a> Candidate<'a> {
    /// What it says, without its thoughts, which can hold drafts.
    pub(super) fn take_parts(&mut self) -> impl Iterator<Item = Part<'a>> + use<'a> {
        let parts = self.content.take().and_then(|content| content.parts).into_iter().flatten();
        parts.filter(|part| part.thought != Some(true))
    }
}

pub(super) fn read(body: Vec<u8>) -> Result<Drawing, Failure> {
    let mut answer = Answer::parse(&body, FailureCode::InvalidImage)?;
    let mut text = String::new();
    let mut found = None;
    for candidate in answer.candidates.iter_mut().flatten() {
        for part in candidate.take_parts() {
            text.push_str(part.text.as_deref().unwrap_or_default());
            // Of several pictures the last: a model that draws, looks and draws again ends with
            // the one it means.
            found = part.inline_data.or(found);
        }
    }
    let Some(InlineData { mime_type, data }) = found else { return Err(answer.nothing()) };
    let picture = Encoded::locate(data, &body);
    let usage = answer.usage();
    let model_version = answer.model_version;
    Ok(Drawing {
        bytes: picture.decode(body)?,
        mime_type: mime_type.unwrap_or_default(),
        model_version,
        usage,
        text: (!text.is_empty()).then_some(text),
    })
}

/// Reasons that are about what was asked are refusals. All others, those that are not known yet
/// among them, are an answer without a picture or a whole text, which another try may well have.
fn by_finish_reason(reason: &str) -> FailureCode {
    match reason {
        "SAFETY"
        | "RECITATION"
        | "LANGUAGE"
        | "BLOCKLIST"
        | "PROHIBITED_CONTENT"
        | "SPII"
        | "IMAGE_SAFETY"
        | "IMAGE_PROHIBITED_CONTENT"
        | "IMAGE_RECITATION"
        | "MODEL_ARMOR" => FailureCode::Refused,
        _ => FailureCode::Empty,
    }
}
