//! Input pictures: files of the caller, checked before their first use and pinned by their content.

mod quota;

use std::time::Duration;

use toonmill_cloud::{
    Blobs, CloudError, Table,
    table::{File, FileState, QuotaExceeded, UploadQuota},
};
use toonmill_domain::{AccountId, FileId, InputImage, PixelSize, Timestamp, sha256::hex_of};
use toonmill_imaging::{ImageProblem, InputHeader, inspect_input};

use crate::context::{Clock, Ids};

/// The largest picture that is taken as an input, in bytes. What is too large for a provider is shrunk before it is sent; this
/// is for the memory of whoever reads it.
pub const LARGEST_INPUT_BYTES: u64 = 32 << 20;
/// The largest upload, in bytes.
pub const LARGEST_UPLOAD_BYTES: u64 = 100 << 20;
/// How long a temporary file is kept that no job uses and nobody saves.
pub const TEMPORARY_LIFETIME: Duration = Duration::from_hours(24);

/// Inputs outlive their job's deadline by this much, so that its last calls still find them.
pub const KEPT_LONGER: Duration = Duration::from_hours(1);

/// Takes in files and hands them to jobs.
#[derive(Clone, Debug)]
pub struct Inputs {
    pub table: Table,
    pub blobs: Blobs,
    pub clock: Clock,
    pub ids: Ids,
    pub quota: UploadQuota,
}

/// What somebody is about to upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewUpload {
    pub extension: &'static str,
    pub mime_type: &'static str,
    pub size_bytes: u64,
    /// Lower-case hex, if it is known: nothing else can be put then.
    pub sha256: Option<String>,
}

/// Why a file cannot be an input.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InputProblem {
    #[error("there is no such file")]
    NotFound,
    #[error("nothing was uploaded for this file yet")]
    NotUploaded,
    #[error("the picture has {size_bytes} bytes, and {LARGEST_INPUT_BYTES} are the most of an input")]
    TooLarge { size_bytes: u64 },
    #[error("the file is not a usable picture: {0}")]
    NotAPicture(ImageProblem),
}

/// A picture that came inside a request, not stored yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenIn {
    file: File,
    pub image: InputImage,
    bytes: Vec<u8>,
}

/// A place for an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    pub file: FileId,
    pub link: toonmill_cloud::blobs::PresignedPut,
    pub expires_at: Timestamp,
}

impl Inputs {
    /// Makes a record for a file to come, and a link by which exactly it can be put.
    pub async fn begin_upload(
        &self,
        account: &AccountId,
        NewUpload { extension, mime_type, size_bytes, sha256 }: NewUpload,
    ) -> Result<Result<Upload, QuotaExceeded>, CloudError> {
        let now = self.clock.now();
        let id = FileId::new(self.ids.make());
        let expires_at = now.plus(TEMPORARY_LIFETIME);
        let mut file = upload(id, account, extension, size_bytes, now);
        mime_type.clone_into(&mut file.mime_type);
        let link = self.blobs.upload_link(&file.object_key, mime_type, size_bytes, sha256.as_deref()).await?;
        let created = self.create(&file).await?;
        Ok(created.map(|()| Upload { file: id, link, expires_at }))
    }

    /// A file as an input of a job that may run until `until`: it is checked if it never was, and kept so long. Without an
    /// `until`, for an estimate, it is kept no longer than before: all that is written is what its bytes are, once.
    pub async fn load(
        &self,
        file: FileId,
        account: &AccountId,
        until: Option<Timestamp>,
    ) -> Result<Result<InputImage, InputProblem>, CloudError> {
        let Some(mut file) = self.table.load_file(file, account).await? else {
            return Ok(Err(InputProblem::NotFound));
        };
        if file.state == FileState::Unchecked
            && let Err(problem) = self.check(&mut file).await?
        {
            return Ok(Err(problem));
        }
        if file.size_bytes > LARGEST_INPUT_BYTES {
            return Ok(Err(InputProblem::TooLarge { size_bytes: file.size_bytes }));
        }
        if let Some(until) = until.filter(|until| file.expires_at.is_some_and(|at| at < *until))
            && !self.table.keep_file_until(file.id, until).await?
        {
            return Ok(Err(InputProblem::NotFound));
        }
        Ok(as_input(&file))
    }

    /// A picture that came inside a request, as the upload that it becomes once [`Inputs::store`] is called: that is, once
    /// the whole request is known to be good. It is kept until `until`, and for a day at least.
    pub fn take_in(
        &self,
        id: FileId,
        account: &AccountId,
        bytes: Vec<u8>,
        until: Timestamp,
    ) -> Result<TakenIn, InputProblem> {
        let now = self.clock.now();
        let header = inspect_input(&bytes).map_err(InputProblem::NotAPicture)?;
        let size_bytes = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let mut file = upload(id, account, header.format.extension(), size_bytes, now);
        file.state = FileState::Live;
        file.expires_at = file.expires_at.max(Some(until));
        note_content(&mut file, &header, &bytes);
        let image = as_input(&file)?;
        Ok(TakenIn { file, image, bytes })
    }

    /// The bytes of an object of this account; none if there is no such object, or it is another account's.
    pub async fn own_object(&self, key: &str, account: &AccountId) -> Result<Option<Vec<u8>>, CloudError> {
        // A key is no path, but whatever stands between us and the bucket might take it for one.
        let is_plain = key.split('/').all(|part| !matches!(part, "" | "." | ".."));
        if !is_plain || !key.starts_with(&format!("accounts/{account}/")) {
            return Ok(None);
        }
        match self.blobs.get(key, LARGEST_INPUT_BYTES).await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Stores a picture that was taken in.
    pub async fn store(&self, taken: TakenIn) -> Result<Result<(), QuotaExceeded>, CloudError> {
        let TakenIn { file, image, bytes } = taken;
        // The record first: one without an object is tidied up when it expires, an object without a record never.
        if let Err(exceeded) = self.create(&file).await? {
            return Ok(Err(exceeded));
        }
        self.blobs.put(&image.object_key, &image.mime_type, &image.sha256, bytes).await.map(Ok)
    }

    /// Reads an upload for the first time: what it is, is what its bytes say, not its name. All of the picture is gone
    /// through, so that one that cannot be decoded is refused before anything is held for it. That costs what decoding
    /// costs, and is done once: the record then says that the file is live.
    async fn check(&self, file: &mut File) -> Result<Result<(), InputProblem>, CloudError> {
        if file.size_bytes > LARGEST_INPUT_BYTES {
            return Ok(Err(InputProblem::TooLarge { size_bytes: file.size_bytes }));
        }
        let bytes = match self.blobs.get(&file.object_key, LARGEST_INPUT_BYTES).await {
            Ok(bytes) => bytes,
            Err(error) if error.is_not_found() => return Ok(Err(InputProblem::NotUploaded)),
            Err(error) => return Err(error),
        };
        let header = match inspect_input(&bytes) {
            Ok(header) => header,
            Err(problem) => return Ok(Err(InputProblem::NotAPicture(problem))),
        };
        note_content(file, &header, &bytes);
        Ok(if self.table.note_checked(file).await? { Ok(()) } else { Err(InputProblem::NotFound) })
    }
}

/// The record of an upload whose content nobody has looked at, for a day.
fn upload(id: FileId, account: &AccountId, extension: &str, size_bytes: u64, now: Timestamp) -> File {
    File {
        id,
        account: account.clone(),
        state: FileState::Unchecked,
        job: None,
        object_key: format!("accounts/{account}/uploads/{id}.{extension}"),
        mime_type: String::new(),
        size_bytes,
        counted_bytes: Some(size_bytes),
        sha256: None,
        pixels: None,
        turned: false,
        created_at: now,
        expires_at: Some(now.plus(TEMPORARY_LIFETIME)),
        saved: false,
    }
}

fn note_content(file: &mut File, header: &InputHeader, bytes: &[u8]) {
    header.format.mime_type().clone_into(&mut file.mime_type);
    file.size_bytes = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    file.sha256 = Some(hex_of(bytes));
    file.pixels = Some(PixelSize { width: header.width, height: header.height });
    file.turned = header.turned;
}

fn as_input(file: &File) -> Result<InputImage, InputProblem> {
    Ok(InputImage {
        object_key: file.object_key.clone(),
        sha256: file.sha256.clone().ok_or(InputProblem::NotUploaded)?,
        mime_type: file.mime_type.clone(),
        size_bytes: file.size_bytes,
        pixels: file.pixels,
        turned: file.turned,
    })
}
