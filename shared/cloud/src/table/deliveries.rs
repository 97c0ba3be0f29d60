//! Deliveries: what is to be told to somebody outside. A row of its account's, claimed by turn and lease.

use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use toonmill_domain::{
    AccountId, Delivery, DeliveryId, DeliveryKey, DeliveryState, JobId, Sink, Timestamp, delivery::DELIVERY_KEPT,
};

use super::{
    Table,
    keys::{self, DueList},
    wrote,
};
use crate::{
    Conditional,
    error::CloudError,
    expression::{Change, create_in_transaction, put_in_transaction, values},
    item::{Attributes, Item, Reader, number, text, time},
};

/// How long an update of Telegram's is remembered. It sends one again for a day at most.
const UPDATE_KEPT: Duration = Duration::from_hours(48);

/// An update of Telegram's, by its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UpdateRecord(pub i64);

/// What a job is opened because of, and where it is shown: both of chats.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Telling {
    /// The update that asks for the job.
    pub update: Option<UpdateRecord>,
    /// The message that shows how the job stands.
    pub post: Option<Delivery>,
}

impl Telling {
    /// The same, of a job that it did not know yet.
    #[must_use]
    pub fn of_job(&self, job: JobId) -> Self {
        let post = self.post.clone().map(|post| Delivery { job: Some(job), ..post });
        Self { update: self.update, post }
    }
}

/// What came of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noted {
    pub state: DeliveryState,
    /// When it is to be seen to again. None if it never is.
    pub next_attempt_at: Option<Timestamp>,
    pub document: String,
}

impl Table {
    pub async fn load_delivery(&self, key: &DeliveryKey) -> Result<Option<Delivery>, CloudError> {
        self.get(keys::delivery(key)).await?.as_ref().map(read).transpose()
    }

    /// Claims a delivery that is as `seen`, until `lease_until`: its record as it is then, with the next turn. None if
    /// somebody else was faster.
    pub async fn claim_delivery(
        &self,
        seen: &Delivery,
        lease_until: Timestamp,
        token: &str,
    ) -> Result<Option<Delivery>, CloudError> {
        let change = Change {
            key: keys::delivery(&seen.key),
            // If its holder dies, the sweep finds it when the lease is over.
            update: "SET #turn = :next, #tries = #tries + :one, #leaseUntil = :until, #nextCheckAt = :until, #by = :token",
            condition: "#turn = :seen AND #state = :pending",
            values: values([
                ("next", number(seen.turn.saturating_add(1))),
                ("one", number(1)),
                ("until", time(lease_until)),
                ("token", text(token)),
                ("seen", number(seen.turn)),
                ("pending", text(DeliveryState::Pending.as_str())),
            ]),
        };
        match change.apply(self).await? {
            Conditional::Won(item) => read(&item).map(Some),
            Conditional::Lost(old) if wrote(old.as_ref(), token) => old.as_ref().map(read).transpose(),
            Conditional::Lost(_) => Ok(None),
        }
    }

    /// Ends the lease of the turn that `held` has. False if another turn has begun.
    pub async fn note_delivery(&self, held: &Delivery, noted: &Noted) -> Result<bool, CloudError> {
        let mut set = values([
            ("state", text(noted.state.as_str())),
            ("document", text(&noted.document)),
            ("mine", number(held.turn)),
        ]);
        let update = match noted.next_attempt_at {
            Some(at) => {
                set.insert(":at".to_owned(), time(at));
                set.insert(":shard".to_owned(), shard_of(&held.key));
                "SET #state = :state, #document = :document, #nextCheckAt = :at, #dueShard = :shard REMOVE #leaseUntil"
            }
            None => "SET #state = :state, #document = :document REMOVE #leaseUntil, #nextCheckAt, #dueShard",
        };
        // Only the present turn's holder writes what came of it: a late one has been overtaken.
        let change = Change { key: keys::delivery(&held.key), update, condition: "#turn = :mine", values: set };
        Ok(matches!(change.apply(self).await?, Conditional::Won(_)))
    }

    /// Puts off the next look of the sweep at a delivery whose record cannot be read. Nothing happens to one that is done.
    pub async fn put_off_delivery(&self, key: &DeliveryKey, at: Timestamp) -> Result<(), CloudError> {
        let change = Change {
            key: keys::delivery(key),
            update: "SET #nextCheckAt = :at",
            condition: "attribute_exists(#dueShard)",
            values: values([("at", time(at))]),
        };
        change.apply(self).await.map(|_| ())
    }

    /// Has a delivery sent once more, though it was delivered or given up: with the tries and the time of a new one, and
    /// what its sink is to know now. False if it changed meanwhile.
    pub async fn reopen_delivery(&self, seen: &Delivery, document: &str, now: Timestamp) -> Result<bool, CloudError> {
        let change = Change {
            key: keys::delivery(&seen.key),
            update: "SET #state = :pending, #tries = :zero, #turn = :next, #nextCheckAt = :now, #dueShard = :shard, \
                     #document = :document, #expiresAt = :end REMOVE #leaseUntil",
            condition: "#turn = :seen",
            values: values([
                ("pending", text(DeliveryState::Pending.as_str())),
                ("zero", number(0)),
                ("next", number(seen.turn.saturating_add(1))),
                ("now", time(now)),
                ("shard", shard_of(&seen.key)),
                ("document", text(document)),
                ("end", number(now.plus(DELIVERY_KEPT).as_secs())),
                ("seen", number(seen.turn)),
            ]),
        };
        Ok(matches!(change.apply(self).await?, Conditional::Won(_)))
    }

    /// At most `limit` deliveries of an account's to one sink, newest first, before the one with this id.
    pub async fn list_deliveries(
        &self,
        account: &AccountId,
        sink: Sink,
        before: Option<DeliveryId>,
        limit: i32,
    ) -> Result<Vec<Delivery>, CloudError> {
        let key = |id| keys::delivery(&DeliveryKey { account: account.clone(), sink, id }).sk;
        let before = before.map(key);
        let rows = self.newest_rows(account, keys::delivery_prefix(sink), before.as_deref(), limit).await?;
        rows.iter().map(read).collect()
    }

    /// Remembers an update, together with what is to be told because of it. False if it was remembered before: it came
    /// again.
    pub async fn remember_update(
        &self,
        update: UpdateRecord,
        deliveries: &[Delivery],
        now: Timestamp,
        token: &str,
    ) -> Result<bool, CloudError> {
        let mut items = vec![self.update_in_transaction(update, now, token)?];
        for delivery in deliveries {
            items.push(create_in_transaction(self, item(delivery))?);
        }
        match self.transact(items, token).await? {
            Conditional::Won(()) => Ok(true),
            Conditional::Lost(refusals) if refusals.failed(0) => Ok(wrote(refusals.old(0), token)),
            Conditional::Lost(_) => Err(CloudError::corrupt("the record of a new delivery")),
        }
    }

    /// Whether an update was remembered: a hint that saves work, since only the transaction's condition decides.
    pub async fn knows_update(&self, update: UpdateRecord, now: Timestamp) -> Result<bool, CloudError> {
        let Some(item) = self.get(keys::update(update)).await? else { return Ok(false) };
        Ok(Reader::new(&item, "record of an update").time("until")? >= now)
    }

    /// The parts of a transaction that opens a job, the update's first.
    pub(super) fn telling_in_transaction(
        &self,
        telling: &Telling,
        now: Timestamp,
        token: &str,
    ) -> Result<Vec<TransactWriteItem>, CloudError> {
        let mut items = Vec::new();
        if let Some(update) = telling.update {
            items.push(self.update_in_transaction(update, now, token)?);
        }
        if let Some(post) = &telling.post {
            items.push(create_in_transaction(self, item(post))?);
        }
        Ok(items)
    }

    pub(super) fn update_in_transaction(
        &self,
        update: UpdateRecord,
        now: Timestamp,
        token: &str,
    ) -> Result<TransactWriteItem, CloudError> {
        let until = now.plus(UPDATE_KEPT);
        let attributes = Attributes::default()
            .with("until", time(until))
            .with("expiresAt", number(until.as_secs()))
            .with("by", text(token));
        // The expiry is compared here because TTL removes items days late.
        let condition = "attribute_not_exists(#pk) OR #until < :now";
        let item = keys::update(update).with(attributes.into_item());
        put_in_transaction(self, item, condition, values([("now", time(now))]))
    }
}

fn shard_of(key: &DeliveryKey) -> AttributeValue {
    DueList::Deliveries.partition_of(key.id.uuid().as_bytes())
}

pub(super) fn item(delivery: &Delivery) -> Item {
    let attributes = Attributes::default()
        .with_some("job", delivery.job.map(text))
        .with("state", text(delivery.state.as_str()))
        .with("tries", number(delivery.tries))
        .with("turn", number(delivery.turn))
        .with_some("leaseUntil", delivery.lease_until.map(time))
        .with_some("nextCheckAt", delivery.next_attempt_at.map(time))
        .with_some("dueShard", delivery.next_attempt_at.map(|_| shard_of(&delivery.key)))
        .with("createdAt", time(delivery.created_at))
        .with("document", text(&delivery.document))
        .with("expiresAt", number(delivery.created_at.plus(DELIVERY_KEPT).as_secs()));
    keys::delivery(&delivery.key).with(attributes.into_item())
}

fn read(item: &Item) -> Result<Delivery, CloudError> {
    let read = Reader::new(item, "delivery record");
    Ok(Delivery {
        key: read_key(&read)?,
        job: read.opt_text("job")?.map(|_| read.parsed("job")).transpose()?,
        state: read.named("state", DeliveryState::parse)?,
        tries: read.number("tries")?,
        turn: read.number("turn")?,
        lease_until: read.opt_time("leaseUntil")?,
        next_attempt_at: read.opt_time("nextCheckAt")?,
        created_at: read.time("createdAt")?,
        document: read.text("document")?.to_owned(),
    })
}

pub(super) fn read_key(read: &Reader<'_>) -> Result<DeliveryKey, CloudError> {
    let account = read.named("pk", |pk| pk.strip_prefix(keys::ACCOUNT_PREFIX)?.parse().ok())?;
    let (sink, id) = read.named("sk", keys::parse_delivery_sort)?;
    Ok(DeliveryKey { account, sink, id })
}
