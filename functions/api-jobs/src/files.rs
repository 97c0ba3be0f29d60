//! `GET` and `DELETE /api/v1/files/{id}`.

use axum::{
    Json,
    extract::{Path, State},
};
use http::StatusCode;
use serde::Serialize;
use toonmill_cloud::{
    blobs::LINK_LIFETIME,
    table::{File, FileState},
};
use toonmill_domain::{FileId, JobId};
use toonmill_http_api::{Caller, Problem};

use crate::{App, app::LONGEST_TEXT_BYTES};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FileView {
    id: FileId,
    job_id: Option<JobId>,
    kind: &'static str,
    s3_key: String,
    /// Absent until the content of an upload was checked.
    presigned_url: Option<String>,
    /// A text's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    text_content: Option<String>,
    url_expires_at: Option<String>,
    mime_type: String,
    size_bytes: u64,
    width: Option<u32>,
    height: Option<u32>,
    sha256: Option<String>,
    is_temp: bool,
    expires_at: Option<String>,
    created_at: String,
}

/// A file of the caller's, with a link for an hour.
pub(crate) async fn one(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<FileView>, Problem> {
    let none = || Problem::not_found("file");
    let id: FileId = id.parse().map_err(|_| none())?;
    let file = app.table.load_file(id, &caller.account).await?.ok_or_else(none)?;
    let text_content = match kind(&file.mime_type) {
        "text" => Some(app.blobs.get_text(&file.object_key, LONGEST_TEXT_BYTES).await?),
        _ => None,
    };
    let view = view(&app, file).await?;
    Ok(Json(FileView { text_content, ..view }))
}

/// A file as its record tells it, with a link for an hour.
pub(crate) async fn view(app: &App, file: File) -> Result<FileView, Problem> {
    let links_end = app.clock.now().plus(LINK_LIFETIME);
    let url = match file.state {
        FileState::Live => Some(app.blobs.link(&file.object_key).await?),
        FileState::Unchecked | FileState::Deleting => None,
    };
    Ok(FileView {
        id: file.id,
        job_id: file.job,
        kind: kind(&file.mime_type),
        text_content: None,
        s3_key: file.object_key,
        url_expires_at: url.is_some().then(|| links_end.to_rfc3339()),
        presigned_url: url,
        mime_type: file.mime_type,
        size_bytes: file.size_bytes,
        width: file.pixels.map(|pixels| pixels.width),
        height: file.pixels.map(|pixels| pixels.height),
        sha256: file.sha256,
        is_temp: file.expires_at.is_some(),
        expires_at: file.expires_at.map(toonmill_domain::Timestamp::to_rfc3339),
        created_at: file.created_at.to_rfc3339(),
    })
}

/// Removes a file of the caller's for good, saved or not. A job that has it as an input and has not ended draws no more from it.
pub(crate) async fn remove(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let none = || Problem::not_found("file");
    let id: FileId = id.parse().map_err(|_| none())?;
    let file = app.table.load_file(id, &caller.account).await?.ok_or_else(none)?;
    if !app.table.begin_deleting_own(&file, app.clock.now()).await? {
        return Err(none());
    }
    app.blobs.delete(std::slice::from_ref(&file.object_key)).await?;
    app.table.delete_file(&file).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The kinds that a file may be of, as [`kind`] tells them.
pub(crate) const KINDS: [&str; 4] = ["text", "image", "video", "file"];

pub(crate) fn kind(mime_type: &str) -> &'static str {
    match mime_type.split_once('/') {
        Some(("image", _)) => "image",
        Some(("video", _)) => "video",
        Some(("text", _) | ("application", "json")) => "text",
        _ => "file",
    }
}
