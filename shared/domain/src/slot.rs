//! One slot: its record, and what a worker that lost the claim reads from it.

use serde::{Deserialize, Serialize};

use crate::{Attempt, FailureCode, Fence, FileId, ModelId, ProviderId, SlotKey, SlotMessage, Stamp, Timestamp};

/// Where a slot stands. A slot that was never claimed has no record at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SlotState {
    /// Waiting for its next try in this round.
    Open,
    /// A worker holds it until its lease ends.
    Leased,
    /// Its tries of the round are used up, or it is given up.
    Missed,
    /// Its image exists. Final.
    Stored,
}

impl SlotState {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Leased => "leased",
            Self::Missed => "missed",
            Self::Stored => "stored",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Open, Self::Leased, Self::Missed, Self::Stored].into_iter().find(|state| state.as_str() == text)
    }
}

/// A slot's record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    pub key: SlotKey,
    pub state: SlotState,
    pub stamp: Stamp,
    pub fence: Fence,
    /// Tries of the stamp's round.
    pub tries: u32,
    /// The invocation that claimed it last; with the fence, the token by which it knows its own writes.
    pub holder: Option<String>,
    pub lease_until: Option<Timestamp>,
    /// An open slot may not be claimed before this time.
    pub not_before: Option<Timestamp>,
    /// Failed attempts, oldest first. Those that used no try are only counted in `waits`.
    pub attempts: Vec<Attempt>,
    /// Attempts that the provider put off (429).
    pub waits: u32,
    /// Those since the round began: by them waits grow.
    pub round_waits: u32,
    pub artifact: Option<Artifact>,
}

/// What a stored slot holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    pub file: FileId,
    pub object_key: String,
    /// Lower-case hex of the stored bytes.
    pub sha256: String,
    pub size_bytes: u64,
    /// A picture's; a text has none.
    pub pixels: Option<PixelSize>,
    /// What a picture looks like, in 16 hex digits; alike ones differ in few bits. Older records have none.
    pub fingerprint: Option<String>,
    pub mime_type: String,
    pub provider: ProviderId,
    pub model: ModelId,
    /// The model as the provider says it resolved it.
    pub model_version: Option<String>,
    /// What the provider says it counted.
    pub usage: Option<Usage>,
    /// Why the model stopped writing: `stop`, or `max_output_tokens` at that limit.
    pub finish_reason: Option<String>,
    /// From the claim to the stored object.
    pub elapsed_ms: u64,
    pub stored_at: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PixelSize {
    pub width: u32,
    pub height: u32,
}

/// Tokens, as the provider counted them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    pub prompt_tokens: u64,
    pub output_tokens: u64,
    pub thinking_tokens: u64,
    pub total_tokens: u64,
}

/// What a message should come to, when its claim was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LostClaim {
    /// The slot is stored: count it again, in case the count was lost.
    CountAgain,
    /// The claim is ours; its answer was lost. Go on with it.
    Mine,
    /// Too early: send the message again with the rest of the delay.
    TooEarly { until: Timestamp },
    /// Missed in an earlier round: claim it for this one.
    NewRound,
    /// Somebody's lease has lapsed: ring.
    Lapsed,
    /// A copy of a message whose work is done or in hand: acknowledge.
    Stale,
}

impl Slot {
    /// A slot at this point of its life, with nothing behind it.
    pub const fn new(key: SlotKey, state: SlotState, stamp: Stamp, fence: Fence) -> Self {
        Self {
            key,
            state,
            stamp,
            fence,
            tries: 0,
            holder: None,
            lease_until: None,
            not_before: None,
            attempts: Vec::new(),
            waits: 0,
            round_waits: 0,
            artifact: None,
        }
    }

    /// Reads from the record that a claim lost to what its message should come to (PROTOCOL, Worker 1).
    pub fn lost_claim(&self, message: &SlotMessage, holder: &str, now: Timestamp) -> LostClaim {
        match self.state {
            SlotState::Stored => LostClaim::CountAgain,
            SlotState::Leased if self.fence == message.fence.next() && self.holder.as_deref() == Some(holder) => {
                LostClaim::Mine
            }
            SlotState::Leased if self.lease_until.is_none_or(|until| until < now) => LostClaim::Lapsed,
            SlotState::Open if self.fence == message.fence && self.stamp == message.stamp() => match self.not_before {
                Some(until) if until > now => LostClaim::TooEarly { until },
                _ => LostClaim::Stale,
            },
            SlotState::Missed if self.fence == message.fence && self.stamp < message.stamp() => LostClaim::NewRound,
            SlotState::Leased | SlotState::Open | SlotState::Missed => LostClaim::Stale,
        }
    }

    /// Whether `message` was never claimed and still may be, as its slot's record (none: there is none) shows.
    ///
    /// A claim raises the fence, so a record that still has the message's fence and waits for its stamp has seen no claim
    /// by it.
    pub fn awaits(slot: Option<&Self>, message: &SlotMessage) -> bool {
        let Some(slot) = slot else { return message.fence == Fence::NONE };
        slot.fence == message.fence
            && match slot.state {
                SlotState::Open => slot.stamp == message.stamp(),
                SlotState::Missed => slot.stamp < message.stamp(),
                SlotState::Leased | SlotState::Stored => false,
            }
    }

    /// Whether the slot waits for a message of `stamp`: nobody has claimed it, and somebody may.
    pub fn is_claimable(&self, stamp: Stamp, now: Timestamp) -> bool {
        match self.state {
            SlotState::Open => self.stamp == stamp && self.not_before.is_none_or(|until| until <= now),
            SlotState::Missed => self.stamp < stamp,
            SlotState::Leased | SlotState::Stored => false,
        }
    }

    /// Why the slot has no image: its last failure that used a try, else the last of all.
    pub fn reason(&self) -> Option<FailureCode> {
        self.attempts.last().map(|attempt| attempt.code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Epoch, JobId, Round, SlotIndex, StageIndex};

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);

    fn message(fence: u64, round: u32) -> SlotMessage {
        let job: JobId = "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap();
        let key = SlotKey { job, stage: StageIndex(0), slot: SlotIndex(3) };
        SlotMessage::new(key, Stamp::new(Epoch(1), Round(round)), Fence(fence))
    }

    fn slot(state: SlotState, fence: u64, round: u32) -> Slot {
        let stamp = Stamp::new(Epoch(1), Round(round));
        Slot {
            tries: 1,
            holder: Some("me".to_owned()),
            lease_until: Some(NOW.plus(std::time::Duration::from_mins(1))),
            ..Slot::new(message(0, 1).key(), state, stamp, Fence(fence))
        }
    }

    #[test]
    fn my_own_claim_whose_answer_was_lost_is_mine() {
        let slot = slot(SlotState::Leased, 1, 1);
        assert_eq!(slot.lost_claim(&message(0, 1), "me", NOW), LostClaim::Mine);
        assert_eq!(slot.lost_claim(&message(0, 1), "another", NOW), LostClaim::Stale);
    }

    #[test]
    fn a_later_claim_of_mine_is_not_this_one() {
        assert_eq!(slot(SlotState::Leased, 3, 1).lost_claim(&message(0, 1), "me", NOW), LostClaim::Stale);
    }

    #[test]
    fn a_lapsed_lease_rings_whoever_held_it() {
        let mut slot = slot(SlotState::Leased, 5, 1);
        slot.lease_until = Some(Timestamp::from_millis(999_999));
        assert_eq!(slot.lost_claim(&message(0, 1), "another", NOW), LostClaim::Lapsed);
    }

    #[test]
    fn a_stored_slot_is_counted_again_whatever_the_message_is() {
        assert_eq!(slot(SlotState::Stored, 9, 1).lost_claim(&message(0, 1), "me", NOW), LostClaim::CountAgain);
    }

    #[test]
    fn an_early_message_waits_only_if_it_could_claim_later() {
        let until = NOW.plus(std::time::Duration::from_secs(4));
        let mut open = slot(SlotState::Open, 1, 1);
        open.not_before = Some(until);
        assert_eq!(open.lost_claim(&message(1, 1), "me", NOW), LostClaim::TooEarly { until });
        assert_eq!(open.lost_claim(&message(0, 1), "me", NOW), LostClaim::Stale);
    }

    #[test]
    fn a_message_that_nobody_claimed_is_known_by_its_slots_fence_and_stamp() {
        let awaits = |state, fence, round, message| Slot::awaits(Some(&slot(state, fence, round)), &message);
        assert!(Slot::awaits(None, &message(0, 1)));
        assert!(!Slot::awaits(None, &message(1, 1)), "its job was removed");
        assert!(awaits(SlotState::Open, 1, 1, message(1, 1)));
        assert!(!awaits(SlotState::Open, 2, 1, message(1, 1)), "claimed, and opened again since");
        assert!(!awaits(SlotState::Open, 1, 1, message(1, 2)), "of another round");
        assert!(awaits(SlotState::Missed, 3, 1, message(3, 2)));
        assert!(!awaits(SlotState::Missed, 3, 2, message(3, 2)), "missed in the message's own round");
        assert!(!awaits(SlotState::Leased, 1, 1, message(0, 1)) && !awaits(SlotState::Stored, 1, 1, message(0, 1)));
    }

    #[test]
    fn a_missed_slot_is_claimable_in_a_later_round_only() {
        let missed = slot(SlotState::Missed, 3, 1);
        assert_eq!(missed.lost_claim(&message(3, 2), "me", NOW), LostClaim::NewRound);
        assert_eq!(missed.lost_claim(&message(3, 1), "me", NOW), LostClaim::Stale);
        assert_eq!(missed.lost_claim(&message(2, 2), "me", NOW), LostClaim::Stale);
    }
}
