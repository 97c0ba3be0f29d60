//! A user's action, carried out: the chat afterwards, and the update of it.

use serde_json::{Value, json};

use super::{Action, ActionError, Outcome, Prepared, What};
use crate::telegram::{
    clock::Moment,
    limits::units,
    state::{Author, Bot, Chat, Content, Draft, Group, Media, Person, Place, Words},
};

/// Does what a user does. `privacy` is whether the bot hears only what is meant for it in groups.
pub(crate) fn perform(bot: &mut Bot, prepared: Prepared, privacy: bool, now: Moment) -> Result<Outcome, ActionError> {
    let Prepared { action, upload } = prepared;
    let chat_id = action.chat.as_ref().map_or(action.from.id, |group| group.id);
    enter(bot, chat_id, &action)?;
    let media = |bot: &mut Bot, photo: bool| {
        let upload = upload.as_ref().ok_or(ActionError::Empty)?;
        let added = if photo { bot.files.add_photo(upload) } else { bot.files.add_document(upload) };
        added.map_err(|error| ActionError::NoPhoto(error.description))
    };
    let user = User { chat_id, from: &action.from, times: action.times, privacy, now };
    match &action.what {
        What::Text { text } if text.trim().is_empty() => Err(ActionError::Empty),
        What::Text { text } => user.write(bot, &action, Content::Text(spoken(text.trim()))),
        What::Photo { caption, .. } => {
            let media = media(bot, true)?;
            user.write(bot, &action, Content::Media { media, caption: spoken(caption) })
        }
        What::Document { caption, .. } => {
            let media = media(bot, false)?;
            user.write(bot, &action, Content::Media { media, caption: spoken(caption) })
        }
        What::Other { content } => user.write(bot, &action, Content::Given(content.clone())),
        What::Edit { message_id, text } => user.edit(bot, *message_id, text),
        What::Press { message_id, data } => user.press(bot, *message_id, data),
        What::Delete { message_id } => {
            let chat = user.chat(bot)?;
            chat.message(*message_id).ok_or(ActionError::NoMessage(*message_id))?;
            chat.delete(*message_id, now);
            let withheld = Some("bots are not told of messages that go".to_owned());
            Ok(Outcome { message_id: Some(*message_id), update_id: None, update: None, withheld })
        }
        What::Block {} => user.block(bot, true),
        What::Unblock {} => user.block(bot, false),
    }
}

/// Makes the chat known, and the topic.
fn enter(bot: &mut Bot, chat_id: i64, action: &Action) -> Result<(), ActionError> {
    let chat = match &action.chat {
        None => bot.meet(chat_id, Place::Private(action.from.clone())),
        // No more than an id: the group is as it was.
        Some(group) if *group == Group::supergroup(chat_id) && bot.chats.contains_key(&chat_id) => {
            bot.chats.get_mut(&chat_id).ok_or(ActionError::NoChat)?
        }
        Some(group) => bot.meet(chat_id, Place::Group(group.clone())),
    };
    if chat.blocked && !matches!(action.what, What::Unblock {}) {
        return Err(ActionError::Blocked);
    }
    if let Some(topic) = action.message_thread_id {
        if !matches!(&chat.place, Place::Group(group) if group.is_forum) {
            return Err(ActionError::NoTopics);
        }
        chat.open_topic(topic);
    }
    Ok(())
}

/// Somebody in a chat.
struct User<'a> {
    chat_id: i64,
    from: &'a Person,
    times: u32,
    privacy: bool,
    now: Moment,
}

impl User<'_> {
    fn chat<'b>(&self, bot: &'b mut Bot) -> Result<&'b mut Chat, ActionError> {
        bot.chats.get_mut(&self.chat_id).ok_or(ActionError::NoChat)
    }

    fn write(&self, bot: &mut Bot, action: &Action, content: Content) -> Result<Outcome, ActionError> {
        let chat = self.chat(bot)?;
        if let Some(reply) = action.reply_to {
            chat.message(reply).ok_or(ActionError::NoMessage(reply))?;
        }
        let draft = Draft {
            author: Author::Person(self.from.clone()),
            content,
            thread: action.message_thread_id,
            reply_to: action.reply_to,
            album: action.media_group_id.clone(),
            markup: None,
        };
        let id = chat.add(draft, self.now);
        self.tell_of(bot, "message", id)
    }

    fn edit(&self, bot: &mut Bot, id: i64, text: &str) -> Result<Outcome, ActionError> {
        let (me, now) = (bot.show(), self.now);
        let chat = self.chat(bot)?;
        let message = chat.message(id).ok_or(ActionError::NoMessage(id))?;
        if !matches!(&message.author, Author::Person(person) if person.id == self.from.id) {
            return Err(ActionError::NotOwn(id));
        }
        let content = match &message.content {
            Content::Text(_) => Content::Text(spoken(text)),
            Content::Media { media, .. } => Content::Media { media: Media::clone(media), caption: spoken(text) },
            Content::Given(_) => return Err(ActionError::NoWords(id)),
        };
        chat.edit(id, content, None, &me, now);
        self.tell_of(bot, "edited_message", id)
    }

    fn press(&self, bot: &mut Bot, id: i64, data: &str) -> Result<Outcome, ActionError> {
        let message = self.chat(bot)?.message(id).ok_or(ActionError::NoMessage(id))?;
        if !message.has_button(data) {
            return Err(ActionError::NoButton(id, data.to_owned()));
        }
        let query = json!({
            "id": bot.next_query(),
            "from": self.from.show(),
            "message": bot.shown(self.chat_id, id),
            "chat_instance": (-self.chat_id).to_string(),
            "data": data,
        });
        Ok(self.tell(bot, "callback_query", &query, Some(id)))
    }

    fn block(&self, bot: &mut Bot, blocked: bool) -> Result<Outcome, ActionError> {
        let (me, date) = (bot.show(), self.now.date);
        let chat = self.chat(bot)?;
        chat.blocked = blocked;
        let member = json!({ "user": me, "status": "member" });
        let kicked = json!({ "user": me, "status": "kicked", "until_date": 0 });
        let (old, new) = if blocked { (member, kicked) } else { (kicked, member) };
        let change = json!({
            "chat": chat.show(),
            "from": self.from.show(),
            "date": date,
            "old_chat_member": old,
            "new_chat_member": new,
        });
        Ok(self.tell(bot, "my_chat_member", &change, None))
    }

    fn tell_of(&self, bot: &mut Bot, kind: &str, id: i64) -> Result<Outcome, ActionError> {
        let username = bot.username();
        let chat = self.chat(bot)?;
        if self.privacy && !chat.is_private() && !is_meant_for(chat, id, &username) {
            let withheld = Some("in groups the bot hears only commands, answers to it and its name".to_owned());
            return Ok(Outcome { message_id: Some(id), update_id: None, update: None, withheld });
        }
        let message = bot.shown(self.chat_id, id);
        Ok(self.tell(bot, kind, &message, Some(id)))
    }

    fn tell(&self, bot: &mut Bot, kind: &str, what: &Value, message_id: Option<i64>) -> Outcome {
        if !bot.outbox.wants(kind) {
            let withheld = Some(format!("{kind} is not among the allowed_updates"));
            return Outcome { message_id, update_id: None, update: None, withheld };
        }
        let update_id = bot.next_update();
        let update = json!({ "update_id": update_id, kind: what });
        for _ in 0..self.times {
            bot.outbox.push(update.clone(), self.chat_id);
        }
        Outcome { message_id, update_id: Some(update_id), update: Some(update), withheld: None }
    }
}

/// Whether a bot in privacy mode hears of a message in a group.
fn is_meant_for(chat: &Chat, id: i64, username: &str) -> bool {
    let Some(message) = chat.message(id) else { return false };
    let answered = message.reply_to.and_then(|reply| chat.message(reply));
    if answered.is_some_and(|answered| answered.author == Author::Bot) {
        return true;
    }
    let text = message.content.words().map_or("", |words| &words.text);
    let mention = format!("@{username}").to_lowercase();
    match text.strip_prefix('/').and_then(|command| command.split_whitespace().next()) {
        Some(command) => command.split_once('@').is_none_or(|(_, name)| name.eq_ignore_ascii_case(username)),
        None => text.to_lowercase().contains(&mention),
    }
}

/// A user's words, with the commands in them.
fn spoken(text: &str) -> Words {
    let mut entities = Vec::new();
    for word in text.split_whitespace() {
        let name = word.strip_prefix('/').unwrap_or_default();
        let (command, bot) = name.split_once('@').unwrap_or((name, "bot"));
        let letters =
            |name: &str| !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
        if letters(command) && command.len() <= 32 && letters(bot) {
            let start = word.as_ptr().addr() - text.as_ptr().addr();
            let offset = units(text.get(..start).unwrap_or_default());
            entities.push(json!({ "offset": offset, "length": units(word), "type": "bot_command" }));
        }
    }
    Words { text: text.to_owned(), entities }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_found_wherever_they_stand() {
        let entities = |text| Value::from(spoken(text).entities);
        let command = |offset, length| json!({ "offset": offset, "length": length, "type": "bot_command" });
        assert_eq!(entities("/start ref_123"), json!([command(0, 6)]));
        assert_eq!(entities("🎨 /image cat"), json!([command(3, 6)]));
        assert_eq!(entities("/image@oracle_bot cat /x"), json!([command(0, 17), command(22, 2)]));
        assert_eq!(entities("and/or / /안녕 /a@"), json!([]));
    }
}
