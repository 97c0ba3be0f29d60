//! A chat as whoever looks at it sees it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::state::{Author, Bot, Edit, Sent};

/// Everything that is in a chat.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// Grows with every change of anything.
    pub version: u64,
    /// The chat, as the Bot API has it.
    pub chat: Value,
    /// All messages by their numbers, those that were deleted too.
    pub messages: Vec<Entry>,
}

/// A message of a chat.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The message as it is now, as the Bot API has it.
    pub message: Value,
    /// Whether the bot wrote it.
    pub by_bot: bool,
    /// When it was written, in milliseconds since the server began.
    pub at_ms: u64,
    /// What was made of it afterwards.
    pub edits: Vec<Edit>,
    /// When it was deleted, if it was.
    pub deleted_at_ms: Option<u64>,
    /// The file that it shows.
    pub file: Option<FileFacts>,
}

/// A file of a message, without its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFacts {
    /// `photo` or `document`.
    pub kind: String,
    /// What was uploaded, in bytes. A photo is shown as another file than was uploaded.
    pub sent_bytes: usize,
    /// The name that it was uploaded under.
    pub sent_name: String,
    /// Width and height of what was uploaded, if it is a picture (pixels).
    pub sent_px: Option<(u32, u32)>,
    /// Width and height of what is shown, if it is a picture (pixels).
    pub shown_px: Option<(u32, u32)>,
}

/// A file with its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its name.
    pub name: String,
    /// What it is said to be.
    pub media_type: String,
    /// Its content.
    pub bytes: bytes::Bytes,
}

impl From<Sent> for File {
    fn from(sent: Sent) -> Self {
        Self { name: sent.file_name, media_type: sent.media_type, bytes: sent.bytes }
    }
}

impl History {
    pub(super) fn of(bot: &Bot, chat_id: i64, version: u64) -> Option<Self> {
        let chat = bot.chats.get(&chat_id)?;
        let messages = chat.messages().map(|message| Entry {
            message: bot.shown(chat_id, message.id),
            by_bot: message.author == Author::Bot,
            at_ms: message.at_ms,
            edits: message.edits.clone(),
            deleted_at_ms: message.deleted_at_ms,
            file: message.content.media().map(|media| FileFacts {
                kind: media.kind().to_owned(),
                sent_bytes: media.sent().bytes.len(),
                sent_name: media.sent().file_name.clone(),
                sent_px: media.sent().size_px,
                shown_px: media.shown().size_px,
            }),
        });
        Some(Self { version, chat: chat.show(), messages: messages.collect() })
    }

    /// The messages of the bot that are there.
    pub fn by_bot(&self) -> impl Iterator<Item = &Entry> {
        self.messages.iter().filter(|entry| entry.by_bot && entry.deleted_at_ms.is_none())
    }
}
