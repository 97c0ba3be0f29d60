//! When files end: kept for a job, saved by their owner, and removed by the cleanup or their owner.
//!
//! ```text
//!  live, temporary ── keep until ──► live, temporary, for longer
//!        │    └────── save ────────► live, saved: nobody's to remove but its owner's
//!        └ its time is over, or its owner removes it ─► deleting ─► object removed ─► (absent)
//! ```

use toonmill_domain::{FileId, Timestamp};

use super::{
    Table,
    files::{File, FileState, read_file},
    keys::{self, DueList},
    transaction::token_of,
    wrote,
};
use crate::{
    Conditional,
    error::CloudError,
    expression::{Change, Check, values},
    item::{flag, text, time},
};

impl Table {
    /// Keeps a temporary file at least until `until`, before a job that needs it is submitted. False if it is gone.
    pub async fn keep_file_until(&self, id: FileId, until: Timestamp) -> Result<bool, CloudError> {
        let change = Change {
            key: keys::file(id),
            update: "SET #expiresAtMs = :until, #nextCheckAt = :until",
            condition: "#state = :live AND #expiresAtMs < :until",
            values: values([("until", time(until)), ("live", text(FileState::Live.as_str()))]),
        };
        match change.apply(self).await? {
            Conditional::Won(_) => Ok(true),
            Conditional::Lost(None) => Ok(false),
            Conditional::Lost(Some(old)) => Ok(read_file(&old)?.state == FileState::Live),
        }
    }

    /// Keeps a file for ever, as it was read. False if it is gone or going.
    pub async fn save_file(&self, seen: &File, token: &str) -> Result<bool, CloudError> {
        let save = Change {
            key: keys::file(seen.id),
            update: "SET #saved = :true, #isTemp = :false, #by = :token REMOVE #expiresAtMs, #nextCheckAt, #dueShard",
            // Whoever removes it has shut this door first.
            condition: "#state = :live",
            values: values([
                ("true", flag(true)),
                ("false", flag(false)),
                ("token", text(token)),
                ("live", text(FileState::Live.as_str())),
            ]),
        };
        let mut items = vec![save.in_transaction(self)?];
        if let Some(job) = seen.job {
            // A job's removal reads which files are saved after it has marked the job: none may be saved from then on. A
            // file whose job is gone has outlived it.
            items.push(
                Check { key: keys::job(job), condition: "attribute_not_exists(#removing)", values: values([]) }
                    .in_transaction(self)?,
            );
        }
        match self.transact(items, &token_of(&["save", token])).await? {
            Conditional::Won(()) => Ok(true),
            Conditional::Lost(refusals) => Ok(refusals.failed(0) && wrote(refusals.old(0), token)),
        }
    }

    /// The first of the two steps that remove a file: shuts the door if it is temporary and past its time.
    pub async fn begin_deleting(&self, id: FileId, now: Timestamp) -> Result<Option<File>, CloudError> {
        let change = Change {
            key: keys::file(id),
            update: "SET #state = :deleting",
            // A file that was saved, or kept for a job, since the cleanup found it stays. So does one in a state that only a
            // newer version knows.
            condition: "#state = :deleting OR (#state IN (:live, :unchecked) AND #expiresAtMs < :now)",
            values: values([
                ("deleting", text(FileState::Deleting.as_str())),
                ("live", text(FileState::Live.as_str())),
                ("unchecked", text(FileState::Unchecked.as_str())),
                ("now", time(now)),
            ]),
        };
        match change.apply(self).await? {
            Conditional::Won(item) => read_file(&item).map(Some),
            Conditional::Lost(None) => Ok(None),
            // An operator is to hear that a record cannot be read.
            Conditional::Lost(Some(old)) => read_file(&old).map(|_| None),
        }
    }

    /// The same for its owner, who may remove it at any time. Cut short after this, the removal is the cleanup's to finish.
    /// False if there is no such file.
    pub async fn begin_deleting_own(&self, seen: &File, now: Timestamp) -> Result<bool, CloudError> {
        let change = Change {
            key: keys::file(seen.id),
            update: "SET #state = :deleting, #expiresAtMs = :now, #nextCheckAt = :now, #dueShard = :shard",
            condition: "attribute_exists(#pk) AND #account = :account",
            values: values([
                ("deleting", text(FileState::Deleting.as_str())),
                ("now", time(now)),
                ("account", text(&seen.account)),
                ("shard", DueList::Temporary.partition_of(seen.id.uuid().as_bytes())),
            ]),
        };
        Ok(matches!(change.apply(self).await?, Conditional::Won(_)))
    }
}
