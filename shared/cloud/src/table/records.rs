//! How records are spelt. The names are persisted: a changed one needs a reader for the old one.

mod job;
mod slot;
mod stage;

pub(super) use job::{job_item, read_job, statistics_value};
pub(super) use slot::{artifact_value, attempt_value, read_slot};
pub(super) use stage::{later_prices, read_stage, stage_item};
