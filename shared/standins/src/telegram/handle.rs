//! Telegram as one value: what bots ask, what users do, and what has come of it.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use serde_json::{Map, Value, json};
use tokio::sync::{Notify, watch};

use super::{
    clock::{Clock, Moment},
    history::{File, History},
    methods::Method,
    settings::Settings,
    state::{Bot, Call, Delivery, Dispatch},
    users::{self, Action, ActionError, Outcome, Prepared},
    wire::{ApiError, Fields},
};
use crate::faults::{self, Decision, Desk};

/// Telegram's stand-in. It forgets nothing until it is reset.
///
/// A bot is named by its token, or by the number before the colon once it is known. A token makes a bot known by being
/// used, here or over HTTP.
#[derive(Debug)]
pub struct Telegram {
    clock: Clock,
    room: Mutex<Room>,
    version: watch::Sender<u64>,
    /// Something may have to be delivered.
    wake: Notify,
}

#[derive(Debug)]
struct Room {
    settings: Settings,
    desk: Desk,
    /// By their tokens.
    bots: BTreeMap<String, Bot>,
}

impl Room {
    fn new(settings: Settings) -> Self {
        Self { desk: Desk::new(settings.script.clone()), settings, bots: BTreeMap::new() }
    }

    /// The token of a bot that is known.
    fn token(&self, bot: &str) -> Option<&String> {
        let by_id = || bot.parse().ok().and_then(|id: i64| self.bots.iter().find(|(_, bot)| bot.id == id));
        self.bots.get_key_value(bot).or_else(by_id).map(|(token, _)| token)
    }
}

impl Telegram {
    pub(crate) fn new() -> Self {
        let (version, _) = watch::channel(0);
        let room = Mutex::new(Room::new(Settings::default()));
        Self { clock: Clock::start(), room, version, wake: Notify::new() }
    }

    /// How it behaves.
    pub fn settings(&self) -> Settings {
        self.room().settings.clone()
    }

    /// Has it behave otherwise from now on. Rules of the script start afresh; calls keep their numbers.
    pub fn set_settings(&self, settings: Settings) {
        let mut room = self.room();
        room.desk.set_script(settings.script.clone());
        room.settings = settings;
        // Paces are measured by the new limits, from nothing.
        room.bots.values_mut().for_each(|bot| bot.pace = super::state::Pace::default());
        drop(room);
        self.changed();
    }

    /// Forgets everything, bots and webhooks too.
    pub fn reset(&self) {
        *self.room() = Room::new(Settings::default());
        self.changed();
    }

    /// A user does something. The bot's update is on its way when this returns.
    pub async fn act(&self, bot: &str, action: Action) -> Result<Outcome, ActionError> {
        let prepared = tokio::task::spawn_blocking(|| Prepared::new(action)).await;
        let prepared = prepared.map_err(|_| ActionError::NoPhoto("it cannot be read".into()))??;
        let now = self.now();
        self.with_bot(bot, |bot, settings| users::perform(bot, prepared, settings.privacy, now))?
    }

    /// Delivers an update as it is, so often. One without an `update_id` gets the next. Its chat becomes known, so that
    /// the bot can answer.
    pub fn deliver(&self, bot: &str, update: Value, times: u32) -> Result<Outcome, ActionError> {
        let now = self.now();
        let Value::Object(mut update) = update else { return Err(ActionError::NoUpdate) };
        self.with_bot(bot, |bot, _| {
            let update_id = match update.get("update_id") {
                None => bot.next_update(),
                Some(id) => id.as_i64().ok_or(ActionError::NoUpdate)?,
            };
            update.insert("update_id".into(), json!(update_id));
            let update = Value::Object(update);
            bot.learn(&update, now);
            let message = |kind: &str| update.get(kind)?.get("message_id")?.as_i64();
            let message_id = ["message", "edited_message", "channel_post"].into_iter().find_map(message);
            for _ in 0..times {
                bot.outbox.push(update.clone(), line_of(&update));
            }
            Ok(Outcome { message_id, update_id: Some(update_id), update: Some(update), withheld: None })
        })?
    }

    /// A chat as it is now.
    pub fn history(&self, bot: &str, chat_id: i64) -> Result<History, ActionError> {
        let room = self.room();
        let bot = room.token(bot).and_then(|token| room.bots.get(token)).ok_or(ActionError::NoBot)?;
        History::of(bot, chat_id, *self.version.borrow()).ok_or(ActionError::NoChat)
    }

    /// The file that a message shows, as it is shown or as it was uploaded.
    pub fn file(&self, bot: &str, chat_id: i64, message_id: i64, as_sent: bool) -> Result<File, ActionError> {
        self.with_known(bot, |bot| {
            let chat = bot.chats.get(&chat_id).ok_or(ActionError::NoChat)?;
            let message = chat.message(message_id).and_then(|message| message.content.media());
            let media = message.ok_or(ActionError::NoMessage(message_id))?;
            Ok(if as_sent { media.sent().clone() } else { media.shown() }.into())
        })?
    }

    /// The calls of a bot in the order in which they arrived.
    pub fn calls(&self, bot: &str) -> Vec<Call> {
        let mut calls = self.with_known(bot, |bot| bot.calls.clone()).unwrap_or_default();
        calls.sort_by_key(|call| call.at_ms);
        calls
    }

    /// Every time that an update was sent to a bot's webhook, in the order in which the answers came.
    pub fn deliveries(&self, bot: &str) -> Vec<Delivery> {
        self.with_known(bot, |bot| bot.outbox.deliveries.clone()).unwrap_or_default()
    }

    /// How many updates have not arrived.
    pub fn pending(&self, bot: &str) -> usize {
        self.with_known(bot, |bot| bot.outbox.len()).unwrap_or_default()
    }

    /// Waits until an update has arrived, or all of its copies have. False if that took too long.
    pub async fn arrived(&self, bot: &str, update_id: i64, within: Duration) -> bool {
        let holds = || self.with_known(bot, |bot| bot.outbox.holds(update_id)).unwrap_or_default();
        self.until(within, || !holds()).await
    }

    /// Waits until nothing is on its way to a bot. False if that took too long.
    pub async fn quiet(&self, bot: &str, within: Duration) -> bool {
        self.until(within, || self.pending(bot) == 0).await
    }

    /// Waits until something holds, looking whenever anything has changed. False if that took too long.
    pub async fn until(&self, within: Duration, holds: impl Fn() -> bool) -> bool {
        let mut changes = self.version.subscribe();
        let waiting = async {
            while !holds() {
                // The sender lives as long as this does.
                let _ = changes.changed().await;
            }
        };
        tokio::time::timeout(within, waiting).await.is_ok()
    }

    /// A number that grows with every change of anything.
    pub fn version(&self) -> u64 {
        *self.version.borrow()
    }

    /// What is known of each bot: its number, chats, menu, webhook, and how much is on its way.
    pub(super) fn overview(&self) -> Value {
        let room = self.room();
        let bots = room.bots.values().map(|bot| {
            json!({
                "id": bot.id,
                "username": bot.username(),
                "webhook": bot.outbox.webhook.url,
                "pending": bot.outbox.len(),
                "calls": bot.calls.len(),
                "commands": bot.commands,
                "chats": bot.chats.values().map(super::state::Chat::show).collect::<Vec<_>>(),
            })
        });
        let bots: Vec<_> = bots.collect();
        json!({ "version": self.version(), "settings": room.settings, "bots": bots })
    }

    pub(super) fn now(&self) -> Moment {
        self.clock.now()
    }

    /// Lets a bot in by its token, whether or not it is known.
    pub(super) fn admit(&self, token: &str) -> Result<(), ApiError> {
        let mut room = self.room();
        let date = self.now().date;
        if room.bots.contains_key(token) {
            return Ok(());
        }
        // Telegram begins anywhere. By the date, so that after a restart no number comes again.
        let bot = Bot::of(token, date).ok_or_else(|| ApiError::usual(404))?;
        if room.settings.tokens.as_ref().is_some_and(|tokens| tokens.iter().all(|only| only != token)) {
            return Err(ApiError::usual(401));
        }
        room.bots.insert(token.to_owned(), bot);
        Ok(())
    }

    /// Numbers a call and reads its fate.
    pub(super) fn decide(&self, method: Method, words: &str) -> Decision {
        self.room().desk.decide(faults::Call { provider: super::PROVIDER, model: method.name(), prompt: words })
    }

    /// Does what a bot asks.
    pub(super) fn perform(&self, token: &str, method: Method, fields: &Fields) -> Result<Value, ApiError> {
        let now = self.now();
        let mut room = self.room();
        let limits = room.settings.rate_limits;
        let bot = room.bots.get_mut(token).ok_or_else(|| ApiError::usual(401))?;
        let messages = method.messages(fields);
        let chat = fields.integer("chat_id").ok().flatten();
        if let (Some(limits), 1.., Some(chat)) = (limits, messages, chat)
            && let Some(is_private) = bot.chats.get(&chat).map(super::state::Chat::is_private)
        {
            let passed = bot.pace.pass(limits, (chat, is_private), messages, now.since);
            passed.map_err(|wait| {
                ApiError::too_many(u64::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(1).max(1))
            })?;
        }
        let result = method.perform(bot, fields, now);
        drop(room);
        self.changed();
        result
    }

    pub(super) fn record(&self, token: &str, call: Call) {
        if let Some(bot) = self.room().bots.get_mut(token) {
            bot.calls.push(call);
        }
        self.changed();
    }

    /// A file by the path that getFile gave.
    pub(super) fn download(&self, token: &str, path: &str) -> Option<Bytes> {
        self.room().bots.get(token)?.files.at(path)
    }

    /// What is to be delivered now, with the tokens that it is for, and when to look again.
    pub(super) fn take_deliveries(&self) -> (Vec<(String, Dispatch)>, Option<Duration>) {
        let now = self.now();
        let (mut dispatches, mut next) = (Vec::new(), None::<Duration>);
        for (token, bot) in &mut self.room().bots {
            let (taken, due) = bot.outbox.take(now);
            dispatches.extend(taken.into_iter().map(|dispatch| (token.clone(), dispatch)));
            next = [next, due].into_iter().flatten().min();
        }
        (dispatches, next)
    }

    pub(super) async fn woken(&self) {
        self.wake.notified().await;
    }

    /// What became of a delivery. One without an error has arrived.
    pub(super) fn delivered(&self, token: &str, key: u64, delivery: Delivery) {
        let now = self.now();
        let mut room = self.room();
        let backoff_ms = room.settings.backoff_ms;
        if let Some(bot) = room.bots.get_mut(token) {
            match &delivery.error {
                None => bot.outbox.arrived(key),
                Some(why) => bot.outbox.failed(key, why, backoff_ms, now),
            }
            bot.outbox.deliveries.push(delivery);
        }
        drop(room);
        self.changed();
    }

    /// Carries out the method that a webhook's answer calls. Telegram tells the bot nothing of how it went.
    pub(super) fn called_by_webhook(&self, token: &str, mut values: Map<String, Value>) -> Option<String> {
        let at_ms = self.now().at_ms();
        let name = values.remove("method")?.as_str()?.to_owned();
        let method = Method::named(&name);
        let fields = Fields::from(values);
        let result = method.map_or_else(|| Err(ApiError::usual(404)), |method| self.perform(token, method, &fields));
        let name = method.map_or(name, |method| method.name().to_owned());
        let call = Call { by_webhook: true, ..call(at_ms, &name, &fields, result.as_ref().map(drop)) };
        self.record(token, call);
        Some(name)
    }

    /// Does something with a bot, which is known from then on.
    fn with_bot<T>(&self, bot: &str, act: impl FnOnce(&mut Bot, &Settings) -> T) -> Result<T, ActionError> {
        if bot.contains(':') {
            self.admit(bot).map_err(|_| ActionError::NoBot)?;
        }
        let mut room = self.room();
        let token = room.token(bot).ok_or(ActionError::NoBot)?.clone();
        let Room { settings, bots, .. } = &mut *room;
        let result = act(bots.get_mut(&token).ok_or(ActionError::NoBot)?, settings);
        drop(room);
        self.changed();
        Ok(result)
    }

    fn with_known<T>(&self, bot: &str, look: impl FnOnce(&Bot) -> T) -> Result<T, ActionError> {
        let room = self.room();
        room.token(bot).and_then(|token| room.bots.get(token)).map(look).ok_or(ActionError::NoBot)
    }

    fn changed(&self) {
        self.version.send_modify(|version| *version += 1);
        self.wake.notify_one();
    }

    /// The state is still a state when a thread died with it in hand.
    fn room(&self) -> MutexGuard<'_, Room> {
        self.room.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The record of a call without a fault.
pub(super) fn call(at_ms: u64, method: &str, fields: &Fields, result: Result<(), &ApiError>) -> Call {
    Call {
        at_ms,
        method: method.to_owned(),
        chat_id: fields.integer("chat_id").ok().flatten(),
        fields: fields.values.clone(),
        uploads: fields.uploads.iter().map(|(name, upload)| (name.clone(), upload.bytes.len())).collect(),
        by_webhook: false,
        fault: None,
        done: result.is_ok(),
        status: result.err().map_or(200, |error| error.status),
        description: result.err().map(|error| error.description.clone()),
    }
}

/// Whose updates an update waits for: those of its chat, or of its user.
fn line_of(update: &Value) -> i64 {
    let what = update.as_object().into_iter().flatten().find(|(name, _)| *name != "update_id").map(|(_, what)| what);
    let what = what.unwrap_or(&Value::Null);
    let ids = ["/chat/id", "/message/chat/id", "/from/id"];
    ids.into_iter().find_map(|path| what.pointer(path)?.as_i64()).unwrap_or_default()
}
