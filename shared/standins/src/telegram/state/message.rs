//! A message: what it says, and what it said before.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::files::Media;

/// Words and their entities.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Words {
    pub(crate) text: String,
    pub(crate) entities: Vec<Value>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Content {
    Text(Words),
    Media {
        media: Media,
        caption: Words,
    },
    /// The fields of a message that came from outside as it is.
    Given(Map<String, Value>),
}

impl Content {
    pub(crate) fn words(&self) -> Option<&Words> {
        match self {
            Self::Text(words) | Self::Media { caption: words, .. } => Some(words),
            Self::Given(_) => None,
        }
    }

    pub(crate) fn media(&self) -> Option<&Media> {
        match self {
            Self::Media { media, .. } => Some(media),
            Self::Text(_) | Self::Given(_) => None,
        }
    }

    fn show(&self) -> Map<String, Value> {
        let mut shown = Map::new();
        let mut say = |words: &Words, name: &str, entities: &str| {
            if !words.text.is_empty() {
                shown.insert(name.into(), json!(words.text));
            }
            if !words.entities.is_empty() {
                shown.insert(entities.into(), json!(words.entities));
            }
        };
        match self {
            Self::Text(words) => say(words, "text", "entities"),
            Self::Media { media, caption } => {
                say(caption, "caption", "caption_entities");
                shown.insert(media.kind().into(), media.show());
            }
            Self::Given(fields) => shown.extend(fields.clone()),
        }
        shown
    }
}

/// A user of Telegram's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// Positive. A private chat has the id of its user.
    pub id: i64,
    /// Sent back as it is read in a recorded user; no person is a bot.
    #[serde(default)]
    pub is_bot: bool,
    /// The only name that everybody has.
    #[serde(default = "anybody")]
    pub first_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    /// The family's name.
    pub last_name: Option<String>,
    /// Without the `@`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The language of the user's app, such as `ko`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language_code: Option<String>,
    /// Said only of those who pay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_premium: Option<bool>,
}

fn anybody() -> String {
    "User".into()
}

impl Person {
    /// Somebody of whom nothing else is known.
    pub fn new(id: i64) -> Self {
        let (last_name, username, language_code, is_premium) = (None, None, None, None);
        Self { id, is_bot: false, first_name: anybody(), last_name, username, language_code, is_premium }
    }

    /// Somebody whose app speaks this language.
    pub fn speaking(id: i64, language_code: &str) -> Self {
        Self { language_code: Some(language_code.to_owned()), ..Self::new(id) }
    }

    pub(crate) fn show(&self) -> Value {
        json!(self)
    }
}

/// An edit of a message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Edit {
    /// Milliseconds since the server began.
    pub at_ms: u64,
    /// The message as it was after it, as the Bot API has it.
    pub message: Value,
}

/// Who wrote a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Author {
    Bot,
    Person(Person),
    /// Somebody else, a channel for instance: the content says it.
    Given,
}

/// A message of a chat.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) id: i64,
    pub(crate) author: Author,
    /// Seconds since 1970.
    pub(crate) date: i64,
    /// Milliseconds since the server began.
    pub(crate) at_ms: u64,
    pub(crate) edit_date: Option<i64>,
    pub(crate) edits: Vec<Edit>,
    pub(crate) thread: Option<i64>,
    pub(crate) reply_to: Option<i64>,
    /// The album that it is of.
    pub(crate) album: Option<String>,
    pub(crate) content: Content,
    /// An inline keyboard.
    pub(crate) markup: Option<Value>,
    /// Milliseconds since the server began.
    pub(crate) deleted_at_ms: Option<u64>,
}

impl Message {
    /// The message as the Bot API has it, but for what it replies to.
    pub(crate) fn show(&self, chat: &Value, bot: &Value) -> Value {
        let mut shown = Map::new();
        shown.insert("message_id".into(), json!(self.id));
        match &self.author {
            Author::Bot => drop(shown.insert("from".into(), bot.clone())),
            Author::Person(person) => drop(shown.insert("from".into(), person.show())),
            Author::Given => {}
        }
        shown.insert("chat".into(), chat.clone());
        shown.insert("date".into(), json!(self.date));
        shown.extend(self.content.show());
        if let Some(thread) = self.thread {
            shown.insert("message_thread_id".into(), json!(thread));
            shown.insert("is_topic_message".into(), json!(true));
        }
        if let Some(date) = self.edit_date {
            shown.insert("edit_date".into(), json!(date));
        }
        if let Some(album) = &self.album {
            shown.insert("media_group_id".into(), json!(album));
        }
        if let Some(markup) = &self.markup {
            shown.insert("reply_markup".into(), markup.clone());
        }
        Value::Object(shown)
    }

    /// Whether one of its buttons says this.
    pub(crate) fn has_button(&self, data: &str) -> bool {
        let rows = self.markup.as_ref().and_then(|markup| markup["inline_keyboard"].as_array());
        let mut buttons = rows.into_iter().flatten().filter_map(Value::as_array).flatten();
        buttons.any(|button| button["callback_data"] == data)
    }
}
