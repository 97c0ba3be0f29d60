//! Pictures that users have sent.

use bytes::Bytes;
use reqwest::StatusCode;
use serde::Deserialize;
use serde_json::json;

use super::{
    Bot, Error, ErrorKind,
    call::{Cut, read},
};
use crate::limits::DOWNLOAD_BYTES;

/// Where a file can be downloaded from, for an hour at least.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct File {
    #[serde(rename = "file_path")]
    pub path: Option<String>,
    #[serde(rename = "file_size")]
    pub size_bytes: Option<u64>,
}

const DOWNLOAD: &str = "download";

impl Bot {
    /// Where a file is. One of more than 20 MB cannot be had, which this says already.
    pub async fn get_file(&self, file_id: &str) -> Result<File, Error> {
        self.call("getFile", &json!({ "file_id": file_id })).await
    }

    /// The file's bytes, at most 20 MB of them.
    pub async fn download(&self, file: &File) -> Result<Bytes, Error> {
        let failed = |kind| Error { method: DOWNLOAD, kind, cause: None };
        let path = file.path.as_deref().ok_or(failed(ErrorKind::FileGone))?;
        let most = u64::try_from(DOWNLOAD_BYTES).unwrap_or(u64::MAX);
        if file.size_bytes.is_some_and(|size| size > most) {
            return Err(failed(ErrorKind::TooLarge));
        }
        let folder = format!("bot{}", self.token.expose());
        let url = self.below(&["file", &folder], &path.split('/').collect::<Vec<_>>());
        let request = self.client.get(url);
        let response = self.send(DOWNLOAD, request, self.time_limits.transfer).await.map_err(Error::of_reading)?;
        match response.status() {
            StatusCode::OK => {}
            // Of a file this is the file; what is wrong with the token `getFile` has said.
            StatusCode::NOT_FOUND => return Err(failed(ErrorKind::FileGone)),
            _ => return Err(self.refused(DOWNLOAD, response).await),
        }
        let body = read(response, DOWNLOAD_BYTES).await.map_err(|cut| {
            let kind = match cut {
                Cut::TooLong => ErrorKind::TooLarge,
                Cut::Network(_) => ErrorKind::Unavailable,
            };
            Error { method: DOWNLOAD, kind, cause: Some(cut.cause()) }
        })?;
        Ok(body.into())
    }
}

impl Error {
    /// Nothing is done by reading, so nothing is lost.
    fn of_reading(self) -> Self {
        let kind = if self.kind == ErrorKind::Lost { ErrorKind::Unavailable } else { self.kind };
        Self { kind, ..self }
    }
}
