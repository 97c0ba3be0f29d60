//! The response object, and what may be in it.

use serde_json::{Value, json};

use super::order::Order;
use crate::{
    essay,
    faults::BrokenText,
    sitting::{Sitting, Wording},
};

const TOKENS_PER_REFERENCE: u64 = 323;
const TOKENS_OF_THOUGHTS: u64 = 32;

/// How a response ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ending {
    Completed,
    /// For this reason.
    Incomplete(&'static str),
    /// With this code.
    Failed(String),
}

/// What the message says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said {
    Text(String),
    Refusal(&'static str),
    Nothing,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) said: Said,
    pub(super) ending: Ending,
}

impl Sitting<'_, Order> {
    pub(super) fn worded(&self, wording: Wording) -> Answer {
        let order = &self.order;
        let prompt = &order.commission.prompt;
        let whole = match (wording, &order.schema) {
            (Wording::Nothing, _) => return Answer { said: Said::Nothing, ending: Ending::Completed },
            (Wording::Broken(BrokenText::WrongShape), Some(_)) => r#"{"unasked": true}"#.to_owned(),
            (Wording::Good | Wording::Broken(BrokenText::CutOff), Some(schema)) => {
                essay::data(schema, prompt, self.seed()).to_string()
            }
            _ => essay::text(prompt, self.seed()),
        };
        let left = order.max_output_tokens.unwrap_or(u64::MAX).saturating_sub(order.thoughts());
        let left = if wording == Wording::Broken(BrokenText::CutOff) { essay::tokens(&whole) / 2 } else { left };
        let (text, is_cut) = essay::cut(&whole, left);
        let ending = if is_cut { Ending::Incomplete("max_output_tokens") } else { Ending::Completed };
        Answer { said: if text.is_empty() { Said::Nothing } else { Said::Text(text) }, ending }
    }
}

impl Order {
    fn thoughts(&self) -> u64 {
        if self.thinks() { TOKENS_OF_THOUGHTS } else { 0 }
    }

    pub(super) fn thinks(&self) -> bool {
        self.effort.as_deref().is_some_and(|effort| effort != "none")
    }

    /// What the response holds in the end.
    pub(super) fn output(&self, answer: &Answer) -> Vec<Value> {
        if matches!(answer.ending, Ending::Failed(_)) {
            return Vec::new();
        }
        let thought = self.thinks().then(thought);
        let status = if answer.ending == Ending::Completed { "completed" } else { "incomplete" };
        let message = part(&answer.said).map(|part| message(status, &[part]));
        thought.into_iter().chain(message).collect()
    }

    /// The response object. Until it has ended, it has no output.
    pub(super) fn response(&self, answer: Option<&Answer>) -> Value {
        let ending = answer.map(|answer| &answer.ending);
        let status = match ending {
            None => "in_progress",
            Some(Ending::Completed) => "completed",
            Some(Ending::Incomplete(_)) => "incomplete",
            Some(Ending::Failed(_)) => "failed",
        };
        let error = match ending {
            Some(Ending::Failed(code)) => json!({ "code": code, "message": "The model failed." }),
            _ => Value::Null,
        };
        let details = match ending {
            Some(Ending::Incomplete(reason)) => json!({ "reason": reason }),
            _ => Value::Null,
        };
        let given = |name: &str| self.request.get(name).cloned();
        let format = given("text").and_then(|mut text| text.get_mut("format").map(Value::take));
        json!({
            "id": "resp_1",
            "object": "response",
            "created_at": 1_763_600_000,
            "status": status,
            "background": false,
            "error": error,
            "incomplete_details": details,
            "instructions": given("instructions"),
            "max_output_tokens": self.max_output_tokens,
            "max_tool_calls": null,
            "model": self.model.id,
            "output": answer.map(|answer| self.output(answer)).unwrap_or_default(),
            "parallel_tool_calls": true,
            "previous_response_id": null,
            "reasoning": { "effort": self.effort, "summary": null },
            "service_tier": "default",
            "store": given("store").unwrap_or(json!(true)),
            "temperature": given("temperature").unwrap_or(json!(1.0)),
            "text": { "format": format.unwrap_or_else(|| json!({ "type": "text" })), "verbosity": "medium" },
            "tool_choice": "auto",
            "tools": [],
            "top_p": given("top_p").unwrap_or(json!(1.0)),
            "truncation": "disabled",
            "user": given("user"),
            "metadata": given("metadata").unwrap_or(json!({})),
            "usage": answer.and_then(|answer| self.usage(answer)),
        })
    }

    fn usage(&self, answer: &Answer) -> Option<Value> {
        let written = match (&answer.ending, &answer.said) {
            (Ending::Failed(_), _) => return None,
            (_, Said::Text(text)) => essay::tokens(text),
            (_, Said::Refusal(text)) => essay::tokens(text),
            (_, Said::Nothing) => 0,
        };
        let system = self.request.get("instructions").and_then(Value::as_str).map_or(0, essay::tokens);
        let pictures = self.commission.references.len() as u64 * TOKENS_PER_REFERENCE;
        let input = essay::tokens(&self.commission.prompt) + system + pictures;
        let output = written + self.thoughts();
        Some(json!({
            "input_tokens": input,
            "input_tokens_details": { "cached_tokens": 0 },
            "output_tokens": output,
            "output_tokens_details": { "reasoning_tokens": self.thoughts() },
            "total_tokens": input + output,
        }))
    }
}

/// The content of a message, if it says anything.
pub(super) fn part(said: &Said) -> Option<Value> {
    match said {
        Said::Text(text) => Some(json!({ "type": "output_text", "text": text, "annotations": [], "logprobs": [] })),
        Said::Refusal(text) => Some(json!({ "type": "refusal", "refusal": text })),
        Said::Nothing => None,
    }
}

pub(super) fn message(status: &str, content: &[Value]) -> Value {
    json!({ "id": "msg_1", "type": "message", "status": status, "role": "assistant", "content": content })
}

pub(super) fn thought() -> Value {
    json!({ "id": "rs_1", "type": "reasoning", "summary": [] })
}
