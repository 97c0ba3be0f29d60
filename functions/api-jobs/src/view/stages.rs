//! A job's stages and their progress, from the stages' own records; slots are looked at only where some are missing.

use std::collections::BTreeMap;

use serde::Serialize;
use toonmill_domain::{FailureCode, FileId, Job, SlotIndex, Stage, StageIndex, StageProgress, reconcile::Slots};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StageView {
    #[serde(flatten)]
    progress: StageProgress,
    /// Null until the job has ended. Only slot records know, and a poll reads none: it stays one Query of the job and its
    /// stages. A counter beside the sets would be wrong after every repeated count.
    attempts: Option<u64>,
    /// In slot order.
    file_ids: Vec<FileId>,
    failures: Vec<SlotFailure>,
}

#[derive(Debug, Serialize)]
pub(crate) struct SlotFailure {
    slot: SlotIndex,
    code: String,
    /// What was wrong with a request or a picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    attempts: u64,
}

impl StageView {
    pub(crate) fn of(job: &Job, stage: &Stage, slots: &BTreeMap<StageIndex, Slots>) -> Self {
        let index = stage.key.stage;
        let of_stage = job.statistics.as_ref().and_then(|all| all.stages.get(usize::from(index.0)));
        Self {
            progress: StageProgress::of(job, stage),
            attempts: of_stage.map(|counts| counts.attempts),
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
    let ended_by = job.closing.as_ref().map_or("not_drawn", toonmill_domain::ClosingReason::as_str);
    let missing = stage.slots().filter(|slot| !stage.stored.contains(slot));
    missing
        .map(|slot| {
            let record = slots.get(&slot);
            let reason = record.and_then(toonmill_domain::Slot::reason);
            let code = reason.as_ref().map_or(ended_by, FailureCode::as_str).to_owned();
            let detail = record.and_then(|record| record.attempts.last()).filter(|last| tells(last.code));
            let detail = detail.and_then(|last| last.detail.clone());
            SlotFailure { slot, code, detail, attempts: record.map_or(0, |record| record.attempts.len() as u64) }
        })
        .collect()
}

/// Whether the detail of such a failure is of use to the caller who asked for the picture.
const fn tells(code: FailureCode) -> bool {
    matches!(code, FailureCode::BadRequest | FailureCode::InvalidImage)
}
