//! The API without Lambda, over simulated storage and a stand-in of Google's certificates.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails where it stands")]

mod api;
mod hooks;
mod keys;
mod profile;
mod roles;
mod sign_in;
