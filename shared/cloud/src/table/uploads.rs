//! What an account may upload: how many files, and how many bytes of them, are there at once.
//!
//! The two numbers change in the transactions that write and remove the uploads' records, and in no other way: they are the
//! uploads that there are, whatever happens at once or is cut short. An upload counts until it is removed: by its owner, and when
//! its time is over by the cleanup or for the next upload that needs its room. A saved one counts for ever.

use aws_sdk_dynamodb::types::TransactWriteItem;
use toonmill_domain::AccountId;

use super::{Table, files::File, keys, transaction::token_of};
use crate::{
    Conditional,
    error::CloudError,
    expression::{Change, create_in_transaction, delete_existing_in_transaction, delete_in_transaction, values},
    item::{Reader, number},
};

/// The most that one account may have at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UploadQuota {
    pub files: u64,
    pub bytes: u64,
}

/// What an account has uploaded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Uploads {
    pub files: u64,
    pub bytes: u64,
}

/// An upload that would be one too many, or too large beside the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuotaExceeded(pub UploadQuota);

impl Table {
    /// Writes the record of a new upload, its row of the list, and counts it; all or none.
    pub async fn create_upload(
        &self,
        file: &File,
        quota: UploadQuota,
    ) -> Result<Result<(), QuotaExceeded>, CloudError> {
        let size = file.counted_bytes.unwrap_or(0);
        let Some(room) = quota.bytes.checked_sub(size) else { return Ok(Err(QuotaExceeded(quota))) };
        let count = Change {
            key: keys::uploads(&file.account),
            update: "ADD #files :one, #bytes :size",
            condition: "attribute_not_exists(#pk) OR (#files < :most AND #bytes <= :room)",
            values: values([
                ("one", number(1)),
                ("size", number(size)),
                ("most", number(quota.files)),
                ("room", number(room)),
            ]),
        };
        if quota.files == 0 {
            return Ok(Err(QuotaExceeded(quota)));
        }
        let items = vec![
            create_in_transaction(self, super::files::file_item(file))?,
            self.list_file(file)?,
            count.in_transaction(self)?,
        ];
        match self.transact(items, &token_of(&["upload", &file.id.to_string()])).await? {
            Conditional::Won(()) => Ok(Ok(())),
            // Ids of files are made once: a record with this one is this call's own, its answer lost.
            Conditional::Lost(refusals) if refusals.failed(0) => Ok(Ok(())),
            Conditional::Lost(refusals) if refusals.failed(2) => Ok(Err(QuotaExceeded(quota))),
            Conditional::Lost(_) => Err(CloudError::corrupt(format!("the list row of the upload {}", file.id))),
        }
    }

    /// What an account has uploaded that is still there.
    pub async fn load_uploads(&self, account: &AccountId) -> Result<Uploads, CloudError> {
        let Some(item) = self.get(keys::uploads(account)).await? else { return Ok(Uploads::default()) };
        let read = Reader::new(&item, "count of uploads");
        Ok(Uploads { files: read.number("files")?, bytes: read.number("bytes")? })
    }

    /// The last step of a file's removal, after its object: the record, its row of the list, and its part of the count go
    /// together. Removing one that is gone is success.
    pub async fn delete_file(&self, file: &File) -> Result<(), CloudError> {
        let mut items = vec![
            // Whoever else removed it has uncounted it too.
            delete_existing_in_transaction(self, keys::file(file.id))?,
            delete_in_transaction(self, keys::row(&file.account, keys::FILE_ROW_PREFIX, file.place()))?,
        ];
        items.extend(file.counted_bytes.map(|bytes| self.uncount(&file.account, bytes)).transpose()?);
        match self.transact(items, &token_of(&["remove", &file.id.to_string()])).await? {
            Conditional::Won(()) => Ok(()),
            Conditional::Lost(refusals) if refusals.failed(0) => Ok(()),
            Conditional::Lost(_) => Err(CloudError::corrupt(format!("the count of uploads of {}", file.account))),
        }
    }

    fn uncount(&self, account: &AccountId, bytes: u64) -> Result<TransactWriteItem, CloudError> {
        let uncount = Change {
            key: keys::uploads(account),
            update: "SET #files = #files - :one, #bytes = #bytes - :size",
            // Numbers that would fall below nothing were not made by this program.
            condition: "#files >= :one AND #bytes >= :size",
            values: values([("one", number(1)), ("size", number(bytes))]),
        };
        uncount.in_transaction(self)
    }
}
