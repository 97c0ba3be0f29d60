//! Service keys: what a studio's own servers call with. The key itself is shown once and kept nowhere.

use std::{collections::BTreeSet, fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{AccountId, Limits, Timestamp, UserId, ids::InvalidId};

/// What every key begins with, so that a leaked one is recognised by whoever finds it.
pub const KEY_PREFIX: &str = "tm_";

/// The name of a key, which is no secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyId(Uuid);

impl KeyId {
    pub const fn new(uuid: Uuid) -> Self {
        Self(uuid)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_hyphenated().fmt(f)
    }
}

impl FromStr for KeyId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let id = Uuid::try_parse(text).map(Self).map_err(|_| InvalidId { kind: "key id" })?;
        if id.to_string() == text { Ok(id) } else { Err(InvalidId { kind: "key id" }) }
    }
}

/// What a key may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    JobsRead,
    JobsWrite,
    FilesRead,
    FilesWrite,
    AccountRead,
}

impl Scope {
    pub const ALL: [Self; 5] = [Self::JobsRead, Self::JobsWrite, Self::FilesRead, Self::FilesWrite, Self::AccountRead];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::JobsRead => "jobs:read",
            Self::JobsWrite => "jobs:write",
            Self::FilesRead => "files:read",
            Self::FilesWrite => "files:write",
            Self::AccountRead => "account:read",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == text)
    }
}

/// A key as it is remembered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceKey {
    pub id: KeyId,
    pub user: UserId,
    pub account: AccountId,
    pub name: String,
    pub scopes: BTreeSet<Scope>,
    /// Of its own, in the place of those of all.
    pub limits: Limits,
    pub created_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_has_one_name() {
        assert!(Scope::ALL.into_iter().all(|scope| Scope::parse(scope.as_str()) == Some(scope)));
    }

    #[test]
    fn a_key_id_has_one_spelling() {
        assert!("01890a5d-ac96-774b-bcce-b302099a8057".parse::<KeyId>().is_ok());
        assert!("01890A5D-AC96-774B-BCCE-B302099A8057".parse::<KeyId>().is_err());
    }
}
