//! A job's log: what happened to the job as a whole, in the order in which it happened.
//!
//! Pictures that come one by one are not in it: the stages' sets show them. Entries are numbered from 1 without a gap,
//! and each is written in the transaction that makes it true.

use crate::{Credits, JobStatus, Round, StageIndex, Timestamp};

/// One entry of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobEvent {
    pub number: u64,
    pub at: Timestamp,
    pub what: Happening,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happening {
    /// Another round began for the slots of a stage that were missed.
    RoundOpened { stage: StageIndex, round: Round },
    /// Nothing more will be drawn for a stage, while others of its job go on.
    StageFinished { stage: StageIndex, stored: u64, requested: u64 },
    /// A retry opened the job again.
    Reopened,
    /// The job ended. Credits are those of all its epochs.
    Ended { status: JobStatus, stored: u64, requested: u64, captured: Credits, released: Credits },
}

impl Happening {
    /// What it is called in the record and in the stream of a job's events.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RoundOpened { .. } => "round.opened",
            Self::StageFinished { .. } => "stage.finished",
            Self::Reopened => "job.reopened",
            Self::Ended { status, .. } => ended(status),
        }
    }

    pub const fn is_end(self) -> bool {
        matches!(self, Self::Ended { .. })
    }
}

/// The name of an end. An open status has none of its own, and no end has it.
const fn ended(status: JobStatus) -> &'static str {
    match status {
        JobStatus::Completed => "job.completed",
        JobStatus::Partial => "job.partial",
        JobStatus::Failed => "job.failed",
        JobStatus::Cancelled => "job.cancelled",
        JobStatus::InQueue | JobStatus::InProgress => "job.progress",
    }
}

/// The status that an end's name stands for.
pub fn status_of_end(name: &str) -> Option<JobStatus> {
    JobStatus::ALL.into_iter().filter(|status| status.is_terminal()).find(|status| ended(*status) == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_end_is_known_by_its_name() {
        for status in JobStatus::ALL.into_iter().filter(|status| status.is_terminal()) {
            assert_eq!(status_of_end(ended(status)), Some(status));
        }
        assert_eq!(status_of_end("job.progress"), None);
        assert_eq!(status_of_end("round.opened"), None);
    }
}
