//! Settle: one transaction ends the job and resolves its hold.

use aws_sdk_dynamodb::types::AttributeValue;
use toonmill_domain::{Job, JobStatus, Timestamp, settle::Settlement};

use super::{
    Table, accounts,
    jobs::{IS_OPEN, open_values},
    keys::{self, DueList},
    records, wrote,
};
use crate::{
    Conditional,
    error::CloudError,
    expression::{Change, create_in_transaction, values},
    item::{Attributes, number, text, time},
};

/// What came of a settle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    Now,
    /// The job is not as it was read: somebody settled it, or cancelled it meanwhile.
    Lost,
}

impl Table {
    /// Ends `seen` as decided: status, balance, held, the set of unfinished jobs, ledger, event and list row.
    ///
    /// `visit_at` is when the cleanup should look for the objects of losing attempts.
    pub async fn settle(
        &self,
        seen: &Job,
        settlement: &Settlement,
        now: Timestamp,
        visit_at: Timestamp,
        token: &str,
    ) -> Result<Settled, CloudError> {
        let mut set = open_values();
        set.extend(values([
            ("status", text(settlement.status.as_str())),
            ("one", number(1)),
            ("zero", number(0)),
            ("captured", number(settlement.captured.get())),
            ("released", number(settlement.released.get())),
            ("statistics", records::statistics_value(&settlement.statistics)),
            ("now", time(now)),
            ("visit", time(visit_at)),
            ("ended", DueList::Ended.partition_of(seen.id.uuid().as_bytes())),
            ("seen", number(seen.version)),
            ("token", text(token)),
        ]));
        let end = Change {
            key: keys::job(seen.id),
            update: "SET #status = :status, #version = #version + :one, #hold = :zero, \
                     #captured = #captured + :captured, #released = #released + :released, \
                     #statistics = :statistics, #updatedAt = :now, #completedAt = :now, \
                     #dueShard = :ended, #nextCheckAt = :visit, #by = :token",
            // Two locks on one door: the version also shuts out a cancel that the decision has not seen.
            condition: &format!("#version = :seen AND {IS_OPEN}"),
            values: set,
        };
        let hold =
            settlement.captured.plus(settlement.released).map_err(|error| CloudError::corrupt(error.to_string()))?;
        let resolve = Change {
            key: keys::account(&seen.account),
            update: "SET #balance = #balance + :released, #held = #held - :hold DELETE #active :job, #activeSingles :job",
            condition: "#held >= :hold",
            values: values([
                ("released", number(settlement.released.get())),
                ("hold", number(hold.get())),
                ("job", AttributeValue::Ss(vec![seen.id.to_string()])),
            ]),
        };
        let row = Change {
            key: keys::job_row(&seen.account, seen.id),
            update: "SET #status = :status, #completedAt = :now",
            condition: "attribute_exists(#pk)",
            values: values([("status", text(settlement.status.as_str())), ("now", time(now))]),
        };
        let event = Attributes::default()
            .with("event", text(event_name(settlement.status)))
            .with("stored", number(settlement.stored))
            .with("requested", number(settlement.requested))
            .with("at", time(now));
        let event = keys::event(seen.id, u64::from(seen.epoch.0)).with(event.into_item());
        let mut items = vec![
            end.in_transaction(self)?,
            resolve.in_transaction(self)?,
            row.in_transaction(self)?,
            create_in_transaction(self, event)?,
        ];
        for entry in &settlement.ledger {
            items.push(create_in_transaction(self, accounts::ledger_item(entry))?);
        }
        match self.transact(items, token).await? {
            Conditional::Won(()) => Ok(Settled::Now),
            Conditional::Lost(refusals) if refusals.failed(0) => {
                Ok(if wrote(refusals.old(0), token) { Settled::Now } else { Settled::Lost })
            }
            Conditional::Lost(_) => {
                Err(CloudError::corrupt(format!("an account, ledger or list record of job {}", seen.id)))
            }
        }
    }
}

const fn event_name(status: JobStatus) -> &'static str {
    match status {
        JobStatus::Completed => "job.completed",
        JobStatus::Partial => "job.partial",
        JobStatus::Failed => "job.failed",
        JobStatus::Cancelled => "job.cancelled",
        JobStatus::InQueue | JobStatus::InProgress => "job.progress",
    }
}
