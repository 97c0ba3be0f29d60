//! Settle: one transaction ends the job and resolves its hold.

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use toonmill_domain::{Delivery, Job, Timestamp, credits::CreditsOutOfRange, settle::Settlement};

use super::{
    Table, accounts, deliveries,
    jobs::{IS_OPEN, open_values},
    keys::{self, DueList},
    records, wrote,
};
use crate::{
    Conditional,
    error::CloudError,
    expression::{Change, create_in_transaction, values},
    item::{Item, Reader, number, text, time},
};

/// What came of a settle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    Now,
    /// The job is not as it was read: somebody settled it, or cancelled it meanwhile.
    Lost,
}

/// When a job ended, and when the cleanup should look for the objects of losing attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SettleTimes {
    pub now: Timestamp,
    pub visit_at: Timestamp,
}

/// Tries while others add entries to the job's log.
const TRIES: u32 = 4;

impl Table {
    /// Ends `seen` as decided: status, balance, held, the set of unfinished jobs, ledger, log, list row, and who is told.
    pub async fn settle(
        &self,
        seen: &Job,
        settlement: &Settlement,
        telling: Option<&Delivery>,
        times: SettleTimes,
        token: &str,
    ) -> Result<Settled, CloudError> {
        let mut last = seen.events;
        for attempt in 0..TRIES {
            let items = self.end(seen, settlement, last, times, token)?;
            let mut items: Vec<_> = items.into_iter().collect::<Result<_, _>>()?;
            for entry in &settlement.ledger {
                items.push(create_in_transaction(self, accounts::ledger_item(entry))?);
            }
            if let Some(delivery) = telling {
                items.push(create_in_transaction(self, deliveries::item(delivery))?);
            }
            // What is written differs by the number of the log's entry, and so must the request's token.
            let request = format!("{token}{attempt}");
            match self.transact(items, &request).await? {
                Conditional::Won(()) => return Ok(Settled::Now),
                Conditional::Lost(refusals) if refusals.failed(0) => {
                    if wrote(refusals.old(0), token) {
                        return Ok(Settled::Now);
                    }
                    // Between the read of the job and the close of its stages an entry may still have been added to the log.
                    match refusals.old(0).map(|job| number_if_only_the_log_grew(job, seen)).transpose()?.flatten() {
                        Some(number) => last = number,
                        None => return Ok(Settled::Lost),
                    }
                }
                Conditional::Lost(_) => {
                    return Err(CloudError::corrupt(format!("an account, ledger or list record of job {}", seen.id)));
                }
            }
        }
        Err(CloudError::conflict("the log of a job"))
    }

    /// The parts of the transaction that every end has, the job's own first. `last` is the number of the log's last entry.
    fn end(
        &self,
        seen: &Job,
        settlement: &Settlement,
        last: u64,
        times: SettleTimes,
        token: &str,
    ) -> Result<[Result<TransactWriteItem, CloudError>; 4], CloudError> {
        let SettleTimes { now, visit_at } = times;
        let entry_number = last.saturating_add(1);
        let beyond = |error: CreditsOutOfRange| CloudError::corrupt(error.to_string());
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
            ("events", number(entry_number)),
            ("seen", number(seen.version)),
            ("last", number(last)),
            ("token", text(token)),
        ]));
        let end = Change {
            key: keys::job(seen.id),
            update: "SET #status = :status, #version = #version + :one, #hold = :zero, \
                     #captured = #captured + :captured, #released = #released + :released, \
                     #statistics = :statistics, #updatedAt = :now, #completedAt = :now, \
                     #dueShard = :ended, #nextCheckAt = :visit, #events = :events, #by = :token \
                     REMOVE #stuckSince, #stuckTimes",
            // Two locks on one door: the version also shuts out a cancel that the decision has not seen.
            // Entries are added to the log without a new version, so their number is a condition of its own.
            condition: &format!("#version = :seen AND #events = :last AND {IS_OPEN}"),
            values: set,
        };
        let hold = settlement.captured.plus(settlement.released).map_err(beyond)?;
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
        Ok([
            end.in_transaction(self),
            resolve.in_transaction(self),
            row.in_transaction(self),
            self.entry(seen.id, entry_number, settlement.end_of(seen).map_err(beyond)?, now),
        ])
    }
}

/// The number of the last entry of a job's log, if that is all in which the record differs from the job that was read.
fn number_if_only_the_log_grew(record: &Item, seen: &Job) -> Result<Option<u64>, CloudError> {
    let read = Reader::new(record, "job record");
    let is_as_seen = read.number::<u64>("version")? == seen.version && !Job::has_ended(read.text("status")?);
    Ok(if is_as_seen { read.opt_number("events")? } else { None })
}
