//! Submit: the job, its stages, the hold and the record of the idempotency key, all or nothing.

use toonmill_domain::{Job, LedgerEntry, Stage};

use super::{
    Table, Telling, accounts,
    holds::{self, Demand, HoldRefused},
    idempotency::{self, IdempotencyRecord},
    lists, records,
    transaction::token_of,
};
use crate::{
    Conditional,
    error::CloudError,
    expression::{Change, create_in_transaction},
};

/// A job to be written.
#[derive(Clone, Debug)]
pub struct Submission {
    pub job: Job,
    pub stages: Vec<Stage>,
    pub demand: Demand,
    pub idempotency: Option<IdempotencyRecord>,
    pub telling: Telling,
}

/// Why nothing was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    Hold(HoldRefused),
    /// The key was used before, by this request or another.
    Repeated(IdempotencyRecord),
    /// The update that asks for it came before.
    UpdateSeen,
}

impl Table {
    /// Writes the job and takes the hold. The ring is the caller's to send; the sweep knows of the job from here on.
    pub async fn submit(&self, submission: &Submission) -> Result<Conditional<(), Refused>, CloudError> {
        let job = &submission.job;
        let hold = LedgerEntry::hold(job.account.clone(), job.id, job.epoch, job.hold, job.created_at);
        let take = holds::take_hold(&job.account, job.id, job.hold, &submission.demand);
        // A first job finds the account without its sign-up grant, though an operator may have opened it.
        let condition = format!("{} AND attribute_exists(#signedUp)", take.condition);
        let take = Change { condition: &condition, ..take };
        let mut items = vec![
            create_in_transaction(self, records::job_item(job))?,
            take.in_transaction(self)?,
            create_in_transaction(self, accounts::ledger_item(&hold))?,
            create_in_transaction(self, lists::job_row_item(job))?,
            holds::count_day(self, &job.user, &submission.demand, job.created_at)?,
        ];
        for stage in &submission.stages {
            items.push(create_in_transaction(self, records::stage_item(stage))?);
        }
        items.push(self.keep_plan(job.id)?);
        if let Some(record) = &submission.idempotency {
            items.push(self.remember(&job.account, record, job.created_at)?);
        }
        let idempotency_at = items.len().saturating_sub(1);
        let update_at = items.len();
        let token = token_of(&["submit", &job.id.to_string()]);
        items.extend(self.telling_in_transaction(&submission.telling, job.created_at, &token)?);
        match self.transact(items, &token).await? {
            Conditional::Won(()) => Ok(Conditional::Won(())),
            // Job ids are made once: a job with this one is this call's own, its answer lost.
            Conditional::Lost(refusals) if refusals.failed(0) => Ok(Conditional::Won(())),
            Conditional::Lost(refusals) if submission.idempotency.is_some() && refusals.failed(idempotency_at) => {
                let old = refusals.old(idempotency_at).ok_or_else(|| CloudError::corrupt("the idempotency record"))?;
                Ok(Conditional::Lost(Refused::Repeated(idempotency::read(old)?)))
            }
            Conditional::Lost(refusals) if submission.telling.update.is_some() && refusals.failed(update_at) => {
                Ok(Conditional::Lost(Refused::UpdateSeen))
            }
            Conditional::Lost(refusals) if refusals.failed(1) && holds::is_not_signed_up(refusals.old(1))? => {
                Ok(Conditional::Lost(Refused::Hold(HoldRefused::NotSignedUp)))
            }
            Conditional::Lost(refusals) if refusals.failed(1) => {
                let why = holds::why_no_hold(refusals.old(1), job.hold, &submission.demand)?;
                Ok(Conditional::Lost(Refused::Hold(why)))
            }
            Conditional::Lost(refusals) if refusals.failed(4) => {
                let why = holds::why_no_day(refusals.old(4), &submission.demand)?;
                Ok(Conditional::Lost(Refused::Hold(why)))
            }
            Conditional::Lost(_) => Err(CloudError::corrupt(format!("a record of the new job {}", job.id))),
        }
    }
}
