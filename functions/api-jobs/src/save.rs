//! `POST /api/regenerate-image-save`: temporary files become the caller's for good.

use std::collections::BTreeSet;

use axum::{Json, extract::State};
use serde::Serialize;
use serde_json::Value;
use toonmill_domain::FileId;
use toonmill_http_api::{Caller, JsonBody, Problem};
use toonmill_orders::invalid;
use toonmill_plans::{Findings, own_ids, reader::Fields};

use crate::App;

/// Files of one request.
const MOST: usize = 100;

#[derive(Debug, Default, Serialize)]
pub(crate) struct Saved {
    saved: Vec<FileId>,
    /// Those that are not there, are going, or are another's.
    missing: Vec<FileId>,
}

/// Saving a file twice is saving it once: a repeat needs no key.
pub(crate) async fn save(
    State(app): State<App>,
    caller: Caller,
    JsonBody(body): JsonBody,
) -> Result<Json<Saved>, Problem> {
    let mut answer = Saved::default();
    for id in read(&body)? {
        let is_saved = match app.table.load_file(id, &caller.account).await? {
            Some(file) => app.table.save_file(&file, &app.edge.ids.token()).await?,
            None => false,
        };
        if is_saved { answer.saved.push(id) } else { answer.missing.push(id) }
    }
    Ok(Json(answer))
}

/// The files, each once and in the order of the request.
fn read(body: &Value) -> Result<Vec<FileId>, Problem> {
    let findings = Findings::default();
    let mut ids = Vec::new();
    if let Some(fields) = Fields::of(body, "", &findings) {
        let list = fields.require(fields.list("fileIds", MOST));
        let entries = list.value.unwrap_or_default();
        if !findings.has(&list.pointer) && !(1..=MOST).contains(&entries.len) {
            fields.problem(&list.pointer, format!("must name 1 to {MOST} files, not {}", entries.len));
        }
        ids.extend(entries.first.iter().filter_map(|(pointer, value)| fields.file_id(pointer, value)));
        own_ids(&fields, &["cutId", "processId"]);
    }
    let problems = findings.into_vec();
    let mut seen = BTreeSet::new();
    ids.retain(|id| seen.insert(*id));
    if problems.is_empty() { Ok(ids) } else { Err(invalid(problems)) }
}
