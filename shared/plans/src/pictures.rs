//! Pictures in a body: named by the ids of their files, or there themselves in base64.

use std::cell::RefCell;

use serde_json::Value;
use toonmill_domain::FileId;

use crate::{
    media::{bytes_of, is_data_url, media_type},
    reader::{Fields, Given},
    stage::WantedFile,
};

/// The types that every provider takes.
const TYPES: [&str; 3] = ["image/png", "image/jpeg", "image/webp"];

/// Pictures that one body can have by their links. All are in memory at once, each up to 14 MB.
const MOST_LINKED: usize = 10;

/// A picture that is in the body. It is not a file yet, and becomes the one with this id.
#[derive(Clone, PartialEq, Eq)]
pub struct InlinePicture {
    pub pointer: String,
    pub file: FileId,
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for InlinePicture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "InlinePicture({}, {}, {} bytes)", self.pointer, self.file, self.bytes.len())
    }
}

/// A picture that the body names by its URL or its key. It becomes the file with this id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkedPicture {
    pub pointer: String,
    pub file: FileId,
    pub url: String,
}

/// Takes the pictures out of a body while it is read.
pub(crate) struct Pictures<'a> {
    new_file: &'a dyn Fn() -> FileId,
    inline: RefCell<Vec<InlinePicture>>,
    linked: RefCell<Vec<LinkedPicture>>,
}

impl<'a> Pictures<'a> {
    pub(crate) fn new(new_file: &'a dyn Fn() -> FileId) -> Self {
        Self { new_file, inline: RefCell::default(), linked: RefCell::default() }
    }

    pub(crate) fn into_parts(self) -> (Vec<InlinePicture>, Vec<LinkedPicture>) {
        (self.inline.into_inner(), self.linked.into_inner())
    }

    /// A picture that must be there: `imageUrl`, which may be a data URL, or `fileId`.
    pub(crate) fn original(&self, fields: &Fields<'_>) -> Option<WantedFile> {
        let (url, file) = (fields.text("imageUrl"), fields.any("fileId"));
        match (url.absent, file.absent) {
            (true, true) => fields.problem(&url.pointer, "is required, or fileId in its place"),
            (true, false) => return named(fields, &file),
            (false, true) => {
                let text = url.value?;
                if is_data_url(text) {
                    return self.original_of_url(fields, url.pointer, text);
                }
                return self.linked(fields, url.pointer, text);
            }
            (false, false) => fields.problem(&file.pointer, "cannot stand beside imageUrl: a picture is one of both"),
        }
        None
    }

    /// A link that stands in several places is one picture, and read once.
    fn linked(&self, fields: &Fields<'_>, pointer: String, url: &str) -> Option<WantedFile> {
        let mut linked = self.linked.borrow_mut();
        if let Some(known) = linked.iter().find(|known| known.url == url) {
            return Some(WantedFile { pointer, file: known.file });
        }
        if linked.len() >= MOST_LINKED {
            let detail =
                format!("is one more than the {MOST_LINKED} different pictures by imageUrl: send their fileId");
            fields.problem(&pointer, detail);
            return None;
        }
        let file = (self.new_file)();
        linked.push(LinkedPicture { pointer: pointer.clone(), file, url: url.to_owned() });
        Some(WantedFile { pointer, file })
    }

    /// A picture that must be there: an object of `base64` and `mimeType`, or of `fileId`.
    pub(crate) fn require(&self, fields: &Fields<'_>, name: &str) -> Option<WantedFile> {
        let inner = fields.require(fields.object(name)).value?;
        self.either(&inner, "base64", "mimeType")
    }

    /// A picture by two members of this object, or by its `fileId`.
    pub(crate) fn either(&self, fields: &Fields<'_>, base64: &str, mime_type: &str) -> Option<WantedFile> {
        let (inline, file) = (fields.any(base64), fields.any("fileId"));
        match (inline.absent, file.absent) {
            (true, true) => fields.problem(&inline.pointer, "is required, or fileId in its place"),
            (true, false) => return named(fields, &file),
            (false, true) => return self.inline(fields, base64, mime_type),
            (false, false) => {
                fields.problem(&file.pointer, format!("cannot stand beside {base64}: a picture is one of both"));
            }
        }
        None
    }

    fn inline(&self, fields: &Fields<'_>, base64: &str, mime_type: &str) -> Option<WantedFile> {
        let given = fields.require(fields.text(mime_type));
        // What the picture is, its bytes say. The type is read all the same: a client that sends another mixes something up.
        let is_known = given.value.is_none_or(|given| TYPES.contains(&media_type(given).as_str()));
        if !is_known {
            fields.problem(&given.pointer, format!("must be one of {}", TYPES.join(", ")));
        }
        let text = fields.text(base64);
        let bytes = Self::read(fields, &text.pointer, text.value?)?;
        given.value.filter(|_| is_known)?;
        Some(self.keep(text.pointer, bytes))
    }

    /// The bytes of a picture in base64, or in a data URL: browsers hand those out, and many clients send them on as they are.
    fn read(fields: &Fields<'_>, pointer: &str, text: &str) -> Option<Vec<u8>> {
        let bytes = bytes_of(text);
        if bytes.is_none() {
            fields.problem(pointer, "must be a picture in base64 (RFC 4648, section 4)");
        }
        bytes
    }

    /// Like a link, a data URL that stands in several places is one picture.
    fn original_of_url(&self, fields: &Fields<'_>, pointer: String, url: &str) -> Option<WantedFile> {
        let bytes = Self::read(fields, &pointer, url)?;
        let known = self.inline.borrow().iter().find(|known| known.bytes == bytes).map(|known| known.file);
        match known {
            Some(file) => Some(WantedFile { pointer, file }),
            None => Some(self.keep(pointer, bytes)),
        }
    }

    fn keep(&self, pointer: String, bytes: Vec<u8>) -> WantedFile {
        let file = (self.new_file)();
        self.inline.borrow_mut().push(InlinePicture { pointer: pointer.clone(), file, bytes });
        WantedFile { pointer, file }
    }
}

fn named(fields: &Fields<'_>, given: &Given<&Value>) -> Option<WantedFile> {
    let file = fields.file_id(&given.pointer, given.value?)?;
    Some(WantedFile { pointer: given.pointer.clone(), file })
}
