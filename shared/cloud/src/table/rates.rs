//! Counted requests: one write for one request or a few, into a record of the hour with a number for each of its minutes.
//!
//! These are hints, not money: a repeat of a write whose answer was lost counts twice, and nobody's call token is kept.

use std::time::Duration;

use toonmill_domain::{
    Limit, Limits, Timestamp,
    limits::{Minutes, Rate, start_of},
};

use super::{Table, keys};
use crate::{
    Conditional,
    error::CloudError,
    expression::{Change, values},
    item::{Item, Reader, number},
};

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const LAST_MINUTE: u64 = 59;

/// A limit that a request would pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passed {
    pub limit: Limit,
    pub most: u32,
    /// How long it takes until one more request fits.
    pub again_in: Duration,
}

/// What came of counting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// They are within every limit, and this is everybody's count with them.
    Within(Minutes),
    Passed(Passed),
}

/// What is counted of requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RequestUse {
    pub reads_this_minute: u32,
    pub writes_this_minute: u32,
    pub writes_this_hour: u32,
}

impl Table {
    /// Counts requests of `who` (a user, or a key with limits of its own), all but the last of which have passed before,
    /// or says which limit the last one would pass: then that one is not counted. One call; two in the first minute of an
    /// hour, and where a request is refused.
    pub async fn count_requests(
        &self,
        who: &str,
        rate: Rate,
        requests: u32,
        limits: &Limits,
        now: Timestamp,
    ) -> Result<Counted, CloudError> {
        let most = limits.get(rate.per_minute());
        let count = self.add_requests(who, rate, requests, limits, now).await?;
        let (hour, is_counted) = match &count {
            Conditional::Won(hour) => (hour, true),
            Conditional::Lost(hour) => (hour, false),
        };
        let writes_most = limits.get(Limit::WritesPerHour);
        if !is_counted && rate == Rate::Write && number_of(hour, "writes")? >= writes_most {
            let again_in = start_of(now, HOUR).plus(HOUR).since(now);
            return Ok(Counted::Passed(Passed { limit: Limit::WritesPerHour, most: writes_most, again_in }));
        }
        let mut minutes = self.minutes(who, rate, hour, now).await?;
        minutes.this = minutes.this.saturating_add(u32::from(!is_counted));
        let Some(again_in) = minutes.too_many(most, now) else { return Ok(Counted::Within(minutes)) };
        if is_counted {
            self.take_back(who, rate, now).await?;
        }
        Ok(Counted::Passed(Passed { limit: rate.per_minute(), most, again_in }))
    }

    /// What `who` has sent in the minute and the hour that run.
    pub async fn load_request_use(&self, who: &str, now: Timestamp) -> Result<RequestUse, CloudError> {
        let hour = self.get(keys::requests(who, start_of(now, HOUR))).await?.unwrap_or_default();
        Ok(RequestUse {
            reads_this_minute: number_of(&hour, &attribute(Rate::Read, minute_of(now)))?,
            writes_this_minute: number_of(&hour, &attribute(Rate::Write, minute_of(now)))?,
            writes_this_hour: number_of(&hour, "writes")?,
        })
    }

    async fn add_requests(
        &self,
        who: &str,
        rate: Rate,
        requests: u32,
        limits: &Limits,
        now: Timestamp,
    ) -> Result<Conditional<Item, Item>, CloudError> {
        let (hour, name) = (start_of(now, HOUR), attribute(rate, minute_of(now)));
        let mut values = values([
            ("these", number(requests)),
            ("most", number(limits.get(rate.per_minute()))),
            ("end", number(hour.plus(3 * HOUR).as_secs())),
        ]);
        let minute_has_room = format!("(attribute_not_exists(#{name}) OR #{name} < :most)");
        let (update, condition) = match rate {
            Rate::Read => (format!("SET #expiresAt = :end ADD #{name} :these"), minute_has_room),
            Rate::Write => {
                values.insert(":hour".to_owned(), number(limits.get(Limit::WritesPerHour)));
                (
                    format!("SET #expiresAt = :end ADD #{name} :these, #writes :these"),
                    format!("{minute_has_room} AND (attribute_not_exists(#writes) OR #writes < :hour)"),
                )
            }
        };
        let count = Change { key: keys::requests(who, hour), update: &update, condition: &condition, values };
        Ok(match count.apply(self).await? {
            Conditional::Won(item) => Conditional::Won(item),
            Conditional::Lost(item) => Conditional::Lost(item.unwrap_or_default()),
        })
    }

    /// Of the minute that runs and the one before, which may stand in the record of the hour before.
    async fn minutes(&self, who: &str, rate: Rate, hour: &Item, now: Timestamp) -> Result<Minutes, CloudError> {
        let minute = minute_of(now);
        let this = number_of(hour, &attribute(rate, minute))?;
        let before = if let Some(before) = minute.checked_sub(1) {
            number_of(hour, &attribute(rate, before))?
        } else {
            let earlier = self.get(keys::requests(who, start_of(now, HOUR).minus(HOUR))).await?;
            number_of(&earlier.unwrap_or_default(), &attribute(rate, LAST_MINUTE))?
        };
        Ok(Minutes { before, this })
    }

    /// A refused request must not keep the next one out.
    async fn take_back(&self, who: &str, rate: Rate, now: Timestamp) -> Result<(), CloudError> {
        let name = attribute(rate, minute_of(now));
        let update = match rate {
            Rate::Read => format!("ADD #{name} :less"),
            Rate::Write => format!("ADD #{name} :less, #writes :less"),
        };
        let less = Change {
            key: keys::requests(who, start_of(now, HOUR)),
            update: &update,
            condition: &format!("#{name} > :zero"),
            values: values([("less", number(-1)), ("zero", number(0))]),
        };
        less.apply(self).await.map(|_| ())
    }
}

fn minute_of(now: Timestamp) -> u64 {
    now.since(start_of(now, HOUR)).as_secs() / MINUTE.as_secs()
}

fn attribute(rate: Rate, minute: u64) -> String {
    match rate {
        Rate::Read => format!("r{minute:02}"),
        Rate::Write => format!("w{minute:02}"),
    }
}

fn number_of(hour: &Item, name: &str) -> Result<u32, CloudError> {
    Ok(Reader::new(hour, "record of an hour's requests").opt_number(name)?.unwrap_or(0))
}
