//! `GET /api/v1/jobs/{id}/images`: every stored image, in stage, then slot order, while the job runs and after.

use axum::{
    Json,
    extract::{Path, State},
};
use serde::Serialize;
use toonmill_cloud::blobs::LINK_LIFETIME;
use toonmill_domain::{Artifact, FileId, ModelId, PixelSize, ProviderId, Slot, SlotIndex, Stage, StageIndex};
use toonmill_http_api::{Caller, Page, Params, Problem, lists};

use crate::{App, app::job_id};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ImageView {
    stage: StageIndex,
    slot: SlotIndex,
    file_id: FileId,
    url: String,
    url_expires_at: String,
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
        for record in slots.into_values() {
            data.extend(view(&app, record).await?);
        }
        place = next_stored(&stages, (index, SlotIndex(last.0.saturating_add(1))));
    }
    let next_cursor = place.map(|(stage, slot)| lists::cursor(&format!("{}.{}", stage.0, slot.0)));
    Ok(Json(Page { data, next_cursor }))
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

async fn view(app: &App, slot: Slot) -> Result<Option<ImageView>, Problem> {
    let attempt = slot.attempts.len() as u64 + 1;
    let Some(Artifact {
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
    }) = slot.artifact
    else {
        return Ok(None);
    };
    let links_end = app.clock.now().plus(LINK_LIFETIME);
    Ok(Some(ImageView {
        stage: slot.key.stage,
        slot: slot.key.slot,
        file_id: file,
        url: app.blobs.link(&object_key).await?,
        url_expires_at: links_end.to_rfc3339(),
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
