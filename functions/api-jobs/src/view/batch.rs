//! The result of a batch: its requests in their order, each with its picture or the reason why there is none.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use toonmill_cloud::CloudError;
use toonmill_domain::{ClosingReason, Job, RequestPlan, Slot, Stage};

use super::{ImageData, drawn};
use crate::App;

/// Why a request has no slot.
const UNUSABLE: &str = "unusable_input";

pub(super) async fn result(app: &App, job: &Job, stages: &[Stage]) -> Result<Value, CloudError> {
    let plan = app.blobs.load_plan(job.id).await?;
    let slots = app.table.load_all_slots(stages).await?;
    let slot = |request: &RequestPlan| match request {
        RequestPlan::Slot { stage, slot } => slots.get(stage).and_then(|slots| slots.get(slot)),
        RequestPlan::Refused { .. } => None,
    };
    let artifacts: Vec<_> = plan.requests.iter().filter_map(|request| slot(request)?.artifact.as_ref()).collect();
    let drawn = drawn::load(app, job.kind, &artifacts, ImageData::LeftOut).await?;
    let mut bodies: BTreeMap<_, _> =
        drawn.iter().map(|drawn| (drawn.artifact.file, drawn::body(app, job.kind, drawn))).collect();
    let images = plan.requests.iter().enumerate().map(|(index, request)| {
        let record = slot(request);
        let drawn = record.and_then(|slot| bodies.remove(&slot.artifact.as_ref()?.file));
        let mut body = drawn.unwrap_or_else(|| failed(job, request, record));
        body.insert("index".to_owned(), json!(index));
        body
    });
    Ok(json!({ "images": images.collect::<Vec<_>>() }))
}

/// The reason in a word, and as much more as is known.
fn failed(job: &Job, request: &RequestPlan, slot: Option<&Slot>) -> Map<String, Value> {
    let (code, error) = match request {
        RequestPlan::Refused { error } => (UNUSABLE.to_owned(), error.clone()),
        RequestPlan::Slot { .. } => {
            let ended_by = job.closing.as_ref().map_or("not_drawn", ClosingReason::as_str);
            let reason = slot.and_then(Slot::reason);
            let code = reason.as_ref().map_or(ended_by, toonmill_domain::FailureCode::as_str).to_owned();
            let detail = slot.and_then(|slot| slot.attempts.last()?.detail.clone());
            let error = detail.map_or_else(|| code.clone(), |detail| format!("{code}: {detail}"));
            (code, error)
        }
    };
    Map::from_iter([
        ("success".to_owned(), false.into()),
        ("error".to_owned(), error.into()),
        ("code".to_owned(), code.into()),
    ])
}
