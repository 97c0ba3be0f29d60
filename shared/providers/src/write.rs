//! One call for one text: what is asked, and what comes back.

use std::{pin::Pin, time::Duration};

use serde_json::Value;
use toonmill_domain::{Failure, Usage};

use crate::TextModel;

/// A client of one provider. Not every provider writes.
pub trait Writer: Send + Sync {
    /// Makes one call, and never a second one. A call that was cut off may have been paid for.
    fn write<'a>(&'a self, request: WriteRequest<'a>) -> WriteFuture<'a>;
}

pub type WriteFuture<'a> = Pin<Box<dyn Future<Output = Result<Writing, Failure>> + Send + 'a>>;

#[derive(Clone, Copy)]
pub struct WriteRequest<'a> {
    pub model: &'a TextModel,
    /// What the model is told about its task.
    pub system: Option<&'a str>,
    pub input: &'a str,
    /// JSON Schema of an object, which the answer satisfies or is `invalid_text`. All its objects name each of their
    /// properties as required and allow no others, which OpenAI insists on.
    pub schema: Option<&'a Value>,
    /// The model's own default if `None`.
    pub temperature: Option<f64>,
    /// Thoughts included.
    pub max_output_tokens: u32,
    /// For the whole call, connecting included.
    pub time_limit: Duration,
}

#[derive(Clone, PartialEq, Eq)]
pub struct Writing {
    /// With a schema it is JSON that satisfies it.
    pub text: String,
    /// The model as the provider resolved it.
    pub model_version: Option<String>,
    pub usage: Option<Usage>,
    pub finish_reason: FinishReason,
}

/// How a text that is there ended. All other endings are failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FinishReason {
    /// The model was done.
    Stop,
    /// The tokens asked for were used up. Never with a schema: such a text is `invalid_text`.
    MaxOutputTokens,
}

impl FinishReason {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::MaxOutputTokens => "max_output_tokens",
        }
    }
}

impl std::fmt::Debug for WriteRequest<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "WriteRequest({}, {} characters)", self.model.id, self.input.chars().count())
    }
}

impl std::fmt::Debug for Writing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let chars = self.text.chars().count();
        write!(f, "Writing({chars} characters, {:?}, by {:?})", self.finish_reason, self.model_version)
    }
}
