//! Messages that change or go.

use serde_json::{Map, Value};

use super::{Order, done, markup as keyboard, send, words};
use crate::telegram::{
    state::{Author, Chat, Content},
    wire::ApiError,
};

const NOT_MODIFIED: &str = "message is not modified: specified new message content and reply markup are exactly the same \
     as a current content and reply markup of the message";

pub(super) fn text(mut order: Order<'_>) -> Result<Value, ApiError> {
    let (chat, id) = target(&mut order)?;
    let content = Content::Text(words::text(order.fields)?);
    if content_of(&mut order, chat, id)?.media().is_some() {
        return Err(ApiError::bad("there is no text in the message to edit"));
    }
    change(order, chat, id, content)
}

pub(super) fn caption(mut order: Order<'_>) -> Result<Value, ApiError> {
    let (chat, id) = target(&mut order)?;
    let caption = words::caption(order.fields)?;
    let media = content_of(&mut order, chat, id)?.media().cloned();
    let media = media.ok_or_else(|| ApiError::bad("there is no caption in the message to edit"))?;
    change(order, chat, id, Content::Media { media, caption })
}

/// Other media in place of those of the message, or of its text.
pub(super) fn media(mut order: Order<'_>) -> Result<Value, ApiError> {
    let (chat, id) = target(&mut order)?;
    let item: Option<Map<String, Value>> = order.fields.parsed("media")?;
    let item = item.ok_or_else(|| ApiError::bad("media must be specified"))?;
    let content = send::input_media(&mut order.bot.files, order.fields, &item)?;
    change(order, chat, id, content)
}

pub(super) fn markup(mut order: Order<'_>) -> Result<Value, ApiError> {
    let (chat, id) = target(&mut order)?;
    let content = content_of(&mut order, chat, id)?.clone();
    change(order, chat, id, content)
}

pub(super) fn delete(mut order: Order<'_>) -> Result<Value, ApiError> {
    let not_found = || ApiError::bad("message to delete not found");
    let chat_id = order.chat_id()?;
    let id = order.fields.integer("message_id")?.ok_or_else(not_found)?;
    let now = order.now;
    let chat = order.bot.chat(chat_id)?;
    let author = &chat.message(id).ok_or_else(not_found)?.author;
    // In a group only its administrators may remove what others wrote, and the bot is none.
    if *author != Author::Bot && !chat.is_private() {
        return Err(ApiError::bad("message can't be deleted"));
    }
    chat.delete(id, now);
    Ok(done())
}

/// The chat and the number of a message that the bot may edit.
fn target(order: &mut Order<'_>) -> Result<(i64, i64), ApiError> {
    if order.fields.value("inline_message_id").is_some() {
        return Err(ApiError::bad("MESSAGE_ID_INVALID"));
    }
    let chat_id = order.chat_id()?;
    let message = order.fields.integer("message_id")?;
    let chat = order.bot.chat(chat_id)?;
    let found = message.and_then(|id| chat.message(id));
    let found = found.ok_or_else(|| ApiError::bad("message to edit not found"))?;
    if found.author == Author::Bot { Ok((chat_id, found.id)) } else { Err(ApiError::bad("message can't be edited")) }
}

fn content_of<'a>(order: &'a mut Order<'_>, chat: i64, id: i64) -> Result<&'a Content, ApiError> {
    let chat: &Chat = order.bot.chat(chat)?;
    chat.message(id).map(|message| &message.content).ok_or_else(|| ApiError::bad("message to edit not found"))
}

/// A keyboard that is not said again goes.
fn change(order: Order<'_>, chat: i64, id: i64, content: Content) -> Result<Value, ApiError> {
    let markup = keyboard::inline(order.fields)?;
    let (me, now, bot) = (order.bot.show(), order.now, order.bot);
    let place = bot.chat(chat)?;
    if place.message(id).is_some_and(|message| message.content == content && message.markup == markup) {
        return Err(ApiError::bad(NOT_MODIFIED));
    }
    place.edit(id, content, markup, &me, now);
    Ok(bot.shown(chat, id))
}
