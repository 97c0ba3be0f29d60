//! A file that the bot sends.

use bytes::Bytes;

#[derive(Clone, PartialEq, Eq)]
pub struct Upload {
    pub kind: UploadKind,
    /// As the user sees it, and as the form carries it: letters, digits, dots and hyphens.
    pub file_name: &'static str,
    pub mime_type: &'static str,
    pub bytes: Bytes,
}

/// How a chat shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UploadKind {
    /// At once, but made smaller and encoded anew by Telegram.
    Photo,
    /// As a file, untouched.
    Document,
}

impl Upload {
    /// The same as a file: for when Telegram refuses the photo.
    #[must_use]
    pub fn into_document(self) -> Self {
        Self { kind: UploadKind::Document, ..self }
    }
}

impl UploadKind {
    /// As Telegram spells it: a media type, and the field of the form.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Photo => "photo",
            Self::Document => "document",
        }
    }
}

impl std::fmt::Debug for Upload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Upload({:?} {}, {} bytes)", self.kind, self.file_name, self.bytes.len())
    }
}
