//! The desk where calls are numbered and their fate is read from the script.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use super::{Fault, Limit, Match, Quota, Rule, Script};
use crate::seed;

/// A call, as far as its fate is concerned.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call<'a> {
    pub(crate) provider: &'static str,
    pub(crate) model: &'a str,
    pub(crate) prompt: &'a str,
}

/// What becomes of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decision {
    /// Which call of its prompt this is, from 1.
    pub(crate) number: u64,
    pub(crate) latency: Duration,
    /// `None` is a good answer.
    pub(crate) fault: Option<Fault>,
    /// A number of this call alone, for whatever else needs chance.
    pub(crate) chance: u64,
}

/// The script and what has been counted under it.
#[derive(Debug)]
pub(crate) struct Desk {
    script: Script,
    arrivals: HashMap<&'static str, u64>,
    /// By provider and model.
    model_calls: HashMap<(&'static str, String), u64>,
    prompts: HashMap<(&'static str, String), Past>,
    /// By provider and model.
    limits: HashMap<(&'static str, String), Limit>,
    began: Instant,
    /// How often each rule has been used, in the order of the script.
    used: Vec<u64>,
}

/// What happened to a prompt so far.
#[derive(Debug, Default)]
struct Past {
    calls: u64,
    failures_by_chance: u64,
}

impl Desk {
    pub(crate) fn new(script: Script) -> Self {
        let used = vec![0; script.rules.len()];
        let (arrivals, model_calls) = (HashMap::new(), HashMap::new());
        let (prompts, limits) = (HashMap::new(), HashMap::new());
        Self { script, arrivals, model_calls, prompts, limits, began: Instant::now(), used }
    }

    pub(crate) fn script(&self) -> &Script {
        &self.script
    }

    /// Goes on under another script. Calls keep their numbers, rules start afresh.
    pub(crate) fn set_script(&mut self, script: Script) {
        self.used = vec![0; script.rules.len()];
        self.limits.clear();
        self.script = script;
    }

    pub(crate) fn decide(&mut self, call: Call<'_>) -> Decision {
        let limited = self.limited(call);
        let arrival = self.arrivals.entry(call.provider).or_default();
        *arrival += 1;
        let model_call = self.model_calls.entry((call.provider, call.model.to_owned())).or_default();
        *model_call += 1;
        let past = self.prompts.entry((call.provider, call.prompt.to_owned())).or_default();
        past.calls += 1;
        let number = past.calls;
        let facts = Facts { call, number, arrival: *arrival, model_call: *model_call, seed: self.script.seed };
        let turned_away = limited.is_some();
        let fault = match limited.or_else(|| facts.rule(&self.script.rules, &mut self.used)) {
            Some(fault) => Some(fault),
            None => facts.by_chance(&self.script, &mut past.failures_by_chance),
        };
        Decision {
            number,
            // Turning away takes no time.
            latency: if turned_away { Duration::ZERO } else { facts.latency(&self.script) },
            fault: fault.filter(|fault| *fault != Fault::None {}),
            chance: facts.chance("else", 0),
        }
    }

    /// The answer to a call beyond the model's limit.
    fn limited(&mut self, call: Call<'_>) -> Option<Fault> {
        let per_minute = usize::try_from(self.script.requests_per_minute?).unwrap_or(usize::MAX);
        let limit = self.limits.entry((call.provider, call.model.to_owned()));
        let wait = limit.or_insert_with(|| Limit::new(per_minute)).pass(self.began.elapsed()).err()?;
        let retry_after_ms = Some(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX));
        Some(Fault::RateLimited { retry_after_ms, quota: Quota::PerMinute })
    }

    /// How often each prompt was sent, by provider.
    pub(crate) fn prompts(&self) -> impl Iterator<Item = (&'static str, &str, u64)> {
        self.prompts.iter().map(|((provider, prompt), past)| (*provider, prompt.as_str(), past.calls))
    }
}

struct Facts<'a> {
    call: Call<'a>,
    number: u64,
    arrival: u64,
    model_call: u64,
    seed: u64,
}

impl Facts<'_> {
    fn rule(&self, rules: &[Rule], used: &mut [u64]) -> Option<Fault> {
        for (index, (rule, used)) in rules.iter().zip(used).enumerate() {
            let spent = rule.times.is_some_and(|times| *used >= times);
            if spent || !self.matches(&rule.matches) {
                continue;
            }
            if seed::share(self.chance("rule", index as u64)) < rule.rate {
                *used += 1;
                return Some(rule.fault.clone());
            }
        }
        None
    }

    fn matches(&self, wanted: &Match) -> bool {
        let is = |wanted: &Option<String>, fact: &str| wanted.as_ref().is_none_or(|w| w == fact);
        is(&wanted.provider, self.call.provider)
            && is(&wanted.model, self.call.model)
            && wanted
                .prompt_contains
                .as_ref()
                .is_none_or(|words| self.call.prompt.to_lowercase().contains(&words.to_lowercase()))
            && wanted.call.is_none_or(|call| call.holds(self.number))
            && wanted.arrival.is_none_or(|arrival| arrival.holds(self.arrival))
            && wanted.model_call.is_none_or(|call| call.holds(self.model_call))
    }

    fn by_chance(&self, script: &Script, failures: &mut u64) -> Option<Fault> {
        if seed::share(self.chance("fail", 0)) >= script.failure_rate {
            return None;
        }
        // In turn and not by lot, from a start that the prompt decides: few failures are spread
        // over all kinds too.
        let start = seed::of(&[b"start", &self.seed.to_le_bytes(), self.call.prompt.as_bytes()]);
        let turn = start.wrapping_add(*failures) % (script.failures.len().max(1) as u64);
        *failures += 1;
        usize::try_from(turn).ok().and_then(|turn| script.failures.get(turn)).cloned()
    }

    fn latency(&self, script: &Script) -> Duration {
        let range = script.latency_ms.max_ms - script.latency_ms.min_ms;
        let more = self.chance("latency", 0) % (range + 1);
        Duration::from_millis(script.latency_ms.min_ms + more)
    }

    fn chance(&self, purpose: &str, index: u64) -> u64 {
        seed::of(&[
            purpose.as_bytes(),
            &index.to_le_bytes(),
            &self.seed.to_le_bytes(),
            self.call.provider.as_bytes(),
            self.call.prompt.as_bytes(),
            &self.number.to_le_bytes(),
        ])
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::faults::CallNumber;

    fn call(prompt: &str) -> Call<'_> {
        Call { provider: "gemini", model: "gemini-3-pro-image", prompt }
    }

    fn script(failure_rate: f64) -> Script {
        Script { seed: 7, failure_rate, latency_ms: (300, 1000).into(), ..Script::default() }
    }

    #[test]
    fn the_order_of_other_prompts_changes_nothing() {
        let mut straight = Desk::new(script(0.4));
        let mut mixed = Desk::new(script(0.4));
        let alone: Vec<_> = (0..50).map(|_| straight.decide(call("a"))).collect();
        let among: Vec<_> = (0..50)
            .map(|index| {
                (0..index % 3).for_each(|_| drop(mixed.decide(call("b"))));
                mixed.decide(call("a"))
            })
            .collect();
        assert_eq!(alone, among);
    }

    #[test]
    fn failures_come_at_their_rate_and_evenly_over_their_kinds() {
        let mut desk = Desk::new(script(0.3));
        let mut kinds: BTreeMap<String, u32> = BTreeMap::new();
        for fault in (0..2000).filter_map(|_| desk.decide(call("a")).fault) {
            *kinds.entry(fault.outcome()).or_default() += 1;
        }
        let all: u32 = kinds.values().sum();
        assert!((540..660).contains(&all), "{all}");
        let sixth = all / 6;
        assert!(kinds["rate_limited"].abs_diff(sixth) <= 2, "{kinds:?}");
        assert!(kinds["text_only"].abs_diff(kinds["finished_NO_IMAGE"]) <= 1, "{kinds:?}");
    }

    #[test]
    fn chance_never_refuses_a_prompt() {
        let refusal = |fault: &Fault| match fault {
            Fault::Blocked { .. } => true,
            Fault::Finished { reason } => reason != "NO_IMAGE",
            _ => false,
        };
        assert!(!Fault::everyday().iter().any(refusal));
    }

    #[test]
    fn latency_stays_in_its_range_and_varies() {
        let mut desk = Desk::new(script(0.0));
        let all: Vec<_> = (0..100).map(|_| desk.decide(call("a")).latency.as_millis()).collect();
        assert!(all.iter().all(|ms| (300..=1000).contains(ms)));
        assert!(all.iter().min() < Some(&400) && all.iter().max() > Some(&900));
    }

    #[test]
    fn the_first_matching_rule_decides_until_it_is_spent() {
        let once = Rule { times: Some(1), ..Rule::for_prompt("GATE", Fault::TextOnly {}) };
        let rules = vec![once, Rule::for_call(3, Fault::Blank {})];
        let mut desk = Desk::new(Script { rules, ..Script::default() });
        let faults: Vec<_> = (0..4).map(|_| desk.decide(call("the gate")).fault).collect();
        assert_eq!(faults, [Some(Fault::TextOnly {}), None, Some(Fault::Blank {}), None]);
    }

    #[test]
    fn calls_of_one_model_are_numbered_whatever_their_prompts() {
        let rule = Rule {
            matches: Match { model_call: Some(CallNumber::Only(2)), ..Match::default() },
            ..Rule::always(Fault::Blank {})
        };
        let mut desk = Desk::new(Script { rules: vec![rule], ..Script::default() });
        let other = Call { model: "another", ..call("a") };
        let faults = [call("a"), other, call("b"), other].map(|call| desk.decide(call).fault.is_some());
        assert_eq!(faults, [false, false, true, true]);
    }

    #[test]
    fn calls_beyond_the_limit_are_told_to_wait_and_other_models_are_not() {
        let mut desk = Desk::new(Script { requests_per_minute: Some(2), ..Script::default() });
        assert_eq!([desk.decide(call("a")).fault, desk.decide(call("b")).fault], [None, None]);
        let Some(Fault::RateLimited { retry_after_ms: Some(wait), quota }) = desk.decide(call("c")).fault else {
            panic!("let through")
        };
        assert!((50_000..=60_000).contains(&wait), "{wait}");
        assert_eq!(quota, Quota::PerMinute);
        assert_eq!(desk.decide(Call { model: "another", ..call("c") }).fault, None);
    }

    #[test]
    fn a_rule_for_nothing_shields_from_chance() {
        let rules = vec![Rule::for_prompt("spare me", Fault::None {})];
        let mut desk = Desk::new(Script { rules, ..script(1.0) });
        assert_eq!(desk.decide(call("spare me")).fault, None);
        assert!(desk.decide(call("me")).fault.is_some());
    }
}
