//! Lists in pages: `limit`, `cursor`, and `{data, nextCursor}`.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::Serialize;

use crate::Params;

const MOST: u32 = 100;
const DEFAULT: u32 = 20;

/// One page of a list.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Page<T> {
    pub data: Vec<T>,
    /// Null on the last page.
    pub next_cursor: Option<String>,
}

/// Makes a cursor of whatever the list needs to go on. Callers need not know what it holds.
pub fn cursor(place: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(place)
}

impl Params {
    pub fn limit(&self) -> u32 {
        self.number("limit", 1, MOST).unwrap_or(DEFAULT)
    }

    /// The place that a cursor of this list holds; one that `read` does not know is a problem.
    pub fn cursor<T>(&self, read: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let text = self.text("cursor")?;
        let place = BASE64_URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let place = place.and_then(|place| read(&place));
        if place.is_none() {
            self.problem("cursor", "is not a cursor of this list");
        }
        place
    }
}
