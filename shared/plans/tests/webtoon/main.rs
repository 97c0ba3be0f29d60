//! What the bodies of the webtoon endpoints come to.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

mod bad;
mod bodies;
mod plans;
mod studio;
