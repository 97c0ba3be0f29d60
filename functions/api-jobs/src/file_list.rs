//! `GET /api/v1/files`: the caller's files, newest first.

use std::collections::HashMap;

use axum::{Json, extract::State};
use toonmill_cloud::table::{File, FileState};
use toonmill_http_api::{Caller, Page, Params, Problem, lists};

use crate::{
    App,
    files::{FileView, KINDS, kind, view},
    history::{read_place, write_place},
};

/// Rows that are read at once, and the most that one request looks at: few may be of the kind that is asked for.
const ROWS_AT_ONCE: i32 = 100;
const MOST_ROWS: usize = 1_000;

pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    params: Params,
) -> Result<Json<Page<FileView>>, Problem> {
    let limit = usize::try_from(params.limit()).unwrap_or(1);
    let mut before = params.cursor(read_place);
    let of_kind = params
        .named("kind", &format!("one of {}", KINDS.join(", ")), |text| KINDS.into_iter().find(|known| *known == text));
    let is_temp = params.named("isTemp", "true or false", |text| text.parse::<bool>().ok());
    params.finish()?;
    let is_wanted = |file: &File| {
        file.state != FileState::Deleting
            && of_kind.is_none_or(|wanted| kind(&file.mime_type) == wanted)
            && is_temp.is_none_or(|wanted| file.expires_at.is_some() == wanted)
    };

    let (mut data, mut looked_at, mut more) = (Vec::new(), 0, true);
    while more && data.len() < limit && looked_at < MOST_ROWS {
        let places = app.table.list_files(&caller.account, before, ROWS_AT_ONCE).await?;
        more = places.len() == usize::try_from(ROWS_AT_ONCE).unwrap_or(usize::MAX);
        let ids: Vec<_> = places.iter().map(|place| place.file).collect();
        let mut files: HashMap<_, _> =
            app.table.load_files(&ids).await?.into_iter().map(|file| (file.id, file)).collect();
        for (index, place) in places.iter().enumerate() {
            looked_at += 1;
            before = Some(*place);
            // A file without its record is being removed.
            if let Some(file) = files.remove(&place.file).filter(&is_wanted) {
                data.push(view(&app, file).await?);
            }
            if data.len() == limit {
                more |= index + 1 < places.len();
                break;
            }
        }
    }
    let next_cursor = before.filter(|_| more).map(|place| lists::cursor(&write_place(place)));
    Ok(Json(Page { data, next_cursor }))
}
