//! Deliveries: what is to be told to somebody outside, each one record, written with the state change that causes it.
//!
//! A delivery is claimed by a turn and a lease, as a slot is by its fence: whoever holds the present turn may send, and only
//! he may write what came of it. The record is the truth, and the message that rings for it may be lost or doubled.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{AccountId, DeliveryId, JobId, Timestamp, message::MESSAGE_VERSION};

/// How long a delivery's record is kept after it was made.
pub const DELIVERY_KEPT: Duration = Duration::from_hours(30 * 24);

/// Who is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sink {
    /// A server that a job named.
    Webhook,
    /// A chat.
    Telegram,
}

/// Which delivery.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeliveryKey {
    pub account: AccountId,
    pub sink: Sink,
    pub id: DeliveryId,
}

/// How a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeliveryState {
    /// It is still to be sent, or to be sent again.
    Pending,
    Delivered,
    /// It was tried as often as it may be, or cannot succeed.
    Failed,
    /// Its receiver wants nothing more (410).
    Disabled,
}

impl DeliveryState {
    pub const ALL: [Self; 4] = [Self::Pending, Self::Delivered, Self::Failed, Self::Disabled];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Disabled => "disabled",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// A delivery's record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    pub key: DeliveryKey,
    /// The job that it tells of, if any.
    pub job: Option<JobId>,
    pub state: DeliveryState,
    /// Claims so far.
    pub tries: u32,
    /// Grows with each claim: only who has the present one may write what came of it.
    pub turn: u64,
    /// Until when somebody is at it.
    pub lease_until: Option<Timestamp>,
    /// When it is next to be sent; none once nothing is to be sent.
    pub next_attempt_at: Option<Timestamp>,
    pub created_at: Timestamp,
    /// What its sink needs to know, as JSON that only the sink reads.
    pub document: String,
}

impl Delivery {
    /// One to be sent at once.
    pub const fn new(key: DeliveryKey, job: Option<JobId>, document: String, now: Timestamp) -> Self {
        Self {
            key,
            job,
            state: DeliveryState::Pending,
            tries: 0,
            turn: 0,
            lease_until: None,
            next_attempt_at: Some(now),
            created_at: now,
            document,
        }
    }

    /// Whether it may be claimed: it is pending, and nobody is at it.
    pub fn is_claimable(&self, now: Timestamp) -> bool {
        self.state == DeliveryState::Pending && self.lease_until.is_none_or(|until| until < now)
    }
}

/// "See to this delivery."
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryMessage {
    pub v: u32,
    pub account: AccountId,
    pub sink: Sink,
    pub id: DeliveryId,
    /// The turn after which it was sent, by who goes on with a delivery: another has gone on if the record's is not this one.
    /// One without comes from somebody who saw that there is something to tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turn: Option<u64>,
}

impl DeliveryMessage {
    pub fn new(key: &DeliveryKey, turn: Option<u64>) -> Self {
        let DeliveryKey { account, sink, id } = key.clone();
        Self { v: MESSAGE_VERSION, account, sink, id, turn }
    }

    pub fn key(&self) -> DeliveryKey {
        DeliveryKey { account: self.account.clone(), sink: self.sink, id: self.id }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_persisted_name_reads_back() {
        for state in DeliveryState::ALL {
            assert_eq!(DeliveryState::parse(state.as_str()), Some(state));
            assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
        }
    }

    #[test]
    fn one_is_claimed_by_nobody_else_while_somebody_is_at_it() {
        let now = Timestamp::from_millis(1_000);
        let id = DeliveryId::new("01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap());
        let key = DeliveryKey { account: "a".parse().unwrap(), sink: Sink::Webhook, id };
        let mut delivery = Delivery::new(key, None, "{}".to_owned(), now);
        assert!(delivery.is_claimable(now));
        delivery.lease_until = Some(now);
        assert!(!delivery.is_claimable(now));
        assert!(delivery.is_claimable(now.plus(Duration::from_millis(1))));
        delivery.state = DeliveryState::Delivered;
        assert!(!delivery.is_claimable(now.plus(Duration::from_hours(1))));
    }
}
