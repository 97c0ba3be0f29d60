//! Files that were sent, by the ids that Telegram knows them by.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use bytes::Bytes;
use serde_json::{Value, json};

use super::super::{
    limits::PHOTO_BYTES,
    wire::{ApiError, Picture, Upload},
};

/// How much is kept before the oldest files are forgotten (bytes).
const KEPT_BYTES: usize = 1024 * 1024 * 1024;

/// What a message shows besides words.
#[derive(Debug, Clone)]
pub(crate) enum Media {
    Photo(Arc<Photo>),
    Document(Arc<Document>),
}

/// A photo: what was made of an upload.
#[derive(Debug)]
pub(crate) struct Photo {
    /// From small to large; at least one.
    sizes: Vec<Size>,
    sent: Sent,
}

/// A file that is shown as a file.
#[derive(Debug)]
pub(crate) struct Document {
    file_id: String,
    unique_id: String,
    thumbnail: Option<Size>,
    sent: Sent,
}

/// An upload as it came.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) file_name: String,
    pub(crate) media_type: String,
    pub(crate) bytes: Bytes,
    /// In pixels, for what can be a photo.
    pub(crate) size_px: Option<(u32, u32)>,
}

#[derive(Debug)]
struct Size {
    file_id: String,
    unique_id: String,
    width: u32,
    height: u32,
    bytes: Bytes,
}

impl Size {
    fn show(&self) -> Value {
        json!({
            "file_id": self.file_id,
            "file_unique_id": self.unique_id,
            "file_size": self.bytes.len(),
            "width": self.width,
            "height": self.height,
        })
    }
}

/// Two media are one if they are the same file of Telegram's, whatever is in it.
impl PartialEq for Media {
    fn eq(&self, other: &Self) -> bool {
        self.file_id() == other.file_id()
    }
}

impl Media {
    /// `photo` or `document`.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Photo(_) => "photo",
            Self::Document(_) => "document",
        }
    }

    /// Of the largest size.
    fn file_id(&self) -> &str {
        match self {
            Self::Photo(photo) => photo.sizes.last().map_or("", |size| &size.file_id),
            Self::Document(document) => &document.file_id,
        }
    }

    /// The value of the message's field that is named as the kind.
    pub(crate) fn show(&self) -> Value {
        match self {
            Self::Photo(photo) => photo.sizes.iter().map(Size::show).collect(),
            Self::Document(document) => document.show(),
        }
    }

    /// What whoever looks at the message sees.
    pub(crate) fn shown(&self) -> Sent {
        match self {
            Self::Photo(photo) => match photo.sizes.last() {
                Some(size) => Sent {
                    file_name: "photo.jpg".into(),
                    media_type: "image/jpeg".into(),
                    bytes: size.bytes.clone(),
                    size_px: Some((size.width, size.height)),
                },
                None => photo.sent.clone(),
            },
            Self::Document(document) => document.sent.clone(),
        }
    }

    /// What was uploaded for it.
    pub(crate) fn sent(&self) -> &Sent {
        match self {
            Self::Photo(photo) => &photo.sent,
            Self::Document(document) => &document.sent,
        }
    }
}

impl Document {
    fn show(&self) -> Value {
        let mut shown = json!({
            "file_name": self.sent.file_name,
            "mime_type": self.sent.media_type,
            "file_id": self.file_id,
            "file_unique_id": self.unique_id,
            "file_size": self.sent.bytes.len(),
        });
        if let (Some(thumbnail), Some(shown)) = (&self.thumbnail, shown.as_object_mut()) {
            shown.insert("thumbnail".into(), thumbnail.show());
            shown.insert("thumb".into(), thumbnail.show());
        }
        shown
    }
}

/// A file that can be fetched.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    pub(crate) unique_id: String,
    pub(crate) path: String,
    pub(crate) bytes: Bytes,
    /// What it is a file of; a thumbnail is of its document.
    media: Media,
}

/// A bot's files.
#[derive(Debug, Default)]
pub(crate) struct Files {
    numbered: u64,
    stored: u64,
    by_id: HashMap<String, Stored>,
    ids_by_path: HashMap<String, String>,
    /// Ids, the oldest first.
    order: VecDeque<String>,
    bytes: usize,
}

impl Files {
    /// Makes a photo of an upload, or says why it can be none.
    pub(crate) fn add_photo(&mut self, upload: &Upload) -> Result<Media, ApiError> {
        let size = upload.bytes.len();
        if size == 0 {
            return Err(ApiError::bad("file must be non-empty"));
        }
        if size > PHOTO_BYTES {
            let why =
                format!("file of size {size} bytes is too big for a photo; the maximum size is {PHOTO_BYTES} bytes");
            return Err(ApiError::bad(why));
        }
        let picture = upload.picture.as_ref().map_err(|error| ApiError::bad(error.to_string()))?;
        let sizes: Vec<_> = self.sizes(picture, picture.prints.len());
        let ids: Vec<_> =
            sizes.iter().map(|size| (size.file_id.clone(), size.unique_id.clone(), size.bytes.clone())).collect();
        let media = Media::Photo(Arc::new(Photo { sizes, sent: sent(upload) }));
        for (file_id, unique_id, bytes) in ids {
            self.store(file_id, unique_id, "photos", "jpg", bytes, &media);
        }
        Ok(media)
    }

    /// Takes an upload as a file.
    pub(crate) fn add_document(&mut self, upload: &Upload) -> Result<Media, ApiError> {
        if upload.bytes.is_empty() {
            return Err(ApiError::bad("file must be non-empty"));
        }
        let (file_id, unique_id) = self.ids("BQAC", "AgAD");
        let thumbnail = upload.picture.as_ref().ok().and_then(|picture| self.sizes(picture, 1).pop());
        let thumbnail_ids =
            thumbnail.as_ref().map(|size| (size.file_id.clone(), size.unique_id.clone(), size.bytes.clone()));
        let ending = upload.file_name.rsplit_once('.').map_or("bin", |(_, ending)| ending);
        let ending =
            if ending.chars().all(|letter| letter.is_ascii_alphanumeric()) { ending } else { "bin" }.to_owned();
        let document =
            Document { file_id: file_id.clone(), unique_id: unique_id.clone(), thumbnail, sent: sent(upload) };
        let media = Media::Document(Arc::new(document));
        self.store(file_id, unique_id, "documents", &ending, upload.bytes.clone(), &media);
        if let Some((file_id, unique_id, bytes)) = thumbnail_ids {
            self.store(file_id, unique_id, "thumbnails", "jpg", bytes, &media);
        }
        Ok(media)
    }

    pub(crate) fn get(&self, file_id: &str) -> Option<&Stored> {
        self.by_id.get(file_id)
    }

    pub(crate) fn at(&self, path: &str) -> Option<Bytes> {
        self.ids_by_path.get(path).and_then(|id| self.by_id.get(id)).map(|file| file.bytes.clone())
    }

    /// What a file of this id is sent again as.
    pub(crate) fn media(&self, file_id: &str, kind: &str) -> Result<Media, ApiError> {
        let wrong = || ApiError::bad("wrong file identifier/HTTP URL specified");
        let media = &self.get(file_id).ok_or_else(wrong)?.media;
        if media.kind() == kind {
            return Ok(media.clone());
        }
        let named = |kind: &str| if kind == "photo" { "Photo" } else { "Document" };
        Err(ApiError::bad(format!("can't use file of type {} as {}", named(media.kind()), named(kind))))
    }

    fn sizes(&mut self, picture: &Picture, count: usize) -> Vec<Size> {
        let prints = picture.prints.iter().take(count);
        prints
            .map(|print| {
                let (file_id, unique_id) = self.ids("AgAC", "AQAD");
                Size { file_id, unique_id, width: print.width, height: print.height, bytes: print.bytes.clone() }
            })
            .collect()
    }

    fn ids(&mut self, kind: &str, unique_kind: &str) -> (String, String) {
        self.numbered += 1;
        (format!("{kind}AgIAAxkBAAI{:08}", self.numbered), format!("{unique_kind}{:08}", self.numbered))
    }

    fn store(&mut self, file_id: String, unique_id: String, folder: &str, ending: &str, bytes: Bytes, media: &Media) {
        let path = format!("{folder}/file_{}.{ending}", self.stored);
        self.stored += 1;
        self.bytes += bytes.len();
        self.order.push_back(file_id.clone());
        self.ids_by_path.insert(path.clone(), file_id.clone());
        self.by_id.insert(file_id, Stored { unique_id, path, bytes, media: media.clone() });
        while self.bytes > KEPT_BYTES {
            let Some(oldest) = self.order.pop_front().and_then(|id| self.by_id.remove(&id)) else { break };
            self.ids_by_path.remove(&oldest.path);
            self.bytes -= oldest.bytes.len();
        }
    }
}

fn sent(upload: &Upload) -> Sent {
    Sent {
        file_name: upload.file_name.clone(),
        media_type: upload.media_type.clone(),
        bytes: upload.bytes.clone(),
        size_px: upload.picture.as_ref().ok().map(|picture| (picture.width, picture.height)),
    }
}
