//! What Telegram's webhook brings: of all kinds of updates, the messages that users write or send pictures by.
//!
//! An update must be answered, or Telegram sends it again for a day. So whatever has an `update_id` is read. What a user
//! did that the bot cannot act on is [`What::Unread`]; all else that we have no use for, or do not understand, is
//! [`What::Ignored`] with a name for the log.

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
    Unread(Unread),
    Ignored(Ignored),
}

/// Something that a user did and may expect to be acted on, and that the bot does not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// The message that it is, or that was edited.
    pub message: i64,
    pub user: i64,
    pub chat: Chat,
    /// Who wrote the message that it replies to.
    pub reply_to: Option<i64>,
    pub kind: UnreadKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnreadKind {
    /// A message that was sent before was changed.
    Edit,
    /// A voice, a video, a sticker, a file that is no picture, or other content that is neither text nor picture.
    Media,
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
    /// The picture of the message that this one replies to.
    pub replied_picture: Option<Photo>,
    /// Whether the message that this one replies to shows something that is no picture: a video, a sticker.
    pub replied_to_other: bool,
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
    /// A service message: somebody has joined, the group has another name.
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
        let what = if let Some(message) = update.get_mut("message") {
            read(message.take())
        } else if let Some(message) = update.get_mut("edited_message") {
            read_edit(message.take())
        } else {
            Err(Ignored::Kind(kind(&update)))
        };
        Ok(Self { id, what: what.unwrap_or_else(What::Ignored) })
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

/// Members by which a message has content that is neither text nor picture (Bot API 9.2, `Message`). Service messages have
/// none of them.
const OTHER_CONTENT: [&str; 16] = [
    "animation",
    "audio",
    "checklist",
    "contact",
    "dice",
    "document",
    "game",
    "location",
    "paid_media",
    "poll",
    "sticker",
    "story",
    "venue",
    "video",
    "video_note",
    "voice",
];

/// Those of them that people see, and so may reply to with what is to be changed in it.
const SEEN: [&str; 7] = ["animation", "document", "paid_media", "sticker", "story", "video", "video_note"];

fn has_any(message: &Value, names: &[&str]) -> bool {
    names.iter().any(|name| message.get(name).is_some_and(|content| !content.is_null()))
}

/// A message as far as every kind of it is alike: it, who wrote it, and where.
fn read_any(message: Value) -> Result<(wire::Message, wire::User, Chat), Ignored> {
    let mut message: wire::Message = serde_json::from_value(message).map_err(|_| Ignored::Unreadable)?;
    if message.successful_payment.is_some() {
        return Err(Ignored::Payment);
    }
    let is_of_a_user = message.sender_chat.is_none();
    let user = message.from.take().filter(|user| !user.is_bot && is_of_a_user).ok_or(Ignored::NotAUser)?;
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
    Ok((message, user, chat))
}

fn read(message: Value) -> Result<What, Ignored> {
    let has_other_content = has_any(&message, &OTHER_CONTENT);
    let replies_to_other = ["reply_to_message", "external_reply"]
        .iter()
        .any(|name| message.get(name).is_some_and(|replied| has_any(replied, &SEEN)));
    let (message, user, chat) = read_any(message)?;
    let picture = wire::picture(message.photo, message.document).map(Photo::from);
    let (mut reply_to, mut replied_picture) = (None, None);
    for replied in [message.replied_to, message.external_reply].into_iter().flatten() {
        reply_to = reply_to.or_else(|| replied.from.map(|user| user.id));
        replied_picture = replied_picture.or_else(|| wire::picture(replied.photo, replied.document).map(Photo::from));
    }
    let text = match message.text {
        Some(text) => Some(Text::new(text, message.entities)),
        // The caption of a video, say, asks for nothing that we could do.
        None if picture.is_none() && has_other_content => {
            let kind = UnreadKind::Media;
            return Ok(What::Unread(Unread { message: message.id, user: user.id, chat, reply_to, kind }));
        }
        None if picture.is_none() => return Err(Ignored::NothingToDraw),
        None => message.caption.map(|caption| Text::new(caption, message.caption_entities)),
    };
    Ok(What::Message(Box::new(Message {
        id: message.id,
        user: user.id,
        chat,
        text,
        picture,
        reply_to,
        replied_to_other: replies_to_other && replied_picture.is_none(),
        replied_picture,
        album: message.media_group_id,
    })))
}

/// An edit of what somebody wrote. Telegram also calls a live location that moves an edit, which nobody has written.
fn read_edit(message: Value) -> Result<What, Ignored> {
    let (message, user, chat) = read_any(message)?;
    if message.text.is_none() && message.caption.is_none() {
        return Err(Ignored::Kind("edited_message".to_owned()));
    }
    let reply_to = message.replied_to.and_then(|message| message.from).map(|user| user.id);
    Ok(What::Unread(Unread { message: message.id, user: user.id, chat, reply_to, kind: UnreadKind::Edit }))
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
