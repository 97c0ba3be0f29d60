//! Draw: one message, one claim, at most one provider call, one image or one text.
//!
//! ```text
//! claim ─► inputs ─► provider ─► check, encode ─► put ─► commit ─► count ─► ring, if the rule says so
//!   │                    └──────────┴── failure ───────────┴─► back off, or miss and count
//!   └ lost: the record says what the message comes to
//! ```

mod admission;
mod caches;
mod claim;
mod failure;
mod inputs;
mod make;
mod signs;
mod unusable;

use std::{ops::ControlFlow, time::Duration};

use bytes::Bytes;
use toonmill_cloud::{
    Blobs, CloudError, CloudErrorKind, Doorbell, Table,
    table::{Commit, Delivered, Row, file_of_slot},
};
use toonmill_domain::{
    AccountId, Artifact, Choice, Failure, FailureCode, FileId, Plan, RingCause, Slot, SlotMessage, StagePlan,
    Timestamp, WorkKind, attempt::growing_wait, health::BreakerRules,
};
use toonmill_providers::{Catalogue, Providers};

pub use caches::Caches;
/// How pictures are encoded.
pub use toonmill_imaging::{Effort, InvalidEffort};

use admission::{Admission, Pass};
use make::Made;

use crate::{
    context::{Budgets, Clock, NoQueue, WorkQueues, ring_by_rule},
    inputs::TEMPORARY_LIFETIME,
};

/// How long a lease outlives its worker's deadline.
pub const LEASE_MARGIN: Duration = Duration::from_secs(10);
/// What an invocation keeps back from the provider's time, to encode, store and count.
const FINISHING: Duration = Duration::from_secs(12);
/// With less than this left for the provider, a message is sent back unclaimed.
const SHORTEST_CALL: Duration = Duration::from_secs(5);

/// Draws slots.
#[derive(Debug)]
pub struct Worker {
    pub table: Table,
    pub blobs: Blobs,
    pub doorbell: Doorbell,
    pub queues: WorkQueues,
    pub providers: Providers,
    pub catalogue: Catalogue,
    pub clock: Clock,
    /// The stage window, which the ring rule needs.
    pub window: u32,
    pub budgets: Budgets,
    pub breaker_rules: BreakerRules,
    /// How pictures are encoded.
    pub effort: Effort,
    /// What a warm worker keeps.
    pub caches: Caches,
}

/// One delivery of one message.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Names this delivery and no other: the invocation's request id and the message's id.
    pub holder: String,
    /// When the Lambda is killed.
    pub deadline: Timestamp,
}

/// What a message came to. Every one of these acknowledges it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drawn {
    Stored,
    BackedOff(FailureCode),
    Missed(FailureCode),
    GivenUp(FailureCode),
    /// The lease ran out, or the job was closed, before the end.
    Late,
    /// A copy of a message whose work is done; the count was repeated.
    CountedAgain,
    /// A copy of a message whose work is in other hands.
    Stale,
    /// Somebody else's lease has lapsed: rung.
    RungForLapsed,
    /// Sent back, to come again later.
    SentBack,
    /// Its job is gone.
    NoSuchJob,
    /// Its job has no such slot.
    NoSuchSlot,
}

/// Why a message fails and comes again.
#[derive(Debug, thiserror::Error)]
pub enum DrawError {
    /// A call to our own storage failed before the slot was claimed.
    #[error(transparent)]
    Cloud(#[from] CloudError),
    /// A call failed from the claim on. The slot may be leased, and then its message has something to do again only once
    /// the lease has lapsed.
    #[error("{source}; the slot may be leased until {until}", until = .lease_until.to_rfc3339())]
    Claimed { lease_until: Timestamp, source: CloudError },
    /// The message cannot be handled for what it says, and could not be claimed to say so.
    #[error(transparent)]
    Unusable(#[from] Unusable),
}

/// Why a message cannot be handled, however often it comes.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    #[error("the plan of the job is missing")]
    NoPlan,
    #[error("the plan of the job cannot be read")]
    UnreadablePlan,
    #[error("the plan of the job has no such stage")]
    NoSuchStage,
    #[error(transparent)]
    NoQueue(#[from] NoQueue),
}

impl From<NoQueue> for DrawError {
    fn from(no_queue: NoQueue) -> Self {
        Self::Unusable(no_queue.into())
    }
}

impl DrawError {
    /// The same error of a message whose slot may have been claimed.
    fn of_claimed(self, delivery: &Delivery) -> Self {
        match self {
            Self::Cloud(source) => Self::Claimed { lease_until: delivery.lease_until(), source },
            other @ (Self::Claimed { .. } | Self::Unusable(_)) => other,
        }
    }
}

impl Delivery {
    /// When the lease of a claim ends that this delivery makes.
    fn lease_until(&self) -> Timestamp {
        self.deadline.plus(LEASE_MARGIN)
    }
}

/// A claimed slot, with what is needed to draw it.
struct Work<'a> {
    slot: Slot,
    message: &'a SlotMessage,
    plan: &'a Plan,
    stage: &'a StagePlan,
    pass: Pass,
    claimed_at: Timestamp,
    deadline: Timestamp,
    window: u32,
}

/// Where a message waits: in which kind of queue, and in whose group.
#[derive(Clone, Copy)]
struct Lane<'a> {
    account: &'a AccountId,
    kind: WorkKind,
}

impl Worker {
    /// Handles one delivery of a slot's message. A message that cannot be handled for what it says misses its slot for
    /// good: it would fail as often as it comes, and its slot would be sent again until the job's deadline.
    pub async fn draw(&self, message: &SlotMessage, delivery: &Delivery) -> Result<Drawn, DrawError> {
        match self.draw_planned(message, delivery).await {
            Err(DrawError::Unusable(why)) => self.give_up_unusable(message, delivery, &why).await,
            drawn => drawn,
        }
    }

    async fn draw_planned(&self, message: &SlotMessage, delivery: &Delivery) -> Result<Drawn, DrawError> {
        let plan = match self.caches.plan(&self.blobs, message.job).await {
            Ok(plan) => plan,
            Err(error) if error.is_not_found() => return Err(Unusable::NoPlan.into()),
            Err(error) if error.kind == CloudErrorKind::Corrupt => return Err(Unusable::UnreadablePlan.into()),
            Err(error) => return Err(error.into()),
        };
        let stage = plan.stages.get(usize::from(message.stage.0)).ok_or(Unusable::NoSuchStage)?;
        let (now, window) = (self.clock.now(), self.budgets.window(&stage.provider, self.window, plan.stages.len()));
        let lane = Lane { account: &plan.account, kind: stage.work.kind() };
        // Nothing is started that cannot finish before the deadline.
        if delivery.deadline.since(now) < SHORTEST_CALL.saturating_add(FINISHING) {
            // The next invocation has all of its time. If it has too little too, the function's time-out is too short.
            let wait = message.sent_back.checked_sub(1).map_or(Duration::ZERO, wait_of);
            return self.send_back(&message.sent_back(), lane, &stage.choices().first(), wait).await;
        }
        let pass = match self.admit(message, stage, delivery, now).await? {
            Admission::Draw(pass) => pass,
            Admission::Later { choice, message, wait } => {
                return self.send_back(&message, lane, &choice, wait).await;
            }
        };
        let claimed = async {
            let slot = match self.claim(message, &pass, lane, delivery, now, window).await? {
                ControlFlow::Continue(slot) => slot,
                ControlFlow::Break(drawn) => {
                    self.release(&pass, &delivery.holder).await;
                    return Ok(drawn);
                }
            };
            let deadline = delivery.deadline;
            let work = Work { slot, message, plan: &plan, stage, pass, claimed_at: now, deadline, window };
            match self.make(&work, &delivery.holder).await {
                Ok(made) => self.store(&work, made).await,
                Err(failure) => {
                    self.release(&work.pass, &delivery.holder).await;
                    self.fail(&work, failure).await
                }
            }
        };
        claimed.await.map_err(|error: DrawError| error.of_claimed(delivery))
    }

    async fn store(&self, work: &Work<'_>, made: Made) -> Result<Drawn, DrawError> {
        let slot = &work.slot;
        let (artifact, bytes) = artifact(work, made, self.clock.now());
        let put = self.blobs.put(&artifact.object_key, &artifact.mime_type, &artifact.sha256, bytes).await;
        if let Err(error) = put {
            return self.fail(work, storage_failure(&error)).await;
        }
        let expires_at = work.stage.temporary.then(|| artifact.stored_at.plus(TEMPORARY_LIFETIME));
        let file = work.stage.keep_files.then(|| file_of_slot(slot.key, &work.plan.account, &artifact, expires_at));
        let publication = work.stage.publication_of(slot.key.slot);
        let row = publication.map(|entry| Row::of_slot(slot.key, entry.clone(), &artifact));
        let delivered = Delivered {
            artifact: &artifact,
            must_differ: work.stage.work.kind().must_differ(),
            file: file.as_ref(),
            row: row.as_ref().map(|row| (&work.plan.account, row)),
        };
        match self.table.commit(slot, delivered).await? {
            Commit::Stored => self.count(slot, work.window, Drawn::Stored).await,
            // The object stays: the cleanup finds it by the losing fence. A worker never deletes one, since a
            // commit whose answer was lost looks just like this.
            Commit::Late => Ok(Drawn::Late),
            Commit::Duplicate { of } => {
                let of = of.map_or_else(|| "another slot".to_owned(), |of| format!("slot {}", of.0));
                self.fail(work, Failure::new(FailureCode::DuplicateImage).detail(format!("the bytes of {of}"))).await
            }
        }
    }

    async fn count(&self, slot: &Slot, window: u32, drawn: Drawn) -> Result<Drawn, DrawError> {
        let stage = self.table.count_stored(slot.key).await?;
        ring_by_rule(&self.doorbell, stage.as_ref(), window, RingCause::Settled).await?;
        Ok(drawn)
    }

    async fn send_back(
        &self,
        message: &SlotMessage,
        lane: Lane<'_>,
        choice: &Choice,
        wait: Duration,
    ) -> Result<Drawn, DrawError> {
        self.queues.get(&choice.provider, lane.kind)?.send_after(message, lane.account, wait).await?;
        Ok(Drawn::SentBack)
    }
}

/// The wait of a message that was sent back so often before.
fn wait_of(sent_back: u32) -> Duration {
    growing_wait(sent_back, fastrand::u32(0..=1_000))
}

/// A call to our own storage that failed while the slot was ours: the slot is tried again like after a crash.
fn storage_failure(error: &CloudError) -> Failure {
    tracing::warn!(error = error as &dyn std::error::Error, "storage failed while a slot was being drawn");
    Failure::new(FailureCode::WorkerCrash).detail(error.to_string())
}

fn artifact(work: &Work<'_>, made: Made, now: Timestamp) -> (Artifact, Bytes) {
    let key = work.slot.key;
    let artifact = Artifact {
        file: FileId::of_slot(key),
        object_key: work.plan.place(work.stage).key(key, work.slot.fence, &made.sha256, made.format.extension()),
        size_bytes: u64::try_from(made.bytes.len()).unwrap_or(u64::MAX),
        sha256: made.sha256,
        pixels: made.pixels,
        fingerprint: made.fingerprint,
        mime_type: made.format.mime_type().to_owned(),
        provider: work.pass.choice.provider.clone(),
        model: work.pass.choice.model.clone(),
        model_version: made.model_version,
        usage: made.usage,
        finish_reason: made.finish_reason,
        elapsed_ms: u64::try_from(now.since(work.claimed_at).as_millis()).unwrap_or(u64::MAX),
        stored_at: now,
    };
    (artifact, made.bytes)
}
