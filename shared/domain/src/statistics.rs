//! How a job went, in numbers that follow from its slot records.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{ProviderId, SlotState, Stage, reconcile::Slots};

/// A whole job. `elapsedMs` of the API follows from the job's own times.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Statistics {
    /// Provider calls that were begun, those that were put off included.
    pub attempts: u64,
    /// Slots that needed more than one.
    pub retried: u64,
    /// Of those, the slots that were stored in the end.
    pub recovered: u64,
    /// Calls that a provider may have charged for and that gave no image.
    pub waste: u64,
    /// Stored images by the provider that drew them.
    pub by_provider: BTreeMap<ProviderId, u64>,
    pub stages: Vec<StageStatistics>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StageStatistics {
    pub requested: u32,
    /// Slots stored by their first attempt.
    pub first_pass: u32,
    /// Slots with no image.
    pub missing: u32,
    pub retried: u32,
    pub recovered: u32,
    pub attempts: u64,
    pub rounds: u32,
}

impl Statistics {
    pub fn add_stage(&mut self, stage: &Stage, slots: &Slots) {
        let mut counts = StageStatistics {
            requested: stage.quantity,
            missing: stage.quantity,
            rounds: stage.round.0,
            ..StageStatistics::default()
        };
        for slot in slots.values() {
            let failed = u64::try_from(slot.attempts.len()).unwrap_or(u64::MAX).saturating_add(u64::from(slot.waits));
            let stored = slot.state == SlotState::Stored;
            counts.attempts = counts.attempts.saturating_add(failed).saturating_add(u64::from(stored));
            counts.missing = counts.missing.saturating_sub(u32::from(stored));
            counts.first_pass = counts.first_pass.saturating_add(u32::from(stored && failed == 0));
            counts.retried = counts.retried.saturating_add(u32::from(failed > 1 || stored && failed > 0));
            counts.recovered = counts.recovered.saturating_add(u32::from(stored && failed > 0));
            let waste = slot.attempts.iter().filter(|attempt| attempt.code.policy().maybe_paid).count();
            self.waste = self.waste.saturating_add(u64::try_from(waste).unwrap_or(u64::MAX));
            if let Some(artifact) = &slot.artifact {
                let drawn = self.by_provider.entry(artifact.provider.clone()).or_default();
                *drawn = drawn.saturating_add(1);
            }
        }
        self.attempts = self.attempts.saturating_add(counts.attempts);
        self.retried = self.retried.saturating_add(u64::from(counts.retried));
        self.recovered = self.recovered.saturating_add(u64::from(counts.recovered));
        self.stages.push(counts);
    }
}
