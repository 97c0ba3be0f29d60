//! `GET /api/regenerate-image-history`: what was drawn for the caller's cuts, newest first.

use std::collections::HashMap;

use axum::{Json, extract::State};
use serde::Serialize;
use toonmill_cloud::{
    blobs::LINK_LIFETIME,
    table::{File, FileState, Row, RowPlace},
};
use toonmill_domain::{FileId, HistoryEntry, JobId, ModelId, ProviderId, Timestamp};
use toonmill_http_api::{Caller, Page, Params, Problem, lists};

use crate::App;

/// Rows that one request looks at, at most: a cut with few pictures ends a page early and leaves a cursor.
const MOST_ROWS: usize = 1_000;
/// Of up to 16 KB each: a Query that reads 1 MB stops there, and would look like the last.
const ROWS_AT_ONCE: i32 = 50;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Entry {
    file_id: FileId,
    job_id: JobId,
    cut_id: String,
    process_id: Option<String>,
    prompt: String,
    provider: ProviderId,
    model: ModelId,
    elapsed_ms: u64,
    created_at: String,
    /// Null once the file has expired or was deleted.
    file_url: Option<String>,
    url_expires_at: Option<String>,
    is_temp: bool,
    expires_at: Option<String>,
}

pub(crate) async fn list(State(app): State<App>, caller: Caller, params: Params) -> Result<Json<Page<Entry>>, Problem> {
    let limit = usize::try_from(params.limit()).unwrap_or(1);
    let mut before = params.cursor(read_place);
    let cut = params.text("cutId").map(str::to_owned);
    params.finish()?;

    let (mut rows, mut looked_at, mut more) = (Vec::new(), 0, true);
    while more && rows.len() < limit && looked_at < MOST_ROWS {
        let found = app.table.list_history(&caller.account, before, ROWS_AT_ONCE).await?;
        more = found.len() == usize::try_from(ROWS_AT_ONCE).unwrap_or(usize::MAX);
        for (index, row) in found.iter().enumerate() {
            looked_at += 1;
            before = Some(row.place());
            if cut.as_ref().is_none_or(|cut| row.entry.cut == *cut) {
                rows.push(row.clone());
            }
            if rows.len() == limit {
                more |= index + 1 < found.len();
                break;
            }
        }
    }
    let next_cursor = before.filter(|_| more).map(|place| lists::cursor(&write_place(place)));
    Ok(Json(Page { data: entries(&app, &caller, rows).await?, next_cursor }))
}

async fn entries(app: &App, caller: &Caller, rows: Vec<Row<HistoryEntry>>) -> Result<Vec<Entry>, Problem> {
    let ids: Vec<_> = rows.iter().map(|row| row.file).collect();
    let files = app.table.load_files(&ids).await?.into_iter();
    let files: HashMap<_, _> = files
        .filter(|file| file.account == caller.account && file.state == FileState::Live)
        .map(|file| (file.id, file))
        .collect();
    let mut entries = Vec::with_capacity(rows.len());
    for row in rows {
        let file = files.get(&row.file);
        entries.push(entry(app, row, file).await?);
    }
    Ok(entries)
}

async fn entry(app: &App, row: Row<HistoryEntry>, file: Option<&File>) -> Result<Entry, Problem> {
    let file_url = match file {
        Some(file) => Some(app.blobs.link(&file.object_key).await?),
        None => None,
    };
    let links_end = app.clock.now().plus(LINK_LIFETIME);
    let expires_at = file.and_then(|file| file.expires_at);
    Ok(Entry {
        file_id: row.file,
        job_id: row.job,
        cut_id: row.entry.cut,
        process_id: row.entry.process,
        prompt: row.entry.prompt,
        provider: row.provider,
        model: row.model,
        elapsed_ms: row.elapsed_ms,
        created_at: row.created_at.to_rfc3339(),
        url_expires_at: file_url.as_ref().map(|_| links_end.to_rfc3339()),
        file_url,
        is_temp: expires_at.is_some(),
        expires_at: expires_at.map(Timestamp::to_rfc3339),
    })
}

pub(crate) fn write_place(place: RowPlace) -> String {
    format!("{}.{}", place.at.as_millis(), place.file)
}

pub(crate) fn read_place(text: &str) -> Option<RowPlace> {
    let (at, file) = text.split_once('.')?;
    Some(RowPlace { at: Timestamp::from_millis(at.parse().ok()?), file: file.parse().ok()? })
}
