//! A job's log: numbered entries, each written in the transaction that makes it true.
//!
//! The job's record holds the last number. Whoever adds an entry moves that number by one, on the condition that it is as he
//! read it, so that there is no gap, and whoever has read up to a number has missed nothing before it.

use aws_sdk_dynamodb::types::TransactWriteItem;
use toonmill_domain::{
    Credits, Delivery, Happening, Job, JobEvent, JobId, Round, StageIndex, Timestamp, event::status_of_end,
};

use super::{
    Table, deliveries,
    jobs::{IS_OPEN, open_values},
    keys, wrote,
};
use crate::{
    Conditional,
    error::CloudError,
    expression::{Change, create_in_transaction, values},
    item::{Attributes, Item, Reader, number, text, time},
};

/// Tries while others add entries to the same log.
const TRIES: u32 = 6;

/// An entry that is to be added to the log of an open job, and who is told of it.
#[derive(Clone, Debug)]
pub struct NewEntry<'a> {
    pub job: &'a Job,
    /// The number of the log's last entry, as it was read.
    pub last: u64,
    pub what: Happening,
    pub delivery: Option<Delivery>,
}

impl Table {
    /// The entries of a job's log after the one with this number, in their order.
    pub async fn load_events(&self, job: JobId, after: u64) -> Result<Vec<JobEvent>, CloudError> {
        let from = keys::event(job, after.saturating_add(1)).sk;
        let items = self.query_range(&keys::job_partition(job), &from, keys::AFTER_EVENTS).await?;
        // An entry of a newer version is passed over: nothing of the job depends on it.
        items.iter().filter_map(|item| read_event(item).transpose()).collect()
    }

    /// Makes a change to a job's stage together with the entry that tells of it. The entry's number for the one whose
    /// change it was; none if the change's condition failed.
    pub(super) async fn change_and_log(
        &self,
        change: impl Fn() -> Change<'static>,
        entry: &NewEntry<'_>,
        now: Timestamp,
        token: &str,
    ) -> Result<Option<u64>, CloudError> {
        let mut last = entry.last;
        for attempt in 0..TRIES {
            let number = last.saturating_add(1);
            let mut items = vec![change().in_transaction(self)?];
            items.extend(self.append(entry.job.id, last, entry.what, now)?);
            if let Some(delivery) = &entry.delivery {
                items.push(create_in_transaction(self, deliveries::item(delivery))?);
            }
            // What is written differs by the number, and so must the request's token.
            match self.transact(items, &format!("{token}{attempt}")).await? {
                Conditional::Won(()) => return Ok(Some(number)),
                Conditional::Lost(refusals) if refusals.failed(0) => {
                    return Ok(wrote(refusals.old(0), token).then_some(number));
                }
                Conditional::Lost(refusals) => {
                    // Somebody has added an entry meanwhile, or the job has ended.
                    let Some(job) = refusals.old(1) else { return Err(CloudError::corrupt("the log of a job")) };
                    let read = Reader::new(job, "job record");
                    if Job::has_ended(read.text("status")?) {
                        return Ok(None);
                    }
                    last = read.opt_number("events")?.unwrap_or(0);
                }
            }
        }
        Err(CloudError::conflict("the log of a job"))
    }

    fn append(
        &self,
        job: JobId,
        last: u64,
        what: Happening,
        now: Timestamp,
    ) -> Result<[TransactWriteItem; 2], CloudError> {
        let mut set = open_values();
        set.extend(values([("number", number(last.saturating_add(1))), ("last", number(last))]));
        let count = Change {
            key: keys::job(job),
            update: "SET #events = :number",
            condition: &format!("#events = :last AND {IS_OPEN}"),
            values: set,
        };
        Ok([count.in_transaction(self)?, self.entry(job, last.saturating_add(1), what, now)?])
    }

    /// An entry by itself, where the transaction moves the number by other means.
    pub(super) fn entry(
        &self,
        job: JobId,
        number: u64,
        what: Happening,
        at: Timestamp,
    ) -> Result<TransactWriteItem, CloudError> {
        create_in_transaction(self, event_item(job, &JobEvent { number, at, what }))
    }
}

fn event_item(job: JobId, event: &JobEvent) -> Item {
    let attributes = Attributes::default().with("event", text(event.what.name())).with("at", time(event.at));
    let attributes = match event.what {
        Happening::RoundOpened { stage, round } => {
            attributes.with("stage", number(stage.0)).with("round", number(round.0))
        }
        Happening::StageFinished { stage, stored, requested } => attributes
            .with("stage", number(stage.0))
            .with("stored", number(stored))
            .with("requested", number(requested)),
        Happening::Reopened => attributes,
        Happening::Ended { status: _, stored, requested, captured, released } => attributes
            .with("stored", number(stored))
            .with("requested", number(requested))
            .with("captured", number(captured.get()))
            .with("released", number(released.get())),
    };
    keys::event(job, event.number).with(attributes.into_item())
}

/// None of an entry that only a newer version knows.
fn read_event(item: &Item) -> Result<Option<JobEvent>, CloudError> {
    let read = Reader::new(item, "event record");
    let stage = || Ok::<_, CloudError>(StageIndex(read.number("stage")?));
    let credits = |name| Credits::new(read.opt_number(name)?.unwrap_or(0)).ok_or_else(|| read.corrupt(name));
    let what = match read.text("event")? {
        "round.opened" => Happening::RoundOpened { stage: stage()?, round: Round(read.number("round")?) },
        "stage.finished" => Happening::StageFinished {
            stage: stage()?,
            stored: read.number("stored")?,
            requested: read.number("requested")?,
        },
        "job.reopened" => Happening::Reopened,
        name => match status_of_end(name) {
            Some(status) => Happening::Ended {
                status,
                stored: read.number("stored")?,
                requested: read.number("requested")?,
                captured: credits("captured")?,
                released: credits("released")?,
            },
            None => return Ok(None),
        },
    };
    let number = keys::parse_event_sort(read.text("sk")?).ok_or_else(|| read.corrupt("sk"))?;
    Ok(Some(JobEvent { number, at: read.time("at")?, what }))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use toonmill_domain::JobStatus;

    use super::*;

    #[test]
    fn every_entry_is_read_as_it_was_written() {
        let credits = |amount| Credits::new(amount).unwrap();
        let job = "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap();
        let end =
            |status| Happening::Ended { status, stored: 3, requested: 5, captured: credits(42), released: credits(28) };
        let all = [
            Happening::RoundOpened { stage: StageIndex(2), round: Round(3) },
            Happening::StageFinished { stage: StageIndex(0), stored: 49, requested: 50 },
            Happening::Reopened,
            end(JobStatus::Completed),
            end(JobStatus::Partial),
            end(JobStatus::Failed),
            end(JobStatus::Cancelled),
        ];
        for (number, what) in (1..).zip(all) {
            let event = JobEvent { number, at: Timestamp::from_millis(7), what };
            assert_eq!(read_event(&event_item(job, &event)).unwrap(), Some(event));
        }
    }

    #[test]
    fn an_entry_of_an_unknown_kind_is_passed_over_and_a_spoiled_one_is_named() {
        let job = "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap();
        let event = JobEvent { number: 1, at: Timestamp::from_millis(7), what: Happening::Reopened };
        let mut item: BTreeMap<_, _> = event_item(job, &event).into_iter().collect();
        item.insert("event".to_owned(), text("job.moonrise"));
        assert_eq!(read_event(&item.clone().into_iter().collect()).unwrap(), None);
        item.insert("event".to_owned(), number(7));
        let error = read_event(&item.into_iter().collect()).unwrap_err().to_string();
        assert!(error.contains("event of the event record"), "{error}");
    }
}
