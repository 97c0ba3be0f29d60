//! The due index: where the sweep and the cleanup find work. It only finds work; the record itself decides what is done.

use toonmill_domain::{DeliveryKey, FileId, JobId, Timestamp};

use super::{
    DUE_INDEX, DueList, Table, deliveries,
    keys::{self, Key},
};
use crate::{
    Conditional,
    error::CloudError,
    expression::{Change, values},
    item::{Item, Reader, time},
};

/// The attribute by which the index sorts.
const NEXT_CHECK_AT: &str = "nextCheckAt";

/// One row of the due index, which may be a moment older than its record. Nothing of it is interpreted until it is asked for,
/// so that a row which this version cannot read does not hide the rows beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct DueRow {
    list: DueList,
    shard: u8,
    item: Item,
}

/// Where the next page of a shard begins.
#[derive(Clone, Debug, PartialEq)]
pub struct DueCursor(Item);

/// Some of the rows of one shard, the longest due first.
#[derive(Clone, Debug, PartialEq)]
pub struct DuePage {
    pub rows: Vec<DueRow>,
    /// None if these were the last.
    pub next: Option<DueCursor>,
}

impl DueRow {
    pub const fn list(&self) -> DueList {
        self.list
    }

    /// The key of the record, for logs.
    pub fn key(&self) -> String {
        let part = |name| self.read().text(name).unwrap_or("?");
        format!("{} {}", part("pk"), part("sk"))
    }

    /// Since when it is due.
    pub fn due_since(&self) -> Result<Timestamp, CloudError> {
        self.read().time(NEXT_CHECK_AT)
    }

    /// The job of a row of open or ended jobs.
    pub fn job(&self) -> Result<JobId, CloudError> {
        self.read().named("pk", keys::parse_job_partition)
    }

    /// The deadline of an open job.
    pub fn deadline(&self) -> Result<Option<Timestamp>, CloudError> {
        self.read().opt_time("deadline")
    }

    /// The file of a row of temporary files.
    pub fn file(&self) -> Result<FileId, CloudError> {
        self.read().named("pk", keys::parse_file_partition)
    }

    /// The delivery of a row of deliveries.
    pub fn delivery(&self) -> Result<DeliveryKey, CloudError> {
        deliveries::read_key(&self.read())
    }

    fn read(&self) -> Reader<'_> {
        Reader::new(&self.item, "due index")
    }
}

impl Table {
    /// Reads at most `limit` rows of one shard that are due by `now`, after those of an earlier page.
    pub async fn due_page(
        &self,
        list: DueList,
        shard: u8,
        now: Timestamp,
        after: Option<DueCursor>,
        limit: i32,
    ) -> Result<DuePage, CloudError> {
        let answer = self
            .client()
            .query()
            .table_name(self.name())
            .index_name(DUE_INDEX)
            .key_condition_expression("dueShard = :shard AND nextCheckAt <= :now")
            .expression_attribute_values(":shard", list.partition(shard))
            .expression_attribute_values(":now", time(now))
            .set_exclusive_start_key(after.map(|cursor| cursor.0))
            .limit(limit)
            .send()
            .await
            .map_err(|error| CloudError::from_sdk("Query", error))?;
        let rows = answer.items.unwrap_or_default().into_iter().map(|item| DueRow { list, shard, item });
        let next = answer.last_evaluated_key.filter(|key| !key.is_empty()).map(DueCursor);
        Ok(DuePage { rows: rows.collect(), next })
    }

    /// Puts off the next look at a row whose record cannot be handled, so that it does not come first in each run. False if
    /// the row has changed since it was read.
    pub async fn postpone_due(&self, row: &DueRow, at: Timestamp) -> Result<bool, CloudError> {
        let read = row.read();
        let seen = row.item.get(NEXT_CHECK_AT).cloned().ok_or_else(|| read.corrupt(NEXT_CHECK_AT))?;
        let change = Change {
            key: Key { pk: read.text("pk")?.to_owned(), sk: read.text("sk")?.to_owned() },
            update: "SET #nextCheckAt = :at",
            // A record that somebody has changed meanwhile, or moved to another list, has a time of its own.
            condition: "#nextCheckAt = :seen AND #dueShard = :shard",
            values: values([("at", time(at)), ("seen", seen), ("shard", row.list.partition(row.shard))]),
        };
        Ok(matches!(change.apply(self).await?, Conditional::Won(_)))
    }
}
