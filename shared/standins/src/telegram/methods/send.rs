//! New messages.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Order, markup, words};
use crate::telegram::{
    limits::ALBUM,
    state::{Author, Content, Draft, Files, Media},
    wire::{ApiError, Fields},
};

#[derive(Deserialize)]
struct ReplyParameters {
    message_id: i64,
    #[serde(default)]
    allow_sending_without_reply: bool,
}

/// Where in its chat a message goes.
struct Spot {
    chat: i64,
    thread: Option<i64>,
    reply_to: Option<i64>,
}

pub(super) fn message(mut order: Order<'_>) -> Result<Value, ApiError> {
    let spot = spot(&mut order)?;
    let content = Content::Text(words::text(order.fields)?);
    let markup = markup::inline(order.fields)?;
    Ok(put(&mut order, &spot, content, markup, None))
}

pub(super) fn media(mut order: Order<'_>, kind: &str) -> Result<Value, ApiError> {
    let spot = spot(&mut order)?;
    let caption = words::caption(order.fields)?;
    let markup = markup::inline(order.fields)?;
    let media = if order.fields.uploads.contains_key(kind) {
        resolve(&mut order.bot.files, order.fields, kind, &format!("attach://{kind}"))?
    } else {
        let reference = order.fields.text(kind).unwrap_or_default();
        if reference.is_empty() {
            return Err(ApiError::bad(format!("there is no {kind} in the request")));
        }
        resolve(&mut order.bot.files, order.fields, kind, &reference)?
    };
    Ok(put(&mut order, &spot, Content::Media { media, caption }, markup, None))
}

pub(super) fn album(mut order: Order<'_>) -> Result<Value, ApiError> {
    let spot = spot(&mut order)?;
    let items: Vec<Map<String, Value>> = order.fields.parsed("media")?.unwrap_or_default();
    if items.len() < ALBUM.0 {
        return Err(ApiError::bad("too few messages to send as an album"));
    }
    if items.len() > ALBUM.1 {
        return Err(ApiError::bad("too many messages to send as an album"));
    }
    let contents = items.iter().map(|item| input_media(&mut order.bot.files, order.fields, item));
    let contents: Vec<_> = contents.collect::<Result<_, _>>()?;
    let kinds = |kind: &str| contents.iter().filter_map(Content::media).any(|media| media.kind() == kind);
    if kinds("photo") && kinds("document") {
        return Err(ApiError::bad("document can't be mixed with other media types"));
    }
    let album = order.bot.next_album();
    Ok(contents.into_iter().map(|content| put(&mut order, &spot, content, None, Some(album.clone()))).collect())
}

/// What an `InputMedia` shows.
pub(super) fn input_media(files: &mut Files, fields: &Fields, item: &Map<String, Value>) -> Result<Content, ApiError> {
    let of = |name: &str| item.get(name).and_then(Value::as_str).unwrap_or_default();
    let kind = match of("type") {
        kind @ ("photo" | "document") => kind,
        other => return Err(ApiError::bad(format!("can't parse InputMedia: type \"{other}\" is not supported"))),
    };
    let caption = words::caption_of(item)?;
    let media = resolve(files, fields, kind, of("media"))?;
    Ok(Content::Media { media, caption })
}

/// The file behind `attach://part` or an id. Links are not followed: a stand-in asks nobody.
fn resolve(files: &mut Files, fields: &Fields, kind: &str, reference: &str) -> Result<Media, ApiError> {
    if let Some(part) = reference.strip_prefix("attach://") {
        let missing = || ApiError::bad("file must be non-empty");
        let upload = fields.uploads.get(part).ok_or_else(missing)?;
        return if kind == "photo" { files.add_photo(upload) } else { files.add_document(upload) };
    }
    if reference.starts_with("http://") || reference.starts_with("https://") {
        return Err(ApiError::bad("failed to get HTTP URL content"));
    }
    files.media(reference, kind)
}

fn spot(order: &mut Order<'_>) -> Result<Spot, ApiError> {
    let chat_id = order.chat_id()?;
    let fields = order.fields;
    let chat = order.bot.chat(chat_id)?;
    let thread = fields.integer("message_thread_id")?;
    if thread.is_some_and(|thread| !chat.has_topic(thread)) {
        return Err(ApiError::bad("message thread not found"));
    }
    let reply = match fields.parsed::<ReplyParameters>("reply_parameters")? {
        Some(reply) => Some(reply),
        None => fields.integer("reply_to_message_id")?.map(|message_id| ReplyParameters {
            message_id,
            allow_sending_without_reply: fields.flag("allow_sending_without_reply"),
        }),
    };
    let reply_to = match reply {
        Some(reply) if chat.message(reply.message_id).is_some() => Some(reply.message_id),
        Some(reply) if !reply.allow_sending_without_reply => {
            return Err(ApiError::bad("message to be replied not found"));
        }
        _ => None,
    };
    Ok(Spot { chat: chat_id, thread, reply_to })
}

fn put(order: &mut Order<'_>, spot: &Spot, content: Content, markup: Option<Value>, album: Option<String>) -> Value {
    let Spot { chat, thread, reply_to } = *spot;
    let draft = Draft { author: Author::Bot, content, thread, reply_to, album, markup };
    let now = order.now;
    let Ok(place) = order.bot.chat(chat) else { return Value::Null };
    let id = place.add(draft, now);
    order.bot.shown(chat, id)
}
