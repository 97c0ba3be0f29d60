//! How a job ended: its result, its error, and the records that these need besides the job's own.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};
use toonmill_cloud::{CloudError, blobs::LINK_LIFETIME};
use toonmill_domain::{
    Artifact, ClosingReason, Counts, DeliveryKey, FailureCode, Job, JobKind, JobStatus, Publication, Sink, SlotIndex,
    Stage, StageIndex, Usage, WorkKind, reconcile::Slots,
};
use toonmill_http_api::Problem;
use toonmill_plans::arguments;
use toonmill_telegram::Post;

use super::{ImageData, batch, drawn, stages::file_ids, storyboard::Storyboard};
use crate::{App, app::LONGEST_TEXT_BYTES};

/// What is not in the records of the job and its stages.
#[derive(Debug, Default)]
pub(crate) struct Details {
    /// The slots of stages that ended short.
    pub(crate) slots: BTreeMap<StageIndex, Slots>,
    /// A single job's request.
    pub(crate) arguments: Option<Value>,
    /// What a job of one stage made, with links made now.
    made: Option<Value>,
    /// Where a chat shows the job.
    pub(crate) telegram: Option<TelegramView>,
}

/// The message of a chat that shows a job, and what was asked for there.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TelegramView {
    chat_id: i64,
    /// None until it was sent, or once it was deleted.
    message_id: Option<i64>,
    prompt: String,
}

impl Details {
    pub(crate) async fn load(app: &App, job: &Job, stages: &[Stage], data: ImageData) -> Result<Self, Problem> {
        let mut details = Self::default();
        if job.status.is_terminal() {
            for stage in stages.iter().filter(|stage| !stage.all_stored()) {
                details.slots.insert(stage.key.stage, app.table.load_slots(stage.key).await?);
            }
        }
        details.arguments = Self::load_arguments(app, job).await;
        details.telegram = load_telegram(app, job).await?;
        if job.kind.is_single()
            && let Some(stage) = stages.first().filter(|stage| stage.all_stored())
        {
            details.made = load_single(app, stage).await?;
        }
        if job.status.is_terminal() && JobKind::WEBTOON.contains(&job.kind) {
            details.made = match job.kind.work() {
                WorkKind::Image if job.kind == JobKind::RegenerateImageBatch => {
                    Some(batch::result(app, job, stages).await?)
                }
                WorkKind::Image if job.kind == JobKind::StoryboardCutImage => {
                    let drawn = drawn::result(app, job.kind, stages, data).await?;
                    with_cast(drawn, load_cast(app, job).await)
                }
                WorkKind::Image => drawn::result(app, job.kind, stages, data).await?,
                WorkKind::Text if job.kind == JobKind::ScriptToStoryboard => {
                    Storyboard::load(app, stages).await?.map(|storyboard| storyboard.result(job.id))
                }
                WorkKind::Text => written(app, stages).await?,
            };
        }
        Ok(details)
    }

    /// A single job's request. The job's status is worth more: without its plan, it is told without its arguments.
    pub(crate) async fn load_arguments(app: &App, job: &Job) -> Option<Value> {
        if !job.kind.is_single() {
            return None;
        }
        if let Some(known) = app.arguments.get(job.id) {
            return Some(known);
        }
        match app.blobs.load_plan(job.id).await {
            Ok(plan) => {
                let arguments = plan.stages.first().map(arguments)?;
                app.arguments.keep(job.id, arguments.clone());
                Some(arguments)
            }
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
            JobKind::Pipeline => {
                let of_stage =
                    |stage: &Stage| json!({ "index": stage.key.stage, "fileIds": file_ids(stage).collect::<Vec<_>>() });
                let files: Vec<_> = stages.iter().flat_map(file_ids).collect();
                Some(json!({ "stages": stages.iter().map(of_stage).collect::<Vec<_>>(), "fileIds": files }))
            }
            _ => self.made.clone(),
        }
    }
}

/// Whose sheets a cut was drawn after, and which names it was drawn after no sheet of. The picture is worth more: if the
/// plan cannot be read, it is told without them.
async fn load_cast(app: &App, job: &Job) -> Option<Value> {
    if let Some(known) = app.arguments.get(job.id) {
        return Some(known);
    }
    match app.blobs.load_plan(job.id).await {
        Ok(plan) => {
            let Some(Publication::CutImage(entry)) = plan.stages.into_iter().next()?.publish else { return None };
            let cast = json!({ "characters": entry.characters, "unmatchedNames": entry.unmatched_names });
            app.arguments.keep(job.id, cast.clone());
            Some(cast)
        }
        Err(error) => {
            tracing::warn!(job.id = %job.id, error = &error as &dyn std::error::Error, "a plan could not be read");
            None
        }
    }
}

fn with_cast(drawn: Option<Value>, cast: Option<Value>) -> Option<Value> {
    let mut drawn = drawn?;
    if let (Value::Object(members), Some(Value::Object(cast))) = (&mut drawn, cast) {
        members.extend(cast);
    }
    Some(drawn)
}

/// The job is worth more than its message: one that cannot be read is left out.
async fn load_telegram(app: &App, job: &Job) -> Result<Option<TelegramView>, CloudError> {
    let Some(id) = job.telegram_post else { return Ok(None) };
    let key = DeliveryKey { account: job.account.clone(), sink: Sink::Telegram, id };
    let Some(delivery) = app.table.load_delivery(&key).await? else { return Ok(None) };
    let post = serde_json::from_str::<Post>(&delivery.document).ok();
    Ok(post.and_then(|post| {
        let prompt = post.prompt()?.to_owned();
        Some(TelegramView { chat_id: post.chat.id, message_id: post.message, prompt })
    }))
}

async fn load_single(app: &App, stage: &Stage) -> Result<Option<Value>, CloudError> {
    let slots = app.table.load_slots_from(stage.key, SlotIndex(0), 1).await?;
    let Some(artifact) = slots.into_values().find_map(|slot| slot.artifact) else { return Ok(None) };
    let what = match stage.work {
        WorkKind::Image => image(app, &artifact).await?,
        WorkKind::Text => text(app, &artifact).await?,
    };
    let mut result = json!({
        "provider": artifact.provider,
        "model": artifact.model_version.as_deref().unwrap_or(artifact.model.as_str()),
        "type": stage.work.as_str(),
        "mimeType": artifact.mime_type,
        "sizeBytes": artifact.size_bytes,
        "sha256": artifact.sha256,
        "usage": artifact.usage.map(usage),
        "finish_reason": artifact.finish_reason,
        "elapsedMs": artifact.elapsed_ms,
    });
    if let Value::Object(members) = &mut result {
        members.extend(what);
        if stage.keep_files {
            members.insert("fileId".to_owned(), json!(artifact.file));
        }
    }
    Ok(Some(result))
}

/// The result of an endpoint that writes. None, if nothing was written.
async fn written(app: &App, stages: &[Stage]) -> Result<Option<Value>, CloudError> {
    let Some(stage) = stages.first() else { return Ok(None) };
    let slots = app.table.load_slots_from(stage.key, SlotIndex(0), 1).await?;
    let Some(artifact) = slots.into_values().find_map(|slot| slot.artifact) else { return Ok(None) };
    Ok(Some(json!({
        "prompt": app.blobs.get_text(&artifact.object_key, LONGEST_TEXT_BYTES).await?.trim(),
        "provider": artifact.provider,
        "model": artifact.model_version.as_deref().unwrap_or(artifact.model.as_str()),
        "elapsedMs": artifact.elapsed_ms,
    })))
}

async fn image(app: &App, artifact: &Artifact) -> Result<Vec<(String, Value)>, CloudError> {
    let links_end = app.clock.now().plus(LINK_LIFETIME);
    let mut members = vec![
        ("url".to_owned(), json!(app.blobs.link(&artifact.object_key).await?)),
        ("urlExpiresAt".to_owned(), json!(links_end.to_rfc3339())),
    ];
    if let Some(pixels) = artifact.pixels {
        members.push(("width".to_owned(), json!(pixels.width)));
        members.push(("height".to_owned(), json!(pixels.height)));
    }
    Ok(members)
}

async fn text(app: &App, artifact: &Artifact) -> Result<Vec<(String, Value)>, CloudError> {
    Ok(vec![("text".to_owned(), json!(app.blobs.get_text(&artifact.object_key, LONGEST_TEXT_BYTES).await?))])
}

/// Spelt as the older text API spells it, whose completion counts thoughts in.
fn usage(usage: Usage) -> Value {
    json!({
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.total_tokens.saturating_sub(usage.prompt_tokens),
        "total_tokens": usage.total_tokens,
    })
}

/// Why a job ended short. A job that its owner cancelled has no error.
#[derive(Debug, Serialize)]
pub(crate) struct JobError {
    code: String,
    message: String,
}

impl JobError {
    pub(crate) fn of(job: &Job, counts: Counts) -> Option<Self> {
        if !matches!(job.status, JobStatus::Partial | JobStatus::Failed) {
            return None;
        }
        let (things, made, code_of_missing) = match job.kind.work() {
            WorkKind::Image => ("images", "drawn", "images_missing"),
            WorkKind::Text => ("texts", "written", "texts_missing"),
        };
        let missing = format!("{} of {} {things} could not be {made}", counts.missing(), counts.requested);
        let (code, message) = match (job.closing, &job.stop_requested) {
            (Some(ClosingReason::Stopped), Some(reason)) => (stopped_by(reason), format!("{missing}: {reason}.")),
            (Some(ClosingReason::Stopped), None) => ("stopped", format!("{missing}.")),
            (Some(ClosingReason::DeadlinePassed), _) => ("deadline_passed", format!("{missing} before the deadline.")),
            _ => (code_of_missing, format!("{missing}. The stages say why.")),
        };
        Some(Self { code: code.to_owned(), message })
    }
}

/// The failure in a reason such as `gemini: quota_exhausted …`.
fn stopped_by(reason: &str) -> &str {
    reason.split_whitespace().find(|word| FailureCode::parse(word).is_some()).unwrap_or("stopped")
}
