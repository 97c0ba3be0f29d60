//! Toonmill's storage: one DynamoDB table, one S3 bucket, SQS queues, through the AWS SDK and nothing else.
//!
//! The table module holds every key and every condition of the slot protocol, one function per verb of the
//! domain. There is no trait with an in-memory twin: the twin would be the code under test. What stands behind
//! the same calls (AWS, the local cloud, a simulation) is chosen by the endpoint or the HTTP client.

pub mod blobs;
pub mod error;
mod expression;
mod item;
mod lazy;
mod patience;
pub mod queues;
pub mod table;

pub use blobs::Blobs;
pub use error::{CloudError, CloudErrorKind};
pub use lazy::Lazy;
pub use queues::{Doorbell, Inbox, Outbox, Sent, SlotQueue};
pub use table::Table;

/// What came of a conditional write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Conditional<Won, Lost> {
    /// The condition held (or the write was already there, by the same call's token).
    Won(Won),
    /// Somebody was faster; this is what they left, where it is known.
    Lost(Lost),
}
