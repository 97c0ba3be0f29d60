//! `GET /api/characters/{id}/sheets`: the pictures by which a character is known again, the oldest first, so that the index
//! of a sheet stays what it is when another is drawn.

use std::collections::HashMap;

use axum::{
    Json,
    extract::{Path, State},
};
use serde::Serialize;
use toonmill_cloud::{
    blobs::LINK_LIFETIME,
    table::{FileState, RowPlace},
};
use toonmill_domain::{CharacterId, FileId, JobId, ModelId, ProviderId};
use toonmill_http_api::{Caller, Page, Params, Problem, lists};

use crate::{
    App,
    characters::{character_id, no_such_character},
    history::{read_place, write_place},
};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SheetView {
    /// A sheet's id is its file's.
    sheet_id: FileId,
    /// Among all sheets of the character.
    index: usize,
    character_id: CharacterId,
    job_id: JobId,
    /// Null once the file was deleted.
    image_url: Option<String>,
    url_expires_at: Option<String>,
    mime_type: Option<String>,
    width: Option<u32>,
    height: Option<u32>,
    provider: ProviderId,
    model: ModelId,
    elapsed_ms: u64,
    created_at: String,
}

pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    params: Params,
) -> Result<Json<Page<SheetView>>, Problem> {
    let character = character_id(&id)?;
    let limit = usize::try_from(params.limit()).unwrap_or(1);
    let from = params.cursor(read_cursor);
    params.finish()?;
    app.table.load_character(&caller.account, character).await?.ok_or_else(no_such_character)?;

    let (first, after) = from.map_or((0, None), |(index, place)| (index, Some(place)));
    // One row more than fits tells whether there is another page.
    let at_once = i32::try_from(limit + 1).unwrap_or(i32::MAX);
    let mut rows = app.table.list_sheets(&caller.account, character, after, at_once).await?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let ids: Vec<_> = rows.iter().map(|row| row.file).collect();
    let files = app.table.load_files(&ids).await?.into_iter();
    let files: HashMap<_, _> = files.filter(|file| file.state == FileState::Live).map(|file| (file.id, file)).collect();
    let links_end = app.clock.now().plus(LINK_LIFETIME);
    let last = rows.last().map(|row| (first + rows.len(), row.place()));
    let mut data = Vec::with_capacity(rows.len());
    for (index, row) in (first..).zip(rows) {
        let file = files.get(&row.file);
        let image_url = match file {
            Some(file) => Some(app.blobs.link(&file.object_key).await?),
            None => None,
        };
        let pixels = file.and_then(|file| file.pixels);
        data.push(SheetView {
            sheet_id: row.file,
            index,
            character_id: character,
            job_id: row.job,
            url_expires_at: image_url.is_some().then(|| links_end.to_rfc3339()),
            image_url,
            mime_type: file.map(|file| file.mime_type.clone()),
            width: pixels.map(|pixels| pixels.width),
            height: pixels.map(|pixels| pixels.height),
            provider: row.provider,
            model: row.model,
            elapsed_ms: row.elapsed_ms,
            created_at: row.created_at.to_rfc3339(),
        });
    }
    let next_cursor = last.filter(|_| more).map(|(index, place)| lists::cursor(&write_cursor(index, place)));
    Ok(Json(Page { data, next_cursor }))
}

fn write_cursor(index: usize, place: RowPlace) -> String {
    format!("{index}.{}", write_place(place))
}

fn read_cursor(text: &str) -> Option<(usize, RowPlace)> {
    let (index, place) = text.split_once('.')?;
    Some((index.parse().ok()?, read_place(place)?))
}
