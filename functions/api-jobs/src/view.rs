//! Jobs as callers see them.

mod batch;
mod drawn;
mod head;
mod result;
mod stages;
mod storyboard;

use serde::Serialize;
use serde_json::Value;
use toonmill_domain::{Counts, FileId, Job, Progress, Stage, Statistics, Timestamp};

pub(crate) use drawn::ImageData;
pub(crate) use head::{Accepted, Head, Showing, Summary, status_url};
use result::TelegramView;
pub(crate) use result::{Details, JobError};
use stages::StageView;
pub(crate) use storyboard::Storyboard;

/// `GET /api/v1/jobs/{id}`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct JobView {
    #[serde(flatten)]
    summary: Summary,
    revision: u64,
    progress: Progress,
    stages: Vec<StageView>,
    /// Of all stages, in their order.
    file_ids: Vec<FileId>,
    /// Null until the job has ended.
    result: Option<Value>,
    error: Option<JobError>,
    #[serde(skip_serializing_if = "Option::is_none")]
    telegram: Option<TelegramView>,
    statistics: StatisticsView,
}

/// The counts are there once the job has ended.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct StatisticsView {
    elapsed_ms: u64,
    /// The share of the images that came at the first attempt, from 0 to 1, in whole hundredths of a per cent.
    #[serde(skip_serializing_if = "Option::is_none")]
    first_pass_yield: Option<f64>,
    #[serde(flatten)]
    counts: Option<Statistics>,
}

impl JobView {
    pub(crate) fn of(job: &Job, stages: &[Stage], details: Details, showing: Showing<'_>) -> Self {
        let error = JobError::of(job, Counts::of(stages));
        let (result, telegram) = (details.result(job, stages), details.telegram);
        let mut summary = Summary::of(job, Some(Counts::of(stages)), showing);
        summary.head.name_model(stages);
        summary.head.arguments = details.arguments;
        Self {
            summary,
            revision: job.revision(stages),
            progress: Progress::of(job, stages),
            stages: stages.iter().map(|stage| StageView::of(job, stage, &details.slots)).collect(),
            file_ids: stages.iter().flat_map(stages::file_ids).collect(),
            result,
            error,
            telegram,
            statistics: StatisticsView {
                elapsed_ms: elapsed_ms(job, showing.now),
                first_pass_yield: job.statistics.as_ref().and_then(first_pass_yield),
                counts: job.statistics.clone(),
            },
        }
    }
}

fn first_pass_yield(statistics: &Statistics) -> Option<f64> {
    let hundredths = statistics.first_pass.saturating_mul(10_000).checked_div(statistics.requested())?;
    Some(f64::from(u32::try_from(hundredths).ok()?) / 10_000.0)
}

/// From submit to the end, or until now.
fn elapsed_ms(job: &Job, now: Timestamp) -> u64 {
    let until = job.completed_at.unwrap_or(now);
    u64::try_from(until.since(job.created_at).as_millis()).unwrap_or(u64::MAX)
}
