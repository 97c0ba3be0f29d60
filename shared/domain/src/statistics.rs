//! How a job went, in numbers that follow from its slot records.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Epoch, FailureCode, ProviderId, Round, Slot, SlotState, Stage, Timestamp, reconcile::Slots};

/// A whole job. `elapsedMs` of the API follows from the job's own times.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Statistics {
    /// Provider calls that were begun, those that were put off included.
    pub attempts: u64,
    /// Slots stored by their first attempt.
    #[serde(default)]
    pub first_pass: u64,
    /// Slots that needed more than one.
    pub retried: u64,
    /// Of those, the slots that were stored in the end.
    pub recovered: u64,
    /// The same by the round in which they were stored.
    #[serde(default)]
    pub recovered_by_round: BTreeMap<Round, u64>,
    /// Calls that a provider may have charged for and that gave no image.
    pub waste: u64,
    pub by_provider: BTreeMap<ProviderId, ProviderStatistics>,
    pub stages: Vec<StageStatistics>,
}

/// The calls to one provider.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", from = "Spelling")]
pub struct ProviderStatistics {
    pub attempts: u64,
    /// Images that it drew and that were stored.
    pub stored: u64,
    /// Calls that it may have charged for and that gave no image.
    pub waste: u64,
    /// Its other calls, by what they ended in.
    pub failures: BTreeMap<FailureCode, u64>,
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
    /// From the beginning of its first call to the end of its last; of several epochs together, without the time
    /// between them.
    #[serde(default)]
    pub elapsed_ms: u64,
}

/// How records spell a provider: those of the first version counted its images and nothing else.
#[derive(Deserialize)]
#[serde(untagged)]
enum Spelling {
    Stored(u64),
    #[serde(rename_all = "camelCase")]
    Calls {
        attempts: u64,
        stored: u64,
        waste: u64,
        failures: BTreeMap<FailureCode, u64>,
    },
}

impl From<Spelling> for ProviderStatistics {
    fn from(spelling: Spelling) -> Self {
        match spelling {
            Spelling::Stored(stored) => Self { stored, ..Self::default() },
            Spelling::Calls { attempts, stored, waste, failures } => Self { attempts, stored, waste, failures },
        }
    }
}

impl Statistics {
    pub fn add_stage(&mut self, stage: &Stage, slots: &Slots) {
        let mut counts = StageStatistics {
            requested: stage.quantity,
            missing: stage.quantity,
            rounds: stage.round.0,
            elapsed_ms: elapsed_ms(slots),
            ..StageStatistics::default()
        };
        for slot in slots.values() {
            let failed = count(slot.attempts.len()).saturating_add(u64::from(slot.waits));
            let stored = slot.state == SlotState::Stored;
            let recovered = stored && failed > 0;
            counts.attempts = counts.attempts.saturating_add(failed).saturating_add(u64::from(stored));
            counts.missing = counts.missing.saturating_sub(u32::from(stored));
            counts.first_pass = counts.first_pass.saturating_add(u32::from(stored && failed == 0));
            counts.retried = counts.retried.saturating_add(u32::from(failed > 1 || recovered));
            counts.recovered = counts.recovered.saturating_add(u32::from(recovered));
            if recovered {
                add(self.recovered_by_round.entry(slot.stamp.round).or_default(), 1);
            }
            self.add_calls(stage, slot);
        }
        add(&mut self.attempts, counts.attempts);
        add(&mut self.first_pass, u64::from(counts.first_pass));
        add(&mut self.retried, u64::from(counts.retried));
        add(&mut self.recovered, u64::from(counts.recovered));
        self.stages.push(counts);
    }

    /// Images that were asked for.
    pub fn requested(&self) -> u64 {
        self.stages.iter().map(|stage| u64::from(stage.requested)).fold(0, u64::saturating_add)
    }

    /// Of those, the ones that were stored.
    pub fn stored(&self) -> u64 {
        let missing = self.stages.iter().map(|stage| u64::from(stage.missing)).fold(0, u64::saturating_add);
        self.requested().saturating_sub(missing)
    }

    fn add_calls(&mut self, stage: &Stage, slot: &Slot) {
        for attempt in &slot.attempts {
            // An attempt of which nobody lived to say whom it asked was meant for the stage's provider.
            let provider = attempt.provider.as_ref().unwrap_or(&stage.provider);
            let waste = u64::from(attempt.code.policy().maybe_paid);
            self.by_provider.entry(provider.clone()).or_default().fail(attempt.code, 1, waste);
            add(&mut self.waste, waste);
        }
        if slot.waits > 0 {
            let waits = u64::from(slot.waits);
            self.by_provider.entry(stage.provider.clone()).or_default().fail(FailureCode::RateLimited, waits, 0);
        }
        if let Some(artifact) = &slot.artifact {
            let drawn = self.by_provider.entry(artifact.provider.clone()).or_default();
            add(&mut drawn.attempts, 1);
            add(&mut drawn.stored, 1);
        }
    }
}

impl ProviderStatistics {
    fn fail(&mut self, code: FailureCode, times: u64, waste: u64) {
        add(&mut self.attempts, times);
        add(&mut self.waste, waste);
        add(self.failures.entry(code).or_default(), times);
    }
}

/// The time from the first call's beginning to the last call's end in each epoch, summed.
fn elapsed_ms(slots: &Slots) -> u64 {
    let mut epochs: BTreeMap<Epoch, (Timestamp, Timestamp)> = BTreeMap::new();
    let failed = slots.values().flat_map(|slot| &slot.attempts).map(|it| (it.stamp.epoch, it.at, it.elapsed_ms));
    let stored = slots.values().filter_map(|slot| {
        let artifact = slot.artifact.as_ref()?;
        Some((slot.stamp.epoch, artifact.stored_at, artifact.elapsed_ms))
    });
    for (epoch, end, elapsed_ms) in failed.chain(stored) {
        let begin = end.minus(std::time::Duration::from_millis(elapsed_ms));
        let span = epochs.entry(epoch).or_insert((begin, end));
        *span = (span.0.min(begin), span.1.max(end));
    }
    let millis = |(begin, end): &(Timestamp, Timestamp)| u64::try_from(end.since(*begin).as_millis());
    epochs.values().map(millis).fold(0, |sum, millis| sum.saturating_add(millis.unwrap_or(u64::MAX)))
}

fn add(sum: &mut u64, more: u64) {
    *sum = sum.saturating_add(more);
}

fn count(items: usize) -> u64 {
    u64::try_from(items).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
