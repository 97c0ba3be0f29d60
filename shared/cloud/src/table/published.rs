//! Lists of what was drawn for an account: the history of its cuts, the sheets of its characters, the images of its
//! storyboards' cuts. Rows are written with their slots, and stand in the order of their times.

use toonmill_domain::{
    AccountId, Artifact, CharacterId, CutImageEntry, FileId, HistoryEntry, JobId, ModelId, ProviderId, Publication,
    SheetEntry, SlotKey, Timestamp,
};

use super::{Table, keys};
use crate::{
    error::CloudError,
    item::{Attributes, Item, Reader, number, text, texts, time},
};

/// A row: what the plan said of a picture, and what is known now that there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row<E> {
    pub entry: E,
    pub file: FileId,
    pub job: JobId,
    pub provider: ProviderId,
    pub model: ModelId,
    pub elapsed_ms: u64,
    pub created_at: Timestamp,
}

/// Where a row stands in its list: in the order of time, and at one time in that of the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowPlace {
    pub at: Timestamp,
    pub file: FileId,
}

impl<E> Row<E> {
    pub const fn place(&self) -> RowPlace {
        RowPlace { at: self.created_at, file: self.file }
    }

    /// The row that a plan asks for.
    pub fn of_slot(slot: SlotKey, entry: E, artifact: &Artifact) -> Self {
        Self {
            entry,
            file: artifact.file,
            job: slot.job,
            provider: artifact.provider.clone(),
            model: artifact.model.clone(),
            elapsed_ms: artifact.elapsed_ms,
            created_at: artifact.stored_at,
        }
    }

    fn read(item: &Item, entry: impl FnOnce(&Reader<'_>) -> Result<E, CloudError>) -> Result<Self, CloudError> {
        let read = Reader::new(item, "row of a list");
        Ok(Self {
            entry: entry(&read)?,
            file: read.parsed("file")?,
            job: read.parsed("job")?,
            provider: read.parsed("provider")?,
            model: read.parsed("model")?,
            elapsed_ms: read.number("elapsedMs")?,
            created_at: read.time("createdAt")?,
        })
    }
}

impl RowPlace {
    /// Where the row of an artifact stands, if it has one.
    pub const fn of(artifact: &Artifact) -> Self {
        Self { at: artifact.stored_at, file: artifact.file }
    }
}

pub(super) fn published_item(account: &AccountId, row: &Row<Publication>) -> Item {
    let attributes = Attributes::default()
        .with("file", text(row.file))
        .with("job", text(row.job))
        .with("provider", text(&row.provider))
        .with("model", text(&row.model))
        .with("elapsedMs", number(row.elapsed_ms))
        .with("createdAt", time(row.created_at));
    let attributes = match &row.entry {
        Publication::History(HistoryEntry { cut, process, prompt }) => attributes
            .with("cut", text(cut))
            .with_some("process", process.as_ref().map(text))
            .with("prompt", text(prompt)),
        Publication::Sheet(SheetEntry { character }) => attributes.with("character", text(character)),
        Publication::CutImage(CutImageEntry { storyboard, cut, description, characters, unmatched_names }) => {
            attributes
                .with("storyboard", text(storyboard))
                .with("cut", number(cut))
                .with("description", text(description))
                .with("characters", texts(characters))
                .with_some("unmatchedNames", (!unmatched_names.is_empty()).then(|| texts(unmatched_names)))
        }
    };
    keys::published(account, &row.entry, row.place()).with(attributes.into_item())
}

impl Table {
    /// At most `limit` rows of an account's history, newest first, that are older than `before`.
    pub async fn list_history(
        &self,
        account: &AccountId,
        before: Option<RowPlace>,
        limit: i32,
    ) -> Result<Vec<Row<HistoryEntry>>, CloudError> {
        let before = before.map(|place| keys::row(account, keys::HISTORY_PREFIX, place).sk);
        let rows = self.newest_rows(account, keys::HISTORY_PREFIX, before.as_deref(), limit).await?;
        rows.iter().map(|item| Row::read(item, read_history)).collect()
    }

    /// At most `limit` sheets of a character of this account, oldest first, that came after `after`.
    pub async fn list_sheets(
        &self,
        account: &AccountId,
        character: CharacterId,
        after: Option<RowPlace>,
        limit: i32,
    ) -> Result<Vec<Row<SheetEntry>>, CloudError> {
        let prefix = keys::sheets_prefix(character);
        // Just behind the row itself, which was on the page before.
        let from = after.map_or_else(|| prefix.clone(), |place| keys::row(account, &prefix, place).sk + "!");
        let answer = self
            .range(&keys::account_partition(account), &from, &format!("{prefix}~"))
            .limit(limit)
            .send()
            .await
            .map_err(|error| CloudError::from_sdk("Query", error))?;
        answer.items().iter().map(|item| Row::read(item, read_sheet)).collect()
    }

    /// All images of a storyboard's cuts: cut by cut, each oldest first.
    pub async fn load_cut_images(
        &self,
        account: &AccountId,
        storyboard: JobId,
    ) -> Result<Vec<Row<CutImageEntry>>, CloudError> {
        let prefix = keys::cuts_prefix(storyboard);
        let items = self.query_range(&keys::account_partition(account), &prefix, &format!("{prefix}~")).await?;
        items.iter().map(|item| Row::read(item, read_cut_image)).collect()
    }

    /// Removes rows, before whatever they are found by.
    pub async fn remove_rows(&self, account: &AccountId, rows: &[(&Publication, RowPlace)]) -> Result<(), CloudError> {
        let doomed: Vec<_> = rows.iter().map(|(entry, place)| keys::published(account, entry, *place)).collect();
        self.delete_all(&doomed).await
    }
}

fn read_history(read: &Reader<'_>) -> Result<HistoryEntry, CloudError> {
    Ok(HistoryEntry {
        cut: read.text("cut")?.to_owned(),
        process: read.opt_text("process")?.map(str::to_owned),
        prompt: read.text("prompt")?.to_owned(),
    })
}

fn read_sheet(read: &Reader<'_>) -> Result<SheetEntry, CloudError> {
    Ok(SheetEntry { character: read.parsed("character")? })
}

fn read_cut_image(read: &Reader<'_>) -> Result<CutImageEntry, CloudError> {
    Ok(CutImageEntry {
        storyboard: read.parsed("storyboard")?,
        cut: read.number("cut")?,
        description: read.text("description")?.to_owned(),
        characters: read.texts("characters")?,
        unmatched_names: read.texts("unmatchedNames")?,
    })
}
