//! What a worker does with a slot that it could not draw.

use toonmill_cloud::CloudError;
use toonmill_domain::{Attempt, Choice, Failure, FailureStep, RingCause, Stamp, Timestamp, decide_failure};

use crate::context::ring_by_rule;

use super::{DrawError, Drawn, Work, Worker};

impl Worker {
    pub(super) async fn fail(&self, work: &Work<'_>, failure: Failure) -> Result<Drawn, DrawError> {
        let now = self.clock.now();
        let slot = &work.slot;
        let attempt = Attempt {
            fence: slot.fence,
            stamp: slot.stamp,
            code: failure.code,
            detail: failure.detail.clone(),
            provider: Some(work.pass.choice.provider.clone()),
            model: Some(work.pass.choice.model.clone()),
            elapsed_ms: u64::try_from(now.since(work.claimed_at).as_millis()).unwrap_or(u64::MAX),
            at: now,
        };
        tracing::info!(job.id = %slot.key.job, stage.index = slot.key.stage.0, slot.index = slot.key.slot.0,
            fence = slot.fence.0, tries = slot.tries, outcome = failure.code.as_str(), detail = failure.detail,
            provider = %work.pass.choice.provider, duration_ms = attempt.elapsed_ms, "an attempt failed");
        let (choices, choice) = (work.stage.choices(), &work.pass.choice);
        match decide_failure(choices, choice, slot, &failure, fastrand::u32(0..=1_000)) {
            FailureStep::BackOff { delay, give_try_back } => {
                let not_before = now.plus(delay);
                if !self.table.back_off(slot, &attempt, not_before, give_try_back).await? {
                    return Ok(Drawn::Late);
                }
                // The fence of the claim that is given up is the one that the next claim must show.
                let message = work.message.with_fence(slot.fence);
                let next = self.next_choice(work, attempt, now).await?;
                let queue = self.queues.get(&next.provider, work.stage.work.kind())?;
                queue.send_after(&message, &work.plan.account, delay).await?;
                Ok(Drawn::BackedOff(failure.code))
            }
            FailureStep::Miss => {
                let missed = self.miss(work, &attempt, slot.stamp).await?;
                Ok(if missed { Drawn::Missed(failure.code) } else { Drawn::Late })
            }
            FailureStep::GiveUp => self.give_up(work, &attempt).await,
            FailureStep::StopJob => {
                let drawn = self.give_up(work, &attempt).await?;
                let reason = failure.detail.as_deref().unwrap_or_default();
                let reason = format!("{}: {} {reason}", choice.provider, failure.code.as_str());
                self.table.request_stop(slot.key.job, slot.stamp.epoch, reason.trim_end(), now).await?;
                self.doorbell.ring(slot.key.job, RingCause::Settled).await?;
                Ok(drawn)
            }
        }
    }

    /// Whose queue the slot's next message goes to, after this attempt.
    async fn next_choice(&self, work: &Work<'_>, attempt: Attempt, now: Timestamp) -> Result<Choice, CloudError> {
        let choices = work.stage.choices();
        if !choices.may_move() {
            return Ok(choices.first());
        }
        let mut slot = work.slot.clone();
        slot.attempts.push(attempt);
        let order = choices.in_order(Some(&slot), slot.stamp);
        let health = self.health_of(&order, now).await?;
        Ok(health.pick(&order, now).cloned().unwrap_or_else(|| choices.first()))
    }

    async fn give_up(&self, work: &Work<'_>, attempt: &Attempt) -> Result<Drawn, DrawError> {
        let missed = self.miss(work, attempt, Stamp::given_up(work.slot.stamp.epoch)).await?;
        Ok(if missed { Drawn::GivenUp(attempt.code) } else { Drawn::Late })
    }

    /// Marks the slot missed and counts it in the round of its message.
    async fn miss(&self, work: &Work<'_>, attempt: &Attempt, stamp: Stamp) -> Result<bool, CloudError> {
        if !self.table.miss(&work.slot, attempt, stamp).await? {
            return Ok(false);
        }
        let stage = self.table.count_missed(work.slot.key, work.message.stamp()).await?;
        ring_by_rule(&self.doorbell, stage.as_ref(), work.window, RingCause::Settled).await?;
        Ok(true)
    }
}
