//! How a job stands, in the words of a chat.

use std::{collections::BTreeMap, time::Duration};

use toonmill_domain::{JobStatus, Slot, SlotKey, SlotState, Stage, StageIndex, Timestamp, reconcile::Slots};
use toonmill_telegram::{
    Saying,
    words::{Missing, Reason},
};

use super::Told;

impl Told<'_> {
    pub(super) fn requested(&self) -> u32 {
        self.stages.iter().map(|stage| stage.quantity).fold(0, u32::saturating_add)
    }

    pub(super) fn stored(&self) -> u32 {
        self.stages
            .iter()
            .map(|stage| u32::try_from(stage.stored.len()).unwrap_or(u32::MAX))
            .fold(0, u32::saturating_add)
    }

    /// From the time when it was asked for.
    pub(super) fn elapsed(&self, now: Timestamp) -> Duration {
        self.job.completed_at.unwrap_or(now).since(self.job.created_at)
    }

    pub(super) fn progress(&self, elapsed: Duration) -> Saying<'_> {
        let (prompt, requested) = (self.prompt, self.requested());
        if self.job.cancel_requested {
            return Saying::Cancelling { prompt };
        }
        Saying::Progress { prompt, stored: self.stored(), requested, elapsed }
    }

    /// The slots that were stored in this epoch, in the order of the job: those of earlier ones were shown in their messages.
    pub(super) fn pictures(&self, slots: &BTreeMap<StageIndex, Slots>) -> Vec<SlotKey> {
        let is_new = |slot: &&Slot| slot.state == SlotState::Stored && slot.stamp.epoch == self.job.epoch;
        let of_stage = |stage: &Stage| slots.get(&stage.key.stage).into_iter().flat_map(BTreeMap::values);
        self.stages.iter().flat_map(of_stage).filter(is_new).map(|slot| slot.key).collect()
    }

    /// How it ended. `missing` is needed where it ended short.
    pub(super) fn end<'a>(&'a self, missing: &'a [Missing], elapsed: Duration) -> Saying<'a> {
        let (prompt, stored, requested) = (self.prompt, self.stored(), self.requested());
        match self.job.status {
            JobStatus::Cancelled => Saying::Cancelled { prompt, stored, requested },
            JobStatus::Completed => Saying::Finished { prompt, pictures: stored, elapsed },
            JobStatus::InQueue | JobStatus::InProgress | JobStatus::Partial | JobStatus::Failed if stored > 0 => {
                Saying::FinishedShort { prompt, stored, requested, missing }
            }
            JobStatus::InQueue | JobStatus::InProgress | JobStatus::Partial | JobStatus::Failed => {
                Saying::Failed { prompt, missing }
            }
        }
    }

    /// Why pictures are missing: each slot's last failure, or what ended the job before it had one.
    pub(super) fn missing(&self, slots: &BTreeMap<StageIndex, Slots>) -> Vec<Missing> {
        let mut missing = Vec::new();
        for stage in self.stages {
            let records = slots.get(&stage.key.stage);
            missing.extend(self.missing_of(stage, records));
        }
        missing
    }

    fn missing_of(&self, stage: &Stage, records: Option<&Slots>) -> Vec<Missing> {
        let lacking = stage.slots().filter(|slot| !stage.stored.contains(slot));
        let reason = |slot| {
            let code = records.and_then(|records| records.get(&slot)).and_then(Slot::reason);
            code.map(Reason::Failure).or_else(|| self.job.closing.map(Reason::Closing))
        };
        let told = |slot| Some(Missing { reason: reason(slot)?, pictures: 1 });
        lacking.filter_map(told).collect()
    }
}
