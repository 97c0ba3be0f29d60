//! What Telegram's webhook brings: of all kinds of updates, the messages that users write or send pictures by.
//!
//! An update must be answered, or Telegram sends it again for a day. So whatever has an `update_id` is read, and what we
//! have no use for, or do not understand, is [`What::Ignored`] with a name for the log.

mod wire;

use serde_json::Value;

use crate::{Chat, ChatKind, Language};

/// The header by which the webhook's caller shows that it is Telegram: the secret that the webhook was set with.
pub const SECRET_TOKEN_HEADER: &str = "x-telegram-bot-api-secret-token";

/// One call of the webhook. Telegram repeats it, with the same id, until it is answered by success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    pub id: i64,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    Message(Box<Message>),
    Ignored(Ignored),
}

/// What a user has written, or sent with a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Of this chat only.
    pub id: i64,
    /// Who wrote it.
    pub user: i64,
    pub chat: Chat,
    /// The text, or the picture's caption.
    pub text: Option<Text>,
    pub picture: Option<Photo>,
    /// Who wrote the message that this one replies to.
    pub reply_to: Option<i64>,
    /// What the messages of one album have in common: each of its pictures is an update.
    pub album: Option<String>,
}

/// A text, and what Telegram found in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    pub text: String,
    pub entities: Vec<Entity>,
}

/// A part of a text, in UTF-16 units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entity {
    /// As Telegram spells it: `bot_command`, `mention`, `url`.
    pub kind: String,
    pub offset: usize,
    pub length: usize,
}

/// A picture that can be downloaded: the largest size of a photo, or an image that was sent as a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Photo {
    pub file_id: String,
    pub size_bytes: Option<u64>,
}

/// Why an update is nothing to us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ignored {
    /// An update of another kind, by Telegram's name for it.
    Kind(String),
    /// From a group's anonymous administrator, a channel or another bot: nobody who could have an account.
    NotAUser,
    Payment,
    /// A sticker, a voice, a service message, whatever has neither text nor picture.
    NothingToDraw,
    /// A message that is not as Telegram describes messages.
    Unreadable,
}

/// The body is no update; a repetition would be none either.
#[derive(Debug, thiserror::Error)]
pub enum NotAnUpdate {
    #[error("the update is not JSON")]
    Json(#[source] serde_json::Error),
    #[error("the update has no update_id")]
    NoId,
}

impl Update {
    pub fn parse(body: &[u8]) -> Result<Self, NotAnUpdate> {
        let mut update: Value = serde_json::from_slice(body).map_err(NotAnUpdate::Json)?;
        let id = update.get("update_id").and_then(Value::as_i64).ok_or(NotAnUpdate::NoId)?;
        let what = match update.get_mut("message") {
            Some(message) => read(message.take()).map_or_else(What::Ignored, |message| What::Message(message.into())),
            None => What::Ignored(Ignored::Kind(kind(&update))),
        };
        Ok(Self { id, what })
    }
}

impl Ignored {
    /// A name for the log.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Kind(kind) => kind,
            Self::NotAUser => "not_a_user",
            Self::Payment => "successful_payment",
            Self::NothingToDraw => "nothing_to_draw",
            Self::Unreadable => "unreadable",
        }
    }
}

/// An update has one member beside its id, which names its kind.
fn kind(update: &Value) -> String {
    let mut names = update.as_object().into_iter().flat_map(|update| update.keys());
    let is_name = |name: &&String| name.len() <= 64 && name.bytes().all(|c| c.is_ascii_lowercase() || c == b'_');
    let name = names.find(|name| *name != "update_id").filter(is_name);
    name.map_or("unknown", String::as_str).to_owned()
}

fn read(message: Value) -> Result<Message, Ignored> {
    let message: wire::Message = serde_json::from_value(message).map_err(|_| Ignored::Unreadable)?;
    if message.successful_payment.is_some() {
        return Err(Ignored::Payment);
    }
    let user = message.from.filter(|user| !user.is_bot && message.sender_chat.is_none()).ok_or(Ignored::NotAUser)?;
    let document = message.document.filter(wire::Document::is_image).map(|document| document.file);
    let picture = message.photo.into_iter().next_back().or(document).map(Photo::from);
    let text = match message.text {
        Some(text) => Some(Text::new(text, message.entities)),
        // The caption of a video, say, asks for nothing that we could do.
        None if picture.is_none() => return Err(Ignored::NothingToDraw),
        None => message.caption.map(|caption| Text::new(caption, message.caption_entities)),
    };
    let chat = Chat {
        id: message.chat.id,
        kind: match message.chat.kind {
            wire::ChatType::Private => ChatKind::Private,
            wire::ChatType::Group => ChatKind::Group,
            wire::ChatType::Supergroup => ChatKind::Supergroup,
            wire::ChatType::Other => return Err(Ignored::NotAUser),
        },
        // A reply in a group without topics has a thread too, to which nothing can be sent.
        thread: message.thread_id.filter(|_| message.is_of_topic),
        language: Language::of_code(user.language_code.as_deref()),
    };
    let reply_to = message.replied_to.and_then(|message| message.from).map(|user| user.id);
    Ok(Message { id: message.id, user: user.id, chat, text, picture, reply_to, album: message.media_group_id })
}

impl Text {
    fn new(text: String, entities: Vec<wire::Entity>) -> Self {
        let entities =
            entities.into_iter().map(|wire::Entity { kind, offset, length }| Entity { kind, offset, length });
        Self { text, entities: entities.collect() }
    }
}

impl From<wire::File> for Photo {
    fn from(file: wire::File) -> Self {
        Self { file_id: file.file_id, size_bytes: file.file_size }
    }
}

#[cfg(test)]
mod tests;
