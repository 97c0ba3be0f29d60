//! When a chat was last told what the bot can do.

use toonmill_domain::{Delivery, Timestamp};

use super::{Table, UpdateRecord, deliveries, keys, wrote};
use crate::{
    Conditional,
    error::CloudError,
    expression::{create_in_transaction, put_in_transaction, values},
    item::{Attributes, Reader, number, text, time},
};

impl Table {
    /// Whether a chat was given a hint that still holds: it saves the work of another one, since only the transaction of
    /// [`Table::give_hint`] decides.
    pub async fn has_hint(&self, chat: i64, now: Timestamp) -> Result<bool, CloudError> {
        let Some(item) = self.get(keys::chat_hint(chat)).await? else { return Ok(false) };
        Ok(Reader::new(&item, "record of a hint").time("until")? >= now)
    }

    /// Gives a chat a hint that holds `until` a time, and remembers the update that it is given for. False if the chat has
    /// one that holds, or the update came again.
    pub async fn give_hint(
        &self,
        update: UpdateRecord,
        chat: i64,
        until: Timestamp,
        delivery: &Delivery,
        now: Timestamp,
        token: &str,
    ) -> Result<bool, CloudError> {
        let attributes = Attributes::default()
            .with("until", time(until))
            .with("expiresAt", number(until.as_secs()))
            .with("by", text(token));
        // The end is compared here because TTL removes items days late.
        let condition = "attribute_not_exists(#pk) OR #until < :now";
        let hint = keys::chat_hint(chat).with(attributes.into_item());
        let items = vec![
            self.update_in_transaction(update, now, token)?,
            put_in_transaction(self, hint, condition, values([("now", time(now))]))?,
            create_in_transaction(self, deliveries::item(delivery))?,
        ];
        match self.transact(items, token).await? {
            Conditional::Won(()) => Ok(true),
            Conditional::Lost(refusals) if refusals.failed(0) => Ok(wrote(refusals.old(0), token)),
            Conditional::Lost(refusals) if refusals.failed(1) => Ok(false),
            Conditional::Lost(_) => Err(CloudError::corrupt("the record of a new delivery")),
        }
    }
}
