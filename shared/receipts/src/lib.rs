//! Receipts: what an ended job delivered and what it cost, signed, so that anybody can check it offline.
//!
//! A receipt is derived from the job's records when it is asked for; nothing here reads them or a clock.

mod key;
mod receipt;
mod verify;

pub use key::{KeyError, PublicKey, PublicKeys, SigningKey};
pub use receipt::{Credits, Entry, NotEnded, Receipt, Signed, Slot, Stage};
pub use verify::{Inspected, Invalid, inspect, verify};
