//! How far a job is, as it is shown: by its own record and those of its stages alone, so that a look is one Query.

use serde::Serialize;

use crate::{Job, ModelId, ProviderId, Stage, StageIndex};

/// Results of a job: images, or texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    pub stored: u64,
    pub requested: u64,
}

/// How far all of a job is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    requested: u64,
    stored: u64,
    /// Of the missing ones, those that are being drawn now.
    in_flight: u64,
    missing: u64,
    /// Of the missing ones, those that will not be tried again.
    given_up: u64,
}

/// How far one of its stages is, and who makes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StageProgress {
    index: StageIndex,
    quantity: u32,
    stored: u64,
    given_up: u64,
    round: u32,
    provider: ProviderId,
    model_id: ModelId,
}

impl Counts {
    pub fn of(stages: &[Stage]) -> Self {
        stages.iter().fold(Self { stored: 0, requested: 0 }, |sum, stage| Self {
            stored: sum.stored.saturating_add(u64::try_from(stage.stored.len()).unwrap_or(u64::MAX)),
            requested: sum.requested.saturating_add(u64::from(stage.quantity)),
        })
    }

    pub const fn missing(self) -> u64 {
        self.requested.saturating_sub(self.stored)
    }
}

impl Progress {
    pub fn of(job: &Job, stages: &[Stage]) -> Self {
        let counts = Counts::of(stages);
        let ended = job.status.is_terminal();
        let in_flight = stages.iter().map(|stage| u64::from(stage.in_flight())).fold(0, u64::saturating_add);
        Self {
            requested: counts.requested,
            stored: counts.stored,
            in_flight: if ended { 0 } else { in_flight },
            missing: counts.missing(),
            given_up: if ended { counts.missing() } else { 0 },
        }
    }
}

impl StageProgress {
    pub fn of(job: &Job, stage: &Stage) -> Self {
        let counts = Counts::of(std::slice::from_ref(stage));
        Self {
            index: stage.key.stage,
            quantity: stage.quantity,
            stored: counts.stored,
            given_up: if job.status.is_terminal() { counts.missing() } else { 0 },
            round: stage.round.0,
            provider: stage.provider.clone(),
            model_id: stage.model.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{JobStatus, SlotIndex, fixtures};

    #[test]
    fn what_is_missing_is_given_up_only_when_the_job_has_ended() {
        let mut job = fixtures::job();
        let mut stage = fixtures::stage(5);
        stage.stored = [SlotIndex(0), SlotIndex(1)].into();
        stage.missed = [SlotIndex(2)].into();
        let stages = [stage];
        let shown = |job: &Job| {
            let Progress { in_flight, missing, given_up, .. } = Progress::of(job, &stages);
            (in_flight, missing, given_up, StageProgress::of(job, &stages[0]).given_up)
        };
        assert_eq!(shown(&job), (2, 3, 0, 0));
        job.status = JobStatus::Partial;
        assert_eq!(shown(&job), (0, 3, 3, 3));
    }
}
