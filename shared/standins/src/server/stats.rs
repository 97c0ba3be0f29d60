//! Counting: what was asked, and how it ended.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Everything that has been counted since the start or the last reset.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stats {
    /// Calls of all providers.
    pub calls: u64,
    /// Calls that are being answered now.
    pub in_flight: u64,
    /// The most calls that were ever answered at the same time.
    pub most_in_flight: u64,
    /// Calls whose client went away before the answer.
    pub abandoned: u64,
    /// Calls by how they ended: `picture`, `rate_limited`, `error_500`, `rejected_400`, …
    pub outcomes: BTreeMap<String, u64>,
    /// The same by provider.
    pub providers: BTreeMap<String, Calls>,
    /// How often each prompt was sent, those sent most often first.
    pub prompts: Vec<PromptCalls>,
}

impl Stats {
    /// How many calls ended so; 0 for a name that never occurred.
    pub fn outcome(&self, name: &str) -> u64 {
        self.outcomes.get(name).copied().unwrap_or_default()
    }

    /// Calls that were answered with a good picture.
    pub fn pictures(&self) -> u64 {
        self.outcome(PICTURE)
    }
}

/// The calls of one provider.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calls {
    /// How many there were.
    pub calls: u64,
    /// How they ended.
    pub outcomes: BTreeMap<String, u64>,
}

/// How often one prompt was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromptCalls {
    /// To whom.
    pub provider: String,
    /// The prompt.
    pub prompt: String,
    /// How often.
    pub calls: u64,
}

/// The outcome of a call that went well.
pub(super) const PICTURE: &str = "picture";

/// The counters, without what the desk counts itself.
#[derive(Debug, Default)]
pub(super) struct Counters {
    stats: Stats,
}

impl Counters {
    pub(super) fn begin(&mut self, provider: &str, outcome: &str) {
        let stats = &mut self.stats;
        stats.calls += 1;
        *stats.outcomes.entry(outcome.to_owned()).or_default() += 1;
        let calls = stats.providers.entry(provider.to_owned()).or_default();
        calls.calls += 1;
        *calls.outcomes.entry(outcome.to_owned()).or_default() += 1;
        stats.in_flight += 1;
        stats.most_in_flight = stats.most_in_flight.max(stats.in_flight);
    }

    pub(super) fn end(&mut self, answered: bool) {
        self.stats.in_flight = self.stats.in_flight.saturating_sub(1);
        self.stats.abandoned += u64::from(!answered);
    }

    pub(super) fn reset(&mut self) {
        // Calls under way end after the reset, so they stay counted as under way.
        let in_flight = self.stats.in_flight;
        self.stats = Stats { in_flight, most_in_flight: in_flight, ..Stats::default() };
    }

    pub(super) fn with_prompts<'a>(&self, prompts: impl Iterator<Item = (&'static str, &'a str, u64)>) -> Stats {
        let mut prompts: Vec<PromptCalls> = prompts
            .map(|(provider, prompt, calls)| PromptCalls {
                provider: provider.to_owned(),
                prompt: prompt.to_owned(),
                calls,
            })
            .collect();
        prompts.sort_by(|a, b| (b.calls, &a.prompt).cmp(&(a.calls, &b.prompt)));
        Stats { prompts, ..self.stats.clone() }
    }
}
