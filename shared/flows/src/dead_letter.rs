//! Dead letters: messages that three workers did not survive.

use toonmill_cloud::{CloudError, Doorbell, Table};
use toonmill_domain::{JobId, RingCause, SlotMessage};

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
    /// Its slot is missed in the message's round: the next round may draw it.
    Missed,
    /// Its work was done or taken over since: a copy.
    Stale,
    /// Its job is gone.
    NoSuchJob,
}

impl Undertaker {
    /// An image message: its slot is missed, if the message could still have claimed it.
    pub async fn bury_image(&self, message: &SlotMessage) -> Result<Buried, CloudError> {
        let Some((_, stages)) = self.table.load_job(message.job).await? else { return Ok(Buried::NoSuchJob) };
        let Some(stage) = stages.iter().find(|stage| stage.key == message.key().stage_key()) else {
            return Ok(Buried::NoSuchJob);
        };
        let now = self.clock.now();
        let crash = Table::crash(stage, message.fence, now);
        let missed = self.table.bury(message, &crash, now, &self.ids.token()).await?;
        if missed {
            self.table.count_missed(message.key(), message.stamp()).await?;
        }
        // The letter took three receives to get here: whatever it found, a look at the job is cheap.
        self.doorbell.ring(message.job, RingCause::DeadLetter).await?;
        Ok(if missed { Buried::Missed } else { Buried::Stale })
    }

    /// A reconcile message: the job is stamped for an operator, and **not** rung, which would make a poisoned job
    /// circle for ever. The sweep tries again at doubling intervals.
    pub async fn bury_reconcile(&self, job: JobId) -> Result<(), CloudError> {
        self.table.note_stuck(job, self.clock.now()).await
    }
}
