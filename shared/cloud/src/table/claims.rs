//! The worker's verbs: claim, commit, back off, miss (PROTOCOL, Worker).
//!
//! ```text
//!            claim                commit
//!  (absent) ──────►  leased ───────────────► stored
//!     open  ──────►  fence+1 ──── back off ─► open     stamp and fence kept
//!   missed  ──────►     │  └───── miss ─────► missed   tries used up, or refused for good
//!                       └ lease ends: reconcile opens or misses it and raises the fence,
//!                         so that each of the three writes above fails if it comes late
//! ```

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use toonmill_domain::{
    AccountId, Artifact, Attempt, Fence, Publication, Slot, SlotIndex, SlotMessage, SlotState, Stamp, TRIES_PER_ROUND,
    Timestamp,
};

use super::{Table, files, keys, records, transaction::token_of};
use crate::{
    Conditional,
    error::CloudError,
    expression::{Change, create_in_transaction, values},
    item::{Attributes, Reader, number, text, time},
    table::{
        files::File,
        published::{Row, published_item},
    },
};

/// What came of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The slot is ours until its lease ends.
    Mine(Slot),
    /// The record that the claim lost to.
    Lost(Slot),
}

/// What a commit stores beside its slot.
#[derive(Clone, Copy, Debug)]
pub struct Delivered<'a> {
    pub artifact: &'a Artifact,
    /// Whether no other slot of the stage may hold the same bytes.
    pub must_differ: bool,
    /// The file that it becomes, if it becomes one.
    pub file: Option<&'a File>,
    /// The row of one of its owner's lists, if the plan asks for one.
    pub row: Option<(&'a AccountId, &'a Row<Publication>)>,
}

/// What came of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Commit {
    Stored,
    /// Another slot of the stage has these very bytes.
    Duplicate {
        of: Option<SlotIndex>,
    },
    /// The slot is no longer ours: the lease ran out, or the job was closed.
    Late,
}

impl Table {
    /// Claims a slot for its message: for a slot that nobody ever claimed, or an open one whose time has come.
    pub async fn claim(
        &self,
        message: &SlotMessage,
        holder: &str,
        lease_until: Timestamp,
        now: Timestamp,
    ) -> Result<Claim, CloudError> {
        let change = if message.fence == Fence::NONE {
            Change {
                key: keys::slot(message.key()),
                update: "SET #state = :leased, #stamp = :stamp, #fence = :next, #tries = :one, #holder = :holder, \
                         #leaseUntil = :until",
                // A record means that some message of this slot was claimed before: this one is a copy.
                condition: "attribute_not_exists(#pk)",
                values: values([("one", number(1))]),
            }
        } else {
            Change {
                key: keys::slot(message.key()),
                update: "SET #state = :leased, #stamp = :stamp, #fence = :next, #tries = #tries + :one, \
                         #holder = :holder, #leaseUntil = :until REMOVE #notBefore",
                // The stamp shuts out messages of other rounds and epochs; the fence, copies of this round's
                // earlier messages; the tries, a claim beyond the round's bound; the time, an early copy.
                condition: "#state = :open AND #stamp = :stamp AND #fence = :fence AND #tries < :limit \
                            AND #notBefore <= :now",
                values: values([
                    ("one", number(1)),
                    ("open", text(SlotState::Open.as_str())),
                    ("fence", number(message.fence.0)),
                    ("limit", number(TRIES_PER_ROUND)),
                    ("now", time(now)),
                ]),
            }
        };
        self.take(change, message, holder, lease_until).await
    }

    /// Claims a slot that was missed in an earlier round or given up in an earlier epoch.
    pub async fn claim_in_new_round(
        &self,
        message: &SlotMessage,
        holder: &str,
        lease_until: Timestamp,
    ) -> Result<Claim, CloudError> {
        let change = Change {
            key: keys::slot(message.key()),
            update: "SET #state = :leased, #stamp = :stamp, #fence = :next, #tries = :one, #holder = :holder, \
                     #leaseUntil = :until REMOVE #notBefore, #roundWaits",
            // Only a later stamp may take it up again: a late copy of the old round's message must not.
            condition: "#state = :missed AND #stamp < :stamp AND #fence = :fence",
            values: values([
                ("one", number(1)),
                ("missed", text(SlotState::Missed.as_str())),
                ("fence", number(message.fence.0)),
            ]),
        };
        self.take(change, message, holder, lease_until).await
    }

    async fn take(
        &self,
        mut change: Change<'_>,
        message: &SlotMessage,
        holder: &str,
        lease_until: Timestamp,
    ) -> Result<Claim, CloudError> {
        change.values.extend(values([
            ("leased", text(SlotState::Leased.as_str())),
            ("stamp", number(message.stamp().as_number())),
            ("next", number(message.fence.next().0)),
            ("holder", text(holder)),
            ("until", time(lease_until)),
        ]));
        match change.apply(self).await? {
            Conditional::Won(item) => Ok(Claim::Mine(records::read_slot(&item)?)),
            Conditional::Lost(Some(item)) => Ok(Claim::Lost(records::read_slot(&item)?)),
            // The slot has no record though the message names a fence: the job was removed.
            Conditional::Lost(None) => Ok(Claim::Lost(removed_slot(message))),
        }
    }

    /// Stores what the slot holds: the slot, its content hash if no other may hold the same, its file and its row of a
    /// list if there are to be any; all or none.
    pub async fn commit(&self, slot: &Slot, delivered: Delivered<'_>) -> Result<Commit, CloudError> {
        let Delivered { artifact, must_differ, file, row } = delivered;
        let store = Change {
            key: keys::slot(slot.key),
            update: "SET #state = :stored, #artifact = :artifact REMOVE #leaseUntil",
            // The fence names the claim: whoever lost the lease meanwhile cannot complete the slot (SL-2), and
            // a stored slot is not leased, so that it never changes (SL-1).
            condition: "#state = :leased AND #fence = :fence",
            values: values([
                ("stored", text(SlotState::Stored.as_str())),
                ("leased", text(SlotState::Leased.as_str())),
                ("fence", number(slot.fence.0)),
                ("artifact", records::artifact_value(artifact)),
            ]),
        };
        let mut items = vec![store.in_transaction(self)?];
        if must_differ {
            // No two pictures of a stage have the same bytes (AR-2).
            let hash = Attributes::default().with("slot", number(slot.key.slot.0)).into_item();
            let hash = keys::hash(slot.key.stage_key(), &artifact.sha256).with(hash);
            items.push(create_in_transaction(self, hash)?);
        }
        if let Some(file) = file {
            items.push(create_in_transaction(self, files::file_item(file))?);
            items.push(self.list_file(file)?);
        }
        if let Some((account, row)) = row {
            items.push(create_in_transaction(self, published_item(account, row))?);
        }
        let token = token_of(&["commit", &slot.key.to_string(), &slot.fence.0.to_string(), &artifact.sha256]);
        match self.transact(items, &token).await? {
            Conditional::Won(()) => Ok(Commit::Stored),
            Conditional::Lost(refusals) if refusals.failed(0) => {
                let mine = match refusals.old(0).map(records::read_slot).transpose()? {
                    Some(old) => is_own_commit(&old, slot, artifact),
                    None => false,
                };
                Ok(if mine { Commit::Stored } else { Commit::Late })
            }
            Conditional::Lost(refusals) if must_differ && refusals.failed(1) => {
                let of = match refusals.old(1) {
                    Some(old) => Reader::new(old, "content hash").opt_number("slot")?.map(SlotIndex),
                    None => None,
                };
                Ok(Commit::Duplicate { of })
            }
            Conditional::Lost(_) => {
                Err(CloudError::corrupt(format!("the file record or list row of slot {}", slot.key)))
            }
        }
    }

    /// Opens the slot again until `not_before`. False if it is no longer ours.
    pub async fn back_off(
        &self,
        slot: &Slot,
        attempt: &Attempt,
        not_before: Timestamp,
        give_try_back: bool,
    ) -> Result<bool, CloudError> {
        let update = if give_try_back {
            "SET #state = :open, #notBefore = :at, #tries = #tries - :one ADD #waits :one, #roundWaits :one \
             REMOVE #leaseUntil"
        } else {
            "SET #state = :open, #notBefore = :at, #attempts = list_append(if_not_exists(#attempts, :none), :attempt) \
             REMOVE #leaseUntil"
        };
        let mut set = values([("open", text(SlotState::Open.as_str())), ("at", time(not_before))]);
        set.extend(if give_try_back { values([("one", number(1))]) } else { attempt_values(attempt) });
        self.put_down(slot, SlotState::Open, update, set).await
    }

    /// Marks the slot missed: in this round, or with a later `stamp` for good. False if it is no longer ours.
    pub async fn miss(&self, slot: &Slot, attempt: &Attempt, stamp: Stamp) -> Result<bool, CloudError> {
        let update = "SET #state = :missed, #stamp = :stamp, \
                      #attempts = list_append(if_not_exists(#attempts, :none), :attempt) REMOVE #leaseUntil";
        let mut set = values([("missed", text(SlotState::Missed.as_str())), ("stamp", number(stamp.as_number()))]);
        set.extend(attempt_values(attempt));
        self.put_down(slot, SlotState::Missed, update, set).await
    }

    async fn put_down(
        &self,
        slot: &Slot,
        to: SlotState,
        update: &str,
        mut set: HashMap<String, AttributeValue>,
    ) -> Result<bool, CloudError> {
        set.extend(values([("leased", text(SlotState::Leased.as_str())), ("fence", number(slot.fence.0))]));
        let change = Change {
            key: keys::slot(slot.key),
            update,
            // As for a commit: only the claim that holds the slot may end its lease.
            condition: "#state = :leased AND #fence = :fence",
            values: set,
        };
        match change.apply(self).await? {
            Conditional::Won(_) => Ok(true),
            Conditional::Lost(None) => Ok(false),
            Conditional::Lost(Some(old)) => {
                let old = records::read_slot(&old)?;
                Ok(old.state == to && old.fence == slot.fence && old.holder == slot.holder)
            }
        }
    }
}

pub(super) fn attempt_values(attempt: &Attempt) -> HashMap<String, AttributeValue> {
    values([
        ("attempt", AttributeValue::L(vec![records::attempt_value(attempt)])),
        ("none", AttributeValue::L(Vec::new())),
    ])
}

fn is_own_commit(old: &Slot, mine: &Slot, artifact: &Artifact) -> bool {
    old.state == SlotState::Stored
        && old.fence == mine.fence
        && old.artifact.as_ref().is_some_and(|stored| stored.object_key == artifact.object_key)
}

/// What a slot of a removed job looks like to a message: nothing that it could claim.
fn removed_slot(message: &SlotMessage) -> Slot {
    Slot::new(message.key(), SlotState::Missed, Stamp::given_up(message.epoch), message.fence.next())
}
