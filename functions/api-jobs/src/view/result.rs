//! How a job ended: its result, its error, and the records that these need besides the job's own.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};
use toonmill_cloud::{CloudError, blobs::LINK_LIFETIME};
use toonmill_domain::{
    ClosingReason, FailureCode, Job, JobKind, JobStatus, SlotIndex, Stage, StageIndex, reconcile::Slots,
};
use toonmill_http_api::Problem;
use toonmill_plans::arguments;

use super::{Counts, stages::file_ids};
use crate::App;

/// What is not in the records of the job and its stages.
#[derive(Debug, Default)]
pub(crate) struct Details {
    /// The slots of stages that ended short.
    pub(crate) slots: BTreeMap<StageIndex, Slots>,
    /// A single job's request.
    pub(crate) arguments: Option<Value>,
    /// A single job's image, with a link made now.
    image: Option<Value>,
}

impl Details {
    pub(crate) async fn load(app: &App, job: &Job, stages: &[Stage]) -> Result<Self, Problem> {
        let mut details = Self::default();
        if job.status.is_terminal() {
            for stage in stages.iter().filter(|stage| !stage.all_stored()) {
                details.slots.insert(stage.key.stage, app.table.load_slots(stage.key).await?);
            }
        }
        details.arguments = Self::load_arguments(app, job).await;
        if job.kind == JobKind::SingleImage
            && let Some(stage) = stages.first().filter(|stage| stage.all_stored())
        {
            details.image = load_image(app, stage).await?;
        }
        Ok(details)
    }

    /// A single job's request. The job's status is worth more: without its plan, it is told without its arguments.
    pub(crate) async fn load_arguments(app: &App, job: &Job) -> Option<Value> {
        if job.kind != JobKind::SingleImage {
            return None;
        }
        match app.blobs.load_plan(job.id).await {
            Ok(plan) => plan.stages.first().map(arguments),
            Err(error) => {
                tracing::warn!(job.id = %job.id, error = &error as &dyn std::error::Error, "a plan could not be read");
                None
            }
        }
    }

    /// The result's body, without what every answer about a job carries.
    pub(crate) fn result(&self, job: &Job, stages: &[Stage]) -> Option<Value> {
        match job.kind {
            _ if !job.status.is_terminal() => None,
            JobKind::SingleImage => self.image.clone(),
            JobKind::Pipeline => {
                let of_stage =
                    |stage: &Stage| json!({ "index": stage.key.stage, "fileIds": file_ids(stage).collect::<Vec<_>>() });
                let files: Vec<_> = stages.iter().flat_map(file_ids).collect();
                Some(json!({ "stages": stages.iter().map(of_stage).collect::<Vec<_>>(), "fileIds": files }))
            }
        }
    }
}

async fn load_image(app: &App, stage: &Stage) -> Result<Option<Value>, CloudError> {
    let slots = app.table.load_slots_from(stage.key, SlotIndex(0), 1).await?;
    let Some(artifact) = slots.into_values().find_map(|slot| slot.artifact) else { return Ok(None) };
    let links_end = app.clock.now().plus(LINK_LIFETIME);
    Ok(Some(json!({
        "provider": artifact.provider,
        "model": artifact.model,
        "type": "image",
        "url": app.blobs.link(&artifact.object_key).await?,
        "urlExpiresAt": links_end.to_rfc3339(),
        "fileId": artifact.file,
        "mimeType": artifact.mime_type,
        "width": artifact.width,
        "height": artifact.height,
        "sizeBytes": artifact.size_bytes,
        "sha256": artifact.sha256,
        "elapsedMs": artifact.elapsed_ms,
    })))
}

/// Why a job ended short. A job that its owner cancelled has no error.
#[derive(Debug, Serialize)]
pub(crate) struct JobError {
    code: &'static str,
    message: String,
}

impl JobError {
    pub(crate) fn of(job: &Job, counts: Counts) -> Option<Self> {
        if !matches!(job.status, JobStatus::Partial | JobStatus::Failed) {
            return None;
        }
        let missing = format!("{} of {} images could not be drawn", counts.missing(), counts.requested);
        let (code, message) = match (job.closing, &job.stop_requested) {
            (Some(ClosingReason::Stopped), Some(reason)) => (stopped_by(reason), format!("{missing}: {reason}.")),
            (Some(ClosingReason::Stopped), None) => ("stopped", format!("{missing}.")),
            (Some(ClosingReason::DeadlinePassed), _) => ("deadline_passed", format!("{missing} before the deadline.")),
            _ => ("images_missing", format!("{missing}. The stages say why.")),
        };
        Some(Self { code, message })
    }
}

/// The failure in a reason such as `gemini: quota_exhausted …`.
fn stopped_by(reason: &str) -> &'static str {
    reason.split_whitespace().find_map(FailureCode::parse).map_or("stopped", FailureCode::as_str)
}
