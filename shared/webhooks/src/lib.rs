//! Webhooks out, by Standard Webhooks 1.0: what a hook is told, how its receiver knows that we told it, and when a try that
//! came to nothing is made again.
//!
//! Nothing here sends, stores or reads a clock; random bytes, ids and times are passed in. Whoever sends does so through
//! `toonmill-outbound`, since the address is a user's.

pub mod call;
pub mod event;
pub mod schedule;
mod secret;
mod signing;

pub use call::Call;
pub use event::{Event, EventType, Facts, Happened};
pub use schedule::{Answer, Next, after};
pub use secret::{Previous, Secret, SecretError, Secrets};
pub use signing::{Headers, Unverified, sign, verify};
