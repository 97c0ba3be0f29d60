//! The one table: records, and one function per verb of the domain.
//!
//! Reads that a decision depends on are consistent; the index only *finds* work. Every conditional write leaves
//! a token that its caller made (the holder of a slot, `by` on the other records), so that a call which the SDK
//! repeats after a lost answer recognises its own effect and reports success.

mod accounts;
mod breakers;
mod budgets;
mod characters;
mod chats;
mod claims;
mod cleanup;
mod deliveries;
mod due;
mod file_ends;
mod file_list;
mod files;
mod hints;
mod holds;
mod hooks;
mod idempotency;
mod jobs;
pub(crate) mod keys;
mod lists;
mod log;
mod plans;
mod providers;
mod published;
mod rates;
mod records;
mod repairs;
mod retry;
mod service_keys;
mod settle;
mod stages;
mod submit;
mod transaction;
mod uploads;
mod users;
mod waits;

use std::collections::BTreeMap;

use aws_sdk_dynamodb::{Client, types::AttributeValue};
use toonmill_domain::{Job, JobId, Slot, SlotIndex, SlotKey, Stage, StageKey, reconcile::Slots};

pub use accounts::{Account, Granted};
pub use claims::{Claim, Commit, Delivered};
pub use deliveries::{Noted, Telling, UpdateRecord};
pub use due::{DueCursor, DuePage, DueRow};
pub use files::{File, FileState, file_of_slot};
pub use holds::{DayUse, Demand, HoldRefused};
pub use idempotency::IdempotencyRecord;
pub use jobs::CancelRefused;
pub use keys::{DUE_INDEX, DUE_SHARDS, DueList};
pub use lists::{JobRow, ScanCursor};
pub use log::NewEntry;
pub use published::{Row, RowPlace};
pub use rates::{Counted, Passed, RequestUse};
pub use retry::{Reopening, RetryRefused};
pub use settle::{SettleTimes, Settled};
pub use submit::{Refused, Submission};
pub use uploads::{QuotaExceeded, UploadQuota, Uploads};
pub use waits::WaitPlace;

use crate::{
    Lazy,
    error::CloudError,
    item::{Item, text},
    table::keys::Key,
};

/// The table.
#[derive(Clone, Debug)]
pub struct Table {
    client: Lazy<Client>,
    name: String,
}

impl Table {
    pub fn new(client: impl Into<Lazy<Client>>, name: impl Into<String>) -> Self {
        Self { client: client.into(), name: name.into() }
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// A job and all of its stages, in one consistent query. None if there is no such job.
    pub async fn load_job(&self, job: JobId) -> Result<Option<(Job, Vec<Stage>)>, CloudError> {
        let items = self.query_range(&keys::job_partition(job), "A", keys::AFTER_STAGES).await?;
        let mut items = items.iter();
        let Some(first) = items.next() else { return Ok(None) };
        let job = records::read_job(first)?;
        let stages = items.map(records::read_stage).collect::<Result<_, _>>()?;
        Ok(Some((job, stages)))
    }

    /// Every slot of a stage that has a record.
    pub async fn load_slots(&self, stage: StageKey) -> Result<Slots, CloudError> {
        let items = self.query_range(&keys::slot_partition(stage), "0", keys::AFTER_SLOTS).await?;
        items.iter().map(|item| records::read_slot(item).map(|slot| (slot.key.slot, slot))).collect()
    }

    /// One slot's record; none if it was never claimed.
    pub async fn load_slot(&self, slot: SlotKey) -> Result<Option<Slot>, CloudError> {
        self.get(keys::slot(slot)).await?.as_ref().map(records::read_slot).transpose()
    }

    /// At most `limit` of a stage's slot records, from the slot `from` on.
    pub async fn load_slots_from(&self, stage: StageKey, from: SlotIndex, limit: i32) -> Result<Slots, CloudError> {
        let answer = self
            .range(&keys::slot_partition(stage), &keys::slot_sort(from), keys::AFTER_SLOTS)
            .limit(limit)
            .send()
            .await
            .map_err(|error| CloudError::from_sdk("Query", error))?;
        answer.items().iter().map(|item| records::read_slot(item).map(|slot| (slot.key.slot, slot))).collect()
    }

    fn range(
        &self,
        pk: &str,
        from: &str,
        to: &str,
    ) -> aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder {
        self.client
            .query()
            .table_name(&self.name)
            .consistent_read(true)
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
            .expression_attribute_values(":pk", text(pk))
            .expression_attribute_values(":from", text(from))
            .expression_attribute_values(":to", text(to))
    }

    /// All items of a partition between two sort keys, over as many pages as it takes. Nearly always it takes one, and the
    /// SDK's paginator would be a thirtieth of what a poll costs.
    async fn query_range(&self, pk: &str, from: &str, to: &str) -> Result<Vec<Item>, CloudError> {
        let mut items = Vec::new();
        let mut last = None;
        loop {
            let query = self.range(pk, from, to).set_exclusive_start_key(last);
            let page = query.send().await.map_err(|error| CloudError::from_sdk("Query", error))?;
            items.append(&mut page.items.unwrap_or_default());
            last = page.last_evaluated_key.filter(|key| !key.is_empty());
            if last.is_none() {
                return Ok(items);
            }
        }
    }

    async fn get(&self, key: Key) -> Result<Option<Item>, CloudError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.name)
            .set_key(Some(key.into_item()))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| CloudError::from_sdk("GetItem", error))?;
        Ok(answer.item)
    }

    /// Slots of several stages, by stage.
    pub async fn load_all_slots(
        &self,
        stages: &[Stage],
    ) -> Result<BTreeMap<toonmill_domain::StageIndex, Slots>, CloudError> {
        let mut all = BTreeMap::new();
        for stage in stages {
            all.insert(stage.key.stage, self.load_slots(stage.key).await?);
        }
        Ok(all)
    }

    /// Whether the table answers at all, for the health check.
    pub async fn answers(&self) -> Result<(), CloudError> {
        let nobody = Item::from([("pk".to_owned(), text("HEALTH")), ("sk".to_owned(), text("A"))]);
        self.client
            .get_item()
            .table_name(&self.name)
            .set_key(Some(nobody))
            .consistent_read(true)
            .send()
            .await
            .map(|_| ())
            .map_err(|error| CloudError::from_sdk("GetItem", error))
    }
}

/// The token that a call leaves in the records it writes.
pub(crate) const BY: &str = "by";

pub(crate) fn wrote(item: Option<&Item>, token: &str) -> bool {
    item.and_then(|item| item.get(BY)) == Some(&AttributeValue::S(token.to_owned()))
}
