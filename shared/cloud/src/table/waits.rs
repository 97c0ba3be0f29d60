//! Places for requests whose answers are held: an account has so many, numbered from 0, and a request holds one while it
//! waits. A place is taken by one conditional write that says when it falls free again, so that a function that dies in the
//! middle of a wait does not keep it.

use std::time::Duration;

use toonmill_domain::{AccountId, Timestamp};

use super::{Table, keys};
use crate::{
    Conditional,
    error::CloudError,
    expression::{Change, values},
    item::{Item, Reader, number, time},
};

/// How often a place is tried for that another request was faster to take. A caller who is not let wait asks again later.
const TRIES: u32 = 4;
/// How long a record is kept after its last place has fallen free.
const KEPT: Duration = Duration::from_hours(1);

/// A place that a request holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitPlace {
    account: AccountId,
    number: u32,
    until: Timestamp,
}

impl Table {
    /// Takes one of the account's `most` places until the given time; none if all are taken. One write if the first place
    /// is free, and else two or, where others take places at the same moment, up to four.
    pub async fn take_wait_place(
        &self,
        account: &AccountId,
        most: u32,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Option<WaitPlace>, CloudError> {
        let mut free = (most > 0).then_some(0);
        for _ in 0..TRIES {
            let Some(number) = free else { break };
            let name = attribute(number);
            let take = Change {
                key: keys::waits(account),
                update: &format!("SET #{name} = :until, #expiresAt = :end"),
                condition: &format!("attribute_not_exists(#{name}) OR #{name} <= :now"),
                values: values([
                    ("until", time(until)),
                    ("now", time(now)),
                    ("end", self::number(until.plus(KEPT).as_secs())),
                ]),
            };
            match take.apply(self).await? {
                Conditional::Won(_) => return Ok(Some(WaitPlace { account: account.clone(), number, until })),
                Conditional::Lost(places) => free = first_free(&places.unwrap_or_default(), most, now)?,
            }
        }
        Ok(None)
    }

    /// Gives a place back, unless its time was over and another request has it now.
    pub async fn leave_wait_place(&self, place: WaitPlace) -> Result<(), CloudError> {
        let name = attribute(place.number);
        let leave = Change {
            key: keys::waits(&place.account),
            update: &format!("REMOVE #{name}"),
            condition: &format!("#{name} = :until"),
            values: values([("until", time(place.until))]),
        };
        leave.apply(self).await.map(|_| ())
    }

    /// How many of the account's requests wait now.
    pub async fn count_waits(&self, account: &AccountId, now: Timestamp) -> Result<u64, CloudError> {
        let places = self.get(keys::waits(account)).await?.unwrap_or_default();
        let reader = Reader::new(&places, RECORD);
        let mut numbered =
            places.keys().filter(|name| name.strip_prefix('p').is_some_and(|rest| rest.parse::<u32>().is_ok()));
        numbered.try_fold(0_u64, |count, name| {
            let is_taken = reader.opt_time(name)?.is_some_and(|until| until > now);
            Ok(count.saturating_add(u64::from(is_taken)))
        })
    }
}

const RECORD: &str = "record of an account's waiting requests";

fn first_free(places: &Item, most: u32, now: Timestamp) -> Result<Option<u32>, CloudError> {
    let reader = Reader::new(places, RECORD);
    for number in 0..most {
        if reader.opt_time(&attribute(number))?.is_none_or(|until| until <= now) {
            return Ok(Some(number));
        }
    }
    Ok(None)
}

fn attribute(number: u32) -> String {
    format!("p{number}")
}
