//! Reconcile: compare a job with what was asked for, and enqueue the difference.
//!
//! Level-triggered: it may run at any time, any number of times, and concurrently with itself. It looks at the
//! table and never at what the message says happened.

use std::{collections::BTreeMap, time::Duration};

use toonmill_cloud::{CloudError, Doorbell, Table, table::ProviderPause};
use toonmill_domain::{
    Fence, ImageMessage, Job, JobId, JobStatus, ProviderId, RingCause, SlotIndex, SlotState, Stage, Stamp, Timestamp,
    reconcile::{self, JobStep, Repair, RoundStep, Slots, StageStep},
    settle::{CannotSettle, Settlement},
};

use crate::context::{Clock, Ids, NoQueue, WorkQueues, ring_by_rule};

/// Reconciles jobs.
#[derive(Clone, Debug)]
pub struct Reconciler {
    pub table: Table,
    pub doorbell: Doorbell,
    pub queues: WorkQueues,
    pub clock: Clock,
    pub ids: Ids,
    /// Slots of one stage that may be in flight at once.
    pub window: u32,
    /// The longest that a worker's lease can last: after it, a slot that was sent is worth a look.
    pub longest_lease: Duration,
}

/// What a reconcile came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reconciled {
    /// There is no such job (any more).
    NoSuchJob,
    /// It had ended before.
    AlreadyEnded,
    /// It goes on; so many messages were sent.
    Open { sent: usize },
    /// It was closed, and this reconcile's settle was the one that counts.
    Ended(Box<Settlement>),
    /// Somebody else's write came first; they, or the ring that they send, do the rest.
    Overtaken,
}

#[derive(Debug, thiserror::Error)]
pub enum ReconcileError {
    #[error(transparent)]
    Cloud(#[from] CloudError),
    #[error(transparent)]
    NoQueue(#[from] NoQueue),
    #[error("job {job} cannot be settled")]
    CannotSettle { job: JobId, source: CannotSettle },
}

/// How a stage stands after a visit.
enum Visited {
    Finished,
    Open { sent: usize, look_at: Vec<Timestamp> },
}

impl Reconciler {
    pub async fn reconcile(&self, job: JobId, cause: RingCause) -> Result<Reconciled, ReconcileError> {
        let now = self.clock.now();
        let Some((job, stages)) = self.table.load_job(job).await? else { return Ok(Reconciled::NoSuchJob) };
        match reconcile::decide_job(&job, now) {
            JobStep::Ended => Ok(Reconciled::AlreadyEnded),
            JobStep::Close => self.close(&job, &stages).await,
            JobStep::BeginClosing(reason) => self.begin_closing(&job, &stages, reason).await,
            JobStep::Stages => self.visit_stages(job, stages, cause, now).await,
        }
    }

    async fn visit_stages(
        &self,
        job: Job,
        stages: Vec<Stage>,
        cause: RingCause,
        now: Timestamp,
    ) -> Result<Reconciled, ReconcileError> {
        let due = cause.asks_for_inspection() || job.next_check_at.is_none_or(|at| at <= now);
        let pauses = self.load_pauses(&stages, now).await?;
        let (mut sent, mut finished, mut look_at) = (0_usize, 0_usize, Vec::new());
        for stage in &stages {
            match self.visit(&job, stage, due, pauses.get(&stage.provider), now).await? {
                Visited::Finished => finished = finished.saturating_add(1),
                Visited::Open { sent: more, look_at: times } => {
                    sent = sent.saturating_add(more);
                    look_at.extend(times);
                }
            }
        }
        if finished == stages.len() {
            return self.begin_closing(&job, &stages, toonmill_domain::ClosingReason::Finished).await;
        }
        // A check that is still to come stays: only an inspection knows that nothing lapses before a later one.
        look_at.extend(job.next_check_at.filter(|at| !due && *at > now));
        let next_check = reconcile::next_check(&job, look_at, now);
        if job.status == JobStatus::InQueue || job.next_check_at != Some(next_check) {
            self.table.note_progress(job.id, next_check, now).await?;
        }
        Ok(Reconciled::Open { sent })
    }

    async fn visit(
        &self,
        job: &Job,
        stage: &Stage,
        due: bool,
        pause: Option<&ProviderPause>,
        now: Timestamp,
    ) -> Result<Visited, ReconcileError> {
        match reconcile::decide_stage(stage, job.max_rounds, self.window, due) {
            StageStep::Finished => Ok(Visited::Finished),
            StageStep::Review => self.review(stage, now).await,
            StageStep::Waiting { watermark, inspect } => {
                let mut sent = 0;
                let mut look_at = vec![reconcile::resend_at(stage)];
                if inspect {
                    sent = self.inspect(stage, &mut look_at, now).await?;
                }
                if let Some(pause) = pause {
                    look_at.push(pause.until);
                } else if let Some(to) = watermark {
                    sent = self.dispatch(stage, to, now).await?.saturating_add(sent);
                    look_at.push(now.plus(self.longest_lease));
                }
                // A re-send time that has passed was this visit's, or waits for the next inspection.
                look_at.retain(|at| *at > now);
                look_at.push(now.plus(self.longest_lease));
                Ok(Visited::Open { sent, look_at })
            }
        }
    }

    /// A full stage with missed slots: opens the next round for them, unless all are given up.
    async fn review(&self, stage: &Stage, now: Timestamp) -> Result<Visited, ReconcileError> {
        let slots = self.table.load_slots(stage.key).await?;
        match reconcile::decide_round(stage, &slots) {
            RoundStep::Finished => Ok(Visited::Finished),
            RoundStep::Open { given_up, send } => {
                let mut sent = 0;
                if self.table.open_round(stage, &given_up, now, &self.ids.token()).await? {
                    let stamp = Stamp::new(stage.epoch, stage.round.next());
                    tracing::info!(job.id = %stage.key.job, stage.index = stage.key.stage.0, round = stamp.round.0,
                        slots = send.len(), "a round is opened for the missed slots");
                    sent = self.send(stage, stamp, &send).await?;
                }
                Ok(Visited::Open { sent, look_at: vec![now.plus(self.longest_lease)] })
            }
        }
    }

    /// Moves the window and sends the slots that it passes.
    async fn dispatch(&self, stage: &Stage, to: u32, now: Timestamp) -> Result<usize, ReconcileError> {
        // In the first epoch no slot above the watermark can have a record; in later ones the older are there.
        let slots = if stage.epoch.0 == 1 { Slots::new() } else { self.table.load_slots(stage.key).await? };
        let send = reconcile::slots_to_dispatch(stage, to, &slots, now);
        if !self.table.move_watermark(stage, to, &self.ids.token()).await? {
            return Ok(0);
        }
        self.send(stage, stage.stamp(), &send).await
    }

    /// Reads the slot records and repairs what they show.
    async fn inspect(
        &self,
        stage: &Stage,
        look_at: &mut Vec<Timestamp>,
        now: Timestamp,
    ) -> Result<usize, ReconcileError> {
        let slots = self.table.load_slots(stage.key).await?;
        let found = reconcile::inspect(stage, &slots, now);
        look_at.extend(found.lease_ends);
        let mut sent = 0_usize;
        for repair in &found.repairs {
            sent = sent.saturating_add(self.repair(stage, repair, now).await?);
        }
        if !found.resend.is_empty() && self.table.note_resend(stage, &self.ids.token()).await? {
            tracing::warn!(job.id = %stage.key.job, stage.index = stage.key.stage.0, slots = found.resend.len(),
                resends = stage.resends, "slots were not claimed in time and are sent again");
            sent = self.send(stage, stage.stamp(), &found.resend).await?.saturating_add(sent);
        }
        Ok(sent)
    }

    async fn repair(&self, stage: &Stage, repair: &Repair, now: Timestamp) -> Result<usize, ReconcileError> {
        match *repair {
            Repair::Reopen { slot, fence } => {
                if self.end_lease(stage, slot, fence, SlotState::Open, now).await? {
                    return self.send(stage, stage.stamp(), &[(slot, fence.next())]).await;
                }
            }
            Repair::Miss { slot, fence } => {
                if self.end_lease(stage, slot, fence, SlotState::Missed, now).await? {
                    let counted = self.table.count_missed(stage.key.slot(slot), stage.stamp()).await?;
                    ring_by_rule(&self.doorbell, counted.as_ref(), self.window, RingCause::Continue).await?;
                }
            }
            Repair::CountStored(slot) => {
                let counted = self.table.count_stored(stage.key.slot(slot)).await?;
                ring_by_rule(&self.doorbell, counted.as_ref(), self.window, RingCause::Continue).await?;
            }
            Repair::CountMissed(slot) => {
                let counted = self.table.count_missed(stage.key.slot(slot), stage.stamp()).await?;
                ring_by_rule(&self.doorbell, counted.as_ref(), self.window, RingCause::Continue).await?;
            }
        }
        Ok(0)
    }

    async fn end_lease(
        &self,
        stage: &Stage,
        slot: SlotIndex,
        seen: Fence,
        to: SlotState,
        now: Timestamp,
    ) -> Result<bool, CloudError> {
        let crash = Table::crash(stage, seen, now);
        self.table.end_lapsed_lease(stage.key.slot(slot), seen, to, &crash, now, &self.ids.token()).await
    }

    async fn send(&self, stage: &Stage, stamp: Stamp, slots: &[(SlotIndex, Fence)]) -> Result<usize, ReconcileError> {
        let messages: Vec<_> =
            slots.iter().map(|(slot, fence)| ImageMessage::new(stage.key.slot(*slot), stamp, *fence)).collect();
        // What is lost here is sent again when its re-send is due.
        Ok(self.queues.get(&stage.provider, stage.work)?.send_all(&messages).await.taken)
    }

    async fn load_pauses(
        &self,
        stages: &[Stage],
        now: Timestamp,
    ) -> Result<BTreeMap<ProviderId, ProviderPause>, CloudError> {
        let mut pauses = BTreeMap::new();
        let waiting = stages.iter().filter(|stage| stage.next_watermark(self.window).is_some());
        for provider in waiting.map(|stage| &stage.provider).collect::<std::collections::BTreeSet<_>>() {
            if let Some(pause) = self.table.load_pause(provider, now).await? {
                pauses.insert(provider.clone(), pause);
            }
        }
        Ok(pauses)
    }
}
