//! The script: seed, patience, chance and rules, as a caller writes them down.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Fault;

/// Everything that decides how calls end. In JSON every field may be left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Script {
    /// Where all chance comes from, pictures included.
    pub seed: u64,
    /// How long a call takes before its answer, on top of the drawing.
    pub latency_ms: Latency,
    /// The share of calls that fail by chance, 0 to 1.
    pub failure_rate: f64,
    /// What failing by chance means. Failures go through this list in turn.
    pub failures: Vec<Fault>,
    /// How long a call that hangs is kept waiting.
    pub hang_ms: u64,
    /// How many calls a minute each model takes; without it any number. Those beyond are answered 429, and told to wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests_per_minute: Option<u32>,
    /// Looked at before chance; the first that matches a call decides it.
    pub rules: Vec<Rule>,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            seed: 0,
            latency_ms: Latency::default(),
            failure_rate: 0.0,
            failures: Fault::everyday(),
            hang_ms: 30_000,
            requests_per_minute: None,
            rules: Vec::new(),
        }
    }
}

/// How long a call takes, in milliseconds, anywhere between the two. In JSON `[300, 1000]`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(u64, u64)", into = "(u64, u64)")]
pub struct Latency {
    /// The least, in milliseconds.
    pub min_ms: u64,
    /// The most, in milliseconds.
    pub max_ms: u64,
}

impl From<(u64, u64)> for Latency {
    fn from((one, other): (u64, u64)) -> Self {
        Self { min_ms: one.min(other), max_ms: one.max(other) }
    }
}

impl From<Latency> for (u64, u64) {
    fn from(latency: Latency) -> Self {
        (latency.min_ms, latency.max_ms)
    }
}

/// The text was not `seconds` or `seconds-seconds`, each from 0 to 3600.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a latency is seconds or a range of them, each at most 3600, such as 0.3-1")]
pub struct ParseLatencyError;

impl FromStr for Latency {
    type Err = ParseLatencyError;

    /// Reads seconds: `0.3-1` or `2`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (least, most) = text.split_once('-').unwrap_or((text, text));
        Ok((millis(least)?, millis(most)?).into())
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the range has been checked, and a part of a millisecond does not matter"
)]
fn millis(text: &str) -> Result<u64, ParseLatencyError> {
    match text.trim().parse::<f64>() {
        Ok(seconds) if (0.0..=3600.0).contains(&seconds) => Ok((seconds * 1000.0).round() as u64),
        _ => Err(ParseLatencyError),
    }
}

/// Calls that end in a certain way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Which calls; without it all of them.
    #[serde(default, rename = "match")]
    pub matches: Match,
    /// The share of the matching calls, 0 to 1.
    #[serde(default = "always")]
    pub rate: f64,
    /// After how often the rule is spent; without it never. Which calls use it up depends on the
    /// order in which they arrive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
    /// How they end.
    pub fault: Fault,
}

fn always() -> f64 {
    1.0
}

impl Rule {
    /// All calls end so.
    pub fn always(fault: Fault) -> Self {
        Self { matches: Match::default(), rate: 1.0, times: None, fault }
    }

    /// Calls whose prompt contains these words end so.
    pub fn for_prompt(words: impl Into<String>, fault: Fault) -> Self {
        let matches = Match { prompt_contains: Some(words.into()), ..Match::default() };
        Self { matches, ..Self::always(fault) }
    }

    /// The nth call of every prompt ends so; the first is 1.
    pub fn for_call(number: u64, fault: Fault) -> Self {
        let matches = Match { call: Some(CallNumber::Only(number)), ..Match::default() };
        Self { matches, ..Self::always(fault) }
    }
}

/// Which calls a rule is about: those for which everything that is given holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Match {
    /// The provider's name, such as `gemini`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// The model's id. Telegram has methods in place of models, and `method` for this word.
    #[serde(alias = "method", skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Words in the prompt, whatever their case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt_contains: Option<String>,
    /// Which calls of the same prompt, counted from 1: `3` or `{"from": 2, "to": 4}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call: Option<CallNumber>,
    /// Which calls of the provider, counted from 1 over all prompts in the order they arrive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arrival: Option<CallNumber>,
    /// Which calls of the model, counted from 1 over all prompts in the order they arrive.
    #[serde(alias = "method_call", skip_serializing_if = "Option::is_none")]
    pub model_call: Option<CallNumber>,
}

/// One call by its number, or a range of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum CallNumber {
    /// This one.
    Only(u64),
    /// Those from the one to the other, both included.
    Range {
        /// The first.
        from: u64,
        /// The last; without it there is no end.
        #[serde(default)]
        to: Option<u64>,
    },
}

impl CallNumber {
    pub(super) fn holds(self, number: u64) -> bool {
        match self {
            Self::Only(only) => number == only,
            Self::Range { from, to } => number >= from && to.is_none_or(|to| number <= to),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_latency_is_read_from_seconds() {
        assert_eq!("0.3-1".parse(), Ok(Latency { min_ms: 300, max_ms: 1000 }));
        assert_eq!("2".parse(), Ok(Latency { min_ms: 2000, max_ms: 2000 }));
        for text in ["", "a", "-1", "1-", "9999", "NaN"] {
            assert_eq!(text.parse::<Latency>(), Err(ParseLatencyError), "{text}");
        }
    }

    #[test]
    fn a_script_may_say_only_what_it_changes() {
        let script: Script = serde_json::from_str(
            r#"{"failure_rate": 0.5, "rules": [
                {"match": {"prompt_contains": "blood"}, "fault": {"kind": "blocked", "reason": "SAFETY"}},
                {"match": {"call": {"from": 2}}, "times": 3, "fault": {"kind": "hang"}}]}"#,
        )
        .unwrap();
        assert_eq!(script.failures, Fault::everyday());
        assert_eq!(script.rules[1].matches.call, Some(CallNumber::Range { from: 2, to: None }));
        assert_eq!(script.rules[1].fault, Fault::Hang { ms: None });
    }

    #[test]
    fn a_misspelt_script_is_refused() {
        for text in [
            r#"{"failurerate": 1}"#,
            r#"{"rules": [{"fault": {"kind": "explode"}}]}"#,
            r#"{"rules": [{"when": {}, "fault": {"kind": "hang"}}]}"#,
            r#"{"rules": [{"fault": {"kind": "hang", "seconds": 3}}]}"#,
        ] {
            assert!(serde_json::from_str::<Script>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_script_survives_being_written_down() {
        let script = Script {
            rules: vec![Rule::for_call(2, Fault::TextOnly {}), Rule::for_prompt("x", Fault::Blank {})],
            ..Script::default()
        };
        let text = serde_json::to_string(&script).unwrap();
        assert_eq!(serde_json::from_str::<Script>(&text).unwrap(), script);
    }
}
