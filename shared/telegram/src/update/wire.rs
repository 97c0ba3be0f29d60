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
    pub(super) file: File,
    mime_type: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct RepliedTo {
    pub(super) from: Option<User>,
}

impl Document {
    /// Whether it says so. What it is shows when it is read.
    pub(super) fn is_image(&self) -> bool {
        self.mime_type.as_deref().is_some_and(|mime_type| mime_type.to_ascii_lowercase().starts_with("image/"))
    }
}
