//! Service keys: a row under its owner, and a record under the key's hash by which a request finds it. The key itself
//! is in neither.

use toonmill_domain::{AccountId, KeyId, Limit, Limits, Scope, ServiceKey};

use super::{BY, Table, keys, wrote};
use crate::{
    Conditional,
    error::CloudError,
    expression::{create_in_transaction, delete_in_transaction},
    item::{Attributes, Item, Reader, number, text, time},
};

impl Table {
    /// Writes a new key. `sha256` is of the key's text, in hex: it has 256 random bits, so that one hash is enough.
    pub async fn create_service_key(&self, key: &ServiceKey, sha256: &str, token: &str) -> Result<(), CloudError> {
        let mut row = attributes(key).with("sha256", text(sha256)).into_item();
        row.insert(BY.to_owned(), text(token));
        let items = vec![
            create_in_transaction(self, keys::key_row(&key.account, key.id).with(row))?,
            create_in_transaction(self, keys::service_key(sha256).with(attributes(key).into_item()))?,
        ];
        match self.transact(items, token).await? {
            Conditional::Won(()) => Ok(()),
            // Our own effect, whose answer was lost.
            Conditional::Lost(refusals) if wrote(refusals.old(0), token) => Ok(()),
            Conditional::Lost(_) => Err(CloudError::corrupt(format!("the new key {}", key.id))),
        }
    }

    /// The key that hashes to this; none if it never was or was revoked.
    pub async fn load_service_key(&self, sha256: &str) -> Result<Option<ServiceKey>, CloudError> {
        self.get(keys::service_key(sha256)).await?.as_ref().map(read_key).transpose()
    }

    /// At most `limit` of an account's keys, newest first, that are older than `before`.
    pub async fn list_service_keys(
        &self,
        account: &AccountId,
        before: Option<KeyId>,
        limit: i32,
    ) -> Result<Vec<ServiceKey>, CloudError> {
        let before = before.map(|key| keys::key_row(account, key).sk);
        let rows = self.newest_rows(account, keys::KEY_ROW_PREFIX, before.as_deref(), limit).await?;
        rows.iter().map(read_key).collect()
    }

    /// Revokes a key of the account's. False if it has none of this id.
    pub async fn revoke_service_key(&self, account: &AccountId, key: KeyId, token: &str) -> Result<bool, CloudError> {
        let Some(row) = self.get(keys::key_row(account, key)).await? else { return Ok(false) };
        let sha256 = Reader::new(&row, "row of a service key").text("sha256")?;
        // The record by which requests find it is what counts; both go or none.
        let items = vec![
            delete_in_transaction(self, keys::service_key(sha256))?,
            delete_in_transaction(self, keys::key_row(account, key))?,
        ];
        match self.transact(items, token).await? {
            Conditional::Won(()) => Ok(true),
            Conditional::Lost(_) => Err(CloudError::corrupt(format!("the key {key}"))),
        }
    }
}

fn attributes(key: &ServiceKey) -> Attributes {
    let limits: Item = key.limits.said().map(|(limit, most)| (limit.name().to_owned(), number(most))).collect();
    let scopes: Vec<_> = key.scopes.iter().map(|scope| scope.as_str().to_owned()).collect();
    Attributes::default()
        .with("key", text(key.id))
        .with("user", text(&key.user))
        .with("account", text(&key.account))
        .with("name", text(&key.name))
        .with_some("scopes", (!scopes.is_empty()).then_some(aws_sdk_dynamodb::types::AttributeValue::Ss(scopes)))
        .with("limits", aws_sdk_dynamodb::types::AttributeValue::M(limits))
        .with("createdAt", time(key.created_at))
}

fn read_key(item: &Item) -> Result<ServiceKey, CloudError> {
    let read = Reader::new(item, "service key");
    let scopes: Vec<String> = read.text_set("scopes")?;
    // A scope or a limit of a newer version opens nothing here and holds nothing back.
    let scopes = scopes.iter().filter_map(|scope| Scope::parse(scope));
    let mut limits = Limits::default();
    if let Some(own) = read.opt_map("limits", "limits of a service key")? {
        for name in own.names() {
            if let Some(limit) = Limit::of_name(name) {
                limits = limits.with(limit, own.number(name)?);
            }
        }
    }
    Ok(ServiceKey {
        id: read.parsed("key")?,
        user: read.parsed("user")?,
        account: read.parsed("account")?,
        name: read.text("name")?.to_owned(),
        scopes: scopes.collect(),
        limits,
        created_at: read.time("createdAt")?,
    })
}
