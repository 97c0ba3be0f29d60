//! A text as it was asked for, with the place of each of its fields, and the choice of who writes it.

use std::collections::BTreeMap;

use serde_json::Value;
use toonmill_domain::{Failover, SlotIndex, SlotPlan, StagePlan, TextWork, Work};
use toonmill_providers::{
    TextModel,
    catalogue::{Problem, TextAsk, TextField},
};

use crate::{
    draft::Studio,
    findings::Findings,
    letters,
    reader::{Fields, Given},
    wish::{Named, Wanted, Wish},
};

/// What a text may be, by configuration. A model may allow less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextLimits {
    /// Characters of the input, and of the instructions.
    pub max_chars: usize,
    pub max_output_tokens: u32,
}

/// API.md, Limits.
impl Default for TextLimits {
    fn default() -> Self {
        Self { max_chars: 8_000, max_output_tokens: 1_024 }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct TextDraft {
    pub(crate) input: Given<String>,
    pub(crate) system: Given<String>,
    /// Our own in the place of the request's, to which its limits do not apply.
    pub(crate) instructions: Option<String>,
    /// The endpoint's own in the place of the configuration's.
    pub(crate) limits: Option<TextLimits>,
    /// JSON Schema that every answer must satisfy.
    pub(crate) schema: Option<Value>,
    /// What is sent instead of the input, if that is not just what is sent: a call for each.
    pub(crate) parts: Vec<String>,
    pub(crate) temperature: Given<f64>,
    pub(crate) max_output_tokens: Given<u32>,
    pub(crate) provider: (String, Wish),
    pub(crate) model: Given<String>,
    pub(crate) keep_files: bool,
}

/// A text that must not be blank. How long it may be is the configuration's to say.
pub(crate) fn read_input(fields: &Fields<'_>, name: &str) -> Given<String> {
    let input = fields.require(fields.words(name));
    if input.value.as_ref().is_some_and(|text| letters::is_blank(text)) {
        fields.problem(&input.pointer, "must not be blank");
    }
    input
}

/// A field that a request does not have.
pub(crate) fn none<T>() -> Given<T> {
    Given { pointer: String::new(), value: None, absent: true }
}

impl TextDraft {
    /// The stage as it will be written, or none with the reasons among the problems.
    pub(crate) fn plan(self, studio: Studio<'_>, problems: &Findings, warnings: &Findings) -> Option<StagePlan> {
        let limits = self.limits.unwrap_or(studio.text);
        self.check_limits(limits, problems);
        let max_output_tokens = self.max_output_tokens.value.unwrap_or(limits.max_output_tokens);
        let mut parts = self.parts.clone().into_iter();
        let first = parts.next().or_else(|| self.input.value.clone());
        let rest: Vec<_> = parts.collect();
        // What fits for the longest fits for all, and is the dearest.
        let longest = first.iter().chain(&rest).max_by_key(|part| part.chars().count());
        let ask = TextAsk {
            system: self.instructions.as_deref().or(self.system.value.as_deref()),
            input: longest.map(String::as_str).unwrap_or_default(),
            schema: self.schema.as_ref(),
            temperature: self.temperature.value,
            max_output_tokens,
        };
        let model = self.choose(studio, &ask, problems, warnings)?;
        let lacking = model.check(&ask);
        for problem in &lacking {
            self.note(problem, problems);
        }
        let price = model.price_of(&ask).filter(|_| lacking.is_empty())?;
        let own = |prompt| SlotPlan { prompt: Some(prompt), ..SlotPlan::default() };
        let slots: BTreeMap<_, _> = (1..).map(SlotIndex).zip(rest.into_iter().map(own)).collect();
        Some(StagePlan {
            prompt: first?,
            quantity: u32::try_from(slots.len()).ok()?.checked_add(1)?,
            provider: model.provider.clone(),
            model: model.id.clone(),
            failover: Failover::Never,
            alternatives: Vec::new(),
            price: price.credits,
            keep_files: self.keep_files,
            naming: None,
            temporary: false,
            publish: None,
            slots,
            work: Work::Text(TextWork {
                system: self.instructions.or(self.system.value),
                temperature: self.temperature.value,
                max_output_tokens,
                schema: self.schema,
            }),
        })
    }

    fn check_limits(&self, limits: TextLimits, problems: &Findings) {
        for text in [&self.input, &self.system] {
            if let Some(why) = text.value.as_ref().and_then(|text| letters::too_long(text, limits.max_chars)) {
                problems.add(&text.pointer, why);
            }
        }
        if let Some(asked) = self.max_output_tokens.value
            && asked > limits.max_output_tokens
        {
            let most = limits.max_output_tokens;
            problems.add(&self.max_output_tokens.pointer, format!("must be at most {most}, not {asked}"));
        }
    }

    /// Who writes. None if nobody could be asked, which was said.
    fn choose<'c>(
        &self,
        studio: Studio<'c>,
        ask: &TextAsk<'_>,
        problems: &Findings,
        warnings: &Findings,
    ) -> Option<&'c TextModel> {
        let wanted = Wanted { provider: &self.provider, model: &self.model };
        if let Named::Model(model) = wanted.named::<TextModel>(studio, problems, warnings)? {
            return Some(model);
        }
        let Studio { catalogue, configured, .. } = studio;
        let (provider_at, wish) = &self.provider;
        let candidates = match wish {
            Wish::Unknown => return None,
            Wish::Named(named) => vec![named],
            Wish::Auto | Wish::Default => {
                catalogue.provider_order().iter().filter(|provider| configured.contains(*provider)).collect()
            }
        };
        let writers: Vec<_> =
            candidates.into_iter().filter_map(|provider| catalogue.default_text_model(provider)).collect();
        let chosen = writers.iter().find(|model| model.check(ask).is_empty()).or(writers.first()).copied();
        if chosen.is_none() {
            problems.add(provider_at, "has no text model in this deployment");
        }
        chosen
    }

    fn note(&self, problem: &Problem<TextField>, problems: &Findings) {
        let pointer = match problem.field {
            TextField::Input => &self.input.pointer,
            TextField::Temperature => &self.temperature.pointer,
            TextField::MaxOutputTokens => &self.max_output_tokens.pointer,
        };
        if !problems.has(pointer) {
            problems.add(pointer, &problem.detail);
        }
    }
}
