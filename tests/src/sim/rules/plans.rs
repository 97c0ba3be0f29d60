//! What must hold of the record by which the cleanup finds a plan that no job came of.

use toonmill_domain::JobId;

use crate::sim::shadow::{Record, Shadow};

/// The job whose plan a record is of; none if it is the file of a slot.
pub(super) fn job_of(file: Record<'_>) -> Option<JobId> {
    file.text("objectKey").strip_prefix("plans/")?.strip_suffix(".json")?.parse().ok()
}

/// It goes when its job is written, in the same transaction, or it is given up and then no job may be written.
pub(super) fn record(
    shadow: &Shadow,
    job: JobId,
    old: Option<Record<'_>>,
    new: Option<Record<'_>>,
    found: &mut Vec<String>,
) {
    let Some(old) = old else { return };
    let is_written = shadow.job(job).is_some();
    let holds = match new {
        None => is_written && old.text("state") == "unchecked",
        Some(new) => !is_written && new.text("state") == "deleting",
    };
    if !holds {
        found.push("a plan was given up though it has a job, or its record went without one".to_owned());
    }
}
