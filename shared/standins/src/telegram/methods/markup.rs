//! Inline keyboards. Other keyboards are shown to no other user, and are not kept.

use serde_json::Value;

use crate::telegram::{
    limits::{BUTTONS, CALLBACK_BYTES},
    wire::{ApiError, Fields},
};

/// The keyboard of a call. One without buttons is none.
pub(super) fn inline(fields: &Fields) -> Result<Option<Value>, ApiError> {
    let Some(markup) = fields.parsed::<Value>("reply_markup")? else { return Ok(None) };
    if !markup.is_object() {
        return Err(ApiError::bad("object expected as reply markup"));
    }
    let Some(rows) = markup.get("inline_keyboard") else { return Ok(None) };
    let rows = rows.as_array().ok_or_else(|| {
        ApiError::bad("field \"inline_keyboard\" of the InlineKeyboardMarkup must be an Array of Arrays")
    })?;
    let mut count = 0;
    for row in rows {
        let row = row.as_array().map_or(&[][..], Vec::as_slice);
        count += row.len();
        if row.len() > BUTTONS.1 || count > BUTTONS.0 {
            return Err(ApiError::bad("reply markup is too long"));
        }
        row.iter().try_for_each(button)?;
    }
    Ok((count > 0).then_some(markup))
}

fn button(button: &Value) -> Result<(), ApiError> {
    if button["text"].as_str().unwrap_or_default().is_empty() {
        return Err(ApiError::bad("can't parse inline keyboard button: Text buttons must be non-empty"));
    }
    match button.get("callback_data").map(|data| data.as_str().unwrap_or_default().len()) {
        Some(size) if !(1..=CALLBACK_BYTES).contains(&size) => Err(ApiError::bad("BUTTON_DATA_INVALID")),
        None if button.as_object().is_some_and(|fields| fields.len() < 2) => {
            Err(ApiError::bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"))
        }
        _ => Ok(()),
    }
}
