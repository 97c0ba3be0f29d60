//! The stage's verbs: count a slot, move the watermark, open a round, re-send, close.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use toonmill_domain::{Epoch, SlotIndex, SlotKey, Stage, StageKey, Stamp, Timestamp};

use super::{Table, keys, log::NewEntry, records, wrote};
use crate::{
    Conditional,
    error::CloudError,
    expression::{Change, values},
    item::{Item, flag, number, numbers, text, time},
};

impl Table {
    /// Counts a stored slot. Adding to a set twice is adding once, so this may be repeated at any time, by anybody.
    /// None if the stage is gone.
    pub async fn count_stored(&self, slot: SlotKey) -> Result<Option<Stage>, CloudError> {
        let change = Change {
            key: keys::stage(slot.stage_key()),
            update: "ADD #stored :slot",
            // An update would otherwise make a stage of a job that was removed.
            condition: "attribute_exists(#pk)",
            values: values([("slot", one(slot.slot))]),
        };
        won_stage(change.apply(self).await?)
    }

    /// Counts a slot missed in the round of `stamp`, or for good in its epoch. None if the stage has moved on.
    pub async fn count_missed(&self, slot: SlotKey, seen: Stamp) -> Result<Option<Stage>, CloudError> {
        let change = Change {
            key: keys::stage(slot.stage_key()),
            update: "ADD #missed :slot",
            // A miss that comes late would make a slot of the new round, which is out and may yet be stored,
            // look settled.
            condition: "#round = :round AND #epoch = :epoch",
            values: values([
                ("slot", one(slot.slot)),
                ("round", number(seen.round.0)),
                ("epoch", number(seen.epoch.0)),
            ]),
        };
        won_stage(change.apply(self).await?)
    }

    /// Moves the watermark. True for the one who moved it from what `seen` shows: that one sends.
    pub async fn move_watermark(&self, seen: &Stage, to: u32, token: &str) -> Result<bool, CloudError> {
        let change = Change {
            key: keys::stage(seen.key),
            update: "SET #dispatched = :to, #by = :token",
            // `seen`: two reconcilers would both send; the epoch: one of them would move the watermark that a
            // retry has set back; closed: a close gives up what is below the watermark that it saw.
            condition: "#dispatched = :seen AND #epoch = :epoch AND #closed = :false",
            values: values([
                ("to", number(to)),
                ("token", text(token)),
                ("seen", number(seen.dispatched)),
                ("epoch", number(seen.epoch.0)),
                ("false", flag(false)),
            ]),
        };
        Ok(won(&change.apply(self).await?, token))
    }

    /// Opens the next round, whose missed set holds those already given up, and says so in the job's log. The entry's number
    /// for the one who opened it.
    pub async fn open_round(
        &self,
        seen: &Stage,
        given_up: &BTreeSet<SlotIndex>,
        entry: &NewEntry<'_>,
        now: Timestamp,
        token: &str,
    ) -> Result<Option<u64>, CloudError> {
        let mut set = values([
            ("next", number(seen.round.next().0)),
            ("now", time(now)),
            ("zero", number(0)),
            ("token", text(token)),
            ("round", number(seen.round.0)),
            ("epoch", number(seen.epoch.0)),
            ("false", flag(false)),
        ]);
        let given_up = numbers(given_up.iter().map(|slot| slot.0));
        let update = if given_up.is_some() {
            "SET #round = :next, #roundStartedAt = :now, #resends = :zero, #by = :token, #missed = :missed"
        } else {
            "SET #round = :next, #roundStartedAt = :now, #resends = :zero, #by = :token REMOVE #missed"
        };
        set.extend(given_up.map(|missed| (":missed".to_owned(), missed)));
        let change = || Change {
            key: keys::stage(seen.key),
            update,
            condition: "#round = :round AND #epoch = :epoch AND #closed = :false",
            values: set.clone(),
        };
        self.change_and_log(change, entry, now, token).await
    }

    /// Says in the job's log that nothing more will be drawn for a stage in its epoch. The entry's number for the one who
    /// said it; none if it was said before, or the job is being closed.
    pub async fn note_finish(
        &self,
        seen: &Stage,
        entry: &NewEntry<'_>,
        now: Timestamp,
        token: &str,
    ) -> Result<Option<u64>, CloudError> {
        let change = || Change {
            key: keys::stage(seen.key),
            update: "SET #finishNoted = :epoch, #by = :token",
            // Closed: the end of the job, which comes, says more.
            condition: "#epoch = :epoch AND #closed = :false AND (attribute_not_exists(#finishNoted) OR #finishNoted < :epoch)",
            values: values([("epoch", number(seen.epoch.0)), ("token", text(token)), ("false", flag(false))]),
        };
        self.change_and_log(change, entry, now, token).await
    }

    /// Notes a re-send. True for the one who noted it: that one sends.
    pub async fn note_resend(&self, seen: &Stage, token: &str) -> Result<bool, CloudError> {
        let change = Change {
            key: keys::stage(seen.key),
            update: "SET #resends = :next, #by = :token",
            // A new round counts its re-sends from none: one that was decided in an earlier round is not its.
            condition: "#resends = :seen AND #round = :round AND #epoch = :epoch AND #closed = :false",
            values: values([
                ("next", number(seen.resends.saturating_add(1))),
                ("token", text(token)),
                ("seen", number(seen.resends)),
                ("round", number(seen.round.0)),
                ("epoch", number(seen.epoch.0)),
                ("false", flag(false)),
            ]),
        };
        Ok(won(&change.apply(self).await?, token))
    }

    /// Closes a stage in its epoch: nothing is sent for it any more. The stage as it is then, with its last
    /// watermark; none if another epoch has begun.
    pub async fn close_stage(&self, stage: StageKey, epoch: Epoch) -> Result<Option<Stage>, CloudError> {
        let change = Change {
            key: keys::stage(stage),
            update: "SET #closed = :true",
            // A close that was decided before a retry must not close what the retry opened.
            condition: "#epoch = :epoch",
            values: values([("true", flag(true)), ("epoch", number(epoch.0))]),
        };
        won_stage(change.apply(self).await?)
    }
}

fn one(slot: SlotIndex) -> AttributeValue {
    AttributeValue::Ns(vec![slot.0.to_string()])
}

fn won_stage(written: Conditional<Item, Option<Item>>) -> Result<Option<Stage>, CloudError> {
    match written {
        Conditional::Won(item) => records::read_stage(&item).map(Some),
        Conditional::Lost(_) => Ok(None),
    }
}

fn won(written: &Conditional<Item, Option<Item>>, token: &str) -> bool {
    match written {
        Conditional::Won(_) => true,
        Conditional::Lost(old) => wrote(old.as_ref(), token),
    }
}
