//! The API without Lambda: what is decided before any call to AWS, what a failed call becomes, and over simulated
//! storage what callers see of their jobs.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails where it stands")]

mod api;
mod auth;
mod batches;
mod bodies;
mod characters;
mod closed;
mod conventions;
mod crowds;
mod cuts;
mod events;
mod files;
mod gateway;
mod jobs;
mod korean;
mod limits;
mod links;
mod next_release;
mod pictures;
mod polls;
mod receipts;
mod regenerate;
mod retries;
mod roles;
mod secrecy;
mod spellings;
mod storyboards;
mod submits;
mod texts;
mod waits;
mod webtoon;
