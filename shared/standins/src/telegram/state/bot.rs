//! A bot: its chats, its files, and what has been asked in its name.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    chat::{Chat, Place},
    files::Files,
    outbox::Outbox,
    pace::Pace,
};
use crate::telegram::{clock::Moment, wire::ApiError};

/// A call of a method, as it arrived.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// When it arrived, in milliseconds since the server began.
    pub at_ms: u64,
    /// The method, spelt as Telegram does; as the bot spelt it if there is none of the name.
    pub method: String,
    /// The chat, if a number of one was given.
    pub chat_id: Option<i64>,
    /// The parameters as they were sent: text in forms, whatever it was in JSON.
    pub fields: Map<String, Value>,
    /// The size of each file that came with it (bytes), by the name of its part.
    pub uploads: BTreeMap<String, usize>,
    /// Whether it was the webhook's answer to an update.
    pub by_webhook: bool,
    /// What the script had happen, such as `rate_limited`.
    pub fault: Option<String>,
    /// Whether what it asked for was done.
    pub done: bool,
    /// The status that it was answered with, or would have been.
    pub status: u16,
    /// Why it was refused.
    pub description: Option<String>,
}

#[derive(Debug)]
pub(crate) struct Bot {
    pub(crate) id: i64,
    pub(crate) chats: BTreeMap<i64, Chat>,
    pub(crate) files: Files,
    pub(crate) outbox: Outbox,
    pub(crate) pace: Pace,
    pub(crate) calls: Vec<Call>,
    /// Presses of buttons that have not been answered.
    pub(crate) queries: BTreeSet<String>,
    /// Menus, by scope and language.
    pub(crate) commands: BTreeMap<String, Value>,
    last_update: i64,
    last_album: u64,
    last_query: u64,
}

impl Bot {
    /// The bot of a token, `id:secret`. `None` if it is no token.
    pub(crate) fn of(token: &str, last_update: i64) -> Option<Self> {
        let (id, secret) = token.split_once(':')?;
        let is_secret = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
        if secret.is_empty() || !secret.chars().all(is_secret) || !id.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        Some(Self {
            id: id.parse().ok()?,
            chats: BTreeMap::new(),
            files: Files::default(),
            outbox: Outbox::default(),
            pace: Pace::default(),
            calls: Vec::new(),
            queries: BTreeSet::new(),
            commands: BTreeMap::new(),
            last_update,
            last_album: 0,
            last_query: 0,
        })
    }

    pub(crate) fn username(&self) -> String {
        format!("standin_{}_bot", self.id)
    }

    /// The bot as the sender of a message.
    pub(crate) fn show(&self) -> Value {
        json!({ "id": self.id, "is_bot": true, "first_name": "Stand-in", "username": self.username() })
    }

    /// The chat of a number, if the bot may write to it.
    pub(crate) fn chat(&mut self, id: i64) -> Result<&mut Chat, ApiError> {
        match self.chats.get_mut(&id) {
            None => Err(ApiError::bad("chat not found")),
            Some(chat) if chat.blocked => Err(ApiError::usual(403)),
            Some(chat) => Ok(chat),
        }
    }

    /// The chat of a place, which may have changed its name since.
    pub(crate) fn meet(&mut self, id: i64, place: Place) -> &mut Chat {
        let chat = self.chats.entry(id).or_insert_with(|| Chat::new(place.clone()));
        chat.place = place;
        chat
    }

    /// A message as the Bot API has it.
    pub(crate) fn shown(&self, chat: i64, message: i64) -> Value {
        self.chats.get(&chat).and_then(|chat| chat.shown(message, &self.show())).unwrap_or_default()
    }

    pub(crate) fn next_album(&mut self) -> String {
        self.last_album += 1;
        (13_000_000_000_000_000 + self.last_album).to_string()
    }

    /// A press of a button, to be answered.
    pub(crate) fn next_query(&mut self) -> String {
        self.last_query += 1;
        let id = (180_000_000_000_000_000 + self.last_query).to_string();
        self.queries.insert(id.clone());
        id
    }

    pub(crate) fn next_update(&mut self) -> i64 {
        self.last_update += 1;
        self.last_update
    }

    /// Takes in what an update from outside says of chats, so that the bot can answer it.
    pub(crate) fn learn(&mut self, update: &Value, now: Moment) {
        if let Some(id) = update["update_id"].as_i64() {
            self.last_update = self.last_update.max(id);
        }
        let query = &update["callback_query"];
        if let Some(id) = query["id"].as_str() {
            self.queries.insert(id.to_owned());
        }
        let bot_id = self.id;
        for message in [&update["message"], &update["edited_message"], &update["channel_post"], &query["message"]] {
            let (Some(chat), Some(id)) =
                (message.pointer("/chat/id").and_then(Value::as_i64), message["message_id"].as_i64())
            else {
                continue;
            };
            let place = Place::Given(message["chat"].clone());
            let chat = self.chats.entry(chat).or_insert_with(|| Chat::new(place));
            // A message of which only the number is left has the date 0.
            if message["date"] != 0 && chat.message(id).is_none() {
                chat.take_in(id, message, bot_id, now);
            }
        }
    }
}
