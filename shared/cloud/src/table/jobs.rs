//! The job's verbs between submit and settle.

use std::time::Duration;

use toonmill_domain::{AccountId, ClosingReason, Delivery, Epoch, Job, JobId, JobStatus, Timestamp};

use super::{DueList, Table, UpdateRecord, deliveries, keys, records, wrote};
use crate::{
    Conditional,
    error::CloudError,
    expression::{Change, Values, create_in_transaction, values},
    item::{Reader, flag, number, text, time},
};

/// Why a cancel did nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CancelRefused {
    /// No such job of this account. Another account's job looks just the same (TN-1).
    NotFound,
    /// It has ended already.
    Ended(Box<Job>),
}

/// The condition that a job has not ended.
pub(super) const IS_OPEN: &str = "#status IN (:queued, :running)";

pub(super) fn open_values() -> Values {
    values([("queued", text(JobStatus::InQueue.as_str())), ("running", text(JobStatus::InProgress.as_str()))])
}

/// A stuck job is tried again after 1, 2, 4 … minutes and from then on every 64: what was down for a day may be up now, and
/// whoever waits for the job should not wait for another.
const STUCK_DOUBLINGS: u32 = 6;

fn cancel_condition() -> String {
    format!("#account = :account AND {IS_OPEN}")
}

fn cancel<'a>(job: JobId, account: &AccountId, condition: &'a str, now: Timestamp) -> Change<'a> {
    let mut set = open_values();
    set.extend(values([("true", flag(true)), ("one", number(1)), ("account", text(account)), ("now", time(now))]));
    Change {
        key: keys::job(job),
        // The version makes a settle that has not seen this lose and read again.
        update: "SET #cancelRequested = :true, #version = #version + :one, #updatedAt = :now",
        condition,
        values: set,
    }
}

impl Table {
    /// Asks for a job to be cancelled. Asking again changes nothing.
    pub async fn request_cancel(
        &self,
        job: JobId,
        account: &AccountId,
        now: Timestamp,
    ) -> Result<Conditional<Job, CancelRefused>, CloudError> {
        let condition = cancel_condition();
        match cancel(job, account, &condition, now).apply(self).await? {
            Conditional::Won(item) => Ok(Conditional::Won(records::read_job(&item)?)),
            Conditional::Lost(old) => {
                let old = old.as_ref().map(records::read_job).transpose()?;
                Ok(match old.filter(|old| old.account == *account) {
                    None => Conditional::Lost(CancelRefused::NotFound),
                    Some(job) if job.cancel_requested && !job.status.is_terminal() => Conditional::Won(job),
                    Some(job) => Conditional::Lost(CancelRefused::Ended(Box::new(job))),
                })
            }
        }
    }

    /// The same for a wish of a chat's, together with its update's id and what is answered: an update that comes again cancels
    /// no second job. False if nothing was written: the update came before, or the job has ended.
    pub async fn cancel_for_update(
        &self,
        job: &Job,
        update: UpdateRecord,
        answer: &Delivery,
        now: Timestamp,
        token: &str,
    ) -> Result<bool, CloudError> {
        let condition = cancel_condition();
        let items = vec![
            self.update_in_transaction(update, now, token)?,
            cancel(job.id, &job.account, &condition, now).in_transaction(self)?,
            create_in_transaction(self, deliveries::item(answer))?,
        ];
        match self.transact(items, token).await? {
            Conditional::Won(()) => Ok(true),
            Conditional::Lost(refusals) if refusals.failed(0) => Ok(wrote(refusals.old(0), token)),
            Conditional::Lost(refusals) if refusals.failed(1) => Ok(false),
            Conditional::Lost(_) => Err(CloudError::corrupt("the record of a new delivery")),
        }
    }

    /// Asks for a job to be closed because in `epoch` none of its slots can be drawn.
    pub async fn request_stop(&self, job: JobId, epoch: Epoch, reason: &str, now: Timestamp) -> Result<(), CloudError> {
        let mut set = open_values();
        set.extend(values([
            ("reason", text(reason)),
            ("one", number(1)),
            ("now", time(now)),
            ("epoch", number(epoch.0)),
        ]));
        let change = Change {
            key: keys::job(job),
            update: "SET #stopRequested = :reason, #version = #version + :one, #updatedAt = :now",
            // The first reason stays: each further one would only make others read the job again. The epoch: what
            // stopped an earlier one (a wrong key, say) may be why the job was retried.
            condition: &format!("attribute_not_exists(#stopRequested) AND #epoch = :epoch AND {IS_OPEN}"),
            values: set,
        };
        change.apply(self).await.map(|_| ())
    }

    /// Moves an open job's deadline to now: how an operator settles by force. False if it has ended.
    pub async fn end_deadline(&self, job: JobId, now: Timestamp) -> Result<bool, CloudError> {
        let mut set = open_values();
        set.extend(values([("one", number(1)), ("now", time(now))]));
        let change = Change {
            key: keys::job(job),
            update: "SET #deadline = :now, #version = #version + :one, #updatedAt = :now",
            condition: IS_OPEN,
            values: set,
        };
        Ok(matches!(change.apply(self).await?, Conditional::Won(_)))
    }

    /// Begins a job's close. The job as it is then; none if it is not as `seen` any more.
    pub async fn begin_closing(
        &self,
        seen: &Job,
        reason: ClosingReason,
        now: Timestamp,
        token: &str,
    ) -> Result<Option<Job>, CloudError> {
        let change = Change {
            key: keys::job(seen.id),
            update: "SET #closing = :reason, #version = #version + :one, #updatedAt = :now, #by = :token",
            // A retry or a cancel since then asks for another decision.
            condition: "#version = :seen",
            values: values([
                ("reason", text(reason.as_str())),
                ("one", number(1)),
                ("now", time(now)),
                ("token", text(token)),
                ("seen", number(seen.version)),
            ]),
        };
        match change.apply(self).await? {
            Conditional::Won(item) => records::read_job(&item).map(Some),
            Conditional::Lost(old) if wrote(old.as_ref(), token) => old.as_ref().map(records::read_job).transpose(),
            Conditional::Lost(_) => Ok(None),
        }
    }

    /// Notes that a job is under way and when to look at it next, and that it is not stuck. Nothing happens to one that has
    /// ended.
    pub async fn note_progress(&self, job: JobId, next_check: Timestamp, now: Timestamp) -> Result<(), CloudError> {
        let mut set = open_values();
        set.extend(values([("next", time(next_check)), ("now", time(now))]));
        let change = Change {
            key: keys::job(job),
            update: "SET #nextCheckAt = :next, #status = :running, #startedAt = if_not_exists(#startedAt, :now) \
                     REMOVE #stuckSince, #stuckTimes",
            condition: IS_OPEN,
            values: set,
        };
        change.apply(self).await.map(|_| ())
    }

    /// Stamps a job whose reconcile failed for good, for an operator to see; the sweep tries again, at intervals
    /// that double with each failure up to about an hour. Nothing else of the record is looked at, since what cannot be read may
    /// be why the reconcile failed.
    pub async fn note_stuck(&self, job: JobId, now: Timestamp) -> Result<(), CloudError> {
        let Some(item) = self.get(keys::job(job)).await? else { return Ok(()) };
        // A count that cannot be read begins anew.
        let times: u32 = Reader::new(&item, "job record").opt_number("stuckTimes").ok().flatten().unwrap_or(0);
        let wait = Duration::from_mins(1).saturating_mul(1 << times.min(STUCK_DOUBLINGS));
        let change = Change {
            key: keys::job(job),
            update: "SET #nextCheckAt = :next, #stuckSince = if_not_exists(#stuckSince, :now), #stuckTimes = :times",
            // The list of the sweep, and not the status: the sweep rings for whatever is in it.
            condition: "begins_with(#dueShard, :open)",
            values: values([
                ("next", time(now.plus(wait))),
                ("now", time(now)),
                ("times", number(times.saturating_add(1))),
                ("open", text(DueList::Open.prefix())),
            ]),
        };
        change.apply(self).await.map(|_| ())
    }
}
