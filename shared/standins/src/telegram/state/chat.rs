//! A chat and its messages.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    super::clock::Moment,
    message::{Author, Content, Edit, Message, Person},
};

/// A group, as a user names it. Without one a user writes to the bot alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Negative; that of a supergroup begins with -100.
    pub id: i64,
    /// What the group is called.
    #[serde(default = "untitled")]
    pub title: String,
    /// Which kind of group.
    #[serde(default, rename = "type")]
    pub kind: GroupKind,
    /// Whether it has topics. Only supergroups have.
    #[serde(default)]
    pub is_forum: bool,
}

fn untitled() -> String {
    "Group".into()
}

/// The kinds of groups.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupKind {
    /// A small one.
    Group,
    /// Any other.
    #[default]
    Supergroup,
}

impl Group {
    /// A supergroup without topics.
    pub fn supergroup(id: i64) -> Self {
        Self { id, title: untitled(), kind: GroupKind::Supergroup, is_forum: false }
    }

    /// A supergroup with topics.
    pub fn forum(id: i64) -> Self {
        Self { is_forum: true, ..Self::supergroup(id) }
    }
}

/// Whose chat it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    Private(Person),
    Group(Group),
    /// Known from an update that came from outside, as it was there.
    Given(Value),
}

#[derive(Debug)]
pub(crate) struct Chat {
    pub(crate) place: Place,
    last_message: i64,
    messages: BTreeMap<i64, Message>,
    topics: BTreeSet<i64>,
    /// The user does not want to hear from the bot.
    pub(crate) blocked: bool,
}

/// What is new in a message.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) author: Author,
    pub(crate) content: Content,
    pub(crate) thread: Option<i64>,
    pub(crate) reply_to: Option<i64>,
    pub(crate) album: Option<String>,
    pub(crate) markup: Option<Value>,
}

impl Chat {
    pub(crate) fn new(place: Place) -> Self {
        let (messages, topics) = (BTreeMap::new(), BTreeSet::new());
        Self { place, last_message: 0, messages, topics, blocked: false }
    }

    pub(crate) fn is_private(&self) -> bool {
        match &self.place {
            Place::Private(_) => true,
            Place::Group(_) => false,
            Place::Given(chat) => chat["type"] == "private",
        }
    }

    /// The chat as the Bot API has it.
    pub(crate) fn show(&self) -> Value {
        match &self.place {
            Place::Private(person) => {
                let mut chat = person.show();
                if let Some(chat) = chat.as_object_mut() {
                    chat.retain(|name, _| matches!(name.as_str(), "id" | "first_name" | "last_name" | "username"));
                    chat.insert("type".into(), json!("private"));
                }
                chat
            }
            Place::Group(group) => {
                let mut chat = json!({ "id": group.id, "title": group.title, "type": group.kind });
                if let (true, Some(chat)) = (group.is_forum, chat.as_object_mut()) {
                    chat.insert("is_forum".into(), json!(true));
                }
                chat
            }
            Place::Given(chat) => chat.clone(),
        }
    }

    /// A user's topics come to be by being written in.
    pub(crate) fn open_topic(&mut self, topic: i64) {
        self.topics.insert(topic);
    }

    pub(crate) fn has_topic(&self, topic: i64) -> bool {
        self.topics.contains(&topic)
    }

    pub(crate) fn add(&mut self, draft: Draft, now: Moment) -> i64 {
        let Draft { author, content, thread, reply_to, album, markup } = draft;
        self.last_message += 1;
        let id = self.last_message;
        let (date, at_ms) = (now.date, now.at_ms());
        let (edit_date, edits, deleted_at_ms) = (None, Vec::new(), None);
        let message = Message {
            id,
            author,
            date,
            at_ms,
            edit_date,
            edits,
            thread,
            reply_to,
            album,
            content,
            markup,
            deleted_at_ms,
        };
        self.messages.insert(id, message);
        id
    }

    /// Takes in a message that came from outside, under its own number.
    pub(crate) fn take_in(&mut self, id: i64, given: &Value, bot_id: i64, now: Moment) {
        let mut fields = given.as_object().cloned().unwrap_or_default();
        let date = fields.get("date").and_then(Value::as_i64).unwrap_or(now.date);
        let thread = fields.remove("message_thread_id").and_then(|thread| thread.as_i64());
        fields.remove("is_topic_message");
        if let Some(thread) = thread {
            self.open_topic(thread);
        }
        let markup = fields.remove("reply_markup");
        let author = match fields.get("from") {
            Some(from) if from["id"] == bot_id => Author::Bot,
            Some(from) => serde_json::from_value(from.clone()).map_or(Author::Given, Author::Person),
            None => Author::Given,
        };
        let draft = Draft { author, content: Content::Given(fields), thread, reply_to: None, album: None, markup };
        let last = self.last_message;
        self.last_message = id - 1;
        self.add(draft, now);
        self.last_message = last.max(id);
        if let Some(message) = self.messages.get_mut(&id) {
            message.date = date;
        }
    }

    /// A message that has not been deleted.
    pub(crate) fn message(&self, id: i64) -> Option<&Message> {
        self.messages.get(&id).filter(|message| message.deleted_at_ms.is_none())
    }

    /// Puts something else into a message.
    pub(crate) fn edit(&mut self, id: i64, content: Content, markup: Option<Value>, bot: &Value, now: Moment) {
        if let Some(message) = self.messages.get_mut(&id) {
            message.content = content;
            message.markup = markup;
            message.edit_date = Some(now.date);
        }
        if let Some(message) = self.shown(id, bot) {
            let edit = Edit { at_ms: now.at_ms(), message };
            self.messages.entry(id).and_modify(|message| message.edits.push(edit));
        }
    }

    pub(crate) fn delete(&mut self, id: i64, now: Moment) {
        self.messages.entry(id).and_modify(|message| message.deleted_at_ms = Some(now.at_ms()));
    }

    /// All messages, those that were deleted too.
    pub(crate) fn messages(&self) -> impl Iterator<Item = &Message> {
        self.messages.values()
    }

    /// A message as the Bot API has it, with what it replies to.
    pub(crate) fn shown(&self, id: i64, bot: &Value) -> Option<Value> {
        let (message, chat) = (self.messages.get(&id)?, self.show());
        let mut shown = message.show(&chat, bot);
        let replied = message.reply_to.and_then(|to| self.messages.get(&to));
        if let (Some(replied), Some(shown)) = (replied, shown.as_object_mut()) {
            shown.insert("reply_to_message".into(), replied.show(&chat, bot));
        }
        Some(shown)
    }
}
