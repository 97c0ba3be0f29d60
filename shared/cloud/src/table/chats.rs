//! When a chat may be written to next: Telegram takes about one message a second in a private chat, and fewer in a group.

use std::time::Duration;

use toonmill_domain::Timestamp;

use super::{Table, keys};
use crate::{
    Conditional,
    error::CloudError,
    expression::{Change, values},
    item::{Reader, number, time},
};

/// After so long without a message nobody needs the record.
const KEPT: Duration = Duration::from_hours(1);

impl Table {
    /// Takes the chat for one call: none is made for `interval` after it. When it is free, if it is not now.
    pub async fn take_chat(
        &self,
        chat: i64,
        interval: Duration,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, CloudError> {
        let change = Change {
            key: keys::chat(chat),
            update: "SET #freeAt = :next, #expiresAt = :end",
            condition: "attribute_not_exists(#pk) OR #freeAt <= :now",
            values: values([
                ("next", time(now.plus(interval))),
                ("now", time(now)),
                ("end", number(now.plus(KEPT).as_secs())),
            ]),
        };
        match change.apply(self).await? {
            Conditional::Won(_) => Ok(None),
            Conditional::Lost(old) => {
                let free_at =
                    old.as_ref().map(|item| Reader::new(item, "record of a chat").time("freeAt")).transpose()?;
                Ok(Some(free_at.unwrap_or(now)))
            }
        }
    }

    /// Leaves the chat alone until a time, as Telegram asks for.
    pub async fn close_chat(&self, chat: i64, until: Timestamp) -> Result<(), CloudError> {
        let change = Change {
            key: keys::chat(chat),
            update: "SET #freeAt = :until, #expiresAt = :end",
            condition: "attribute_not_exists(#pk) OR #freeAt < :until",
            values: values([("until", time(until)), ("end", number(until.plus(KEPT).as_secs()))]),
        };
        change.apply(self).await.map(|_| ())
    }
}
