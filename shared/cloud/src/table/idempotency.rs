//! What a repeated request is recognised by: a record that is written only in the transaction that does what was asked.

use aws_sdk_dynamodb::types::TransactWriteItem;
use toonmill_domain::{AccountId, JobId, Timestamp};

use super::{Table, keys};
use crate::{
    error::CloudError,
    expression::{put_in_transaction, values},
    item::{Attributes, Item, Reader, number, text, time},
};

/// An `Idempotency-Key` and what it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyRecord {
    /// Of the header's value, in hex: the value itself may be anything.
    pub key_sha256: String,
    /// Of the request, in hex.
    pub fingerprint: String,
    pub job: JobId,
    pub expires_at: Timestamp,
}

impl Table {
    /// What an idempotency key stands for, unless it has expired.
    pub async fn load_idempotency(
        &self,
        account: &AccountId,
        key_sha256: &str,
        now: Timestamp,
    ) -> Result<Option<IdempotencyRecord>, CloudError> {
        let item = self.get(keys::idempotency(account, key_sha256)).await?;
        let record = item.as_ref().map(read).transpose()?;
        Ok(record.filter(|record| record.expires_at >= now))
    }

    /// The record as a part of a transaction, which fails where the key stands for something already.
    pub(super) fn remember(
        &self,
        account: &AccountId,
        record: &IdempotencyRecord,
        now: Timestamp,
    ) -> Result<TransactWriteItem, CloudError> {
        // The expiry is compared here because TTL removes items days late.
        let condition = "attribute_not_exists(#pk) OR #until < :now";
        put_in_transaction(self, item(account, record), condition, values([("now", time(now))]))
    }
}

fn item(account: &AccountId, record: &IdempotencyRecord) -> Item {
    let attributes = Attributes::default()
        .with("key", text(&record.key_sha256))
        .with("fingerprint", text(&record.fingerprint))
        .with("job", text(record.job))
        .with("until", time(record.expires_at))
        .with("expiresAt", number(record.expires_at.as_secs()));
    keys::idempotency(account, &record.key_sha256).with(attributes.into_item())
}

pub(super) fn read(item: &Item) -> Result<IdempotencyRecord, CloudError> {
    let read = Reader::new(item, "idempotency record");
    Ok(IdempotencyRecord {
        key_sha256: read.text("key")?.to_owned(),
        fingerprint: read.text("fingerprint")?.to_owned(),
        job: read.parsed("job")?,
        expires_at: read.time("until")?,
    })
}
