//! The models that write: which are alive, and whether they think.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Model {
    pub(super) id: &'static str,
    pub(super) thinking: Thinking,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Thinking {
    /// Not at all; there is no effort to be set.
    Never,
    /// A temperature may be set where there are no thoughts (github.com/anomalyco/models.dev/issues/6639).
    Always,
    /// The same, and the temperature is fixed (github.com/akitaonrails/ai-memory/issues/851).
    AtFixedTemperature,
}

/// As of November 2026, by openai-python 3.51.0; a selection.
const MODELS: &[Model] = &[
    Model { id: "gpt-6.1-sol", thinking: Thinking::AtFixedTemperature },
    Model { id: "gpt-6-astra", thinking: Thinking::AtFixedTemperature },
    Model { id: "gpt-6-sol", thinking: Thinking::AtFixedTemperature },
    Model { id: "gpt-6-luna", thinking: Thinking::AtFixedTemperature },
    Model { id: "gpt-5.6-sol", thinking: Thinking::Always },
    Model { id: "gpt-5.6-luna", thinking: Thinking::Always },
    Model { id: "gpt-5.4-mini", thinking: Thinking::Always },
    Model { id: "gpt-5.1", thinking: Thinking::Always },
    Model { id: "gpt-4.1", thinking: Thinking::Never },
    Model { id: "gpt-4o-mini", thinking: Thinking::Never },
];

pub(super) fn find(id: &str) -> Option<Model> {
    MODELS.iter().find(|model| model.id == id).copied()
}
