//! The history of an account: what was drawn for its cuts, newest first. Rows are written with their slots.

use toonmill_domain::{AccountId, Artifact, FileId, JobId, ModelId, ProviderId, Publication, SlotKey, Timestamp};

use super::{Table, keys};
use crate::{
    error::CloudError,
    item::{Attributes, Item, Reader, number, text, time},
};

/// A row of the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryRow {
    pub file: FileId,
    pub job: JobId,
    /// The caller's own ids.
    pub cut: String,
    pub process: Option<String>,
    /// What the user asked for, without what it was put into.
    pub prompt: String,
    pub provider: ProviderId,
    pub model: ModelId,
    pub elapsed_ms: u64,
    pub created_at: Timestamp,
}

/// Where a row stands: rows are in the order of their times, and of one time in that of their files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoryPlace {
    pub at: Timestamp,
    pub file: FileId,
}

impl HistoryRow {
    pub const fn place(&self) -> HistoryPlace {
        HistoryPlace { at: self.created_at, file: self.file }
    }
}

impl HistoryPlace {
    /// Where the row of an artifact stands, if it has one.
    pub const fn of(artifact: &Artifact) -> Self {
        Self { at: artifact.stored_at, file: artifact.file }
    }
}

/// The row that a plan asks for, with what is known of the picture now that there is one.
pub fn row_of_slot(slot: SlotKey, publication: &Publication, artifact: &Artifact) -> HistoryRow {
    let Publication::History { cut, process, prompt } = publication;
    HistoryRow {
        file: artifact.file,
        job: slot.job,
        cut: cut.clone(),
        process: process.clone(),
        prompt: prompt.clone(),
        provider: artifact.provider.clone(),
        model: artifact.model.clone(),
        elapsed_ms: artifact.elapsed_ms,
        created_at: artifact.stored_at,
    }
}

pub(super) fn history_item(account: &AccountId, row: &HistoryRow) -> Item {
    let attributes = Attributes::default()
        .with("file", text(row.file))
        .with("job", text(row.job))
        .with("cut", text(&row.cut))
        .with_some("process", row.process.as_ref().map(text))
        .with("prompt", text(&row.prompt))
        .with("provider", text(&row.provider))
        .with("model", text(&row.model))
        .with("elapsedMs", number(row.elapsed_ms))
        .with("createdAt", time(row.created_at));
    keys::history(account, row.place()).with(attributes.into_item())
}

impl Table {
    /// At most `limit` rows of an account's history, newest first, that are older than `before`.
    pub async fn list_history(
        &self,
        account: &AccountId,
        before: Option<HistoryPlace>,
        limit: i32,
    ) -> Result<Vec<HistoryRow>, CloudError> {
        let before = before.map(|place| keys::history(account, place).sk);
        let rows = self.newest_rows(account, keys::HISTORY_PREFIX, before.as_deref(), limit).await?;
        rows.iter().map(read_row).collect()
    }
}

fn read_row(item: &Item) -> Result<HistoryRow, CloudError> {
    let read = Reader::new(item, "row of the history");
    Ok(HistoryRow {
        file: read.parsed("file")?,
        job: read.parsed("job")?,
        cut: read.text("cut")?.to_owned(),
        process: read.opt_text("process")?.map(str::to_owned),
        prompt: read.text("prompt")?.to_owned(),
        provider: read.parsed("provider")?,
        model: read.parsed("model")?,
        elapsed_ms: read.number("elapsedMs")?,
        created_at: read.time("createdAt")?,
    })
}
