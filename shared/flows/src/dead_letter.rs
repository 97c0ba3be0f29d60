//! Dead letters: messages that were received as often as their queue allows and never acknowledged.

use toonmill_cloud::{CloudError, Conditional, Doorbell, Table};
use toonmill_domain::{Attempt, JobId, RingCause, Slot, SlotMessage};

use crate::context::{Clock, Ids};

/// Buries dead letters.
#[derive(Clone, Debug)]
pub struct Undertaker {
    pub table: Table,
    pub doorbell: Doorbell,
    pub clock: Clock,
    pub ids: Ids,
}

/// What a dead letter came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Buried {
    /// Its worker died with the claim: the slot is missed in the message's round, and the next round may draw it.
    Missed,
    /// Nobody ever claimed it: its deliveries were throttled, or its function could not start. The slot is as it was.
    NeverClaimed,
    /// Its work was done or taken over since: a copy.
    Stale,
    /// Its job is gone.
    NoSuchJob,
}

impl Undertaker {
    /// Buries the message of an image or a text (PROTOCOL, Dead letter).
    ///
    /// A slot is missed only by a message that was claimed: a receive that was throttled counts as a receive, and says
    /// nothing of the slot. The job's next check stays where it is: reconcile sends an unclaimed slot again in due time.
    pub async fn bury_image(&self, message: &SlotMessage) -> Result<Buried, CloudError> {
        let Some((_, stages)) = self.table.load_job(message.job).await? else { return Ok(Buried::NoSuchJob) };
        let Some(stage) = stages.iter().find(|stage| stage.key == message.key().stage_key()) else {
            return Ok(Buried::NoSuchJob);
        };
        let now = self.clock.now();
        let crash = Attempt { stamp: message.stamp(), ..Table::crash(stage, message.fence.next(), now) };
        let buried = match self.table.bury(message, &crash, now, &self.ids.token()).await? {
            Conditional::Won(()) => {
                self.table.count_missed(message.key(), message.stamp()).await?;
                Buried::Missed
            }
            Conditional::Lost(slot) if Slot::awaits(slot.as_ref(), message) => Buried::NeverClaimed,
            Conditional::Lost(_) => Buried::Stale,
        };
        let cause = match buried {
            // Whole windows come here together when an account is short of concurrency: their slots need no look.
            Buried::NeverClaimed => RingCause::Continue,
            // The worker that claimed it may have died between two writes, which only the slots' records show.
            Buried::Missed | Buried::Stale | Buried::NoSuchJob => RingCause::DeadLetter,
        };
        self.doorbell.ring(message.job, cause).await?;
        Ok(buried)
    }

    /// A reconcile message: the job is stamped for an operator, and **not** rung, which would make a poisoned job
    /// circle for ever. The sweep tries again at doubling intervals.
    pub async fn bury_reconcile(&self, job: JobId) -> Result<(), CloudError> {
        self.table.note_stuck(job, self.clock.now()).await
    }
}
