//! What a 200 of the Responses API holds: a text, a refusal, half a text, or an error after all.
//!
//! Enumerations are read as text, because OpenAI adds values without notice.

use serde::Deserialize;
use toonmill_domain::{Failure, FailureCode};

use crate::{
    FinishReason, Usage, Writing,
    detail::{token, tokens},
    schema::{self, Schema},
};

#[derive(Deserialize)]
struct Answer {
    status: Option<String>,
    error: Option<AnswerError>,
    incomplete_details: Option<IncompleteDetails>,
    model: Option<String>,
    output: Option<Vec<Item>>,
    usage: Option<TokenCounts>,
}

#[derive(Deserialize)]
struct AnswerError {
    code: Option<String>,
}

#[derive(Deserialize)]
struct IncompleteDetails {
    reason: Option<String>,
}

/// A message, or what the model thought before it.
#[derive(Deserialize)]
struct Item {
    r#type: Option<String>,
    content: Option<Vec<Content>>,
}

#[derive(Deserialize)]
struct Content {
    r#type: Option<String>,
    text: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct TokenCounts {
    input_tokens: u64,
    output_tokens: u64,
    output_tokens_details: OutputTokens,
    total_tokens: u64,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct OutputTokens {
    reasoning_tokens: u64,
}

pub(super) fn read(body: &[u8], schema: Option<&Schema>) -> Result<Writing, Failure> {
    let malformed = |_| Failure::new(FailureCode::InvalidText).detail("the answer is not the JSON it should be");
    let answer: Answer = serde_json::from_slice(body).map_err(malformed)?;
    let status = answer.status.as_deref();
    let incomplete = answer.incomplete_details.and_then(|details| details.reason);
    let finish_reason = match (status, incomplete.as_deref()) {
        (Some("completed"), _) => FinishReason::Stop,
        (Some("incomplete"), Some("max_output_tokens")) => FinishReason::MaxOutputTokens,
        (Some("incomplete"), Some("content_filter")) => {
            return Err(Failure::new(FailureCode::Refused).detail("content_filter"));
        }
        (Some("failed"), _) => return Err(failed(answer.error.and_then(|error| error.code).as_deref())),
        (status, reason) => return Err(Failure::new(FailureCode::Empty).detail(tokens([status, reason]))),
    };
    let mut text = String::new();
    let messages = answer.output.into_iter().flatten().filter(|item| item.r#type.as_deref() == Some("message"));
    for content in messages.filter_map(|message| message.content).flatten() {
        match content.r#type.as_deref() {
            // What the model says instead can quote the prompt.
            Some("refusal") => return Err(Failure::new(FailureCode::Refused).detail("refusal")),
            Some("output_text") => text.push_str(content.text.as_deref().unwrap_or_default()),
            _ => {}
        }
    }
    if text.trim().is_empty() {
        return Err(Failure::new(FailureCode::Empty).detail(incomplete.as_deref().and_then(token).unwrap_or("no text")));
    }
    schema::check(schema, &text, finish_reason)?;
    let usage = answer.usage.map(|usage| Usage {
        prompt_tokens: usage.input_tokens,
        // Thoughts are among them, and apart in `Usage`.
        output_tokens: usage.output_tokens.saturating_sub(usage.output_tokens_details.reasoning_tokens),
        thinking_tokens: usage.output_tokens_details.reasoning_tokens,
        total_tokens: usage.total_tokens,
    });
    Ok(Writing { text, model_version: answer.model, usage, finish_reason })
}

/// By the codes of `ResponseError` in openai-python 3.51.0. The rest of them are about pictures that we do not send.
fn failed(code: Option<&str>) -> Failure {
    let failure = match code {
        Some("rate_limit_exceeded") => FailureCode::RateLimited,
        // The first is what a prompt that was flagged is called too.
        Some("invalid_prompt" | "bio_policy" | "misalignment_policy_violation") => FailureCode::Refused,
        Some("data_residency_mismatch") => FailureCode::Unauthorised,
        Some("server_error" | "vector_store_timeout") | None => FailureCode::Overloaded,
        Some(_) => FailureCode::BadRequest,
    };
    Failure::new(failure).detail(tokens([Some("200"), code]))
}
