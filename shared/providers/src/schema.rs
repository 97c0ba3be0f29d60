//! Whether an answer satisfies the JSON Schema that was asked for. Providers promise it, and break the promise when they
//! cut an answer off or choose to say something else.

use jsonschema::Validator;
use serde_json::Value;
use toonmill_domain::{Failure, FailureCode};

use crate::FinishReason;

/// A schema that is one.
#[derive(Debug)]
pub(crate) struct Schema(Validator);

impl Schema {
    /// Before the call: one with a schema that is none would be for nothing.
    pub(crate) fn compile(schema: &Value) -> Result<Self, Failure> {
        jsonschema::validator_for(schema)
            .map(Self)
            .map_err(|_| Failure::new(FailureCode::BadRequest).detail("the schema is not JSON Schema"))
    }
}

/// Nothing to say without a schema. The place that a failure names is one of the schema, which is ours, and not of the
/// answer.
pub(crate) fn check(schema: Option<&Schema>, text: &str, finish_reason: FinishReason) -> Result<(), Failure> {
    let Some(Schema(validator)) = schema else { return Ok(()) };
    let invalid = |detail: String| Err(Failure::new(FailureCode::InvalidText).detail(detail));
    if finish_reason == FinishReason::MaxOutputTokens {
        return invalid("the answer was cut off".to_owned());
    }
    let Ok(value) = serde_json::from_str::<Value>(text) else { return invalid("the answer is not JSON".to_owned()) };
    match validator.validate(&value) {
        Ok(()) => Ok(()),
        Err(error) => invalid(format!("the answer breaks {}", error.schema_path())),
    }
}
