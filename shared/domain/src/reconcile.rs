//! Reconcile, decided: compare what a job should have with what the table says it has.
//!
//! Each function takes what was read and returns what to do. Every write that follows is conditioned
//! on what the decision saw, so two reconcilers of one job may run at the same time: the loser's
//! writes fail, and it acknowledges.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use crate::{ClosingReason, Fence, Job, Slot, SlotIndex, SlotState, Stage, TRIES_PER_ROUND, Timestamp};

/// The slots of one stage that have a record.
pub type Slots = BTreeMap<SlotIndex, Slot>;

/// How long a message may go unclaimed before its slot is sent again; doubled by each re-send.
const RESEND_AFTER: Duration = Duration::from_mins(5);
/// No job is looked at more often than this without a reason.
const SHORTEST_CHECK: Duration = Duration::from_secs(30);

/// What to do with a job as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobStep {
    /// It has ended: acknowledge.
    Ended,
    /// Its close has begun: go on with it.
    Close,
    /// Set `closing` with this reason, then close.
    BeginClosing(ClosingReason),
    /// Look at the stages.
    Stages,
}

/// What to do with one stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StageStep {
    /// Nothing more will be drawn for it.
    Finished,
    /// Every slot is stored or missed: its slot records say whether another round opens.
    Review,
    /// Slots are still out.
    Waiting {
        /// Move the watermark here and send the slots that it passes.
        watermark: Option<u32>,
        /// Read the slot records and repair what they show.
        inspect: bool,
    },
}

/// What a full stage comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoundStep {
    Finished,
    /// Open the next round with these as its missed set, and send the others.
    Open {
        given_up: BTreeSet<SlotIndex>,
        send: Vec<(SlotIndex, Fence)>,
    },
}

/// A repair that the slot records ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repair {
    /// A lease has lapsed: open the slot again and send it.
    Reopen { slot: SlotIndex, fence: Fence },
    /// A lease has lapsed on the round's last try: the slot is missed.
    Miss { slot: SlotIndex, fence: Fence },
    /// Stored, but not in the stage's set.
    CountStored(SlotIndex),
    /// Missed in this round or for good, but not in the stage's set.
    CountMissed(SlotIndex),
}

/// What an inspection found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inspection {
    pub repairs: Vec<Repair>,
    /// Slots whose messages seem lost: sent again, with the **same** fence, by whoever wins `resends + 1`.
    /// A raised fence would turn the messages of a mere backlog stale, and starve it.
    pub resend: Vec<(SlotIndex, Fence)>,
    /// When the first lease ends that is still running.
    pub lease_ends: Option<Timestamp>,
}

pub fn decide_job(job: &Job, now: Timestamp) -> JobStep {
    if job.status.is_terminal() {
        JobStep::Ended
    } else if job.closing.is_some() {
        JobStep::Close
    } else if job.cancel_requested {
        JobStep::BeginClosing(ClosingReason::Cancelled)
    } else if job.deadline <= now {
        JobStep::BeginClosing(ClosingReason::DeadlinePassed)
    } else if job.stop_requested.is_some() {
        JobStep::BeginClosing(ClosingReason::Stopped)
    } else {
        JobStep::Stages
    }
}

/// `inspection_due`: the job's check time has come, or a ring asked for a closer look.
pub fn decide_stage(stage: &Stage, max_rounds: u32, window: u32, inspection_due: bool) -> StageStep {
    if stage.closed {
        StageStep::Finished
    } else if !stage.is_full() {
        StageStep::Waiting { watermark: stage.next_watermark(window), inspect: inspection_due }
    } else if stage.all_stored() || stage.round.0 >= max_rounds || stage.finish_noted == Some(stage.epoch) {
        // What is finished stays so in its epoch: the slots need not be read again at each ring of a job that goes on.
        StageStep::Finished
    } else {
        StageStep::Review
    }
}

/// Decides whether a full stage with missed slots gets another round.
pub fn decide_round(stage: &Stage, slots: &Slots) -> RoundStep {
    let (given_up, again): (BTreeSet<_>, BTreeSet<_>) = stage
        .missed
        .difference(&stage.stored)
        .partition(|slot| slots.get(slot).is_some_and(|record| record.stamp.is_given_up_in(stage.epoch)));
    if again.is_empty() {
        return RoundStep::Finished;
    }
    let send = again.into_iter().map(|slot| (slot, fence_of(slots, slot))).collect();
    RoundStep::Open { given_up, send }
}

/// The slots between two watermarks that somebody may claim, with their fences.
pub fn slots_to_dispatch(stage: &Stage, to: u32, slots: &Slots, now: Timestamp) -> Vec<(SlotIndex, Fence)> {
    (stage.dispatched..to)
        .map(SlotIndex)
        .filter(|slot| is_unclaimed(stage, *slot, slots, now))
        .map(|slot| (slot, fence_of(slots, slot)))
        .collect()
}

pub fn inspect(stage: &Stage, slots: &Slots, now: Timestamp) -> Inspection {
    let mut found = Inspection::default();
    for (&index, slot) in slots {
        match slot.state {
            SlotState::Leased => match slot.lease_until {
                Some(until) if until >= now => {
                    found.lease_ends = Some(found.lease_ends.map_or(until, |earliest| earliest.min(until)));
                }
                Some(_) | None if slot.tries < TRIES_PER_ROUND => {
                    found.repairs.push(Repair::Reopen { slot: index, fence: slot.fence });
                }
                Some(_) | None => found.repairs.push(Repair::Miss { slot: index, fence: slot.fence }),
            },
            SlotState::Stored if !stage.stored.contains(&index) => found.repairs.push(Repair::CountStored(index)),
            SlotState::Missed
                if !stage.missed.contains(&index)
                    && (slot.stamp == stage.stamp() || slot.stamp.is_given_up_in(stage.epoch)) =>
            {
                found.repairs.push(Repair::CountMissed(index));
            }
            SlotState::Open | SlotState::Missed | SlotState::Stored => {}
        }
    }
    if resend_at(stage) <= now {
        found.resend = (0..stage.dispatched)
            .map(SlotIndex)
            .filter(|slot| is_unclaimed(stage, *slot, slots, now))
            .map(|slot| (slot, fence_of(slots, slot)))
            .collect();
    }
    found
}

/// When a stage's unclaimed slots are next sent again: 5 min × 2^resends after the round began.
pub fn resend_at(stage: &Stage) -> Timestamp {
    let factor = 1_u32.checked_shl(stage.resends).unwrap_or(u32::MAX);
    stage.round_started_at.plus(RESEND_AFTER.saturating_mul(factor))
}

/// When the sweep should next look at a job that goes on: at the first of these times, at the deadline at the
/// latest, and no sooner than in half a minute.
pub fn next_check(job: &Job, times: impl IntoIterator<Item = Timestamp>, now: Timestamp) -> Timestamp {
    times.into_iter().fold(job.deadline, Timestamp::min).max(now.plus(SHORTEST_CHECK))
}

fn is_unclaimed(stage: &Stage, index: SlotIndex, slots: &Slots, now: Timestamp) -> bool {
    match slots.get(&index) {
        Some(slot) => slot.is_claimable(stage.stamp(), now),
        None => !stage.stored.contains(&index),
    }
}

fn fence_of(slots: &Slots, slot: SlotIndex) -> Fence {
    slots.get(&slot).map_or(Fence::NONE, |record| record.fence)
}

#[cfg(test)]
mod tests;
