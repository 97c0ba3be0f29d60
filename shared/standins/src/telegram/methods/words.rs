//! Texts and captions: taken out of their markup, and measured.

use serde_json::{Map, Value};

use crate::telegram::{
    limits::{CAPTION_UNITS, ENTITIES, TEXT_UNITS, units},
    state::Words,
    wire::{ApiError, Fields, from_html},
};

pub(super) fn text(fields: &Fields) -> Result<Words, ApiError> {
    let words = words(fields, "text", "entities")?;
    if words.text.is_empty() {
        return Err(ApiError::bad("message text is empty"));
    }
    if units(&words.text) > TEXT_UNITS {
        return Err(ApiError::bad("message is too long"));
    }
    Ok(words)
}

pub(super) fn caption(fields: &Fields) -> Result<Words, ApiError> {
    let words = words(fields, "caption", "caption_entities")?;
    if units(&words.text) > CAPTION_UNITS {
        return Err(ApiError::bad("message caption is too long"));
    }
    Ok(words)
}

/// The caption of an `InputMedia`, whose fields are those of a call.
pub(super) fn caption_of(media: &Map<String, Value>) -> Result<Words, ApiError> {
    caption(&Fields::from(media.clone()))
}

fn words(fields: &Fields, name: &str, entities: &str) -> Result<Words, ApiError> {
    let raw = fields.text(name).unwrap_or_default();
    let (text, mut entities) = match fields.text("parse_mode").unwrap_or_default().to_ascii_lowercase().as_str() {
        "" => (raw.into_owned(), fields.parsed::<Vec<Value>>(entities)?.unwrap_or_default()),
        "html" => from_html(&raw).map_err(|why| ApiError::bad(format!("can't parse entities: {why}")))?,
        // Markdown is not read here, and a bot that uses it should know.
        _ => return Err(ApiError::bad("unsupported parse_mode")),
    };
    entities.truncate(ENTITIES);
    // Telegram shows no white space around a text.
    let start = text.len() - text.trim_start().len();
    if start > 0 {
        let gone = units(text.get(..start).unwrap_or_default());
        for offset in entities.iter_mut().filter_map(|entity| entity.get_mut("offset")) {
            *offset = offset.as_u64().unwrap_or_default().saturating_sub(gone as u64).into();
        }
    }
    Ok(Words { text: text.trim().to_owned(), entities })
}
