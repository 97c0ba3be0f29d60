//! The stream without Lambda, over simulated storage, in paused time.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails where it stands")]

mod admission;
mod cuts;
mod roles;
mod server;
mod streams;
