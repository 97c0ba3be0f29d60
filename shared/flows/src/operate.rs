//! What an operator may do to a job, an account or a provider. Nobody else reaches this: it is invoked by IAM only.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use toonmill_cloud::{
    Blobs, CloudError, Doorbell, Table,
    table::{Granted, ScanCursor},
};
use toonmill_domain::{
    AccountId, Credits, Job, JobId, Membership, ModelId, ProviderId, RingCause, SlotState, Stage, Tier, Timestamp,
    UserId, health::ProviderHealth, invariants::Violation, ledger::SIGNUP,
};

use crate::{
    audit,
    context::{Clock, Ids},
};

#[derive(Clone, Debug)]
pub struct Operator {
    pub table: Table,
    pub blobs: Blobs,
    pub doorbell: Doorbell,
    pub clock: Clock,
    pub ids: Ids,
}

/// One action, as JSON with an `action` member.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Action {
    /// A job, its stages, and how many slots are in which state.
    Show { job_id: JobId },
    /// "Reconcile this job", with a look at every slot.
    Ring { job_id: JobId },
    /// Ends a job with what it has: its deadline is now. `force` must be true.
    Settle { job_id: JobId, force: bool },
    /// Adds credits to an account, once per cause. The account is opened if it does not exist.
    Grant { account_id: AccountId, credits: u64, cause: String },
    /// Gives a user a membership until a time (RFC 3339), or for ever. Tokens say so from their next sign-in on.
    Membership {
        user_id: UserId,
        tier: Tier,
        #[serde(default)]
        expires_at: Option<String>,
    },
    /// Checks the numbered invariants of a job with its slots, images and money; or without one, re-adds the ledgers of
    /// as many accounts as one read of the table finds. `next` of the answer is the `after` of the next call.
    Audit {
        #[serde(default)]
        job_id: Option<JobId>,
        #[serde(default)]
        after: Option<ScanCursor>,
    },
    /// Stops (or lets go on) all calls to a provider, for so many minutes.
    Pause {
        provider: ProviderId,
        paused: bool,
        #[serde(default = "default_minutes")]
        minutes: u32,
    },
    /// Whether a provider may be called: its pause, and the circuit breakers of its models.
    Provider { provider: ProviderId },
    /// Closes the circuit breaker of one model, or of all models of a provider.
    Reset {
        provider: ProviderId,
        #[serde(default)]
        model: Option<ModelId>,
    },
}

#[derive(Debug, thiserror::Error)]
pub enum OperateError {
    #[error(transparent)]
    Cloud(#[from] CloudError),
    #[error("there is no job {0}")]
    NoSuchJob(JobId),
    #[error("job {0} has ended already")]
    Ended(JobId),
    #[error("to settle a job before its time, say \"force\": true")]
    NotForced,
    #[error("{0}")]
    BadAction(&'static str),
}

/// The summary of a stage's slots.
#[derive(Default, Serialize)]
struct SlotCounts {
    open: u32,
    leased: u32,
    missed: u32,
    stored: u32,
}

const fn default_minutes() -> u32 {
    30
}

fn audited(accounts: usize, violations: &[Violation], next: Option<&ScanCursor>) -> Value {
    let violations: Vec<_> = violations.iter().map(ToString::to_string).collect();
    json!({ "accounts": accounts, "violations": violations, "next": next })
}

impl Operator {
    pub async fn operate(&self, action: Action) -> Result<Value, OperateError> {
        match action {
            Action::Show { job_id } => self.show(job_id).await,
            Action::Ring { job_id } => {
                self.load(job_id).await?;
                self.doorbell.ring(job_id, RingCause::Operator).await?;
                Ok(json!({ "rung": job_id }))
            }
            Action::Settle { force: false, .. } => Err(OperateError::NotForced),
            Action::Settle { job_id, force: true } => {
                self.load(job_id).await?;
                if !self.table.end_deadline(job_id, self.clock.now()).await? {
                    return Err(OperateError::Ended(job_id));
                }
                self.doorbell.ring(job_id, RingCause::Operator).await?;
                Ok(json!({ "settling": job_id }))
            }
            Action::Grant { account_id, credits, cause } => self.grant(account_id, credits, cause).await,
            Action::Membership { user_id, tier, expires_at } => self.set_membership(&user_id, tier, expires_at).await,
            Action::Audit { job_id: Some(job), .. } => {
                self.load(job).await?;
                Ok(audited(0, &audit::audit_job(&self.table, &self.blobs, job).await?, None))
            }
            Action::Audit { job_id: None, after } => self.audit_accounts(after).await,
            Action::Pause { provider, paused, minutes } => {
                let now = self.clock.now();
                let until = if paused { now.plus(Duration::from_secs(u64::from(minutes) * 60)) } else { now };
                self.table.pause_provider(&provider, until).await?;
                Ok(json!({ "provider": provider, "pausedUntil": paused.then(|| until.to_rfc3339()) }))
            }
            Action::Provider { provider } => {
                let health = self.table.load_health(&provider).await?;
                Ok(shown(&provider, &health, self.clock.now()))
            }
            Action::Reset { provider, model } => {
                let reset = self.table.reset_breakers(&provider, model.as_ref(), &self.ids.token()).await?;
                Ok(json!({ "provider": provider, "reset": reset }))
            }
        }
    }

    async fn load(&self, job: JobId) -> Result<(Job, Vec<Stage>), OperateError> {
        self.table.load_job(job).await?.ok_or(OperateError::NoSuchJob(job))
    }

    async fn audit_accounts(&self, after: Option<ScanCursor>) -> Result<Value, OperateError> {
        let (accounts, next) = self.table.some_accounts(after.as_ref()).await?;
        let mut violations = Vec::new();
        for account in &accounts {
            violations.extend(audit::audit_account(&self.table, account).await?);
        }
        Ok(audited(accounts.len(), &violations, next.as_ref()))
    }

    async fn set_membership(&self, user: &UserId, tier: Tier, end: Option<String>) -> Result<Value, OperateError> {
        let end = end.map(|end| Timestamp::from_rfc3339(&end).ok_or(OperateError::BadAction("expiresAt is no time")));
        let membership = Membership { tier, expires_at: end.transpose()? };
        let user = self.table.set_membership(user, membership, self.clock.now()).await?;
        let Membership { tier, expires_at } = user.membership;
        Ok(json!({ "userId": user.sign_in.user, "tier": tier, "expiresAt": expires_at.map(Timestamp::to_rfc3339) }))
    }

    async fn grant(&self, account: AccountId, credits: u64, cause: String) -> Result<Value, OperateError> {
        let amount = Credits::new(credits).filter(|amount| *amount > Credits::ZERO);
        let amount = amount.ok_or(OperateError::BadAction("credits must be from 1 to 2^53"))?;
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':');
        if cause.is_empty() || cause.len() > 128 || !cause.chars().all(plain) {
            return Err(OperateError::BadAction("a cause has 1 to 128 of A-Z a-z 0-9 - _ . :"));
        }
        if cause == SIGNUP {
            return Err(OperateError::BadAction(
                "the cause \"signup\" is that of the grant that every account is given",
            ));
        }
        let now = self.clock.now();
        self.table.open_account(&account, now).await?;
        let granted = self.table.grant(&account, &cause, amount, now, &self.ids.token()).await?;
        let account = self.table.load_account(&account).await?;
        let balance = account.as_ref().map_or(0, |account| account.balance.get());
        let held = account.as_ref().map_or(0, |account| account.held.get());
        Ok(json!({ "granted": granted == Granted::Now, "balance": balance, "held": held }))
    }

    async fn show(&self, job: JobId) -> Result<Value, OperateError> {
        let (job, stages) = self.load(job).await?;
        let mut shown = Vec::with_capacity(stages.len());
        for stage in &stages {
            let (mut counts, mut failed) = (SlotCounts::default(), BTreeMap::<&str, u32>::new());
            let slots = self.table.load_slots(stage.key).await?;
            for slot in slots.values() {
                let count = match slot.state {
                    SlotState::Open => &mut counts.open,
                    SlotState::Leased => &mut counts.leased,
                    SlotState::Missed => &mut counts.missed,
                    SlotState::Stored => &mut counts.stored,
                };
                *count = count.saturating_add(1);
                for attempt in &slot.attempts {
                    let count = failed.entry(attempt.code.as_str()).or_default();
                    *count = count.saturating_add(1);
                }
            }
            shown.push(json!({
                "index": stage.key.stage, "quantity": stage.quantity, "provider": stage.provider,
                "model": stage.model, "epoch": stage.epoch, "round": stage.round, "closed": stage.closed,
                "dispatched": stage.dispatched, "resends": stage.resends, "stored": stage.stored.len(),
                "missed": stage.missed.len(), "inFlight": stage.in_flight(), "slots": counts,
                "failedAttempts": failed,
            }));
        }
        Ok(json!({
            "id": job.id, "account": job.account, "kind": job.kind, "status": job.status, "epoch": job.epoch,
            "version": job.version, "cancelRequested": job.cancel_requested, "stopRequested": job.stop_requested,
            "closing": job.closing.as_ref().map(toonmill_domain::ClosingReason::as_str),
            "deadline": job.deadline.to_rfc3339(), "nextCheckAt": job.next_check_at.map(Timestamp::to_rfc3339),
            "stuckSince": job.stuck.map(|stuck| stuck.since.to_rfc3339()),
            "stuckTimes": job.stuck.map_or(0, |stuck| stuck.times),
            "hold": job.hold, "held": job.held, "captured": job.captured, "released": job.released,
            "createdAt": job.created_at.to_rfc3339(), "completedAt": job.completed_at.map(Timestamp::to_rfc3339),
            "stages": shown,
        }))
    }
}

fn shown(provider: &ProviderId, health: &ProviderHealth, now: Timestamp) -> Value {
    let breakers = health.breakers.iter().map(|(model, breaker)| {
        let opening = breaker.opening.as_ref().map(|opening| {
            json!({
                "since": opening.since.to_rfc3339(), "until": opening.until.to_rfc3339(), "number": opening.number,
                "reason": opening.reason, "probeUntil": opening.probe_until.map(Timestamp::to_rfc3339),
            })
        });
        json!({ "model": model, "failures": breaker.failures, "open": opening })
    });
    let paused = health.paused_until.filter(|until| *until > now);
    json!({
        "provider": provider, "pausedUntil": paused.map(Timestamp::to_rfc3339),
        "breakers": breakers.collect::<Vec<_>>(),
    })
}
