//! A job's stages and their progress, from the stages' own records; slots are looked at only where some are missing.

use std::collections::BTreeMap;

use serde::Serialize;
use toonmill_domain::{FailureCode, FileId, Job, ModelId, ProviderId, SlotIndex, Stage, StageIndex, reconcile::Slots};

use super::Counts;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Progress {
    requested: u64,
    stored: u64,
    /// Of the missing ones, those that are being drawn now.
    in_flight: u64,
    missing: u64,
    /// Of the missing ones, those that will not be tried again.
    given_up: u64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StageView {
    index: StageIndex,
    quantity: u32,
    stored: u64,
    given_up: u64,
    round: u32,
    /// Null until the job has ended. Only slot records know, and a poll reads none: it stays one Query of the job and its
    /// stages. A counter beside the sets would be wrong after every repeated count.
    attempts: Option<u64>,
    provider: ProviderId,
    model_id: ModelId,
    /// In slot order.
    file_ids: Vec<FileId>,
    failures: Vec<SlotFailure>,
}

#[derive(Debug, Serialize)]
pub(crate) struct SlotFailure {
    slot: SlotIndex,
    code: &'static str,
    attempts: u64,
}

impl Progress {
    pub(crate) fn of(job: &Job, stages: &[Stage]) -> Self {
        let counts = Counts::of(stages);
        let ended = job.status.is_terminal();
        let in_flight = stages.iter().map(|stage| u64::from(stage.in_flight())).sum();
        Self {
            requested: counts.requested,
            stored: counts.stored,
            in_flight: if ended { 0 } else { in_flight },
            missing: counts.missing(),
            given_up: if ended { counts.missing() } else { 0 },
        }
    }
}

impl StageView {
    pub(crate) fn of(job: &Job, stage: &Stage, slots: &BTreeMap<StageIndex, Slots>) -> Self {
        let index = stage.key.stage;
        let counts = Counts::of(std::slice::from_ref(stage));
        let of_stage = job.statistics.as_ref().and_then(|all| all.stages.get(usize::from(index.0)));
        Self {
            index,
            quantity: stage.quantity,
            stored: counts.stored,
            given_up: if job.status.is_terminal() { counts.missing() } else { 0 },
            round: stage.round.0,
            attempts: of_stage.map(|counts| counts.attempts),
            provider: stage.provider.clone(),
            model_id: stage.model.clone(),
            file_ids: file_ids(stage).collect(),
            failures: slots.get(&index).map(|slots| failures(job, stage, slots)).unwrap_or_default(),
        }
    }
}

/// The files of a stage's stored slots, if they become files: their ids follow from the slots.
pub(crate) fn file_ids(stage: &Stage) -> impl Iterator<Item = FileId> {
    stage.stored.iter().filter(|_| stage.keep_files).map(|slot| FileId::of_slot(stage.key.slot(*slot)))
}

/// Why each missing slot is missing: its last failure, or if it was never tried what ended the job.
fn failures(job: &Job, stage: &Stage, slots: &Slots) -> Vec<SlotFailure> {
    let ended_by = job.closing.map_or("not_drawn", toonmill_domain::ClosingReason::as_str);
    let missing = stage.slots().filter(|slot| !stage.stored.contains(slot));
    missing
        .map(|slot| {
            let record = slots.get(&slot);
            let code = record.and_then(toonmill_domain::Slot::reason).map_or(ended_by, FailureCode::as_str);
            SlotFailure { slot, code, attempts: record.map_or(0, |record| record.attempts.len() as u64) }
        })
        .collect()
}
