//! Messages that cannot be handled for what they say: the plan is missing or unreadable, or names work that nothing here
//! does. Such a slot is claimed like any other, so that nobody else draws it meanwhile, and missed for good.

use std::ops::ControlFlow;

use toonmill_domain::{Attempt, FailureCode, SlotMessage, Stamp};

use super::{Delivery, DrawError, Drawn, Lane, Pass, Unusable, Worker};

impl Worker {
    pub(super) async fn give_up_unusable(
        &self,
        message: &SlotMessage,
        delivery: &Delivery,
        why: &Unusable,
    ) -> Result<Drawn, DrawError> {
        let Some((job, stages)) = self.table.load_job(message.job).await? else { return Ok(Drawn::NoSuchJob) };
        // The plan of an ended job may have been removed before its other records.
        if job.status.is_terminal() {
            return Ok(Drawn::Stale);
        }
        let stage = stages.iter().find(|stage| stage.key == message.key().stage_key());
        let Some(stage) = stage.filter(|stage| message.slot.0 < stage.quantity) else {
            // A claim would make a record of a slot that nobody asked for, and a miss would count it.
            tracing::error!(job.id = %message.job, stage.index = message.stage.0, slot.index = message.slot.0,
                "a message names a slot that its job does not have");
            return Ok(Drawn::NoSuchSlot);
        };
        let now = self.clock.now();
        let window = self.budgets.window(&stage.provider, self.window, stages.len());
        let pass = Pass { choice: stage.choices().first(), probe: None };
        let lane = Lane { account: &job.account, kind: stage.work };
        let missed = async {
            let slot = match self.claim(message, &pass, lane, delivery, now, window).await? {
                ControlFlow::Continue(slot) => slot,
                ControlFlow::Break(drawn) => return Ok(drawn),
            };
            tracing::error!(job.id = %message.job, stage.index = message.stage.0, slot.index = message.slot.0,
                fence = slot.fence.0, %why, "a slot is given up, since its message cannot be handled");
            let attempt = Attempt {
                fence: slot.fence,
                stamp: slot.stamp,
                code: FailureCode::BadRequest,
                detail: Some(why.to_string()),
                provider: None,
                model: None,
                elapsed_ms: 0,
                at: now,
            };
            let forever = Stamp::given_up(slot.stamp.epoch);
            let missed = self.miss_slot(&slot, message, &attempt, forever, window).await?;
            Ok(if missed { Drawn::GivenUp(attempt.code) } else { Drawn::Late })
        };
        missed.await.map_err(|error: DrawError| error.of_claimed(delivery))
    }
}
