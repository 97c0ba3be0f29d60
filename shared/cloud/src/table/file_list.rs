//! The owner's list of files: rows written and removed in the transactions of their files.
//!
//! A row only finds its file, in the order of time. What the file is, and whether it is temporary, its own record says.

use aws_sdk_dynamodb::types::TransactWriteItem;
use toonmill_domain::AccountId;

use super::{Table, files::File, keys, published::RowPlace};
use crate::{
    error::CloudError,
    expression::create_in_transaction,
    item::{Attributes, Reader, text, time},
};

impl File {
    /// Where its row stands.
    pub const fn place(&self) -> RowPlace {
        RowPlace { at: self.created_at, file: self.id }
    }
}

impl Table {
    /// At most `limit` of an account's files, newest first, that are older than `before`. Their records say whether they are
    /// still there.
    pub async fn list_files(
        &self,
        account: &AccountId,
        before: Option<RowPlace>,
        limit: i32,
    ) -> Result<Vec<RowPlace>, CloudError> {
        let before = before.map(|place| keys::row(account, keys::FILE_ROW_PREFIX, place).sk);
        let rows = self.newest_rows(account, keys::FILE_ROW_PREFIX, before.as_deref(), limit).await?;
        let read = |item| {
            let read = Reader::new(item, "row of the list of files");
            Ok(RowPlace { at: read.time("createdAt")?, file: read.parsed("file")? })
        };
        rows.iter().map(read).collect()
    }

    pub(super) fn list_file(&self, file: &File) -> Result<TransactWriteItem, CloudError> {
        let row = Attributes::default().with("file", text(file.id)).with("createdAt", time(file.created_at));
        create_in_transaction(self, keys::row(&file.account, keys::FILE_ROW_PREFIX, file.place()).with(row.into_item()))
    }
}
