//! What a worker does with a slot that it could not draw.

use toonmill_cloud::CloudError;
use toonmill_domain::{
    Attempt, Choice, Failure, FailureStep, Health, RingCause, Slot, SlotMessage, Stamp, Timestamp, decide_failure,
};

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
                // Between the write and the message there is nothing that could fail or take time: a worker that dies there
                // leaves a slot that nobody is sent for.
                let next = self.next_choice(work, attempt.clone(), now).await;
                let queue = match self.queues.get(&next.provider, work.stage.work.kind()) {
                    Ok(queue) => queue,
                    Err(no_queue) => {
                        tracing::error!(job.id = %slot.key.job, %no_queue, "a slot is given up, since nothing can be sent for it");
                        return self.give_up(work, &attempt).await;
                    }
                };
                if !self.table.back_off(slot, &attempt, now.plus(delay), give_try_back).await? {
                    return Ok(Drawn::Late);
                }
                // The fence of the claim that is given up is the one that the next claim must show.
                let message = work.message.with_fence(slot.fence);
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

    /// Whose queue the slot's next message goes to, after this attempt. What is known of providers is advice: if it cannot
    /// be read, the message goes to the first who may draw the slot, and its worker looks again.
    async fn next_choice(&self, work: &Work<'_>, attempt: Attempt, now: Timestamp) -> Choice {
        let choices = work.stage.choices();
        if !choices.may_move() {
            return choices.first();
        }
        let mut slot = work.slot.clone();
        slot.attempts.push(attempt);
        let order = choices.in_order(Some(&slot), slot.stamp);
        let known = self.health_of(&order, now).await;
        let health = known.unwrap_or_else(|error| {
            tracing::warn!(error = &error as &dyn std::error::Error, "what is known of providers could not be read");
            Health::default()
        });
        health.pick(&order, now).cloned().unwrap_or_else(|| choices.first())
    }

    async fn give_up(&self, work: &Work<'_>, attempt: &Attempt) -> Result<Drawn, DrawError> {
        let missed = self.miss(work, attempt, Stamp::given_up(work.slot.stamp.epoch)).await?;
        Ok(if missed { Drawn::GivenUp(attempt.code) } else { Drawn::Late })
    }

    async fn miss(&self, work: &Work<'_>, attempt: &Attempt, stamp: Stamp) -> Result<bool, CloudError> {
        self.miss_slot(&work.slot, work.message, attempt, stamp, work.window).await
    }

    /// Marks the slot missed and counts it in the round of its message. False if it is no longer ours.
    pub(super) async fn miss_slot(
        &self,
        slot: &Slot,
        message: &SlotMessage,
        attempt: &Attempt,
        stamp: Stamp,
        window: u32,
    ) -> Result<bool, CloudError> {
        if !self.table.miss(slot, attempt, stamp).await? {
            return Ok(false);
        }
        let stage = self.table.count_missed(slot.key, message.stamp()).await?;
        ring_by_rule(&self.doorbell, stage.as_ref(), window, RingCause::Settled).await?;
        Ok(true)
    }
}
