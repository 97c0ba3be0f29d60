//! What an account signs its hooks' calls with, and the hooks that want no more of them.

use toonmill_domain::{AccountId, Timestamp, sha256::hex_of};

use super::{Table, keys, wrote};
use crate::{
    Conditional,
    error::CloudError,
    expression::{Change, values},
    item::{Reader, text, time},
};

impl Table {
    /// An account's secrets, as JSON that only their owner reads; none if it never made one.
    pub async fn load_hook_secrets(&self, account: &AccountId) -> Result<Option<String>, CloudError> {
        let Some(item) = self.get(keys::hook_secrets(account)).await? else { return Ok(None) };
        Reader::new(&item, "record of secrets").text("document").map(|document| Some(document.to_owned()))
    }

    /// Puts others in the place of those that were `seen`. False if they are not as seen.
    pub async fn put_hook_secrets(
        &self,
        account: &AccountId,
        seen: Option<&str>,
        document: &str,
        token: &str,
    ) -> Result<bool, CloudError> {
        let mut set = values([("document", text(document)), ("token", text(token))]);
        let condition = match seen {
            Some(seen) => {
                set.insert(":seen".to_owned(), text(seen));
                "#document = :seen"
            }
            None => "attribute_not_exists(#pk)",
        };
        let change = Change {
            key: keys::hook_secrets(account),
            update: "SET #document = :document, #by = :token",
            condition,
            values: set,
        };
        Ok(match change.apply(self).await? {
            Conditional::Won(_) => true,
            Conditional::Lost(old) => wrote(old.as_ref(), token),
        })
    }

    /// Whether the server at a URL said that it wants nothing more (410).
    pub async fn is_hook_off(&self, account: &AccountId, url: &str) -> Result<bool, CloudError> {
        let item = self.get(keys::hook_off(account, &hex_of(url.as_bytes()))).await?;
        item.map_or(Ok(false), |item| Reader::new(&item, "record of a hook").flag("off"))
    }

    /// Notes what the server at a URL wants.
    pub async fn turn_hook(&self, account: &AccountId, url: &str, off: bool, now: Timestamp) -> Result<(), CloudError> {
        let change = Change {
            key: keys::hook_off(account, &hex_of(url.as_bytes())),
            update: "SET #off = :off, #url = :url, #at = :now",
            condition: "attribute_not_exists(#off) OR #off <> :off",
            values: values([("off", crate::item::flag(off)), ("url", text(url)), ("now", time(now))]),
        };
        change.apply(self).await.map(|_| ())
    }
}
