//! Reconcile: compare a job with what was asked for, and enqueue the difference.
//!
//! Level-triggered: it may run at any time, any number of times, and concurrently with itself. It looks at the
//! table and never at what the message says happened.

mod inspect;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use toonmill_cloud::{CloudError, Doorbell, Outbox, Table, table::NewEntry};
use toonmill_domain::{
    Fence, Happening, Health, Job, JobId, JobStatus, ProviderId, RingCause, SlotIndex, SlotMessage, Stage, Stamp,
    Timestamp,
    health::MayCall,
    reconcile::{self, JobStep, RoundStep, Slots, StageStep},
    settle::{CannotSettle, Settlement},
};

use crate::{
    context::{Budgets, Clock, Ids, NoQueue, WorkQueues},
    health::HealthCache,
};

/// How long a warm reconciler believes what it read of providers.
pub const HEALTH_BELIEVED: Duration = Duration::from_secs(5);

/// Reconciles jobs.
#[derive(Clone, Debug)]
pub struct Reconciler {
    pub table: Table,
    pub doorbell: Doorbell,
    pub outbox: Outbox,
    pub queues: WorkQueues,
    pub clock: Clock,
    pub ids: Ids,
    /// Slots of one stage that may be in flight at once.
    pub window: u32,
    /// The longest that a worker's lease can last: after it, a slot that was sent is worth a look.
    pub longest_lease: Duration,
    pub budgets: Budgets,
    pub health: Arc<HealthCache>,
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

/// One look at one stage.
#[derive(Clone, Copy)]
struct Visit<'a> {
    job: &'a Job,
    /// All of the job's.
    stages: &'a [Stage],
    stage: &'a Stage,
    /// Of this stage, within the provider's budget.
    window: u32,
    health: &'a Health,
    now: Timestamp,
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
        let health = self.load_health(&stages, now).await?;
        let (mut sent, mut finished, mut look_at) = (0_usize, Vec::new(), Vec::new());
        let mut last = job.events;
        for stage in &stages {
            let window = self.budgets.window(&stage.provider, self.window, stages.len());
            let visit = Visit { job: &job, stages: &stages, stage, window, health: &health, now };
            match self.visit(&visit, due, &mut last).await? {
                Visited::Finished => finished.push(stage),
                Visited::Open { sent: more, look_at: times } => {
                    sent = sent.saturating_add(more);
                    look_at.extend(times);
                }
            }
        }
        if finished.len() == stages.len() {
            return self.begin_closing(&job, &stages, toonmill_domain::ClosingReason::Finished).await;
        }
        for stage in finished.into_iter().filter(|stage| stage.finish_noted != Some(stage.epoch)) {
            self.note_finish(&job, &stages, stage, &mut last, now).await?;
        }
        // A check that is still to come stays: only an inspection knows that nothing lapses before a later one.
        look_at.extend(job.next_check_at.filter(|at| !due && *at > now));
        let next_check = reconcile::next_check(&job, look_at, now);
        if job.status == JobStatus::InQueue || job.next_check_at != Some(next_check) || job.stuck.is_some() {
            self.table.note_progress(job.id, next_check, now).await?;
        }
        Ok(Reconciled::Open { sent })
    }

    async fn visit(&self, visit: &Visit<'_>, due: bool, last: &mut u64) -> Result<Visited, ReconcileError> {
        let Visit { job, stage, health, now, .. } = *visit;
        let may_call = health.first_callable(&stage.choices().in_order(None, stage.stamp()), now);
        let window = match may_call {
            MayCall::Yes => visit.window,
            // One slot is enough to find out whether the provider answers again. Who stores it rings.
            MayCall::Probe { .. } | MayCall::NotBefore(_) => 1,
        };
        match reconcile::decide_stage(stage, job.max_rounds, window, due) {
            StageStep::Finished => Ok(Visited::Finished),
            StageStep::Review => self.review(visit, may_call, last).await,
            StageStep::Waiting { watermark, inspect } => {
                let mut sent = 0;
                let mut look_at = vec![reconcile::resend_at(stage)];
                if inspect {
                    sent = self.inspect(visit, may_call, &mut look_at).await?;
                }
                if let MayCall::NotBefore(at) = may_call {
                    look_at.push(at);
                } else if let Some(to) = watermark {
                    sent = self.dispatch(visit, to).await?.saturating_add(sent);
                    look_at.push(now.plus(self.longest_lease));
                }
                // A re-send time that has passed was this visit's, or waits for the next inspection.
                look_at.retain(|at| *at > now);
                look_at.push(now.plus(self.longest_lease));
                Ok(Visited::Open { sent, look_at })
            }
        }
    }

    /// Says in the job's log that a stage is finished, while others go on: the end of the job says it of those that end with it.
    async fn note_finish(
        &self,
        job: &Job,
        stages: &[Stage],
        stage: &Stage,
        last: &mut u64,
        now: Timestamp,
    ) -> Result<(), ReconcileError> {
        let stored = u64::try_from(stage.stored.len()).unwrap_or(u64::MAX);
        let what = Happening::StageFinished { stage: stage.key.stage, stored, requested: u64::from(stage.quantity) };
        let entry = NewEntry { job, last: *last, what, delivery: self.telling(job, stages, what, now) };
        if let Some(number) = self.table.note_finish(stage, &entry, now, &self.ids.token()).await? {
            *last = number;
            self.tell(entry.delivery.as_ref()).await;
        }
        Ok(())
    }

    /// A full stage with missed slots: opens the next round for them, unless all are given up.
    async fn review(&self, visit: &Visit<'_>, may_call: MayCall, last: &mut u64) -> Result<Visited, ReconcileError> {
        let Visit { job, stages, stage, now, .. } = *visit;
        let slots = self.table.load_slots(stage.key).await?;
        match reconcile::decide_round(stage, &slots) {
            RoundStep::Finished => Ok(Visited::Finished),
            RoundStep::Open { given_up, send } => {
                if let MayCall::NotBefore(at) = may_call {
                    return Ok(Visited::Open { sent: 0, look_at: vec![at] });
                }
                let mut sent = 0;
                let stamp = Stamp::new(stage.epoch, stage.round.next());
                let what = Happening::RoundOpened { stage: stage.key.stage, round: stamp.round };
                let entry = NewEntry { job, last: *last, what, delivery: self.telling(job, stages, what, now) };
                if let Some(number) = self.table.open_round(stage, &given_up, &entry, now, &self.ids.token()).await? {
                    *last = number;
                    self.tell(entry.delivery.as_ref()).await;
                    tracing::info!(job.id = %stage.key.job, stage.index = stage.key.stage.0, round = stamp.round.0,
                        slots = send.len(), "a round is opened for the missed slots");
                    sent = self.send(visit, stamp, &send, &slots).await?;
                }
                Ok(Visited::Open { sent, look_at: vec![now.plus(self.longest_lease)] })
            }
        }
    }

    /// Moves the window and sends the slots that it passes.
    async fn dispatch(&self, visit: &Visit<'_>, to: u32) -> Result<usize, ReconcileError> {
        let Visit { stage, now, .. } = *visit;
        // In the first epoch no slot above the watermark can have a record; in later ones the older are there.
        let slots = if stage.epoch.0 == 1 { Slots::new() } else { self.table.load_slots(stage.key).await? };
        let send = reconcile::slots_to_dispatch(stage, to, &slots, now);
        if !self.table.move_watermark(stage, to, &self.ids.token()).await? {
            return Ok(0);
        }
        self.send(visit, stage.stamp(), &send, &slots).await
    }

    /// Sends slots to the queues of those who are to draw them, each when its turn in the provider's budget comes.
    async fn send(
        &self,
        visit: &Visit<'_>,
        stamp: Stamp,
        send: &[(SlotIndex, Fence)],
        slots: &Slots,
    ) -> Result<usize, ReconcileError> {
        let Visit { job, stage, health, now, .. } = *visit;
        let choices = stage.choices();
        let mut by_provider: BTreeMap<ProviderId, Vec<SlotMessage>> = BTreeMap::new();
        for (slot, fence) in send {
            let order = choices.in_order(slots.get(slot), stamp);
            let provider = health.pick(&order, now).map_or(&stage.provider, |choice| &choice.provider);
            let message = SlotMessage::new(stage.key.slot(*slot), stamp, *fence);
            by_provider.entry(provider.clone()).or_default().push(message);
        }
        let mut all = 0_usize;
        for (provider, mut messages) in by_provider {
            self.give_turns(&provider, &mut messages, now).await;
            // What is lost here is sent again when its re-send is due.
            let taken = self
                .queues
                .get(&provider, stage.work)?
                .send_all(&messages, &job.account, |message| wait_of(message, now))
                .await
                .taken;
            all = all.saturating_add(taken);
        }
        Ok(all)
    }

    /// Reserves a turn for each message, all in one write. One without a turn gets it from its worker, so that a
    /// reservation that failed only makes that worker's work.
    async fn give_turns(&self, provider: &ProviderId, messages: &mut [SlotMessage], now: Timestamp) {
        let Some(budget) = self.budgets.get(provider) else { return };
        let count = u32::try_from(messages.len()).unwrap_or(u32::MAX);
        match self.table.reserve_turns(provider, budget, count, now, &self.ids.token()).await {
            Ok(turns) => {
                for (message, turn) in messages.iter_mut().zip(turns.iter()) {
                    *message = message.with_turn(Some(turn));
                }
            }
            Err(error) => {
                tracing::warn!(%provider, count, error = &error as &dyn std::error::Error, "no turns were reserved");
            }
        }
    }

    /// What is known of all who may be asked to draw one of the stages that go on.
    async fn load_health(&self, stages: &[Stage], now: Timestamp) -> Result<Health, CloudError> {
        let mut providers = BTreeSet::new();
        for stage in stages.iter().filter(|stage| !stage.closed && !stage.all_stored()) {
            let choices = stage.choices();
            providers.insert(choices.provider);
            if choices.may_move() {
                providers.extend(choices.alternatives.iter().map(|choice| &choice.provider));
            }
        }
        self.health.load(&self.table, providers, now).await
    }
}

fn wait_of(message: &SlotMessage, now: Timestamp) -> Duration {
    message.turn.map_or(Duration::ZERO, |turn| turn.since(now))
}
