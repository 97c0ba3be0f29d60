//! Settle, decided: what a closed job comes to, in images and in credits.

use std::collections::BTreeMap;

use crate::{
    Credits, Epoch, Happening, Job, JobStatus, LedgerEntry, Slot, SlotState, Stage, StageIndex, Statistics, Timestamp,
    credits::CreditsOutOfRange, reconcile::Slots,
};

/// What closing a job writes, in one transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    pub status: JobStatus,
    pub requested: u64,
    pub stored: u64,
    pub captured: Credits,
    pub released: Credits,
    /// The capture and the release, without those of nothing.
    pub ledger: Vec<LedgerEntry>,
    /// Of all epochs.
    pub statistics: Statistics,
    /// Of this epoch alone: what it was opened for and what was called in it. Slots do not say in which epoch a provider
    /// put a call off, so that these are counted in the first only.
    pub of_epoch: Statistics,
}

impl Settlement {
    /// The entry of the job's log that tells of this end, with what all of its epochs came to.
    pub fn end_of(&self, job: &Job) -> Result<Happening, CreditsOutOfRange> {
        Ok(Happening::Ended {
            status: self.status,
            stored: self.stored,
            requested: self.requested,
            captured: job.captured.plus(self.captured)?,
            released: job.released.plus(self.released)?,
        })
    }
}

/// A record that contradicts the protocol: the job is left open for an operator to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotSettle {
    #[error("captured {captured} credits exceed the hold of {hold} (CR-3)", captured = captured.get(), hold = hold.get())]
    BeyondHold { captured: Credits, hold: Credits },
    #[error(transparent)]
    Credits(#[from] CreditsOutOfRange),
}

/// Decides a closed job's end from its slot records alone: the stages' sets are an index, not the truth.
///
/// The capture is what was stored *in this epoch*; images of earlier ones were paid for then.
pub fn decide_settlement(
    job: &Job,
    stages: &[Stage],
    slots: &BTreeMap<StageIndex, Slots>,
    now: Timestamp,
) -> Result<Settlement, CannotSettle> {
    let (mut requested, mut stored, mut captured) = (0_u64, 0_u64, Credits::ZERO);
    let (mut statistics, mut of_epoch) = (Statistics::default(), Statistics::default());
    for stage in stages {
        requested = requested.saturating_add(u64::from(stage.quantity));
        let Some(records) = slots.get(&stage.key.stage) else { continue };
        statistics.add_stage(stage, records);
        let (opened, touched) = in_epoch(stage, records, job.epoch);
        of_epoch.add_stage(&opened, &touched);
        for slot in records.values().filter(|slot| slot.state == SlotState::Stored) {
            stored = stored.saturating_add(1);
            if slot.stamp.epoch == job.epoch {
                captured = captured.plus(stage.prices.in_epoch(job.epoch))?;
            }
        }
    }
    let released = job.hold.minus(captured).map_err(|_| CannotSettle::BeyondHold { captured, hold: job.hold })?;
    let status = if stored == requested {
        JobStatus::Completed
    } else if job.cancel_requested {
        JobStatus::Cancelled
    } else if stored == 0 {
        JobStatus::Failed
    } else {
        JobStatus::Partial
    };
    let capture = LedgerEntry::capture(job.account.clone(), job.id, job.epoch, captured, now);
    let release = LedgerEntry::release(job.account.clone(), job.id, job.epoch, released, now);
    let ledger = [capture, release].into_iter().filter(|entry| entry.held_delta != 0).collect();
    Ok(Settlement { status, requested, stored, captured, released, ledger, statistics, of_epoch })
}

/// A stage as an epoch found it: without the slots that earlier ones stored, and what was tried in them.
fn in_epoch(stage: &Stage, slots: &Slots, epoch: Epoch) -> (Stage, Slots) {
    let is_older = |slot: &Slot| slot.state == SlotState::Stored && slot.stamp.epoch < epoch;
    let older = u32::try_from(slots.values().filter(|slot| is_older(slot)).count()).unwrap_or(u32::MAX);
    let touched = slots.iter().filter(|(_, slot)| !is_older(slot)).map(|(index, slot)| {
        let mut slot = slot.clone();
        slot.attempts.retain(|attempt| attempt.stamp.epoch == epoch);
        slot.waits = if epoch == Epoch::FIRST { slot.waits } else { 0 };
        (*index, slot)
    });
    let touched = touched.collect();
    (Stage { quantity: stage.quantity.saturating_sub(older), ..stage.clone() }, touched)
}

#[cfg(test)]
mod tests;
