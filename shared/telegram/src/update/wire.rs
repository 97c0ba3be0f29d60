//! The members of Telegram's messages that are read. Whatever is not named here may be there or not.

use serde::{Deserialize, de::IgnoredAny};

#[derive(Deserialize)]
pub(super) struct Message {
    #[serde(rename = "message_id")]
    pub(super) id: i64,
    pub(super) chat: Chat,
    pub(super) from: Option<User>,
    pub(super) sender_chat: Option<IgnoredAny>,
    #[serde(rename = "message_thread_id")]
    pub(super) thread_id: Option<i64>,
    #[serde(default, rename = "is_topic_message")]
    pub(super) is_of_topic: bool,
    pub(super) text: Option<String>,
    #[serde(default)]
    pub(super) entities: Vec<Entity>,
    pub(super) caption: Option<String>,
    #[serde(default)]
    pub(super) caption_entities: Vec<Entity>,
    /// From the smallest to the largest.
    #[serde(default)]
    pub(super) photo: Vec<File>,
    pub(super) document: Option<Document>,
    #[serde(rename = "reply_to_message")]
    pub(super) replied_to: Option<RepliedTo>,
    /// What a reply is about that was quoted from another chat.
    pub(super) external_reply: Option<RepliedTo>,
    pub(super) media_group_id: Option<String>,
    pub(super) successful_payment: Option<IgnoredAny>,
}

#[derive(Deserialize)]
pub(super) struct User {
    pub(super) id: i64,
    #[serde(default)]
    pub(super) is_bot: bool,
    pub(super) language_code: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Chat {
    pub(super) id: i64,
    #[serde(rename = "type")]
    pub(super) kind: ChatType,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ChatType {
    Private,
    Group,
    Supergroup,
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
pub(super) struct Entity {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) offset: usize,
    pub(super) length: usize,
}

#[derive(Deserialize)]
pub(super) struct File {
    pub(super) file_id: String,
    pub(super) file_size: Option<u64>,
}

#[derive(Deserialize)]
pub(super) struct Document {
    #[serde(flatten)]
    file: File,
    mime_type: Option<String>,
    file_name: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct RepliedTo {
    pub(super) from: Option<User>,
    #[serde(default)]
    pub(super) photo: Vec<File>,
    pub(super) document: Option<Document>,
}

/// Types that senders give to files of which they know none.
const UNKNOWN_TYPES: [&str; 3] = ["application/octet-stream", "binary/octet-stream", "application/binary"];
/// Extensions of files that are pictures, whether they can be read here or not.
const IMAGE_EXTENSIONS: [&str; 14] =
    ["jpg", "jpeg", "jpe", "jfif", "png", "apng", "webp", "gif", "bmp", "tif", "tiff", "heic", "heif", "avif"];

impl Document {
    /// Whether it may be a picture: by its type, or without one by its name, or without both. What it is shows when its bytes
    /// are read.
    fn may_be_image(&self) -> bool {
        let mime_type = self.mime_type.as_deref().unwrap_or_default().trim().to_ascii_lowercase();
        if mime_type.starts_with("image/") {
            return true;
        }
        let extension = self.file_name.as_deref().unwrap_or_default().rsplit_once('.').map(|(_, extension)| extension);
        let is_unknown = mime_type.is_empty() || UNKNOWN_TYPES.contains(&mime_type.as_str());
        is_unknown
            && extension.is_none_or(|extension| {
                IMAGE_EXTENSIONS.iter().any(|known| extension.trim().eq_ignore_ascii_case(known))
            })
    }
}

/// The picture of a message: the largest size of a photo, or a file that may be one.
pub(super) fn picture(photo: Vec<File>, document: Option<Document>) -> Option<File> {
    let document = document.filter(Document::may_be_image).map(|document| document.file);
    photo.into_iter().next_back().or(document)
}
