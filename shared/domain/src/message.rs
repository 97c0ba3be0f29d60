//! The two messages. Each can be lost, doubled or rebuilt from the table: a queue is only a doorbell.

use serde::{Deserialize, Serialize};

use crate::{Epoch, Fence, JobId, Round, SlotIndex, SlotKey, StageIndex, Stamp, Timestamp};

/// The version of both messages' bodies.
pub const MESSAGE_VERSION: u32 = 1;

/// "Fill this slot": good for one claim, since a claim raises the fence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotMessage {
    pub v: u32,
    pub job: JobId,
    pub stage: StageIndex,
    pub slot: SlotIndex,
    pub epoch: Epoch,
    pub round: Round,
    pub fence: Fence,
    /// When it is this message's turn to call its provider, if one was reserved in the provider's budget.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turn: Option<Timestamp>,
    /// How often in a row this message was sent back because its provider may not be called: by it the waits grow.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub sent_back: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// "Compare job J with what was asked for." The cause is for logs, and asks for a closer look at most:
/// what is done follows from the table alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReconcileMessage {
    pub v: u32,
    pub job: JobId,
    pub cause: RingCause,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RingCause {
    Submitted,
    Settled,
    Lapsed,
    Cancelled,
    DeadLetter,
    Continue,
    Sweep,
    Operator,
    /// A cause that a newer version knows.
    #[serde(other)]
    Unknown,
}

impl RingCause {
    /// Whether somebody saw a thing that only the slots' own records show, so that they are read though
    /// the job's next check is not due yet.
    pub const fn asks_for_inspection(self) -> bool {
        match self {
            Self::Lapsed | Self::DeadLetter | Self::Operator => true,
            Self::Submitted | Self::Settled | Self::Cancelled | Self::Continue | Self::Sweep | Self::Unknown => false,
        }
    }
}

/// A message body that this version cannot read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnreadableMessage {
    /// Written by a newer version: left for it.
    #[error("the message has version {0}, newer than this program's {MESSAGE_VERSION}")]
    Newer(u32),
    #[error("the message is malformed: {0}")]
    Malformed(String),
}

impl SlotMessage {
    pub const fn new(key: SlotKey, stamp: Stamp, fence: Fence) -> Self {
        Self {
            v: MESSAGE_VERSION,
            job: key.job,
            stage: key.stage,
            slot: key.slot,
            epoch: stamp.epoch,
            round: stamp.round,
            fence,
            turn: None,
            sent_back: 0,
        }
    }

    pub const fn key(&self) -> SlotKey {
        SlotKey { job: self.job, stage: self.stage, slot: self.slot }
    }

    pub const fn stamp(&self) -> Stamp {
        Stamp::new(self.epoch, self.round)
    }

    /// The same work under another fence: what a back-off or a lapse sends.
    #[must_use]
    pub const fn with_fence(self, fence: Fence) -> Self {
        Self { fence, turn: None, sent_back: 0, ..self }
    }

    /// The same message, sent back once more and without a turn.
    #[must_use]
    pub const fn sent_back(self) -> Self {
        Self { turn: None, sent_back: self.sent_back.saturating_add(1), ..self }
    }

    /// The same message with another turn, or none.
    #[must_use]
    pub const fn with_turn(self, turn: Option<Timestamp>) -> Self {
        Self { turn, ..self }
    }
}

impl ReconcileMessage {
    pub const fn new(job: JobId, cause: RingCause) -> Self {
        Self { v: MESSAGE_VERSION, job, cause }
    }
}
