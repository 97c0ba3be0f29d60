//! `GET /api/v1/jobs/{id}/images`: every stored image, in stage, then slot order, while the job runs and after.

use std::collections::HashSet;

use axum::{
    Json,
    extract::{Path, State},
};
use serde::Serialize;
use toonmill_cloud::{blobs::LINK_LIFETIME, table::FileState};
use toonmill_domain::{
    Artifact, FileId, JobId, ModelId, PixelSize, ProviderId, Slot, SlotIndex, SlotKey, Stage, StageIndex,
};
use toonmill_http_api::{Caller, Page, Params, Problem, lists};

use crate::{App, app::job_id};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ImageView {
    stage: StageIndex,
    slot: SlotIndex,
    file_id: FileId,
    /// Absent once the file has expired or was deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url_expires_at: Option<String>,
    /// Whether it has.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    is_gone: bool,
    width: u32,
    height: u32,
    size_bytes: u64,
    sha256: String,
    mime_type: String,
    provider: ProviderId,
    model: ModelId,
    /// The attempt that drew it, from 1. Those that a provider only put off do not count.
    attempt: u64,
    elapsed_ms: u64,
}

/// A place in a job's images.
type Place = (StageIndex, SlotIndex);

pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    params: Params,
) -> Result<Json<Page<ImageView>>, Problem> {
    let id = job_id(&id)?;
    let limit = usize::try_from(params.limit()).unwrap_or(1);
    let from = params.cursor(read_place).unwrap_or((StageIndex(0), SlotIndex(0)));
    params.finish()?;
    let (_, stages) = app.load_job(&caller, id).await?;

    let mut data = Vec::with_capacity(limit);
    let mut place = next_stored(&stages, from);
    while let Some((index, slot)) = place.filter(|_| data.len() < limit) {
        let Some(stage) = stages.iter().find(|stage| stage.key.stage == index) else { break };
        let room = i32::try_from(limit - data.len()).unwrap_or(1);
        let slots = app.table.load_slots_from(stage.key, slot, room).await?;
        let last = slots.keys().next_back().copied().unwrap_or(slot);
        let artifacts: Vec<_> =
            slots.into_values().filter_map(|slot| Some((slot.key, attempt(&slot), slot.artifact?))).collect();
        let ids: Vec<_> = artifacts.iter().map(|(.., artifact)| artifact.file).collect();
        let files = app.table.load_files(&ids).await?.into_iter();
        let live: HashSet<_> = files.filter(|file| file.state == FileState::Live).map(|file| file.id).collect();
        let is_listed = |file: &FileId| live.contains(file);
        // A stage may keep its results in the job alone, without files: its plan says so, and few requests need to ask.
        let has_files =
            artifacts.iter().all(|(.., artifact)| is_listed(&artifact.file)) || keeps_files(&app, id, index).await?;
        for (key, attempt, artifact) in artifacts {
            let is_there = !has_files || is_listed(&artifact.file);
            data.extend(view(&app, key, attempt, artifact, is_there).await?);
        }
        place = next_stored(&stages, (index, SlotIndex(last.0.saturating_add(1))));
    }
    let next_cursor = place.map(|(stage, slot)| lists::cursor(&format!("{}.{}", stage.0, slot.0)));
    Ok(Json(Page { data, next_cursor }))
}

async fn keeps_files(app: &App, job: JobId, stage: StageIndex) -> Result<bool, Problem> {
    let plan = app.blobs.load_plan(job).await?;
    Ok(plan.stages.get(usize::from(stage.0)).is_none_or(|stage| stage.keep_files))
}

/// The first stored slot at or after a place, by the stages' own sets.
fn next_stored(stages: &[Stage], (index, slot): Place) -> Option<Place> {
    stages.iter().filter(|stage| stage.key.stage >= index).find_map(|stage| {
        let from = if stage.key.stage == index { slot } else { SlotIndex(0) };
        stage.stored.range(from..).next().map(|slot| (stage.key.stage, *slot))
    })
}

fn read_place(text: &str) -> Option<Place> {
    let (stage, slot) = text.split_once('.')?;
    Some((StageIndex(stage.parse().ok()?), SlotIndex(slot.parse().ok()?)))
}

fn attempt(slot: &Slot) -> u64 {
    slot.attempts.len() as u64 + 1
}

async fn view(
    app: &App,
    key: SlotKey,
    attempt: u64,
    artifact: Artifact,
    is_there: bool,
) -> Result<Option<ImageView>, Problem> {
    let Artifact {
        file,
        object_key,
        sha256,
        size_bytes,
        pixels: Some(PixelSize { width, height }),
        mime_type,
        provider,
        model,
        elapsed_ms,
        ..
    } = artifact
    else {
        return Ok(None);
    };
    let links_end = app.clock.now().plus(LINK_LIFETIME);
    Ok(Some(ImageView {
        stage: key.stage,
        slot: key.slot,
        file_id: file,
        url: if is_there { Some(app.blobs.link(&object_key).await?) } else { None },
        url_expires_at: is_there.then(|| links_end.to_rfc3339()),
        is_gone: !is_there,
        width,
        height,
        size_bytes,
        sha256,
        mime_type,
        provider,
        model,
        attempt,
        elapsed_ms,
    }))
}
