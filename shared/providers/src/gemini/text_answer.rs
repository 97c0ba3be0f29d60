//! What a 200 holds when a text was asked for.

use toonmill_domain::{Failure, FailureCode};

use super::answer::Answer;
use crate::{
    FinishReason, Writing,
    schema::{self, Schema},
};

pub(super) fn read(body: &[u8], schema: Option<&Schema>) -> Result<Writing, Failure> {
    let mut answer = Answer::parse(body, FailureCode::InvalidText)?;
    // One candidate is asked for.
    let Some(candidate) = answer.candidates.iter_mut().flatten().next() else { return Err(answer.nothing()) };
    let finish_reason = match candidate.finish_reason.as_deref() {
        Some("STOP") => FinishReason::Stop,
        Some("MAX_TOKENS") => FinishReason::MaxOutputTokens,
        // What was written before a refusal is not what was asked for.
        _ => return Err(answer.nothing()),
    };
    let text: String = candidate.take_parts().filter_map(|part| part.text).collect();
    if text.trim().is_empty() {
        return Err(answer.nothing());
    }
    schema::check(schema, &text, finish_reason)?;
    Ok(Writing { text, usage: answer.usage(), model_version: answer.model_version, finish_reason })
}
