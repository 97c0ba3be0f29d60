//! Who draws a slot: the stage's first choice, unless its `failover` and the slot's own record say otherwise.
//!
//! A pure function of what everybody can read, so that workers and reconcilers send a slot's messages to the same
//! provider without telling each other.

use serde::{Deserialize, Serialize};

use crate::{FailureCode, ModelId, ProviderId, Slot, Stamp, outcome::Follow};

/// Rounds that belong to the first choice under [`Failover::AfterRounds`].
pub const ROUNDS_OF_FIRST_CHOICE: u32 = 3;

/// When a slot may be drawn by another provider than its stage's first choice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failover {
    /// Never: the stage keeps its style.
    #[default]
    Never,
    /// After its third round, and at once where the provider cannot be called or cannot draw for us at all.
    AfterRounds,
    /// Once, after the first choice has refused it twice.
    OnRefusal,
}

impl Failover {
    pub const ALL: [Self; 3] = [Self::Never, Self::AfterRounds, Self::OnRefusal];

    /// As requests, plans and records spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::AfterRounds => "after_rounds",
            Self::OnRefusal => "on_refusal",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|failover| failover.as_str() == text)
    }
}

/// A provider with one of its models.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Choice {
    pub provider: ProviderId,
    pub model: ModelId,
}

/// Who may draw the slots of a stage.
#[derive(Clone, Copy, Debug)]
pub struct Choices<'a> {
    pub failover: Failover,
    pub provider: &'a ProviderId,
    pub model: &'a ModelId,
    /// In the order in which they are asked after the first.
    pub alternatives: &'a [Choice],
}

impl Choices<'_> {
    /// Whether it needs a look at the slot's record to say who draws it.
    pub fn may_move(&self) -> bool {
        self.failover != Failover::Never && !self.alternatives.is_empty()
    }

    pub fn first(&self) -> Choice {
        Choice { provider: self.provider.clone(), model: self.model.clone() }
    }

    /// Those who may draw a slot in the round of `stamp`, the one whose turn it is first. There is always one.
    /// `slot` is its record, none if it was never claimed.
    pub fn in_order(&self, slot: Option<&Slot>, stamp: Stamp) -> Vec<Choice> {
        let first = self.first();
        let Some(next) = self.alternatives.first().filter(|_| self.may_move()) else { return vec![first] };
        match self.failover {
            Failover::Never => vec![first],
            Failover::OnRefusal => {
                let refusals = slot.map_or(0, |slot| refusals(slot, stamp));
                vec![if refusals < TRIES_AT_A_REFUSAL { first } else { next.clone() }]
            }
            Failover::AfterRounds => {
                // Each round after the third is another alternative's, and then they begin anew.
                let later = stamp.round.0.checked_sub(ROUNDS_OF_FIRST_CHOICE.saturating_add(1));
                let places = self.alternatives.len();
                let turn = later.and_then(|later| usize::try_from(later).ok()?.checked_rem(places));
                let mut order: Vec<Choice> = std::iter::once(first).chain(self.alternatives.iter().cloned()).collect();
                order.rotate_left(turn.map_or(0, |turn| turn.saturating_add(1)));
                let (able, barred): (Vec<_>, Vec<_>) =
                    order.into_iter().partition(|choice| !slot.is_some_and(|slot| is_barred(slot, choice, stamp)));
                if able.is_empty() { barred } else { able }
            }
        }
    }

    /// Whether somebody is left who may draw the slot, now that `choice` has turned out unable to draw anything.
    pub(crate) fn leave_another(&self, slot: &Slot, choice: &Choice) -> bool {
        self.failover == Failover::AfterRounds
            && std::iter::once(&self.first())
                .chain(self.alternatives)
                .any(|other| other != choice && !is_barred(slot, other, slot.stamp))
    }

    /// How often a slot may be refused in one epoch before it is given up.
    pub(crate) fn refusals_allowed(&self) -> usize {
        let elsewhere = self.may_move() && self.failover == Failover::OnRefusal;
        TRIES_AT_A_REFUSAL.saturating_add(usize::from(elsewhere))
    }
}

/// A refusal may be a whim: the same provider is asked once more.
const TRIES_AT_A_REFUSAL: usize = 2;

/// Refusals in the epoch of `stamp`.
pub(crate) fn refusals(slot: &Slot, stamp: Stamp) -> usize {
    let of_epoch = slot.attempts.iter().filter(|attempt| attempt.stamp.epoch == stamp.epoch);
    of_epoch.filter(|attempt| attempt.code == FailureCode::Refused).count()
}

/// Whether the slot has met, in this epoch, that this one can draw nothing for us.
fn is_barred(slot: &Slot, choice: &Choice, stamp: Stamp) -> bool {
    slot.attempts.iter().any(|attempt| {
        attempt.stamp.epoch == stamp.epoch
            && attempt.code.policy().follow == Follow::StopJob
            && attempt.provider.as_ref() == Some(&choice.provider)
            && attempt.model.as_ref() == Some(&choice.model)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Attempt, Epoch, Fence, Round, SlotIndex, SlotState, Timestamp, fixtures};

    fn choice(provider: &str) -> Choice {
        Choice { provider: provider.parse().unwrap(), model: format!("{provider}-draws").parse().unwrap() }
    }

    fn names(failover: Failover, slot: Option<&Slot>, round: u32) -> Vec<String> {
        let (first, alternatives) = (choice("one"), [choice("two"), choice("three")]);
        let choices = Choices { failover, provider: &first.provider, model: &first.model, alternatives: &alternatives };
        let order = choices.in_order(slot, Stamp::new(Epoch(1), Round(round)));
        order.into_iter().map(|choice| choice.provider.to_string()).collect()
    }

    fn slot(failures: &[(FailureCode, &str, u32)]) -> Slot {
        let key = fixtures::stage(1).key.slot(SlotIndex(0));
        let attempt = |(code, provider, epoch): &(FailureCode, &str, u32)| Attempt {
            fence: Fence(1),
            stamp: Stamp::new(Epoch(*epoch), Round(1)),
            code: *code,
            detail: None,
            provider: Some(choice(provider).provider),
            model: Some(choice(provider).model),
            elapsed_ms: 1,
            at: Timestamp::from_millis(0),
        };
        let slot = Slot::new(key, SlotState::Open, Stamp::new(Epoch(1), Round(1)), Fence(1));
        Slot { attempts: failures.iter().map(attempt).collect(), ..slot }
    }

    #[test]
    fn a_stage_keeps_its_style_unless_asked() {
        let refused = slot(&[(FailureCode::Refused, "one", 1), (FailureCode::Refused, "one", 1)]);
        assert_eq!(names(Failover::Never, Some(&refused), 6), ["one"]);
    }

    #[test]
    fn after_three_rounds_the_alternatives_take_turns() {
        let first = |round| names(Failover::AfterRounds, None, round).remove(0);
        assert_eq!([1, 2, 3, 4, 5, 6, 7].map(first), ["one", "one", "one", "two", "three", "two", "three"]);
        assert_eq!(names(Failover::AfterRounds, None, 1), ["one", "two", "three"]);
        assert_eq!(names(Failover::AfterRounds, None, 5), ["three", "one", "two"]);
    }

    #[test]
    fn who_can_draw_nothing_is_not_asked_again_in_this_epoch() {
        let barred = slot(&[(FailureCode::Unauthorised, "one", 1), (FailureCode::Overloaded, "two", 1)]);
        assert_eq!(names(Failover::AfterRounds, Some(&barred), 1), ["two", "three"]);
        let before = slot(&[(FailureCode::Unauthorised, "one", 0)]);
        assert_eq!(names(Failover::AfterRounds, Some(&before), 1), ["one", "two", "three"]);
    }

    #[test]
    fn two_refusals_and_then_once_elsewhere() {
        let refused = |times| slot(&vec![(FailureCode::Refused, "one", 1); times]);
        assert_eq!(names(Failover::OnRefusal, Some(&refused(1)), 1), ["one"]);
        assert_eq!(names(Failover::OnRefusal, Some(&refused(2)), 1), ["two"]);
        assert_eq!(names(Failover::OnRefusal, Some(&refused(2)), 4), ["two"]);
        let of_another_epoch = slot(&[(FailureCode::Refused, "one", 0), (FailureCode::Refused, "one", 0)]);
        assert_eq!(names(Failover::OnRefusal, Some(&of_another_epoch), 1), ["one"]);
    }

    #[test]
    fn every_failover_is_spelt_the_same_in_plans_and_records() {
        for failover in Failover::ALL {
            assert_eq!(Failover::parse(failover.as_str()), Some(failover));
        }
    }
}
