//! A storyboard, as its job wrote it: derived from the job's texts whenever it is read, and so there exactly once, whatever
//! is repeated or lost.

use serde_json::{Value, json};
use toonmill_domain::{Artifact, JobId, Stage};
use toonmill_http_api::Problem;
use toonmill_plans::storyboard::{Cut, merge};

use crate::{App, app::LONGEST_TEXT_BYTES};

pub(crate) struct Storyboard {
    pub(crate) cuts: Vec<Cut>,
    /// Of the first part.
    provider: String,
    model: String,
    /// Of the slowest part: they are written at the same time.
    elapsed_ms: u64,
}

impl Storyboard {
    /// None until every part of it is there. A cut's index is its place among all of them, which a part that comes later
    /// must not move.
    pub(crate) async fn load(app: &App, stages: &[Stage]) -> Result<Option<Self>, Problem> {
        if !stages.iter().all(Stage::all_stored) {
            return Ok(None);
        }
        let slots = app.table.load_all_slots(stages).await?;
        let artifacts: Vec<&Artifact> =
            slots.values().flat_map(|slots| slots.values()).filter_map(|slot| slot.artifact.as_ref()).collect();
        let Some(first) = artifacts.first() else { return Ok(None) };
        let mut parts = Vec::with_capacity(artifacts.len());
        for artifact in &artifacts {
            parts.push(app.blobs.get_text(&artifact.object_key, LONGEST_TEXT_BYTES).await?);
        }
        let cuts = merge(parts.iter().map(String::as_str)).map_err(|error| {
            // Not its source, which may quote the text.
            tracing::error!(error = %error, "a storyboard cannot be read");
            Problem::internal()
        })?;
        Ok(Some(Self {
            cuts,
            provider: first.provider.to_string(),
            model: first.model_version.clone().unwrap_or_else(|| first.model.to_string()),
            elapsed_ms: artifacts.iter().map(|artifact| artifact.elapsed_ms).max().unwrap_or_default(),
        }))
    }

    /// The endpoint's own body. A storyboard has the id of its job.
    pub(super) fn result(self, job: JobId) -> Value {
        json!({
            "storyboardId": job,
            "cuts": self.cuts,
            "provider": self.provider,
            "model": self.model,
            "elapsedMs": self.elapsed_ms,
        })
    }
}
