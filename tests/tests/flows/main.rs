//! The flows over simulated storage: given a job and an artist, when messages are delivered, lost or doubled,
//! then the job ends exact.

#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "what is not there is a test that fails")]

mod audits;
mod breakers;
mod budgets;
mod calls;
mod cancel;
mod conflicts;
mod dead_letters;
mod draws;
mod ends;
mod failover;
mod fairness;
mod hooks;
mod inputs;
mod log;
mod losses;
mod money;
mod plans;
mod races;
mod recursion;
mod removal;
mod retry;
mod rollback;
mod scale;
mod spoiled;
mod texts;
mod uploads;
mod visibility;
