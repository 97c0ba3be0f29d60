//! Files: the records of stored objects.

use toonmill_domain::{AccountId, Artifact, FileId, JobId, PixelSize, SlotKey, Timestamp};

use super::{
    Table,
    keys::{self, DueList},
};
use crate::{
    Conditional,
    error::CloudError,
    expression::{Change, values},
    item::{Attributes, Item, Reader, flag, number, text, time},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileState {
    /// An upload whose content nobody has looked at yet.
    Unchecked,
    Live,
    /// Its object is being removed.
    Deleting,
}

/// A file's record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    pub id: FileId,
    pub account: AccountId,
    pub state: FileState,
    pub job: Option<JobId>,
    pub object_key: String,
    pub mime_type: String,
    pub size_bytes: u64,
    /// What it counts of its owner's uploads, if it is one.
    pub counted_bytes: Option<u64>,
    /// Lower-case hex; known once the content was checked.
    pub sha256: Option<String>,
    /// A picture's; known once the content was checked.
    pub pixels: Option<PixelSize>,
    /// Whether the picture must be prepared before it is sent: its bytes hold it turned, as an animation, or without an end
    /// marker. The size is that of the picture as it is to be looked at.
    pub turned: bool,
    pub created_at: Timestamp,
    /// A temporary file goes after this; one without it stays with its job, or for ever.
    pub expires_at: Option<Timestamp>,
    /// Whether its owner has saved it: then it outlives its job.
    pub saved: bool,
}

impl File {
    /// Whether it goes by itself or stays for ever, and not with its job.
    pub const fn outlives_job(&self) -> bool {
        self.saved || self.expires_at.is_some()
    }
}

impl FileState {
    pub const ALL: [Self; 3] = [Self::Unchecked, Self::Live, Self::Deleting];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unchecked => "unchecked",
            Self::Live => "live",
            Self::Deleting => "deleting",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

impl Table {
    /// A file of this account. Another account's file looks just like none (TN-1).
    pub async fn load_file(&self, id: FileId, account: &AccountId) -> Result<Option<File>, CloudError> {
        let item = self.get(keys::file(id)).await?;
        let file = item.as_ref().map(read_file).transpose()?;
        Ok(file.filter(|file| file.account == *account && file.state != FileState::Deleting))
    }

    /// Those of these files that there are, of whomever, in any order.
    pub async fn load_files(&self, ids: &[FileId]) -> Result<Vec<File>, CloudError> {
        let keys = ids.iter().map(|id| keys::file(*id).into_item()).collect();
        self.batch_get(keys).await?.iter().map(read_file).collect()
    }

    /// Notes what an upload turned out to be. False if it is gone.
    pub async fn note_checked(&self, file: &File) -> Result<bool, CloudError> {
        let change = Change {
            key: keys::file(file.id),
            update: "SET #state = :live, #mimeType = :mime, #sizeBytes = :size, #sha256 = :sha256, \
                     #width = :width, #height = :height, #turned = :turned",
            condition: "#state IN (:unchecked, :live)",
            values: values([
                ("live", text(FileState::Live.as_str())),
                ("unchecked", text(FileState::Unchecked.as_str())),
                ("mime", text(&file.mime_type)),
                ("size", number(file.size_bytes)),
                ("sha256", text(file.sha256.as_deref().unwrap_or_default())),
                ("width", number(file.pixels.map_or(0, |pixels| pixels.width))),
                ("height", number(file.pixels.map_or(0, |pixels| pixels.height))),
                ("turned", flag(file.turned)),
            ]),
        };
        Ok(matches!(change.apply(self).await?, Conditional::Won(_)))
    }
}

/// The file that a slot's commit makes; a temporary one if it expires.
pub fn file_of_slot(slot: SlotKey, account: &AccountId, artifact: &Artifact, expires_at: Option<Timestamp>) -> File {
    File {
        id: artifact.file,
        account: account.clone(),
        state: FileState::Live,
        job: Some(slot.job),
        object_key: artifact.object_key.clone(),
        mime_type: artifact.mime_type.clone(),
        size_bytes: artifact.size_bytes,
        counted_bytes: None,
        sha256: Some(artifact.sha256.clone()),
        pixels: artifact.pixels,
        turned: false,
        created_at: artifact.stored_at,
        expires_at,
        saved: false,
    }
}

pub(super) fn file_item(file: &File) -> Item {
    let attributes = Attributes::default()
        .with("file", text(file.id))
        .with("account", text(&file.account))
        .with("state", text(file.state.as_str()))
        .with_some("job", file.job.map(text))
        .with("objectKey", text(&file.object_key))
        .with("mimeType", text(&file.mime_type))
        .with("sizeBytes", number(file.size_bytes))
        .with_some("countedBytes", file.counted_bytes.map(number))
        .with_some("sha256", file.sha256.as_ref().map(text))
        .with_some("width", file.pixels.map(|pixels| number(pixels.width)))
        .with_some("height", file.pixels.map(|pixels| number(pixels.height)))
        .with_some("turned", file.turned.then(|| flag(true)))
        .with("isTemp", flag(file.expires_at.is_some()))
        .with_some("saved", file.saved.then(|| flag(true)))
        .with("createdAt", time(file.created_at))
        .with_some("expiresAtMs", file.expires_at.map(time))
        .with_some("nextCheckAt", file.expires_at.map(time))
        .with_some("dueShard", file.expires_at.map(|_| DueList::Temporary.partition_of(file.id.uuid().as_bytes())));
    keys::file(file.id).with(attributes.into_item())
}

pub(super) fn read_file(item: &Item) -> Result<File, CloudError> {
    let read = Reader::new(item, "file record");
    Ok(File {
        id: read.parsed("file")?,
        account: read.parsed("account")?,
        state: read.named("state", FileState::parse)?,
        job: read.opt_text("job")?.map(str::parse).transpose().map_err(|_| read.corrupt("job"))?,
        object_key: read.text("objectKey")?.to_owned(),
        mime_type: read.text("mimeType")?.to_owned(),
        size_bytes: read.number("sizeBytes")?,
        counted_bytes: read.opt_number("countedBytes")?,
        sha256: read.opt_text("sha256")?.map(str::to_owned),
        pixels: read_pixels(&read)?,
        turned: read.flag("turned")?,
        created_at: read.time("createdAt")?,
        expires_at: read.opt_time("expiresAtMs")?,
        saved: read.flag("saved")?,
    })
}

/// Width and height, if the record has both.
pub(super) fn read_pixels(read: &Reader<'_>) -> Result<Option<PixelSize>, CloudError> {
    let (width, height) = (read.opt_number("width")?, read.opt_number("height")?);
    Ok(width.zip(height).map(|(width, height)| PixelSize { width, height }))
}
