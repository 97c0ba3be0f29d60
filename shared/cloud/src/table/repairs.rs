//! Ending what others left: lapsed leases, slots of a closed job, messages that killed their worker.

use toonmill_domain::{
    Attempt, Epoch, FailureCode, Fence, Slot, SlotKey, SlotMessage, SlotState, Stage, Stamp, Timestamp,
};

use super::{Table, claims::attempt_values, keys, records};
use crate::{
    Conditional,
    error::CloudError,
    expression::{Change, values},
    item::{Item, number, text, time},
};

impl Table {
    /// Opens a slot whose lease has lapsed, or misses it if its tries are used up (`to`). True for the one who
    /// did: that one sends the slot with the raised fence, or counts the miss.
    pub async fn end_lapsed_lease(
        &self,
        slot: SlotKey,
        seen: Fence,
        to: SlotState,
        crash: &Attempt,
        now: Timestamp,
        token: &str,
    ) -> Result<bool, CloudError> {
        let mut set = values([
            ("to", text(to.as_str())),
            ("next", number(seen.next().0)),
            ("now", time(now)),
            ("token", text(token)),
            ("leased", text(SlotState::Leased.as_str())),
            ("seen", number(seen.0)),
        ]);
        set.extend(attempt_values(crash));
        let change = Change {
            key: keys::slot(slot),
            update: "SET #state = :to, #fence = :next, #notBefore = :now, #holder = :token, \
                     #attempts = list_append(if_not_exists(#attempts, :none), :attempt) REMOVE #leaseUntil",
            // The holder may have finished since, or another may hold it by now: neither is lapsed.
            condition: "#state = :leased AND #fence = :seen AND #leaseUntil < :now",
            values: set,
        };
        let written = change.apply(self).await?;
        won_slot(written, |old| old.fence == seen.next() && old.holder.as_deref() == Some(token))
    }

    /// Gives a slot up for good in `epoch`, whoever holds it. The stored slot, if it is stored after all.
    pub async fn give_up(&self, slot: SlotKey, epoch: Epoch, token: &str) -> Result<Option<Slot>, CloudError> {
        let change = Change {
            key: keys::slot(slot),
            // Made if absent: a message of it may still be under way, and must find a fence that is not its own.
            update: "SET #state = :missed, #stamp = :forever, #fence = if_not_exists(#fence, :zero) + :one, \
                     #holder = :token REMOVE #leaseUntil, #notBefore",
            condition: "attribute_not_exists(#pk) OR (#state <> :stored AND #stamp < :forever)",
            values: values([
                ("missed", text(SlotState::Missed.as_str())),
                ("stored", text(SlotState::Stored.as_str())),
                ("forever", number(Stamp::given_up(epoch).as_number())),
                ("zero", number(0)),
                ("one", number(1)),
                ("token", text(token)),
            ]),
        };
        match change.apply(self).await? {
            Conditional::Won(_) | Conditional::Lost(None) => Ok(None),
            Conditional::Lost(Some(old)) => {
                let old = records::read_slot(&old)?;
                Ok((old.state == SlotState::Stored).then_some(old))
            }
        }
    }

    /// Misses a slot in the round of a dead message, if that message was claimed and the lease of its claim has lapsed.
    /// Lost: the slot's record, which shows what else the message came to; none if the slot has none.
    pub async fn bury(
        &self,
        message: &SlotMessage,
        crash: &Attempt,
        now: Timestamp,
        token: &str,
    ) -> Result<Conditional<(), Option<Slot>>, CloudError> {
        let mut set = values([
            ("missed", text(SlotState::Missed.as_str())),
            ("one", number(1)),
            ("token", text(token)),
            ("leased", text(SlotState::Leased.as_str())),
            ("stamp", number(message.stamp().as_number())),
            ("claimed", number(message.fence.next().0)),
            ("now", time(now)),
        ]);
        set.extend(attempt_values(crash));
        let change = Change {
            key: keys::slot(message.key()),
            update: "SET #state = :missed, #fence = #fence + :one, #holder = :token, \
                     #attempts = list_append(if_not_exists(#attempts, :none), :attempt) REMOVE #leaseUntil, #notBefore",
            // The stamp and the fence name the claim that this message made. Without one the slot is not to blame: its
            // message was throttled, or its function could not start. A running lease is somebody's who is at work.
            condition: "#state = :leased AND #stamp = :stamp AND #fence = :claimed AND #leaseUntil < :now",
            values: set,
        };
        match change.apply(self).await? {
            Conditional::Won(_) => Ok(Conditional::Won(())),
            Conditional::Lost(None) => Ok(Conditional::Lost(None)),
            Conditional::Lost(Some(old)) => {
                let old = records::read_slot(&old)?;
                let mine = old.state == SlotState::Missed && old.holder.as_deref() == Some(token);
                Ok(if mine { Conditional::Won(()) } else { Conditional::Lost(Some(old)) })
            }
        }
    }

    /// The attempt that a dead worker cannot record itself. Which of several choices it had asked, nobody knows.
    pub fn crash(stage: &Stage, fence: Fence, now: Timestamp) -> Attempt {
        let asked = (!stage.choices().may_move()).then(|| stage.choices().first());
        Attempt {
            fence,
            stamp: stage.stamp(),
            code: FailureCode::WorkerCrash,
            detail: None,
            provider: asked.as_ref().map(|choice| choice.provider.clone()),
            model: asked.map(|choice| choice.model),
            elapsed_ms: 0,
            at: now,
        }
    }
}

fn won_slot(written: Conditional<Item, Option<Item>>, is_mine: impl Fn(&Slot) -> bool) -> Result<bool, CloudError> {
    match written {
        Conditional::Won(_) => Ok(true),
        Conditional::Lost(None) => Ok(false),
        Conditional::Lost(Some(old)) => Ok(is_mine(&records::read_slot(&old)?)),
    }
}
