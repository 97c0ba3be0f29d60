//! `GET /api/storyboards/{id}`: the cuts of a storyboard, each with its image and what was drawn for it before.

use std::collections::{BTreeMap, HashMap};

use axum::{
    Json,
    extract::{Path, State},
};
use serde::Serialize;
use toonmill_cloud::{
    blobs::LINK_LIFETIME,
    table::{File, FileState, Row},
};
use toonmill_domain::{CutImageEntry, FileId, Job, JobId, JobKind, JobStatus, ModelId, ProviderId, Stage};
use toonmill_http_api::{Caller, Problem};
use toonmill_plans::storyboard::Cut;

use crate::{App, view::Storyboard};

/// Earlier images of a cut that are named. All stay, and can be had as files.
const MOST_EARLIER: usize = 20;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StoryboardView {
    storyboard_id: JobId,
    /// Its job's: it has cuts once that is COMPLETED.
    status: JobStatus,
    episode_id: Option<String>,
    created_at: String,
    cuts: Vec<CutView>,
}

#[derive(Debug, Serialize)]
struct CutView {
    index: u32,
    #[serde(flatten)]
    cut: Cut,
    /// The one that was drawn last, of those that are still there.
    image: Option<CutImage>,
    history: Vec<Earlier>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct CutImage {
    #[serde(flatten)]
    drawn: Earlier,
    image_url: String,
    url_expires_at: String,
    mime_type: String,
    width: Option<u32>,
    height: Option<u32>,
    /// What was asked for.
    description: String,
    /// Whose sheets it was drawn from.
    characters: Vec<String>,
    /// Names that its words or the storyboard have, and that it was drawn after no sheet of.
    unmatched_names: Vec<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Earlier {
    file_id: FileId,
    job_id: JobId,
    provider: ProviderId,
    model: ModelId,
    elapsed_ms: u64,
    created_at: String,
}

/// A storyboard of the caller's. A job of another kind is none, and another's is as good as none (TN-1).
pub(crate) async fn load(app: &App, caller: &Caller, id: JobId) -> Result<Option<(Job, Vec<Stage>)>, Problem> {
    let found = app.table.load_job(id).await?;
    Ok(found.filter(|(job, _)| job.account == caller.account && job.kind == JobKind::ScriptToStoryboard))
}

pub(crate) async fn one(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<StoryboardView>, Problem> {
    let none = || Problem::not_found("storyboard");
    let id: JobId = id.parse().map_err(|_| none())?;
    let (job, stages) = load(&app, &caller, id).await?.ok_or_else(none)?;
    let cuts = Storyboard::load(&app, &stages).await?.map(|storyboard| storyboard.cuts).unwrap_or_default();
    let mut images = images(&app, &caller, id).await?;
    let mut views = Vec::with_capacity(cuts.len());
    for (index, cut) in (0..).zip(cuts) {
        let (image, history) = match images.remove(&index) {
            Some((image, earlier)) => (Some(image), earlier),
            None => (None, Vec::new()),
        };
        views.push(CutView { index, cut, image, history });
    }
    Ok(Json(StoryboardView {
        storyboard_id: id,
        status: job.status,
        episode_id: job.production_id,
        created_at: job.created_at.to_rfc3339(),
        cuts: views,
    }))
}

/// Of each cut that has any: its image, and the earlier ones, newest first.
async fn images(
    app: &App,
    caller: &Caller,
    storyboard: JobId,
) -> Result<BTreeMap<u32, (CutImage, Vec<Earlier>)>, Problem> {
    let rows = app.table.load_cut_images(&caller.account, storyboard).await?;
    let ids: Vec<_> = rows.iter().map(|row| row.file).collect();
    let files = app.table.load_files(&ids).await?.into_iter();
    let files: HashMap<_, _> = files.filter(|file| file.state == FileState::Live).map(|file| (file.id, file)).collect();
    let mut images = BTreeMap::<_, (CutImage, Vec<Earlier>)>::new();
    // They come oldest first.
    for row in rows.into_iter().rev() {
        let Some(file) = files.get(&row.file) else { continue };
        match images.get_mut(&row.entry.cut) {
            Some((_, earlier)) if earlier.len() < MOST_EARLIER => earlier.push(Earlier::of(&row)),
            Some(_) => {}
            None => {
                images.insert(row.entry.cut, (CutImage::load(app, row, file).await?, Vec::new()));
            }
        }
    }
    Ok(images)
}

impl CutImage {
    async fn load(app: &App, row: Row<CutImageEntry>, file: &File) -> Result<Self, Problem> {
        Ok(Self {
            drawn: Earlier::of(&row),
            image_url: app.blobs.link(&file.object_key).await?,
            url_expires_at: app.clock.now().plus(LINK_LIFETIME).to_rfc3339(),
            mime_type: file.mime_type.clone(),
            width: file.pixels.map(|pixels| pixels.width),
            height: file.pixels.map(|pixels| pixels.height),
            description: row.entry.description,
            characters: row.entry.characters,
            unmatched_names: row.entry.unmatched_names,
        })
    }
}

impl Earlier {
    fn of(row: &Row<CutImageEntry>) -> Self {
        Self {
            file_id: row.file,
            job_id: row.job,
            provider: row.provider.clone(),
            model: row.model.clone(),
            elapsed_ms: row.elapsed_ms,
            created_at: row.created_at.to_rfc3339(),
        }
    }
}
