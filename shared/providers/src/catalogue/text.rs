//! A model that writes.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use time::Date;
use toonmill_domain::{Credits, ModelId, ProviderId, Tier};

use super::{
    Problem, Range,
    model::{date, optional_date},
};

/// One credit is one US cent.
const USD_MICROS_A_CREDIT: u128 = 10_000;
const TOKENS_A_PRICE: u128 = 1_000_000;

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TextModel {
    pub id: ModelId,
    pub provider: ProviderId,
    /// Characters of instructions, input and schema together. A character counts as one token, so that an input within
    /// the limit is one within the model's context, and within the part of it that has this price.
    pub max_input_chars: usize,
    pub parameters: TextParameters,
    pub(super) timeout_seconds: u64,
    pub price: TextPrice,
    /// The lowest membership that may use it.
    pub min_tier: Tier,
    /// The earliest day on which the provider may switch it off.
    #[serde(default, deserialize_with = "optional_date")]
    pub sunset_at: Option<Date>,
    #[serde(default)]
    pub replaced_by: Option<ModelId>,
}

/// What may be set. What a model does not let be set is absent and never sent.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TextParameters {
    pub temperature: Option<Range<f64>>,
    /// Thoughts are among these tokens, and are paid like them.
    pub max_output_tokens: Range<u32>,
    /// How much it thinks before it writes, as the provider spells it. The rows that are compiled in think as little as
    /// their model can: a limit of 1,024 tokens is soon thought away.
    pub thinking: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TextPrice {
    /// What the provider takes, in millionths of a US dollar.
    pub usd_micros_per_million_input_tokens: u64,
    /// Thoughts included.
    pub usd_micros_per_million_output_tokens: u64,
    /// Where the provider says so.
    pub source: String,
    /// When it was read there.
    #[serde(deserialize_with = "date")]
    pub as_of: Date,
}

/// What a request for text asks of a model.
#[derive(Clone, Copy, Debug)]
pub struct TextAsk<'a> {
    /// What the model is told about its task.
    pub system: Option<&'a str>,
    pub input: &'a str,
    /// JSON Schema that the answer must satisfy.
    pub schema: Option<&'a Value>,
    /// The model's own default if `None`.
    pub temperature: Option<f64>,
    pub max_output_tokens: u32,
}

/// Which part of a request for text a problem is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextField {
    Input,
    Temperature,
    MaxOutputTokens,
}

/// The most that one call can cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallPrice {
    /// What the user pays.
    pub credits: Credits,
    /// What the provider takes at most, in millionths of a US dollar, rounded up.
    pub usd_micros: u64,
}

impl TextAsk<'_> {
    /// Everything that the provider reads, in characters.
    pub fn input_chars(&self) -> usize {
        let schema = self.schema.map_or(0, |schema| schema.to_string().chars().count());
        self.system.map_or(0, |system| system.chars().count()) + self.input.chars().count() + schema
    }
}

impl TextModel {
    /// How long one call may take.
    pub const fn time_limit(&self) -> Duration {
        Duration::from_secs(self.timeout_seconds)
    }

    /// Everything that this model cannot do of what is asked. Nothing, if it can.
    pub fn check(&self, ask: &TextAsk<'_>) -> Vec<Problem<TextField>> {
        let mut problems = Vec::new();
        let mut add = |field, detail| problems.push(Problem { field, detail });
        let (id, chars, max) = (&self.id, ask.input_chars(), self.max_input_chars);
        if chars > max {
            add(TextField::Input, format!("{id} takes up to {max} characters, instructions included, not {chars}"));
        }
        match (ask.temperature, self.parameters.temperature) {
            (Some(_), None) => add(TextField::Temperature, format!("{id} does not let it be set")),
            (Some(asked), Some(range)) if !range.holds(&asked) => {
                add(TextField::Temperature, format!("{id} takes {} to {}, not {asked}", range.min, range.max));
            }
            _ => {}
        }
        let (asked, range) = (ask.max_output_tokens, self.parameters.max_output_tokens);
        if !range.holds(&asked) {
            add(TextField::MaxOutputTokens, format!("{id} takes {} to {}, not {asked}", range.min, range.max));
        }
        problems
    }

    /// The price of one call, known beforehand: by its worst case, in which each character of the input is a token and
    /// all the tokens asked for are written. A credit for each US cent begun, and at least one. `None` if no amount of
    /// credits is so large, which no request within the model's limits is.
    pub fn price_of(&self, ask: &TextAsk<'_>) -> Option<CallPrice> {
        let of = |tokens: u128, price: u64| tokens.saturating_mul(u128::from(price));
        let input = of(u128::try_from(ask.input_chars()).ok()?, self.price.usd_micros_per_million_input_tokens);
        let output = of(ask.max_output_tokens.into(), self.price.usd_micros_per_million_output_tokens);
        let usd_micros = input.saturating_add(output).div_ceil(TOKENS_A_PRICE);
        let credits = usd_micros.div_ceil(USD_MICROS_A_CREDIT).max(1);
        let credits = Credits::new(u64::try_from(credits).ok()?)?;
        Some(CallPrice { credits, usd_micros: u64::try_from(usd_micros).ok()? })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Catalogue;

    fn ask(input: &str, max_output_tokens: u32) -> TextAsk<'_> {
        TextAsk { system: None, input, schema: None, temperature: None, max_output_tokens }
    }

    #[test]
    fn a_call_is_priced_by_its_worst_case_in_whole_credits() {
        let patch = json!({ "models": { "gemini-3.8-flash": { "price": {
            "usdMicrosPerMillionInputTokens": 1_500_000, "usdMicrosPerMillionOutputTokens": 7_500_000,
        } } } });
        let catalogue = Catalogue::with_patch(&patch.to_string()).unwrap();
        let model = catalogue.text_model("gemini-3.8-flash").unwrap().model;
        let price =
            |ask: TextAsk<'_>| model.price_of(&ask).map(|price| (price.credits.get(), price.usd_micros)).unwrap();
        assert_eq!(price(ask("", 1)), (1, 8), "7.5 rounded up, and at least a credit");
        assert_eq!(price(ask(&"가".repeat(1_600), 1_013)), (1, 9_998));
        assert_eq!(price(ask(&"가".repeat(1_600), 1_014)), (2, 10_005), "a cent begun");
        assert_eq!(price(ask(&"a".repeat(8_000), 1_024)), (2, 19_680));
        let system = TextAsk { system: Some("ab"), schema: Some(&json!({})), ..ask("a", 1) };
        assert_eq!(system.input_chars(), 5);
    }

    #[test]
    fn an_absurd_price_is_none_and_not_a_small_one() {
        let patch = json!({ "models": { "gemini-3.8-flash": { "price": {
            "usdMicrosPerMillionOutputTokens": u64::MAX,
        } } } });
        let catalogue = Catalogue::with_patch(&patch.to_string()).unwrap();
        let model = catalogue.text_model("gemini-3.8-flash").unwrap().model;
        assert_eq!(model.price_of(&ask("a", u32::MAX)), None);
    }

    #[test]
    fn everything_a_model_cannot_do_is_said_at_once() {
        let catalogue = Catalogue::built_in().unwrap();
        let gemini = catalogue.text_model("gemini-3.8-flash").unwrap().model;
        let input = "가".repeat(gemini.max_input_chars + 1);
        let fields = |model: &TextModel, ask: TextAsk<'_>| {
            model.check(&ask).into_iter().map(|problem| problem.field).collect::<Vec<_>>()
        };
        let too_much = TextAsk { temperature: Some(2.1), ..ask(&input, 0) };
        assert_eq!(fields(gemini, too_much), [TextField::Input, TextField::Temperature, TextField::MaxOutputTokens]);
        assert_eq!(fields(gemini, TextAsk { temperature: Some(2.0), ..ask("a", 1_024) }), []);
        assert_eq!(fields(gemini, TextAsk { temperature: Some(f64::NAN), ..ask("a", 1) }), [TextField::Temperature]);
    }
}
