//! One try at a slot, and what follows when it fails.

use std::time::Duration;

use crate::{
    Choice, Choices, Failure, FailureCode, Fence, ModelId, ProviderId, Slot, Stamp, TRIES_PER_ROUND, Timestamp,
    failover::refusals, outcome::Follow,
};

/// A failed try, as the slot keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    pub fence: Fence,
    pub stamp: Stamp,
    pub code: FailureCode,
    /// A reason that is safe to show.
    pub detail: Option<String>,
    /// Who was asked; nobody if the worker never got so far.
    pub provider: Option<ProviderId>,
    pub model: Option<ModelId>,
    pub elapsed_ms: u64,
    pub at: Timestamp,
}

/// What a worker does with its slot after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureStep {
    /// Open the slot again and send its message with this delay.
    BackOff { delay: Duration, give_try_back: bool },
    /// The round's tries are used up: missed in this round.
    Miss,
    /// Missed for good in this epoch.
    GiveUp,
    /// As `GiveUp`, and ask for the job to be closed.
    StopJob,
}

/// The longest delay that a queue takes, and so the longest single back-off: 15 minutes (SQS).
pub const LONGEST_DELAY: Duration = Duration::from_mins(15);
const LONGEST_BACKOFF: Duration = Duration::from_secs(10);
/// The first of several waits in a row, and the longest that waits grow to by themselves.
const FIRST_WAIT: Duration = Duration::from_secs(5);
const LONGEST_WAIT: Duration = Duration::from_mins(5);

/// How long the next of several waits in a row lasts, of which `waits` are over: between 2.5 and 5 s at first, twice as
/// long with each, between 2.5 and 5 min in the end. So half an hour of waiting takes fewer than twenty messages.
///
/// `jitter` is a random number in `0..=1000`.
pub fn growing_wait(waits: u32, jitter: u32) -> Duration {
    let factor = 1_u32.checked_shl(waits).unwrap_or(u32::MAX);
    jittered(FIRST_WAIT.saturating_mul(factor).min(LONGEST_WAIT), jitter)
}

/// Between half of a wait and the whole.
fn jittered(wait: Duration, jitter: u32) -> Duration {
    let half = wait.checked_div(2).unwrap_or_default();
    half.saturating_add(half.saturating_mul(jitter.min(1_000)).checked_div(1_000).unwrap_or_default())
}

/// Decides what follows `failure` of the try by `choice` that holds `slot` (whose `tries` includes this one).
///
/// `jitter` is a random number in `0..=1000`: the delay is between half of and the whole
/// back-off of 1, 2, 4 … seconds (at most 10), and never shorter than the provider asked for. A try that the provider put
/// off (429) is given back and waits as [`growing_wait`] says.
pub fn decide_failure(
    choices: Choices<'_>,
    choice: &Choice,
    slot: &Slot,
    failure: &Failure,
    jitter: u32,
) -> FailureStep {
    let policy = failure.code.policy();
    match policy.follow {
        Follow::GiveUp => return FailureStep::GiveUp,
        // Nobody else is stopped by it while another provider may draw the stage.
        Follow::StopJob if !choices.leave_another(slot, choice) => return FailureStep::StopJob,
        Follow::TryOnceMore if refusals(slot, slot.stamp).saturating_add(1) >= choices.refusals_allowed() => {
            return FailureStep::GiveUp;
        }
        Follow::StopJob | Follow::TryOnceMore | Follow::TryAgain => {}
    }
    if policy.uses_try && slot.tries >= TRIES_PER_ROUND {
        return FailureStep::Miss;
    }
    let doubled =
        Duration::from_secs(1).saturating_mul(1_u32.checked_shl(slot.tries.saturating_sub(1)).unwrap_or(u32::MAX));
    let unasked = if policy.uses_try {
        jittered(doubled.min(LONGEST_BACKOFF), jitter)
    } else {
        growing_wait(slot.round_waits, jitter)
    };
    let delay = match failure.retry_after {
        // Everybody was told the same time: spread the crowd behind it.
        Some(asked) if asked >= unasked => asked.saturating_add(Duration::from_millis(u64::from(jitter.min(1_000)))),
        Some(_) | None => unasked,
    };
    FailureStep::BackOff { delay: delay.min(LONGEST_DELAY), give_try_back: !policy.uses_try }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Epoch, Failover, JobId, Round, SlotIndex, SlotKey, SlotState, StageIndex};

    fn slot(tries: u32, earlier: &[FailureCode]) -> Slot {
        let job: JobId = "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap();
        let stamp = Stamp::new(Epoch(1), Round(1));
        let attempt = |code: &FailureCode| Attempt {
            fence: Fence(1),
            stamp,
            code: *code,
            detail: None,
            provider: None,
            model: None,
            elapsed_ms: 1,
            at: Timestamp::from_millis(0),
        };
        let key = SlotKey { job, stage: StageIndex(0), slot: SlotIndex(0) };
        let slot = Slot::new(key, SlotState::Leased, stamp, Fence(1));
        Slot { tries, attempts: earlier.iter().map(attempt).collect(), ..slot }
    }

    fn step(tries: u32, code: FailureCode, asked: Option<u64>, jitter: u32) -> FailureStep {
        let failure = Failure::new(code).retry_after(asked.map(Duration::from_secs));
        decide(&slot(tries, &[]), &failure, jitter, Failover::Never)
    }

    fn decide(slot: &Slot, failure: &Failure, jitter: u32, failover: Failover) -> FailureStep {
        let choice = |name: &str| Choice { provider: name.parse().unwrap(), model: name.parse().unwrap() };
        let (first, alternatives) = (choice("one"), [choice("two")]);
        let (provider, model) = (&first.provider, &first.model);
        let choices = Choices { failover, provider, model, alternatives: &alternatives };
        decide_failure(choices, &first, slot, failure, jitter)
    }

    #[test]
    fn the_third_failure_of_a_round_is_a_miss() {
        for code in FailureCode::ALL.into_iter().filter(|code| code.policy().follow == Follow::TryAgain) {
            let expected = code.policy().uses_try;
            assert_eq!(step(3, code, None, 0) == FailureStep::Miss, expected, "{code:?}");
            assert_ne!(step(2, code, None, 0), FailureStep::Miss, "{code:?}");
        }
    }

    #[test]
    fn the_delay_doubles_and_the_jitter_at_most_halves_it() {
        let delay = |tries, jitter| match step(tries, FailureCode::Overloaded, None, jitter) {
            FailureStep::BackOff { delay, .. } => delay.as_millis(),
            other @ (FailureStep::Miss | FailureStep::GiveUp | FailureStep::StopJob) => panic!("{other:?}"),
        };
        assert_eq!((delay(1, 0), delay(1, 1_000)), (500, 1_000));
        assert_eq!((delay(2, 0), delay(2, 1_000)), (1_000, 2_000));
    }

    #[test]
    fn a_provider_that_asks_for_time_gets_it_and_the_try_comes_back() {
        let FailureStep::BackOff { delay, give_try_back } = step(3, FailureCode::RateLimited, Some(34), 500) else {
            panic!()
        };
        assert_eq!((delay, give_try_back), (Duration::from_millis(34_500), true));
        let FailureStep::BackOff { delay, .. } = step(1, FailureCode::RateLimited, Some(86_400), 0) else { panic!() };
        assert_eq!(delay, LONGEST_DELAY);
    }

    #[test]
    fn waits_double_up_to_five_minutes_and_what_a_provider_asks_for_is_obeyed_if_it_is_longer() {
        let limited =
            |asked: Option<u64>| Failure::new(FailureCode::RateLimited).retry_after(asked.map(Duration::from_secs));
        let wait = |round_waits, asked| {
            let slot = Slot { round_waits, ..slot(1, &[]) };
            match decide(&slot, &limited(asked), 0, Failover::Never) {
                FailureStep::BackOff { delay, give_try_back: true } => delay,
                other @ (FailureStep::BackOff { .. }
                | FailureStep::Miss
                | FailureStep::GiveUp
                | FailureStep::StopJob) => panic!("{other:?}"),
            }
        };
        let growing: Vec<_> = (0..9).map(|waits| wait(waits, None).as_millis()).collect();
        assert_eq!(growing, [2_500, 5_000, 10_000, 20_000, 40_000, 80_000, 150_000, 150_000, 150_000]);
        assert_eq!(wait(u32::MAX, None), Duration::from_secs(150));
        assert_eq!(growing_wait(u32::MAX, 1_000), LONGEST_WAIT);
        assert_eq!(wait(2, Some(9)), Duration::from_secs(10), "the longer of the two");
        assert_eq!(wait(2, Some(400)), Duration::from_secs(400));
        assert_eq!(wait(9, Some(3_600)), LONGEST_DELAY);
        let in_half_an_hour = (0..).scan(Duration::ZERO, |time, waits| {
            *time += growing_wait(waits, 0);
            (*time < Duration::from_mins(30)).then_some(())
        });
        assert_eq!(in_half_an_hour.count(), 16, "messages at the shortest waits");
    }

    #[test]
    fn a_refusal_is_tried_once_more_and_then_given_up() {
        let refused = Failure::new(FailureCode::Refused);
        let after = |earlier: &[FailureCode], failover| decide(&slot(1, earlier), &refused, 0, failover);
        let again = |step| matches!(step, FailureStep::BackOff { .. });
        let (once, twice) = (&[FailureCode::Refused][..], &[FailureCode::Refused; 2][..]);
        assert!(again(after(&[], Failover::Never)));
        assert_eq!(after(once, Failover::Never), FailureStep::GiveUp);
        assert_eq!(after(once, Failover::AfterRounds), FailureStep::GiveUp);
        assert!(again(after(once, Failover::OnRefusal)), "once elsewhere");
        assert_eq!(after(twice, Failover::OnRefusal), FailureStep::GiveUp);
    }

    #[test]
    fn a_wrong_key_stops_nobody_while_another_provider_may_draw() {
        let wrong_key = Failure::new(FailureCode::Unauthorised);
        let after = |failover| decide(&slot(1, &[]), &wrong_key, 0, failover);
        assert!(matches!(after(Failover::AfterRounds), FailureStep::BackOff { give_try_back: false, .. }));
        assert_eq!(after(Failover::OnRefusal), FailureStep::StopJob);
        let mut slot = slot(2, &[FailureCode::ModelRetired]);
        let two: ProviderId = "two".parse().unwrap();
        slot.attempts[0].provider = Some(two);
        slot.attempts[0].model = Some("two".parse().unwrap());
        assert_eq!(decide(&slot, &wrong_key, 0, Failover::AfterRounds), FailureStep::StopJob, "nobody is left");
    }

    #[test]
    fn a_wrong_key_stops_the_job_and_a_wrong_request_the_slot() {
        assert_eq!(step(1, FailureCode::Unauthorised, None, 0), FailureStep::StopJob);
        assert_eq!(step(1, FailureCode::BadRequest, None, 0), FailureStep::GiveUp);
    }
}
