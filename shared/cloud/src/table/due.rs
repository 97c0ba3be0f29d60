//! What is due: the sparse index by which the sweep and the cleanup find work. It only finds; whoever acts
//! reads the record itself.

use toonmill_domain::{JobId, Timestamp};

use super::{DUE_INDEX, DueList, Table, keys};
use crate::{
    error::CloudError,
    item::{Item, Reader, time},
};

/// A job as the index shows it, which may be a moment old.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DueJob {
    pub job: JobId,
    pub deadline: Option<Timestamp>,
}

impl Table {
    /// At most `limit` jobs in one shard of a list that should be looked at by now, the longest due first.
    pub async fn due_jobs(
        &self,
        list: DueList,
        shard: u8,
        now: Timestamp,
        limit: i32,
    ) -> Result<Vec<DueJob>, CloudError> {
        let items = self.due(list, shard, now, limit).await?;
        items
            .iter()
            .map(|item| {
                let read = Reader::new(item, "due index");
                Ok(DueJob { job: read.named("pk", keys::parse_job_partition)?, deadline: read.opt_time("deadline")? })
            })
            .collect()
    }

    pub(super) async fn due(
        &self,
        list: DueList,
        shard: u8,
        now: Timestamp,
        limit: i32,
    ) -> Result<Vec<Item>, CloudError> {
        let answer = self
            .client()
            .query()
            .table_name(self.name())
            .index_name(DUE_INDEX)
            .key_condition_expression("dueShard = :shard AND nextCheckAt <= :now")
            .expression_attribute_values(":shard", list.partition(shard))
            .expression_attribute_values(":now", time(now))
            .limit(limit)
            .send()
            .await
            .map_err(|error| CloudError::from_sdk("Query", error))?;
        Ok(answer.items.unwrap_or_default())
    }
}
