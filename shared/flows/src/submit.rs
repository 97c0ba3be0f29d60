//! Submit: one plan, one transaction, one ring. Nothing waits on a provider.

use std::time::Duration;

use toonmill_cloud::{
    Blobs, CloudError, Conditional, Doorbell, Table,
    table::{Demand, HoldRefused, IdempotencyRecord, Refused, Submission, Telling},
};
use toonmill_domain::{
    AccountId, ActiveSet, Credits, Epoch, Job, JobId, JobKind, JobStatus, Limit, Limits, Plan, Prices, RequestPlan,
    RingCause, Round, Stage, StageIndex, StageKey, StagePlan, Timestamp, UserId, credits::CreditsOutOfRange,
    plan::PLAN_VERSION,
};

use crate::context::{Clock, Ids};

/// How long an idempotency key is remembered.
pub const IDEMPOTENCY_LIFETIME: Duration = Duration::from_hours(24);
/// How long a plan waits for its job to be written: far longer than any submit takes.
const PLAN_WAITS: Duration = Duration::from_hours(24);
/// When the sweep should find a job whose ring was lost.
pub(crate) const FIRST_CHECK: Duration = Duration::from_secs(45);

/// Submits jobs.
#[derive(Clone, Debug)]
pub struct Submitter {
    pub table: Table,
    pub blobs: Blobs,
    pub doorbell: Doorbell,
    pub clock: Clock,
    pub ids: Ids,
    /// Of every account and user that has none of its own.
    pub limits: Limits,
    /// What a new account is given.
    pub signup_grant: Credits,
}

/// A job that was checked and may be drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct NewJob {
    pub account: AccountId,
    pub user: UserId,
    pub kind: JobKind,
    pub stages: Vec<StagePlan>,
    /// What became of each of the requests that made it together.
    pub requests: Vec<RequestPlan>,
    pub production_id: Option<String>,
    pub max_rounds: u32,
    /// From submit to the time when what is missing is given up.
    pub deadline: Duration,
    /// Of the `Idempotency-Key` header: the sha256 of its value and of the request, in hex.
    pub idempotency: Option<IdempotencyKey>,
    /// Of the caller's own, in the place of those of all.
    pub limits: Limits,
    /// Who is told of its progress and its end.
    pub webhook_url: Option<String>,
    /// What it is opened because of, and where it is shown.
    pub telling: Telling,
    /// What tickets for the stream of its events are made with: random, and nobody's to know.
    pub ticket_key: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    pub key_sha256: String,
    pub fingerprint: String,
}

/// What came of a submit, or of a retry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Submitted {
    New(JobId),
    /// The same request was submitted before: this is its job.
    Before(JobId),
}

/// Why a job was not opened: by a submit, or by a retry.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    #[error("the job needs {needed} credits and {available} are available", needed = needed.get(), available = available.get())]
    InsufficientCredits { needed: Credits, available: Credits },
    #[error("{active} jobs are unfinished and the limit is {limit}")]
    TooManyActiveJobs { set: ActiveSet, active: u32, limit: u32 },
    /// Until midnight, UTC.
    #[error("there are no more {counts} today: {most} are the most", counts = .limit.counts())]
    UsedUp { limit: Limit, most: u32 },
    #[error("the Idempotency-Key was used for another request")]
    KeyReused,
    /// What was done for it then is done.
    #[error("the update that asks for the job came before")]
    UpdateSeen,
    #[error(transparent)]
    Price(#[from] CreditsOutOfRange),
    #[error(transparent)]
    Cloud(#[from] CloudError),
}

impl Submitter {
    pub async fn submit(&self, new: NewJob) -> Result<Submitted, SubmitError> {
        let now = self.clock.now();
        if let Some(key) = &new.idempotency
            && let Some(before) = self.before(&new.account, key).await?
        {
            return Ok(before);
        }
        let id = JobId::new(self.ids.make());
        let plan = Plan {
            v: PLAN_VERSION,
            job: id,
            account: new.account.clone(),
            kind: new.kind,
            object_prefix: object_prefix(&new.account, id),
            stages: new.stages.clone(),
            requests: new.requests.clone(),
        };
        let hold = plan.price()?;
        let demand = demand(&new, self.limits.overlaid(&new.limits))?;
        // The plan before the job, which cannot be drawn without it. Before both a record, by which the cleanup finds the plan
        // if no job comes of it.
        self.table.expect_plan(id, &new.account, now, now.plus(PLAN_WAITS)).await?;
        self.blobs.put_plan(&plan).await?;
        let submission = Submission {
            stages: stages(id, &plan, now),
            job: job(id, &new, hold, now),
            demand,
            idempotency: new.idempotency.as_ref().map(|key| key.record(id, now)),
            telling: new.telling.of_job(id),
        };
        if let Conditional::Lost(why) = self.write(&submission, now).await? {
            // The cleanup would do it too.
            if let Err(error) = self.remove_plan(id).await {
                tracing::warn!(job.id = %id, error = &error as &dyn std::error::Error, "a refused plan was not removed");
            }
            return match (why, &new.idempotency) {
                (Refused::Repeated(record), Some(key)) => key.repeated(&record),
                (Refused::Repeated(_), None) => Err(SubmitError::KeyReused),
                (Refused::UpdateSeen, _) => Err(SubmitError::UpdateSeen),
                (Refused::Hold(why), _) => Err(SubmitError::of(why, hold)),
            };
        }
        // The job exists whatever happens to the message: the sweep rings for it within a minute.
        if let Err(error) = self.doorbell.ring(id, RingCause::Submitted).await {
            tracing::warn!(job.id = %id, error = &error as &dyn std::error::Error, "the ring of a new job was lost");
        }
        Ok(Submitted::New(id))
    }

    async fn remove_plan(&self, job: JobId) -> Result<(), CloudError> {
        if self.table.give_up_plan(job).await? { self.blobs.delete_plan(job).await } else { Ok(()) }
    }

    /// What this request came to before. Asked first, a repeat is answered though its input files are gone by now.
    pub async fn before(&self, account: &AccountId, key: &IdempotencyKey) -> Result<Option<Submitted>, SubmitError> {
        let record = self.table.load_idempotency(account, &key.key_sha256, self.clock.now()).await?;
        record.map(|record| key.repeated(&record)).transpose()
    }

    /// Writes the job; an account that lacks its sign-up grant is given it and tried once more, and so is one whose unfinished
    /// jobs have ended after all.
    async fn write(&self, submission: &Submission, now: Timestamp) -> Result<Conditional<(), Refused>, CloudError> {
        let account = &submission.job.account;
        match self.table.submit(submission).await? {
            Conditional::Lost(Refused::Hold(HoldRefused::NotSignedUp)) => {
                self.table.sign_up(account, self.signup_grant, now, &self.ids.token()).await?;
                self.table.submit(submission).await
            }
            Conditional::Lost(Refused::Hold(HoldRefused::TooManyActiveJobs { .. }))
                if self.table.forget_ended_jobs(account).await? > 0 =>
            {
                tracing::error!("ended jobs were among an account's unfinished ones");
                self.table.submit(submission).await
            }
            done => Ok(done),
        }
    }
}

/// What every object key of a job begins with.
pub fn object_prefix(account: &AccountId, job: JobId) -> String {
    format!("accounts/{account}/jobs/{job}")
}

impl SubmitError {
    /// Whether it is certain that no job came of the call. Of one whose answer was lost it is not.
    pub const fn is_refusal(&self) -> bool {
        !matches!(self, Self::Cloud(_))
    }

    pub(crate) const fn of(why: HoldRefused, hold: Credits) -> Self {
        match why {
            HoldRefused::InsufficientCredits { needed, available } => Self::InsufficientCredits { needed, available },
            HoldRefused::NotSignedUp => Self::InsufficientCredits { needed: hold, available: Credits::ZERO },
            HoldRefused::TooManyActiveJobs { set, active, limit } => Self::TooManyActiveJobs { set, active, limit },
            HoldRefused::UsedUp { limit, most } => Self::UsedUp { limit, most },
        }
    }
}

impl IdempotencyKey {
    /// The key as it is remembered, of the job that the request came to.
    pub(crate) fn record(&self, job: JobId, now: Timestamp) -> IdempotencyRecord {
        IdempotencyRecord {
            key_sha256: self.key_sha256.clone(),
            fingerprint: self.fingerprint.clone(),
            job,
            expires_at: now.plus(IDEMPOTENCY_LIFETIME),
        }
    }

    /// What the key was used for: this very request, or another.
    pub(crate) fn repeated(&self, record: &IdempotencyRecord) -> Result<Submitted, SubmitError> {
        let is_same = record.fingerprint == self.fingerprint;
        if is_same { Ok(Submitted::Before(record.job)) } else { Err(SubmitError::KeyReused) }
    }
}

/// What a job is counted against. One that asks for more text than a whole day's is refused here: no condition on what
/// was used before could.
fn demand(new: &NewJob, limits: Limits) -> Result<Demand, SubmitError> {
    let slots = new.stages.iter().map(|stage| u64::from(stage.quantity)).sum();
    let text_tokens = new.stages.iter().map(StagePlan::text_tokens).fold(0, u64::saturating_add);
    let most = limits.get(Limit::TextTokensPerDay);
    if text_tokens > u64::from(most) {
        return Err(SubmitError::UsedUp { limit: Limit::TextTokensPerDay, most });
    }
    Ok(Demand { set: ActiveSet::of(new.kind, slots), text_tokens, limits })
}

fn job(id: JobId, new: &NewJob, hold: Credits, now: Timestamp) -> Job {
    Job {
        id,
        account: new.account.clone(),
        user: new.user.clone(),
        kind: new.kind,
        status: JobStatus::InQueue,
        epoch: Epoch::FIRST,
        version: 1,
        cancel_requested: false,
        stop_requested: None,
        closing: None,
        deadline: now.plus(new.deadline),
        next_check_at: Some(now.plus(FIRST_CHECK)),
        stuck: None,
        max_rounds: new.max_rounds,
        hold,
        held: hold,
        captured: Credits::ZERO,
        released: Credits::ZERO,
        production_id: new.production_id.clone(),
        events: 0,
        ticket_key: Some(new.ticket_key.clone()),
        webhook_url: new.webhook_url.clone(),
        telegram_post: new.telling.post.as_ref().map(|post| post.key.id),
        created_at: now,
        updated_at: now,
        started_at: None,
        completed_at: None,
        statistics: None,
    }
}

fn stages(job: JobId, plan: &Plan, now: Timestamp) -> Vec<Stage> {
    let stage = |(index, stage): (u16, &StagePlan)| Stage {
        key: StageKey { job, stage: StageIndex(index) },
        quantity: stage.quantity,
        epoch: Epoch::FIRST,
        round: Round::FIRST,
        round_started_at: now,
        closed: false,
        dispatched: 0,
        resends: 0,
        finish_noted: None,
        stored: [].into(),
        missed: [].into(),
        prices: Prices::new(stage.price),
        provider: stage.provider.clone(),
        model: stage.model.clone(),
        work: stage.work.kind(),
        keep_files: stage.keep_files,
        failover: stage.failover,
        alternatives: stage.alternatives.clone(),
    };
    (0..).zip(&plan.stages).map(stage).collect()
}
