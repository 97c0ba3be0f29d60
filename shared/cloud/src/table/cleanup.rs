//! Removing what is over: files past their time, jobs past their retention.

use aws_sdk_dynamodb::types::{AttributeValue, DeleteRequest, WriteRequest};
use toonmill_domain::{Job, StageKey, Timestamp};

use super::{
    RowPlace, Table,
    keys::{self, Key},
};
use crate::{
    Conditional,
    error::CloudError,
    expression::{Change, values},
    item::{Item, Reader, flag, number, time},
    patience::pause,
};

/// The most keys of one `BatchWriteItem` and of one `BatchGetItem` (API limits).
const BATCH_WRITE: usize = 25;
const BATCH_GET: usize = 100;
/// Passes over what a batch call left unprocessed.
const BATCH_PASSES: u32 = 8;

impl Table {
    /// Puts off the cleanup's next visit to a job that has ended.
    pub async fn postpone_visit(&self, seen: &Job, at: Timestamp) -> Result<bool, CloudError> {
        let change = Change {
            key: keys::job(seen.id),
            update: "SET #nextCheckAt = :at",
            // A retry has opened the job again: it is the sweep's now.
            condition: "#version = :seen",
            values: values([("at", time(at)), ("seen", number(seen.version))]),
        };
        Ok(matches!(change.apply(self).await?, Conditional::Won(_)))
    }

    /// The first step of a job's removal: shuts the door to a retry, before anything is gone. False if the job is not
    /// as it was read.
    pub async fn begin_removal(&self, seen: &Job) -> Result<bool, CloudError> {
        let change = Change {
            key: keys::job(seen.id),
            update: "SET #removing = :true",
            condition: "#version = :seen",
            values: values([("true", flag(true)), ("seen", number(seen.version))]),
        };
        Ok(matches!(change.apply(self).await?, Conditional::Won(_)))
    }

    /// Removes the records of an ended job: these files with their rows of the list, its slots, hashes, events, stages, list
    /// row, and last the job, so that a removal that was cut short is found again. Ledger entries stay.
    pub async fn remove_job(&self, job: &Job, stages: &[StageKey], files: &[RowPlace]) -> Result<usize, CloudError> {
        let mut doomed: Vec<Key> = files.iter().map(|place| keys::file(place.file)).collect();
        doomed.extend(files.iter().map(|place| keys::row(&job.account, keys::FILE_ROW_PREFIX, *place)));
        for stage in stages {
            doomed.extend(self.keys_of(&keys::slot_partition(*stage)).await?);
        }
        let own = keys::job(job.id);
        doomed.extend(self.keys_of(&own.pk).await?.into_iter().filter(|key| *key != own));
        doomed.push(keys::job_row(&job.account, job.id));
        let removed = doomed.len().saturating_add(1);
        self.delete_all(&doomed).await?;
        self.delete(own).await?;
        Ok(removed)
    }

    pub(super) async fn delete_all(&self, doomed: &[Key]) -> Result<(), CloudError> {
        for batch in doomed.chunks(BATCH_WRITE) {
            self.delete_batch(batch).await?;
        }
        Ok(())
    }

    async fn keys_of(&self, pk: &str) -> Result<Vec<Key>, CloudError> {
        let items = self.query_range(pk, "!", "~").await?;
        items
            .iter()
            .map(|item| {
                let read = Reader::new(item, "key");
                Ok(Key { pk: read.text("pk")?.to_owned(), sk: read.text("sk")?.to_owned() })
            })
            .collect()
    }

    pub(super) async fn delete(&self, key: Key) -> Result<(), CloudError> {
        self.client()
            .delete_item()
            .table_name(self.name())
            .set_key(Some(key.into_item()))
            .send()
            .await
            .map(|_| ())
            .map_err(|error| CloudError::from_sdk("DeleteItem", error))
    }

    async fn delete_batch(&self, batch: &[Key]) -> Result<(), CloudError> {
        let mut requests = batch
            .iter()
            .map(|key| {
                let delete = DeleteRequest::builder().set_key(Some(key.clone().into_item())).build();
                delete
                    .map(|delete| WriteRequest::builder().delete_request(delete).build())
                    .map_err(|error| CloudError::corrupt(error.to_string()))
            })
            .collect::<Result<Vec<_>, _>>()?;
        for pass in 0..BATCH_PASSES {
            if pass > 0 {
                pause(pass).await;
            }
            let answer = self
                .client()
                .batch_write_item()
                .request_items(self.name(), requests)
                .send()
                .await
                .map_err(|error| CloudError::from_sdk("BatchWriteItem", error))?;
            requests = answer.unprocessed_items.and_then(|mut left| left.remove(self.name())).unwrap_or_default();
            if requests.is_empty() {
                return Ok(());
            }
        }
        Err(CloudError::unavailable("BatchWriteItem (unprocessed items)"))
    }

    /// Consistent reads of many items. All that are unprocessed are asked for again.
    pub(super) async fn batch_get(&self, keys: Vec<Item>) -> Result<Vec<Item>, CloudError> {
        let mut items = Vec::with_capacity(keys.len());
        for batch in keys.chunks(BATCH_GET) {
            let mut wanted: Vec<std::collections::HashMap<String, AttributeValue>> = batch.to_vec();
            let mut passes = 0;
            while !wanted.is_empty() {
                if passes == BATCH_PASSES {
                    return Err(CloudError::unavailable("BatchGetItem (unprocessed keys)"));
                }
                // What is left undone was one item too many: DynamoDB wants it asked for again later, not at once.
                if passes > 0 {
                    pause(passes).await;
                }
                passes = passes.saturating_add(1);
                let request = aws_sdk_dynamodb::types::KeysAndAttributes::builder()
                    .set_keys(Some(wanted))
                    .consistent_read(true)
                    .build()
                    .map_err(|error| CloudError::corrupt(error.to_string()))?;
                let answer = self
                    .client()
                    .batch_get_item()
                    .request_items(self.name(), request)
                    .send()
                    .await
                    .map_err(|error| CloudError::from_sdk("BatchGetItem", error))?;
                items.extend(answer.responses.and_then(|mut found| found.remove(self.name())).unwrap_or_default());
                wanted = answer
                    .unprocessed_keys
                    .and_then(|mut left| left.remove(self.name()))
                    .map(|left| left.keys)
                    .unwrap_or_default();
            }
        }
        Ok(items)
    }
}
