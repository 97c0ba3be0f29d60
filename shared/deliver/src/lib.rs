//! Deliveries, carried out: servers are called and chats written to.
//!
//! Each delivery is a record that was written with the change it tells of. Whoever takes it claims its next turn with a
//! lease, makes one call to the outside at most that shows something, and writes down what came of it. What is shown in a chat
//! is made of the table at that moment, so that neither order nor repetition of the messages matters.

mod chat;
mod deliverer;
mod hook;

pub use deliverer::{DeliverError, Delivered, Deliverer};

use std::time::Duration;

use toonmill_cloud::table::Noted;
use toonmill_domain::{DeliveryState, Timestamp};

/// What one turn came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Turn {
    pub(crate) noted: Noted,
    /// Whether its end is news for an operator.
    pub(crate) why: Option<String>,
}

impl Turn {
    pub(crate) fn done(document: String) -> Self {
        Self::ended(DeliveryState::Delivered, document, None)
    }

    pub(crate) fn ended(state: DeliveryState, document: String, why: Option<String>) -> Self {
        Self { noted: Noted { state, next_attempt_at: None, document }, why }
    }

    pub(crate) fn again(document: String, at: Timestamp) -> Self {
        Self { noted: Noted { state: DeliveryState::Pending, next_attempt_at: Some(at), document }, why: None }
    }
}

/// The pause after so many failures in a row: 1, 2, 4 … seconds, a minute at most.
pub(crate) fn back_off(failures: u32) -> Duration {
    Duration::from_secs(1_u64.checked_shl(failures).unwrap_or(u64::MAX).min(60))
}
