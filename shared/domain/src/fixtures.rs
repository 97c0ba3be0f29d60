//! Records for the tests of decisions: an ordinary job, one of its stages.

use std::time::Duration;

use crate::{
    Credits, Epoch, Failover, Job, JobId, JobKind, JobStatus, Prices, Round, Stage, StageIndex, StageKey, Timestamp,
    WorkKind,
};

pub(crate) const NOW: Timestamp = Timestamp::from_millis(10_000_000);

fn job_id() -> JobId {
    "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap()
}

pub(crate) fn credits(amount: u64) -> Credits {
    Credits::new(amount).unwrap()
}

/// A job under way, with an hour left.
pub(crate) fn job() -> Job {
    Job {
        id: job_id(),
        account: "a".parse().unwrap(),
        user: "a".parse().unwrap(),
        kind: JobKind::Pipeline,
        status: JobStatus::InProgress,
        epoch: Epoch::FIRST,
        version: 3,
        cancel_requested: false,
        stop_requested: None,
        closing: None,
        deadline: NOW.plus(Duration::from_hours(1)),
        next_check_at: None,
        stuck: None,
        max_rounds: 6,
        hold: Credits::ZERO,
        held: Credits::ZERO,
        captured: Credits::ZERO,
        released: Credits::ZERO,
        production_id: None,
        events: 0,
        ticket_key: None,
        webhook_url: None,
        telegram_post: None,
        created_at: NOW,
        updated_at: NOW,
        started_at: None,
        completed_at: None,
        statistics: None,
    }
}

/// A stage of that job, in its first round, all sent, at 5 credits an image.
pub(crate) fn stage(quantity: u32) -> Stage {
    Stage {
        key: StageKey { job: job_id(), stage: StageIndex(0) },
        quantity,
        epoch: Epoch::FIRST,
        round: Round::FIRST,
        round_started_at: NOW,
        closed: false,
        dispatched: quantity,
        resends: 0,
        finish_noted: None,
        stored: [].into(),
        missed: [].into(),
        prices: Prices::new(credits(5)),
        provider: "gemini".parse().unwrap(),
        model: "gemini-3-pro-image".parse().unwrap(),
        work: WorkKind::Image,
        keep_files: true,
        failover: Failover::Never,
        alternatives: Vec::new(),
    }
}
