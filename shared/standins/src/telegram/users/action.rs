//! What a user can do, in words for tests and for the control endpoints.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::{Map, Value};

use crate::telegram::{
    state::{Group, Person},
    wire::{PictureError, Upload},
};

/// Something that a user does. In JSON it is one object with `kind` beside `from`: `{"from": {"id": 42}, "kind": "text",
/// "text": "/draw a cat"}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Action {
    /// Who does it.
    pub from: Person,
    /// In which group; without it in the user's own chat with the bot. A group that is known needs no more than its id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chat: Option<Group>,
    /// In which topic of a forum. A topic that was never written in is opened by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_thread_id: Option<i64>,
    /// The number of the message that it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<i64>,
    /// The album that a photo or a document is of. Each of them is an update of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_group_id: Option<String>,
    /// How often the update is delivered.
    #[serde(default = "once")]
    pub times: u32,
    /// What it is.
    #[serde(flatten)]
    pub what: What,
}

fn once() -> u32 {
    1
}

/// What a user does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum What {
    /// Writes.
    Text {
        /// What is written. Commands in it are found.
        text: String,
    },
    /// Sends a picture as a photo.
    Photo {
        /// A PNG, a JPEG or a WebP.
        data: Data,
        /// What is written below it.
        #[serde(default)]
        caption: String,
    },
    /// Sends a file.
    Document {
        /// The file.
        data: Data,
        /// Its name.
        file_name: String,
        /// What it is said to be.
        #[serde(default = "anything")]
        mime_type: String,
        /// What is written below it.
        #[serde(default)]
        caption: String,
    },
    /// Sends something that is neither a text nor a picture nor a file of these: a voice, a sticker, a place.
    Other {
        /// The members by which the Bot API shows it: `{"voice": {"file_id": "V", "duration": 3}}`.
        content: Map<String, Value>,
    },
    /// Writes something else into an own message, or below it.
    Edit {
        /// Which.
        message_id: i64,
        /// The new text or caption.
        text: String,
    },
    /// Presses a button of a message.
    Press {
        /// Which message.
        message_id: i64,
        /// What the button says to the bot.
        data: String,
    },
    /// Takes a message away. The bot is not told.
    Delete {
        /// Which.
        message_id: i64,
    },
    /// Blocks the bot.
    Block {},
    /// Wants to hear from the bot again.
    Unblock {},
}

fn anything() -> String {
    "application/octet-stream".into()
}

impl Action {
    /// Something that a user does in the chat with the bot.
    pub fn new(from: Person, what: What) -> Self {
        let (chat, message_thread_id, reply_to, media_group_id) = (None, None, None, None);
        Self { from, chat, message_thread_id, reply_to, media_group_id, times: once(), what }
    }

    /// A user writes.
    pub fn text(from: Person, text: impl Into<String>) -> Self {
        Self::new(from, What::Text { text: text.into() })
    }

    /// A user sends a photo.
    pub fn photo(from: Person, file: impl Into<Bytes>, caption: impl Into<String>) -> Self {
        Self::new(from, What::Photo { data: Data(file.into()), caption: caption.into() })
    }

    /// The same in a group.
    #[must_use]
    pub fn within(self, group: Group) -> Self {
        Self { chat: Some(group), ..self }
    }

    /// The same in a topic of its group.
    #[must_use]
    pub fn in_topic(self, topic: i64) -> Self {
        Self { message_thread_id: Some(topic), ..self }
    }

    /// The same as an answer to a message.
    #[must_use]
    pub fn replying_to(self, message: i64) -> Self {
        Self { reply_to: Some(message), ..self }
    }

    /// The same, delivered so often.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { times, ..self }
    }
}

/// A file; in JSON it is base64.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Data(pub Bytes);

impl Serialize for Data {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64_STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Data {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        BASE64_STANDARD.decode(text).map(|bytes| Self(bytes.into())).map_err(|_| D::Error::custom("data is base64"))
    }
}

/// What came of an action.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// The message that it made or is about.
    pub message_id: Option<i64>,
    /// The number of the update that the bot gets.
    pub update_id: Option<i64>,
    /// The update.
    pub update: Option<Value>,
    /// Why the bot gets none.
    pub withheld: Option<String>,
}

/// Why something cannot be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActionError {
    /// No bot has this token or number.
    #[error("there is no such bot")]
    NoBot,
    /// The chat was never written in.
    #[error("there is no such chat")]
    NoChat,
    /// Or it has been deleted.
    #[error("there is no message {0} in the chat")]
    NoMessage(i64),
    /// Of another user or of the bot.
    #[error("message {0} is not the user's own")]
    NotOwn(i64),
    /// The message has no button that says so.
    #[error("no button of message {0} says {1:?}")]
    NoButton(i64, String),
    /// The message has nothing that could be changed so.
    #[error("message {0} has no words to edit")]
    NoWords(i64),
    /// Telegram's apps send none.
    #[error("a message has a text or a file")]
    Empty,
    /// A topic was named in a chat that has none.
    #[error("the chat is no forum, and has no topics")]
    NoTopics,
    /// Who has blocked a bot cannot write to it.
    #[error("the user has blocked the bot")]
    Blocked,
    /// The picture cannot be a photo.
    #[error("no photo can be made of this file: {0}")]
    NoPhoto(String),
    /// An update is an object.
    #[error("an update is an object with at most an update_id and a kind")]
    NoUpdate,
}

/// An action whose file has been looked into.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) action: Action,
    pub(crate) upload: Option<Upload>,
}

impl Prepared {
    /// Takes a processor a while if there is a picture.
    pub(crate) fn new(action: Action) -> Result<Self, ActionError> {
        let upload = match &action.what {
            What::Photo { data, .. } => {
                let upload = Upload::read("photo.jpg".into(), "image/jpeg".into(), data.0.clone());
                upload.picture.as_ref().map_err(|error: &PictureError| ActionError::NoPhoto(error.to_string()))?;
                Some(upload)
            }
            What::Document { data, file_name, mime_type, .. } => {
                Some(Upload::read(file_name.clone(), mime_type.clone(), data.0.clone()))
            }
            _ => None,
        };
        Ok(Self { action, upload })
    }
}
