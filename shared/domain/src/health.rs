//! Who may be called now: an operator's pause of a provider, and a circuit breaker for each of its models.
//!
//! ```text
//!            failures in a row, or no access            its time is over
//!   closed ───────────────────────────────────► open ───────────────────► half open: one probe
//!     ▲  ▲                                        ▲                           │      │
//!     │  └──────────── an answer ─────────────────┼───────────────────────────┘      │
//!     └ an answer forgets the failures            └──────── a failure, for longer ───┘
//! ```

use std::{collections::BTreeMap, time::Duration};

use crate::{Choice, FailureCode, ModelId, ProviderId, Timestamp};

/// The longest that a breaker stays open before somebody tries again.
const LONGEST_COOL_DOWN: Duration = Duration::from_mins(5);
/// Failures further apart than this are not in a row: between them nobody may have called at all.
pub const FAILURES_FORGOTTEN_AFTER: Duration = Duration::from_mins(5);

/// When breakers open, and for how long at first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BreakerRules {
    /// Failures in a row that open it.
    pub failures: u32,
    /// How long it stays open the first time; each failed probe doubles it, up to five minutes.
    pub cool_down: Duration,
}

impl Default for BreakerRules {
    fn default() -> Self {
        Self { failures: 8, cool_down: Duration::from_secs(20) }
    }
}

/// What a call said of its provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// It answers, whatever it answers.
    Answers,
    /// It is down, or so busy that it does not answer.
    Fails,
    /// It answers, and will do nothing for us: no access, no quota, no such model.
    Bars,
    /// Nothing was learnt: the fault was ours.
    Nothing,
}

impl Sign {
    /// Of a call that failed like this.
    pub fn of_failure(code: FailureCode) -> Self {
        match code {
            FailureCode::Overloaded | FailureCode::TimedOut => Self::Fails,
            FailureCode::WorkerCrash | FailureCode::Unknown(_) => Self::Nothing,
            FailureCode::Unauthorised | FailureCode::QuotaExhausted | FailureCode::ModelRetired => Self::Bars,
            FailureCode::RateLimited
            | FailureCode::Refused
            | FailureCode::Empty
            | FailureCode::InvalidImage
            | FailureCode::InvalidText
            | FailureCode::DuplicateImage
            | FailureCode::BadRequest => Self::Answers,
        }
    }
}

/// The breaker of one model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Breaker {
    /// Failures since the last answer that somebody wrote down.
    pub failures: u32,
    pub opening: Option<Opening>,
}

/// That a breaker is open, or half open once its time is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// When it opened; names this opening.
    pub since: Timestamp,
    pub until: Timestamp,
    /// Which in a row this is, from 1.
    pub number: u32,
    pub reason: FailureCode,
    /// Until when somebody is trying whether the provider answers again.
    pub probe_until: Option<Timestamp>,
}

/// Whether somebody may be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MayCall {
    Yes,
    /// By one caller, to see whether it answers again. The breaker's opening is named by its time.
    Probe {
        since: Timestamp,
    },
    /// Ask again then.
    NotBefore(Timestamp),
}

/// What is known of one provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProviderHealth {
    /// The operator's pause, of all of its models.
    pub paused_until: Option<Timestamp>,
    pub breakers: BTreeMap<ModelId, Breaker>,
}

/// What is known of several providers. Of those that are missing nothing bad is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health(pub BTreeMap<ProviderId, ProviderHealth>);

impl Breaker {
    /// How it opens, or opens again, by a call that failed with `code`; none if it stays as it is.
    /// `self` has the failure counted already.
    pub fn after_failure(&self, code: FailureCode, rules: BreakerRules, now: Timestamp) -> Option<Opening> {
        let opens = match (&self.opening, Sign::of_failure(code)) {
            (_, Sign::Answers | Sign::Nothing) => false,
            // Calls that began before it opened say nothing new.
            (Some(opening), Sign::Fails | Sign::Bars) => opening.until <= now,
            (None, Sign::Fails) => self.failures >= rules.failures,
            (None, Sign::Bars) => true,
        };
        let number = self.opening.as_ref().map_or(0, |opening| opening.number).saturating_add(1);
        let factor = 1_u32.checked_shl(number.saturating_sub(1)).unwrap_or(u32::MAX);
        let cool_down = rules.cool_down.saturating_mul(factor).min(LONGEST_COOL_DOWN.max(rules.cool_down));
        opens.then(|| Opening { since: now, until: now.plus(cool_down), number, reason: code, probe_until: None })
    }

    pub fn may_call(&self, now: Timestamp) -> MayCall {
        let Some(opening) = &self.opening else { return MayCall::Yes };
        match opening.probe_until {
            _ if opening.until > now => MayCall::NotBefore(opening.until),
            Some(until) if until > now => MayCall::NotBefore(until),
            _ => MayCall::Probe { since: opening.since },
        }
    }

    /// Whether an answer is worth writing down.
    pub const fn has_failures(&self) -> bool {
        self.failures > 0 || self.opening.is_some()
    }
}

impl ProviderHealth {
    /// Whether anything is known that may soon be otherwise: a pause, or failures.
    pub fn has_news(&self) -> bool {
        self.paused_until.is_some() || self.breakers.values().any(Breaker::has_failures)
    }

    pub fn may_call(&self, model: &ModelId, now: Timestamp) -> MayCall {
        match self.paused_until {
            Some(until) if until > now => MayCall::NotBefore(until),
            _ => self.breakers.get(model).map_or(MayCall::Yes, |breaker| breaker.may_call(now)),
        }
    }
}

impl Health {
    pub fn may_call(&self, choice: &Choice, now: Timestamp) -> MayCall {
        self.0.get(&choice.provider).map_or(MayCall::Yes, |health| health.may_call(&choice.model, now))
    }

    /// The first of these who may be called, or the best that can be said of them: a probe, or the earliest time.
    pub fn first_callable(&self, choices: &[Choice], now: Timestamp) -> MayCall {
        let all = || choices.iter().map(|choice| self.may_call(choice, now));
        let yes = all().find(|may| *may == MayCall::Yes);
        yes.or_else(|| all().find(|may| matches!(may, MayCall::Probe { .. })))
            .or_else(|| {
                let times = all().filter_map(|may| match may {
                    MayCall::NotBefore(at) => Some(at),
                    MayCall::Yes | MayCall::Probe { .. } => None,
                });
                times.min().map(MayCall::NotBefore)
            })
            .unwrap_or(MayCall::Yes)
    }

    /// Whose queue a slot's message goes to: the first who may be called or may soon be, else the first of all.
    pub fn pick<'c>(&self, choices: &'c [Choice], now: Timestamp) -> Option<&'c Choice> {
        let may = |wanted: fn(MayCall) -> bool| choices.iter().find(|choice| wanted(self.may_call(choice, now)));
        may(|may| may == MayCall::Yes).or_else(|| may(|may| matches!(may, MayCall::Probe { .. }))).or(choices.first())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::NOW;

    const RULES: BreakerRules = BreakerRules { failures: 3, cool_down: Duration::from_secs(20) };

    fn open(number: u32, until_secs: u64) -> Breaker {
        let until = NOW.plus(Duration::from_secs(until_secs));
        let opening = Opening { since: NOW, until, number, reason: FailureCode::Overloaded, probe_until: None };
        Breaker { failures: 3, opening: Some(opening) }
    }

    #[test]
    fn the_last_failure_in_a_row_opens_it_and_a_wrong_key_at_once() {
        let after = |failures, code| Breaker { failures, opening: None }.after_failure(code, RULES, NOW);
        assert_eq!(after(2, FailureCode::Overloaded), None);
        assert_eq!(after(3, FailureCode::TimedOut).unwrap().until, NOW.plus(Duration::from_secs(20)));
        assert_eq!(after(0, FailureCode::Unauthorised).unwrap().number, 1);
        for answered in [FailureCode::Refused, FailureCode::RateLimited, FailureCode::BadRequest, FailureCode::Empty] {
            assert_eq!(after(9, answered), None, "{answered:?}");
        }
        assert_eq!(after(9, FailureCode::WorkerCrash), None);
    }

    #[test]
    fn a_failed_probe_opens_it_for_longer_and_late_failures_do_not() {
        let half_open = open(1, 20);
        let later = NOW.plus(Duration::from_secs(20));
        assert_eq!(half_open.after_failure(FailureCode::Overloaded, RULES, NOW), None, "still open");
        let again = half_open.after_failure(FailureCode::Overloaded, RULES, later).unwrap();
        assert_eq!((again.number, again.until), (2, later.plus(Duration::from_secs(40))));
        let longest = open(30, 20).after_failure(FailureCode::Overloaded, RULES, later).unwrap();
        assert_eq!(longest.until, later.plus(LONGEST_COOL_DOWN));
    }

    #[test]
    fn half_open_lets_one_probe_through() {
        let mut breaker = open(1, 20);
        let later = NOW.plus(Duration::from_secs(20));
        assert_eq!(breaker.may_call(NOW), MayCall::NotBefore(later));
        assert_eq!(breaker.may_call(later), MayCall::Probe { since: NOW });
        let until = later.plus(Duration::from_mins(1));
        breaker.opening.as_mut().unwrap().probe_until = Some(until);
        assert_eq!(breaker.may_call(later), MayCall::NotBefore(until));
        assert_eq!(breaker.may_call(until), MayCall::Probe { since: NOW }, "whoever tried it is dead");
    }

    #[test]
    fn whoever_may_be_called_is_picked_before_those_who_come_first() {
        let choice = |name: &str| Choice { provider: name.parse().unwrap(), model: name.parse().unwrap() };
        let choices = [choice("one"), choice("two")];
        let broken =
            |breaker| ProviderHealth { paused_until: None, breakers: [("one".parse().unwrap(), breaker)].into() };
        let mut health = Health::default();
        assert_eq!(health.pick(&choices, NOW), Some(&choices[0]));
        health.0.insert("one".parse().unwrap(), broken(open(1, 20)));
        assert_eq!(health.pick(&choices, NOW), Some(&choices[1]));
        assert_eq!(health.first_callable(&choices, NOW), MayCall::Yes);
        let paused = ProviderHealth { paused_until: Some(NOW.plus(Duration::from_secs(5))), ..Default::default() };
        health.0.insert("two".parse().unwrap(), paused);
        assert_eq!(health.pick(&choices, NOW), Some(&choices[0]), "nobody may: the message waits at the first");
        assert_eq!(health.first_callable(&choices, NOW), MayCall::NotBefore(NOW.plus(Duration::from_secs(5))));
    }
}
