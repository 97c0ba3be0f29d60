//! Retry: opens an ended job again for its missing slots only, with a new hold at today's prices.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use toonmill_cloud::{
    Blobs, CloudError, Conditional, Doorbell, Table,
    table::{Demand, HoldRefused, Reopening, RetryRefused, Telling},
};
use toonmill_domain::{
    AccountId, ActiveSet, Credits, FileId, JobId, JobStatus, Limits, ModelId, Plan, RingCause, SlotIndex, SlotState,
    Stage, StageIndex, Timestamp, credits::CreditsOutOfRange,
};
use toonmill_providers::Catalogue;

use crate::{
    context::{Clock, Ids},
    inputs::KEPT_LONGER,
    submit::{FIRST_CHECK, IdempotencyKey, SubmitError, Submitted, Submitter},
};

/// Epochs of a job: its first and at most 19 retries. Each adds attempts to its slots' records and prices to its stages',
/// and an item of the table has 400 KB at most.
pub const MOST_EPOCHS: u32 = 20;

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
    /// Of every account that has none of its own.
    pub limits: Limits,
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
    #[error("the job has had {MOST_EPOCHS} epochs, and more are not opened")]
    TooManyRetries,
    /// The model that the missing slots were to be drawn with is offered no more.
    #[error("the model {0} is not offered any more")]
    NoSuchModel(ModelId),
    /// A picture that the missing slots are to be drawn from is gone.
    #[error("the input file {0} is gone")]
    InputGone(FileId),
    /// What refuses a submit too.
    #[error(transparent)]
    NotOpened(#[from] SubmitError),
}

/// What is to be opened again, and for whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Again {
    pub job: JobId,
    pub account: AccountId,
    /// From now to the time when what is missing is given up.
    pub deadline: Duration,
    pub idempotency: Option<IdempotencyKey>,
    /// Of the caller's own, in the place of those of all.
    pub limits: Limits,
    /// What it is opened because of, and where it is shown.
    pub telling: Telling,
}

/// Calls to storage fail like those of a submit.
impl From<CloudError> for RetryError {
    fn from(error: CloudError) -> Self {
        Self::NotOpened(error.into())
    }
}

impl Retrier {
    /// One that works where a submitter does.
    pub fn beside(submitter: &Submitter, catalogue: Catalogue) -> Self {
        let Submitter { table, blobs, doorbell, clock, ids, limits, .. } = submitter.clone();
        Self { table, blobs, doorbell, clock, ids, catalogue, limits }
    }

    /// Opens the job's next epoch; or says that this very request did it before.
    pub async fn retry(&self, again: &Again) -> Result<Submitted, RetryError> {
        if let Some(before) = self.before(again).await? {
            return Ok(before);
        }
        match self.reopen(again).await {
            // The same request may have opened it between the two reads; its key was written with that.
            Err(refused @ (RetryError::NotEnded | RetryError::Completed)) => self.before(again).await?.ok_or(refused),
            done => done,
        }
    }

    async fn before(&self, again: &Again) -> Result<Option<Submitted>, RetryError> {
        let Some(key) = &again.idempotency else { return Ok(None) };
        let record = self.table.load_idempotency(&again.account, &key.key_sha256, self.clock.now()).await?;
        Ok(record.map(|record| key.repeated(&record)).transpose()?)
    }

    async fn reopen(&self, again: &Again) -> Result<Submitted, RetryError> {
        let (id, now) = (again.job, self.clock.now());
        let found = self.table.load_job(id).await?.filter(|(job, _)| job.account == again.account);
        let Some((seen, stages)) = found else { return Err(RetryError::NotFound) };
        match seen.status {
            JobStatus::InQueue | JobStatus::InProgress => return Err(RetryError::NotEnded),
            JobStatus::Completed => return Err(RetryError::Completed),
            JobStatus::Partial | JobStatus::Failed | JobStatus::Cancelled => {}
        }
        if seen.epoch.0 >= MOST_EPOCHS {
            return Err(RetryError::TooManyRetries);
        }
        let plan = self.blobs.load_plan(id).await?;
        let missing = self.missing(&stages).await?;
        let prices = self.prices(&plan, &stages, &missing)?;
        let hold = cost(&missing, &prices).map_err(SubmitError::from)?;
        let deadline = now.plus(again.deadline);
        self.keep_inputs(&plan, &missing, deadline.plus(KEPT_LONGER)).await?;
        let reopening = Reopening {
            next_check_at: now.plus(FIRST_CHECK),
            demand: Demand {
                set: ActiveSet::of(seen.kind, stages.iter().map(|stage| u64::from(stage.quantity)).sum()),
                // A day counts new jobs.
                text_tokens: 0,
                limits: self.limits.overlaid(&again.limits),
            },
            idempotency: again.idempotency.as_ref().map(|key| key.record(id, now)),
            telling: again.telling.of_job(id),
            seen,
            stages,
            prices,
            hold,
            deadline,
        };
        match self.write(&reopening, now).await? {
            Conditional::Won(()) => {}
            // Only another retry changes an ended job.
            Conditional::Lost(RetryRefused::NotAsSeen) => return Err(RetryError::NotEnded),
            Conditional::Lost(RetryRefused::UpdateSeen) => return Err(SubmitError::UpdateSeen.into()),
            Conditional::Lost(RetryRefused::Hold(why)) => return Err(SubmitError::of(why, hold).into()),
            Conditional::Lost(RetryRefused::Repeated(record)) => {
                let key = again.idempotency.as_ref().ok_or(SubmitError::KeyReused)?;
                return Ok(key.repeated(&record)?);
            }
        }
        // As for a submit: the sweep rings for it if this is lost.
        if let Err(error) = self.doorbell.ring(id, RingCause::Submitted).await {
            tracing::warn!(job.id = %id, error = &error as &dyn std::error::Error, "the ring of a retry was lost");
        }
        Ok(Submitted::New(id))
    }

    /// Opens it; if unfinished jobs of the account have ended after all, it is tried once more.
    async fn write(&self, reopening: &Reopening, now: Timestamp) -> Result<Conditional<(), RetryRefused>, CloudError> {
        match self.table.retry(reopening, now, &self.ids.token()).await? {
            Conditional::Lost(RetryRefused::Hold(HoldRefused::TooManyActiveJobs { .. }))
                if self.table.forget_ended_jobs(&reopening.seen.account).await? > 0 =>
            {
                tracing::error!("ended jobs were among an account's unfinished ones");
                self.table.retry(reopening, now, &self.ids.token()).await
            }
            done => Ok(done),
        }
    }

    /// The pictures that the missing slots are drawn from outlive the new deadline.
    async fn keep_inputs(
        &self,
        plan: &Plan,
        missing: &BTreeMap<StageIndex, Vec<SlotIndex>>,
        until: Timestamp,
    ) -> Result<(), RetryError> {
        let stages = (0..).map(StageIndex).zip(&plan.stages);
        let drawn = stages.filter_map(|(index, stage)| Some((stage, missing.get(&index)?)));
        let files: BTreeSet<_> =
            drawn.flat_map(|(stage, slots)| slots.iter().flat_map(|slot| stage.input_files_of(*slot))).collect();
        for file in files {
            if !self.table.keep_file_until(*file, until).await? {
                return Err(RetryError::InputGone(*file));
            }
        }
        Ok(())
    }

    /// The slots that each stage lacks, of those that lack any. From the slot records: nothing changes them while the
    /// job is ended, and the transaction fails if it is not.
    async fn missing(&self, stages: &[Stage]) -> Result<BTreeMap<StageIndex, Vec<SlotIndex>>, CloudError> {
        let slots = self.table.load_all_slots(stages).await?;
        let missing = stages.iter().map(|stage| {
            let records = slots.get(&stage.key.stage);
            let is_stored = |slot: &SlotIndex| {
                let record = records.and_then(|records| records.get(slot));
                record.is_some_and(|record| record.state == SlotState::Stored)
            };
            (stage.key.stage, stage.slots().filter(|slot| !is_stored(slot)).collect::<Vec<_>>())
        });
        Ok(missing.filter(|(_, missing)| !missing.is_empty()).collect())
    }

    /// Today's prices of the stages that lack something.
    fn prices(
        &self,
        plan: &Plan,
        stages: &[Stage],
        missing: &BTreeMap<StageIndex, Vec<SlotIndex>>,
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

/// What the missing slots cost, at most.
fn cost(
    missing: &BTreeMap<StageIndex, Vec<SlotIndex>>,
    prices: &BTreeMap<StageIndex, Credits>,
) -> Result<Credits, CreditsOutOfRange> {
    // Every stage that lacks something has a price: `prices` is made of them.
    let count = |stage| missing.get(stage).map_or(0, |slots| u64::try_from(slots.len()).unwrap_or(u64::MAX));
    let of_stages = prices.iter().map(|(stage, price)| price.times(count(stage)));
    of_stages.collect::<Result<Vec<_>, _>>().and_then(Credits::sum)
}
