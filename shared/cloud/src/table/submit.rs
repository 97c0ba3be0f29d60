//! Submit: the job, its stages, the hold and the record of the idempotency key, all or nothing.

use toonmill_domain::{AccountId, Credits, Job, JobId, LedgerEntry, Stage, Timestamp};

use super::{Table, accounts, keys, lists, records, transaction::token_of};
use crate::{
    Conditional,
    error::CloudError,
    expression::{create_in_transaction, put_in_transaction, values},
    item::{Attributes, Item, Reader, number, text, time},
};

/// A job to be written.
#[derive(Clone, Debug)]
pub struct Submission {
    pub job: Job,
    pub stages: Vec<Stage>,
    /// The most unfinished jobs that the account may have, this one included.
    pub max_active_jobs: u32,
    pub idempotency: Option<IdempotencyRecord>,
}

/// What a repeated request is recognised by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyRecord {
    /// Of the header's value, in hex: the value itself may be anything.
    pub key_sha256: String,
    /// Of the request, in hex.
    pub fingerprint: String,
    pub job: JobId,
    pub expires_at: Timestamp,
}

/// Why nothing was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    InsufficientCredits {
        needed: Credits,
        available: Credits,
    },
    TooManyActiveJobs {
        active: u32,
        limit: u32,
    },
    NoAccount,
    /// The key was used before, by this request or another.
    Repeated(IdempotencyRecord),
}

impl Table {
    /// Writes the job and takes the hold. The ring is the caller's to send; the sweep knows of the job from here on.
    pub async fn submit(&self, submission: &Submission) -> Result<Conditional<(), Refused>, CloudError> {
        let job = &submission.job;
        let hold = LedgerEntry::hold(job.account.clone(), job.id, job.epoch, job.hold, job.created_at);
        let take = accounts::take_hold(&job.account, job.id, job.hold, submission.max_active_jobs);
        let mut items = vec![
            create_in_transaction(self, records::job_item(job))?,
            take.in_transaction(self)?,
            create_in_transaction(self, accounts::ledger_item(&hold))?,
            create_in_transaction(self, lists::job_row_item(job))?,
        ];
        for stage in &submission.stages {
            items.push(create_in_transaction(self, records::stage_item(stage))?);
        }
        if let Some(record) = &submission.idempotency {
            // The expiry is compared here because TTL removes items days late.
            items.push(put_in_transaction(
                self,
                idempotency_item(&job.account, record),
                "attribute_not_exists(#pk) OR #until < :now",
                values([("now", time(job.created_at))]),
            )?);
        }
        let idempotency_at = items.len().saturating_sub(1);
        match self.transact(items, &token_of(&["submit", &job.id.to_string()])).await? {
            Conditional::Won(()) => Ok(Conditional::Won(())),
            // Job ids are made once: a job with this one is this call's own, its answer lost.
            Conditional::Lost(refusals) if refusals.failed(0) => Ok(Conditional::Won(())),
            Conditional::Lost(refusals) if submission.idempotency.is_some() && refusals.failed(idempotency_at) => {
                let old = refusals.old(idempotency_at).ok_or_else(|| CloudError::corrupt("the idempotency record"))?;
                Ok(Conditional::Lost(Refused::Repeated(read_idempotency(old)?)))
            }
            Conditional::Lost(refusals) if refusals.failed(1) => {
                Ok(Conditional::Lost(match refusals.old(1).map(accounts::read_account).transpose()? {
                    None => Refused::NoAccount,
                    Some(account) if account.balance < job.hold => {
                        Refused::InsufficientCredits { needed: job.hold, available: account.balance }
                    }
                    Some(account) => Refused::TooManyActiveJobs {
                        active: u32::try_from(account.active.len()).unwrap_or(u32::MAX),
                        limit: submission.max_active_jobs,
                    },
                }))
            }
            Conditional::Lost(_) => Err(CloudError::corrupt(format!("a record of the new job {}", job.id))),
        }
    }

    /// What an idempotency key stands for, unless it has expired.
    pub async fn load_idempotency(
        &self,
        account: &AccountId,
        key_sha256: &str,
        now: Timestamp,
    ) -> Result<Option<IdempotencyRecord>, CloudError> {
        let item = self.get(keys::idempotency(account, key_sha256)).await?;
        let record = item.as_ref().map(read_idempotency).transpose()?;
        Ok(record.filter(|record| record.expires_at >= now))
    }
}

fn idempotency_item(account: &AccountId, record: &IdempotencyRecord) -> Item {
    let attributes = Attributes::default()
        .with("key", text(&record.key_sha256))
        .with("fingerprint", text(&record.fingerprint))
        .with("job", text(record.job))
        .with("until", time(record.expires_at))
        .with("expiresAt", number(record.expires_at.as_secs()));
    keys::idempotency(account, &record.key_sha256).with(attributes.into_item())
}

fn read_idempotency(item: &Item) -> Result<IdempotencyRecord, CloudError> {
    let read = Reader::new(item, "idempotency record");
    Ok(IdempotencyRecord {
        key_sha256: read.text("key")?.to_owned(),
        fingerprint: read.text("fingerprint")?.to_owned(),
        job: read.parsed("job")?,
        expires_at: read.time("until")?,
    })
}
