//! Input pictures: files of the caller, checked before their first use and pinned by their content.

use std::time::Duration;

use toonmill_cloud::{
    Blobs, CloudError, Table,
    table::{File, FileState},
};
use toonmill_domain::{AccountId, FileId, InputImage, PixelSize, Timestamp, sha256::hex_of};
use toonmill_imaging::{ImageProblem, inspect};

use crate::context::{Clock, Ids};

/// The largest picture that is sent to a provider, in bytes: Gemini takes requests of 20 MB, base64 included.
pub const LARGEST_INPUT_BYTES: u64 = 14 << 20;
/// The largest upload, in bytes.
pub const LARGEST_UPLOAD_BYTES: u64 = 100 << 20;
/// How long an upload that no job uses is kept.
pub const UPLOAD_LIFETIME: Duration = Duration::from_hours(24);

/// Inputs outlive their job's deadline by this much, so that its last calls still find them.
pub const KEPT_LONGER: Duration = Duration::from_hours(1);

/// Takes in files and hands them to jobs.
#[derive(Clone, Debug)]
pub struct Inputs {
    pub table: Table,
    pub blobs: Blobs,
    pub clock: Clock,
    pub ids: Ids,
}

/// Why a file cannot be an input.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InputProblem {
    #[error("there is no such file")]
    NotFound,
    #[error("nothing was uploaded for this file yet")]
    NotUploaded,
    #[error("the picture has {size_bytes} bytes, and {LARGEST_INPUT_BYTES} are the most that a provider takes")]
    TooLarge { size_bytes: u64 },
    #[error("the file is not a usable picture: {0}")]
    NotAPicture(ImageProblem),
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
        extension: &str,
        mime_type: &str,
        size_bytes: u64,
    ) -> Result<Upload, CloudError> {
        let now = self.clock.now();
        let id = FileId::new(self.ids.make());
        let expires_at = now.plus(UPLOAD_LIFETIME);
        let file = File {
            id,
            account: account.clone(),
            state: FileState::Unchecked,
            job: None,
            object_key: format!("accounts/{account}/uploads/{id}.{extension}"),
            mime_type: mime_type.to_owned(),
            size_bytes,
            sha256: None,
            pixels: None,
            created_at: now,
            expires_at: Some(expires_at),
        };
        self.table.create_file(&file).await?;
        let link = self.blobs.upload_link(&file.object_key, mime_type, size_bytes).await?;
        Ok(Upload { file: id, link, expires_at })
    }

    /// A file as an input of a job that may run until `until`: it is checked if it never was, and kept so long.
    pub async fn load(
        &self,
        file: FileId,
        account: &AccountId,
        until: Timestamp,
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
        if file.expires_at.is_some_and(|at| at < until) && !self.table.keep_file_until(file.id, until).await? {
            return Ok(Err(InputProblem::NotFound));
        }
        let Some(sha256) = file.sha256 else { return Ok(Err(InputProblem::NotUploaded)) };
        let image =
            InputImage { object_key: file.object_key, sha256, mime_type: file.mime_type, size_bytes: file.size_bytes };
        Ok(Ok(image))
    }

    /// Reads an upload for the first time: what it is, is what its bytes say, not its name.
    async fn check(&self, file: &mut File) -> Result<Result<(), InputProblem>, CloudError> {
        if file.size_bytes > LARGEST_INPUT_BYTES {
            return Ok(Err(InputProblem::TooLarge { size_bytes: file.size_bytes }));
        }
        let bytes = match self.blobs.get(&file.object_key, LARGEST_INPUT_BYTES).await {
            Ok(bytes) => bytes,
            Err(error) if error.is_not_found() => return Ok(Err(InputProblem::NotUploaded)),
            Err(error) => return Err(error),
        };
        let header = match inspect(&bytes) {
            Ok(header) => header,
            Err(problem) => return Ok(Err(InputProblem::NotAPicture(problem))),
        };
        header.format.mime_type().clone_into(&mut file.mime_type);
        file.size_bytes = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        file.sha256 = Some(hex_of(&bytes));
        file.pixels = Some(PixelSize { width: header.width, height: header.height });
        Ok(if self.table.note_checked(file).await? { Ok(()) } else { Err(InputProblem::NotFound) })
    }
}
