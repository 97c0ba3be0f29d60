//! A provider's budget of requests: one number, when its next turn is free, that reservations move on.

use toonmill_domain::{Budget, ProviderId, Timestamp, budget::Turns};

use super::{Table, keys, wrote};
use crate::{
    Conditional,
    error::CloudError,
    expression::{Change, values},
    item::{Item, Reader, number, text, time},
};

/// Reservations that lose to others' so often are told of a conflict.
const TRIES: u32 = 8;

impl Table {
    /// Reserves so many consecutive turns. One write, unless the time line has stood still: then two.
    pub async fn reserve_turns(
        &self,
        provider: &ProviderId,
        budget: Budget,
        count: u32,
        now: Timestamp,
        token: &str,
    ) -> Result<Turns, CloudError> {
        let span = budget.span(count);
        for _ in 0..TRIES {
            let behind_others = Change {
                key: keys::budget(provider),
                update: "SET #nextFreeAt = #nextFreeAt + :span, #by = :token",
                condition: "#nextFreeAt > :now AND #by <> :token",
                values: values([("span", number(span.as_millis())), ("now", time(now)), ("token", text(token))]),
            };
            match behind_others.apply(self).await? {
                Conditional::Won(item) => return Ok(budget.turns(next_free(&item)?.minus(span), count)),
                // Our own effect, whose answer was lost.
                Conditional::Lost(Some(old)) if wrote(Some(&old), token) => {
                    return Ok(budget.turns(next_free(&old)?.minus(span), count));
                }
                Conditional::Lost(_) => {}
            }
            let at_once = Change {
                key: keys::budget(provider),
                update: "SET #nextFreeAt = :next, #by = :token",
                // Turns that passed while nobody came are not saved up.
                condition: "attribute_not_exists(#nextFreeAt) OR #nextFreeAt <= :now",
                values: values([("next", time(now.plus(span))), ("now", time(now)), ("token", text(token))]),
            };
            match at_once.apply(self).await? {
                Conditional::Won(_) => return Ok(budget.turns(now, count)),
                Conditional::Lost(Some(old)) if wrote(Some(&old), token) => {
                    return Ok(budget.turns(next_free(&old)?.minus(span), count));
                }
                Conditional::Lost(_) => {}
            }
        }
        Err(CloudError::conflict(format!("the budget of {provider}")))
    }
}

fn next_free(item: &Item) -> Result<Timestamp, CloudError> {
    Reader::new(item, "budget record").time("nextFreeAt")
}
