//! Retry: opens an ended job again for its missing slots only, with a new hold at today's prices.

use std::{collections::BTreeMap, time::Duration};

use toonmill_cloud::{
    Blobs, CloudError, Conditional, Doorbell, Table,
    table::{Reopening, RetryRefused},
};
use toonmill_domain::{
    AccountId, Credits, FileId, Job, JobId, JobStatus, ModelId, Plan, RingCause, SlotState, Stage, StageIndex,
    credits::CreditsOutOfRange,
};
use toonmill_providers::Catalogue;

use crate::{
    context::{Clock, Ids},
    inputs::KEPT_LONGER,
    submit::FIRST_CHECK,
};

/// Retries jobs.
#[derive(Clone, Debug)]
pub struct Retrier {
    pub table: Table,
    pub blobs: Blobs,
    pub doorbell: Doorbell,
    pub clock: Clock,
    pub ids: Ids,
    /// Where today's prices are.
    pub catalogue: Catalogue,
    /// The most unfinished jobs of an account.
    pub max_active_jobs: u32,
}

#[derive(Debug, thiserror::Error)]
pub enum RetryError {
    /// No such job of this account. Another account's job looks just the same (TN-1).
    #[error("there is no such job")]
    NotFound,
    #[error("the job has not ended")]
    NotEnded,
    #[error("the job is complete: nothing is missing")]
    Completed,
    #[error("the job needs {needed} credits and {available} are available", needed = needed.get(), available = available.get())]
    InsufficientCredits { needed: Credits, available: Credits },
    #[error("{active} jobs are unfinished and the limit is {limit}")]
    TooManyActiveJobs { active: u32, limit: u32 },
    /// The model that the missing slots were to be drawn with is offered no more.
    #[error("the model {0} is not offered any more")]
    NoSuchModel(ModelId),
    /// A picture that the missing slots are to be drawn from is gone.
    #[error("the input file {0} is gone")]
    InputGone(FileId),
    #[error(transparent)]
    Price(#[from] CreditsOutOfRange),
    #[error(transparent)]
    Cloud(#[from] CloudError),
}

impl Retrier {
    /// The job as it is then: open, in its next epoch. `deadline` is from now.
    pub async fn retry(&self, id: JobId, account: &AccountId, deadline: Duration) -> Result<Job, RetryError> {
        let now = self.clock.now();
        let found = self.table.load_job(id).await?.filter(|(job, _)| job.account == *account);
        let Some((seen, stages)) = found else { return Err(RetryError::NotFound) };
        match seen.status {
            JobStatus::InQueue | JobStatus::InProgress => return Err(RetryError::NotEnded),
            JobStatus::Completed => return Err(RetryError::Completed),
            JobStatus::Partial | JobStatus::Failed | JobStatus::Cancelled => {}
        }
        let plan = self.blobs.load_plan(id).await?;
        let missing = self.missing(&stages).await?;
        let prices = self.prices(&plan, &stages, &missing)?;
        let hold =
            missing.iter().map(|(stage, count)| prices.get(stage).map_or(Ok(Credits::ZERO), |p| p.times(*count)));
        let hold = hold.collect::<Result<Vec<_>, _>>().and_then(Credits::sum)?;
        let deadline = now.plus(deadline);
        for (index, stage) in (0..).map(StageIndex).zip(&plan.stages) {
            for file in stage.input_files().iter().filter(|_| missing.contains_key(&index)) {
                if !self.table.keep_file_until(*file, deadline.plus(KEPT_LONGER)).await? {
                    return Err(RetryError::InputGone(*file));
                }
            }
        }
        let reopening = Reopening {
            next_check_at: now.plus(FIRST_CHECK),
            max_active_jobs: self.max_active_jobs,
            seen,
            stages,
            prices,
            hold,
            deadline,
        };
        match self.table.retry(&reopening, now, &self.ids.token()).await? {
            Conditional::Won(()) => {}
            // Only another retry changes an ended job.
            Conditional::Lost(RetryRefused::NotAsSeen) => return Err(RetryError::NotEnded),
            Conditional::Lost(RetryRefused::InsufficientCredits { needed, available }) => {
                return Err(RetryError::InsufficientCredits { needed, available });
            }
            Conditional::Lost(RetryRefused::TooManyActiveJobs { active, limit }) => {
                return Err(RetryError::TooManyActiveJobs { active, limit });
            }
        }
        // As for a submit: the sweep rings for it if this is lost.
        if let Err(error) = self.doorbell.ring(id, RingCause::Submitted).await {
            tracing::warn!(job.id = %id, error = &error as &dyn std::error::Error, "the ring of a retry was lost");
        }
        let (job, _) = self.table.load_job(id).await?.ok_or(RetryError::NotFound)?;
        Ok(job)
    }

    /// How many slots each stage lacks, of those that lack any. From the slot records: nothing changes them while the
    /// job is ended, and the transaction fails if it is not.
    async fn missing(&self, stages: &[Stage]) -> Result<BTreeMap<StageIndex, u64>, CloudError> {
        let slots = self.table.load_all_slots(stages).await?;
        let stored = |stage: &Stage| {
            let records = slots.get(&stage.key.stage).into_iter().flat_map(BTreeMap::values);
            u64::try_from(records.filter(|slot| slot.state == SlotState::Stored).count()).unwrap_or(u64::MAX)
        };
        let missing = stages.iter().map(|stage| {
            let missing = u64::from(stage.quantity).saturating_sub(stored(stage));
            (stage.key.stage, missing)
        });
        Ok(missing.filter(|(_, missing)| *missing > 0).collect())
    }

    /// Today's prices of the stages that lack something.
    fn prices(
        &self,
        plan: &Plan,
        stages: &[Stage],
        missing: &BTreeMap<StageIndex, u64>,
    ) -> Result<BTreeMap<StageIndex, Credits>, RetryError> {
        let mut prices = BTreeMap::new();
        for stage in stages.iter().filter(|stage| missing.contains_key(&stage.key.stage)) {
            let planned = plan.stages.get(usize::from(stage.key.stage.0));
            let price = planned.and_then(|planned| self.catalogue.price_of(planned)).map(|price| price.credits);
            prices.insert(stage.key.stage, price.ok_or_else(|| RetryError::NoSuchModel(stage.model.clone()))?);
        }
        Ok(prices)
    }
}
