//! Close: end a job whatever is still under way. Resumable at every step.

use futures_util::{StreamExt, TryStreamExt, stream};
use std::time::Duration;
use toonmill_cloud::{
    CloudError,
    table::{SettleTimes, Settled},
};
use toonmill_domain::{
    ClosingReason, Job, SlotIndex, SlotState, Stage, Stamp, reconcile::Slots, settle::decide_settlement,
};

use crate::reconcile::{ReconcileError, Reconciled, Reconciler};

/// Give-ups under way at once: a stage of 1,000 slots must not open 1,000 connections.
const GIVE_UPS_AT_ONCE: usize = 16;
/// When the cleanup visits an ended job for objects of losing attempts: no call of the job can be under way then.
const VISIT_AFTER: Duration = Duration::from_hours(1);

impl Reconciler {
    pub(crate) async fn begin_closing(
        &self,
        job: &Job,
        stages: &[Stage],
        reason: ClosingReason,
    ) -> Result<Reconciled, ReconcileError> {
        match self.table.begin_closing(job, reason, self.clock.now(), &self.ids.token()).await? {
            Some(job) => self.close(&job, stages).await,
            None => Ok(Reconciled::Overtaken),
        }
    }

    pub(crate) async fn close(&self, job: &Job, stages: &[Stage]) -> Result<Reconciled, ReconcileError> {
        // Nothing is dispatched after this, and `closed` shows the last watermark.
        let mut closed = Vec::with_capacity(stages.len());
        for stage in stages {
            match self.table.close_stage(stage.key, job.epoch).await? {
                Some(stage) => closed.push(stage),
                None => return Ok(Reconciled::Overtaken),
            }
        }
        for stage in &closed {
            self.give_up_the_rest(stage).await?;
        }
        // The final counts come from the slots: the sets are an index, and may lag behind a lost count.
        let slots = self.table.load_all_slots(&closed).await?;
        let now = self.clock.now();
        let settlement = decide_settlement(job, &closed, &slots, now)
            .map_err(|source| ReconcileError::CannotSettle { job: job.id, source })?;
        let end = settlement
            .end_of(job)
            .map_err(|error| ReconcileError::CannotSettle { job: job.id, source: error.into() })?;
        let telling = self.telling(job, &closed, end, now);
        let times = SettleTimes { now, visit_at: now.plus(VISIT_AFTER) };
        match self.table.settle(job, &settlement, telling.as_ref(), times, &self.ids.token()).await? {
            Settled::Now => {
                self.tell(telling.as_ref()).await;
                self.tell_the_chat(job).await;
                tracing::info!(job.id = %job.id, status = settlement.status.as_str(), stored = settlement.stored,
                    requested = settlement.requested, captured = settlement.captured.get(),
                    released = settlement.released.get(), waste = settlement.statistics.waste, "the job has ended");
                Ok(Reconciled::Ended(Box::new(settlement)))
            }
            Settled::Lost => Ok(Reconciled::Overtaken),
        }
    }

    /// Gives up every dispatched slot that is not stored; counts those that turn out to be.
    async fn give_up_the_rest(&self, stage: &Stage) -> Result<(), CloudError> {
        let slots = self.table.load_slots(stage.key).await?;
        let forever = Stamp::given_up(stage.epoch);
        let is_settled = |slot: &SlotIndex| {
            slots.get(slot).is_some_and(|slot| slot.state == SlotState::Stored || slot.stamp >= forever)
        };
        stream::iter((0..stage.dispatched).map(SlotIndex).filter(|slot| !is_settled(slot)))
            .map(|slot| self.give_up(stage, slot))
            .buffer_unordered(GIVE_UPS_AT_ONCE)
            .try_collect::<Vec<()>>()
            .await?;
        self.count_the_stored(stage, &slots).await
    }

    async fn give_up(&self, stage: &Stage, slot: SlotIndex) -> Result<(), CloudError> {
        let slot = stage.key.slot(slot);
        if self.table.give_up(slot, stage.epoch, &self.ids.token()).await?.is_some() {
            self.table.count_stored(slot).await?;
        }
        Ok(())
    }

    async fn count_the_stored(&self, stage: &Stage, slots: &Slots) -> Result<(), CloudError> {
        let uncounted =
            |slot: &&toonmill_domain::Slot| slot.state == SlotState::Stored && !stage.stored.contains(&slot.key.slot);
        for slot in slots.values().filter(uncounted) {
            self.table.count_stored(slot.key).await?;
        }
        Ok(())
    }
}
