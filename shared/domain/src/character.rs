//! A character of a webtoon, as its owner describes it. Sheets of it are drawn later, and say how it looks.

use crate::{AccountId, CharacterId, Timestamp};

/// A character's record. It never changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Character {
    pub id: CharacterId,
    pub account: AccountId,
    /// What dialogues call it.
    pub name: String,
    /// May be empty.
    pub description: String,
    /// The caller's own id of what it belongs to.
    pub project: Option<String>,
    pub created_at: Timestamp,
}
