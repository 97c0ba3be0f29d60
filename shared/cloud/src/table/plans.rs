//! Plans whose job is not written yet: each has a record as a temporary file, so that the cleanup removes what no job came of.
//!
//! ```text
//!  record ─► plan put ─► job written: the record goes in the same transaction, and the plan is the job's
//!                  └──── no job: the cleanup removes the plan with the record, a day later
//! ```

use aws_sdk_dynamodb::types::TransactWriteItem;
use toonmill_domain::{AccountId, FileId, JobId, Timestamp};

use super::{
    Table,
    files::{File, FileState, file_item},
    keys,
    transaction::token_of,
};
use crate::{
    Conditional,
    blobs::plan_key,
    error::CloudError,
    expression::{Change, Check, create_in_transaction, delete_if_in_transaction, values},
    item::text,
};

impl Table {
    /// Notes that a plan is about to be put for a job that does not exist yet. Unless the job is written before `until`,
    /// the cleanup removes the plan.
    pub async fn expect_plan(
        &self,
        job: JobId,
        account: &AccountId,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<(), CloudError> {
        let record = File {
            id: file_of_plan(job),
            account: account.clone(),
            state: FileState::Unchecked,
            job: None,
            object_key: plan_key(job),
            mime_type: "application/json".to_owned(),
            size_bytes: 0,
            counted_bytes: None,
            sha256: None,
            pixels: None,
            turned: false,
            created_at: now,
            expires_at: Some(until),
            saved: false,
        };
        let items = vec![
            create_in_transaction(self, file_item(&record))?,
            // A call of the SDK's that arrives late must not bring the record back: it would end the plan of a job.
            Check { key: keys::job(job), condition: "attribute_not_exists(#pk)", values: values([]) }
                .in_transaction(self)?,
        ];
        // Ids of jobs are made once: a record with this one is this call's own, its answer lost.
        self.transact(items, &token_of(&["plan", &job.to_string()])).await.map(|_| ())
    }

    /// Shuts the door to a submit that was refused: a call of it that arrives late must not write a job without a plan. False
    /// if there is no such plan, or the job was written after all. The cleanup removes the record, and once more the plan.
    pub async fn give_up_plan(&self, job: JobId) -> Result<bool, CloudError> {
        let shut = Change {
            key: keys::file(file_of_plan(job)),
            update: "SET #state = :deleting",
            condition: "#state IN (:unchecked, :deleting)",
            values: values([
                ("deleting", text(FileState::Deleting.as_str())),
                ("unchecked", text(FileState::Unchecked.as_str())),
            ]),
        };
        Ok(matches!(shut.apply(self).await?, Conditional::Won(_)))
    }

    /// The part of a submit by which the plan becomes the job's.
    pub(super) fn keep_plan(&self, job: JobId) -> Result<TransactWriteItem, CloudError> {
        let unchecked = values([("unchecked", text(FileState::Unchecked.as_str()))]);
        // Neither given up nor on its way out by the cleanup.
        delete_if_in_transaction(self, keys::file(file_of_plan(job)), "#state = :unchecked", unchecked)
    }
}

/// The record's id. It is no slot's, whose ids are hashes.
fn file_of_plan(job: JobId) -> FileId {
    FileId::new(job.uuid())
}
