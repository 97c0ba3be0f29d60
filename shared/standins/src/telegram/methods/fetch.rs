//! getFile.

use serde_json::{Value, json};

use super::Order;
use crate::telegram::{limits::DOWNLOAD_BYTES, wire::ApiError};

pub(super) fn file(order: &Order<'_>) -> Result<Value, ApiError> {
    let id = order.fields.text("file_id").unwrap_or_default();
    let file = order.bot.files.get(&id).ok_or_else(|| ApiError::bad("invalid file_id"))?;
    if file.bytes.len() > DOWNLOAD_BYTES {
        return Err(ApiError::bad("file is too big"));
    }
    Ok(json!({
        "file_id": id,
        "file_unique_id": file.unique_id,
        "file_size": file.bytes.len(),
        "file_path": file.path,
    }))
}
