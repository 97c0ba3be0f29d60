//! Names of things. Ids that toonmill makes are UUIDs; accounts and users are named by sign-in.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

/// Text that is not an id of the kind it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {kind}")]
pub struct InvalidId {
    pub kind: &'static str,
}

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            pub const fn new(uuid: Uuid) -> Self {
                Self(uuid)
            }

            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            /// Reads an id in any case, and in the spellings that tools have for it: with and without hyphens, in braces, and
            /// as `urn:uuid:…` (RFC 9562, section 4). Written, and so as a key, an id has one spelling: hyphenated, in lower
            /// case.
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Uuid::try_parse(text).map(Self).map_err(|_| InvalidId { kind: $kind })
            }
        }
    };
}

uuid_id!(
    /// A job: `UUIDv7`, so that ids sort by the time they were made.
    JobId,
    "job id"
);
uuid_id!(
    /// A character of a webtoon: `UUIDv7`, so that ids sort by the time they were made.
    CharacterId,
    "character id"
);
uuid_id!(
    /// Something to be told to somebody outside: `UUIDv7`, so that ids sort by the time they were made.
    DeliveryId,
    "delivery id"
);
uuid_id!(
    /// A stored file. That of a slot's result is derived from the slot ([`FileId::of_slot`]).
    FileId,
    "file id"
);

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $allowed:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let allowed: fn(char) -> bool = $allowed;
                if (1..=128).contains(&text.len()) && text.chars().all(allowed) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(InvalidId { kind: $kind })
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    };
}

text_id!(
    /// Who did it: the subject of the caller's token. 1–128 of `[A-Za-z0-9_-]`.
    UserId,
    "user id",
    |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
);
text_id!(
    /// The purse and owner. Equal to the user id unless several users share a purse.
    AccountId,
    "account id",
    |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
);
text_id!(
    /// A provider of images or text, as the catalogue names it: `gemini`.
    ProviderId,
    "provider",
    |c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'
);
text_id!(
    /// A model, as its provider names it.
    ModelId,
    "model",
    |c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')
);

impl UserId {
    /// What the names of Telegram's users begin with: nobody signs in under such a name.
    pub const OF_TELEGRAM: &str = "telegram-";

    /// A user of Telegram's, by his number there.
    pub fn of_telegram(number: i64) -> Self {
        Self(format!("{}{number}", Self::OF_TELEGRAM))
    }
}

impl From<UserId> for AccountId {
    fn from(user: UserId) -> Self {
        Self(user.0)
    }
}

/// The place of a stage in its job, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StageIndex(pub u16);

/// The place of a slot in its stage, from 0. It never changes: there is no "three more", only "7, 19 and 31".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SlotIndex(pub u32);

/// One stage of one job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StageKey {
    pub job: JobId,
    pub stage: StageIndex,
}

/// One image that must exist or be given up: the unit of work and of price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SlotKey {
    pub job: JobId,
    pub stage: StageIndex,
    pub slot: SlotIndex,
}

impl StageKey {
    pub const fn slot(self, slot: SlotIndex) -> SlotKey {
        SlotKey { job: self.job, stage: self.stage, slot }
    }
}

impl SlotKey {
    pub const fn stage_key(self) -> StageKey {
        StageKey { job: self.job, stage: self.stage }
    }
}

impl fmt::Display for SlotKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.job, self.stage.0, self.slot.0)
    }
}

impl FileId {
    /// The file of a slot's result: a `UUIDv8` of the slot, so that a list of files needs no slot records.
    pub fn of_slot(key: SlotKey) -> Self {
        Self(Builder::from_custom_bytes(digest_of_slot(b"toonmill slot file\0", key, &[])).into_uuid())
    }
}

/// Sixteen bytes that follow from a slot, `more` about it, and a purpose that no other derivation has.
pub(crate) fn digest_of_slot(purpose: &[u8], key: SlotKey, more: &[u8]) -> [u8; 16] {
    let digest = Sha256::new()
        .chain_update(purpose)
        .chain_update(key.job.uuid().as_bytes())
        .chain_update(key.stage.0.to_be_bytes())
        .chain_update(key.slot.0.to_be_bytes())
        .chain_update(more)
        .finalize();
    let mut bytes = [0; 16];
    for (to, from) in bytes.iter_mut().zip(digest) {
        *to = from;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(slot: u32) -> SlotKey {
        let job = "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap();
        SlotKey { job, stage: StageIndex(2), slot: SlotIndex(slot) }
    }

    #[test]
    fn a_slots_file_id_never_changes_between_versions() {
        assert_eq!(FileId::of_slot(key(7)).to_string(), "8cadb9e1-c027-89ba-af00-be77f5a84422");
        assert_ne!(FileId::of_slot(key(7)), FileId::of_slot(key(8)));
    }

    #[test]
    fn an_id_is_read_in_any_spelling_and_written_in_one() {
        let written = "01890a5d-ac96-774b-bcce-b302099a8057";
        for text in [
            written,
            "01890A5D-AC96-774B-BCCE-B302099A8057",
            "01890a5d-AC96-774b-bcce-b302099A8057",
            "01890a5dac96774bbcceb302099a8057",
            "{01890A5D-AC96-774B-BCCE-B302099A8057}",
            "urn:uuid:01890a5d-ac96-774b-bcce-b302099a8057",
        ] {
            assert_eq!(text.parse::<JobId>().unwrap().to_string(), written, "{text}");
            let id: JobId = serde_json::from_value(text.into()).unwrap();
            assert_eq!(serde_json::to_value(id).unwrap(), written, "{text}");
        }
        for text in [
            "",
            "01890a5d-ac96-774b-bcce-b302099a805",
            "01890a5d_ac96_774b_bcce_b302099a8057",
            " 01890a5dac96774bbcceb302099a8057",
        ] {
            assert!(text.parse::<JobId>().is_err(), "{text}");
        }
    }

    #[test]
    fn an_account_id_cannot_reach_into_another_key() {
        for bad in ["", "a#b", "a/b", "a b", &"x".repeat(129)] {
            assert!(bad.parse::<AccountId>().is_err(), "{bad:?}");
        }
        assert!("Firebase_uid-28".parse::<AccountId>().is_ok());
    }
}
