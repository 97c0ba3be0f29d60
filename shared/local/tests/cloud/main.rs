//! The real template, the real functions and the real launcher, over HTTP, as a client sees them. Each test has a
//! local cloud of its own.
#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "what is not there is a test that fails")]

mod accounts;
mod api;
mod drawing;
mod endpoints;
mod events;
mod files;
mod harness;
mod lifecycle;
mod storyboard;
mod telegram;
mod webtoon;
