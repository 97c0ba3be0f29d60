//! Where the objects of slots lie and what they are called: under their job, or under the cut that they were drawn for.
//!
//! Either way the key names the slot and the fence of the attempt that put it, so that what a losing attempt left is found
//! by a prefix and the bucket is never listed as a whole.

use serde::{Deserialize, Serialize};
use uuid::Builder;

use crate::{Fence, Plan, SlotKey, StagePlan, ids::digest_of_slot};

/// How the results of a stage are named that belong to a caller's cut.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Naming {
    /// Below the account's own folder: `{cutId}/{processId}`, with `_` where there is no process.
    pub folder: String,
    /// What the file's name begins with: `monster` of `monster-{uuid}.webp`.
    pub stem: String,
}

/// The place of a stage's objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    folder: String,
    stem: Option<&'a str>,
}

/// The part of a UUID that names slot and fence: 60 bits, with the hyphens between them.
const ATTEMPT_CHARS: usize = 18;

impl Plan {
    /// Where the objects of a stage of this plan lie.
    pub fn place<'a>(&self, stage: &'a StagePlan) -> Place<'a> {
        match &stage.naming {
            None => Place { folder: self.object_prefix.clone(), stem: None },
            Some(naming) => {
                Place { folder: format!("accounts/{}/{}", self.account, naming.folder), stem: Some(&naming.stem) }
            }
        }
    }
}

impl Place<'_> {
    /// The key of what an attempt made. `sha256` is of its bytes, in hex.
    pub fn key(&self, slot: SlotKey, fence: Fence, sha256: &str, extension: &str) -> String {
        let folder = &self.folder;
        match self.stem {
            None => {
                let hash = sha256.get(..8).unwrap_or(sha256);
                format!("{folder}/{:03}/{:04}-f{}-{hash}.{extension}", slot.stage.0, slot.slot.0, fence.0)
            }
            Some(stem) => format!("{folder}/{stem}-{}.{extension}", named(slot, fence, sha256)),
        }
    }

    /// Prefixes that the keys of everything begin with that attempts at a slot have put, up to the fence `last`. Those of
    /// later ones may begin so too: [`Place::is_up_to`] tells.
    pub fn prefixes(&self, slot: SlotKey, last: Fence) -> Vec<String> {
        let folder = &self.folder;
        match self.stem {
            None => vec![format!("{folder}/{:03}/{:04}-f", slot.stage.0, slot.slot.0)],
            Some(stem) => (1..=last.0)
                .map(|fence| {
                    let name = named(slot, Fence(fence), "").to_string();
                    format!("{folder}/{stem}-{}", name.get(..ATTEMPT_CHARS).unwrap_or(&name))
                })
                .collect(),
        }
    }

    /// Whether a key that begins with `prefix` is of an attempt whose fence is at most `last`.
    pub fn is_up_to(&self, key: &str, prefix: &str, last: Fence) -> bool {
        match self.stem {
            None => {
                let fence = key.strip_prefix(prefix).and_then(|rest| rest.split('-').next()?.parse::<u64>().ok());
                fence.is_some_and(|fence| fence <= last.0)
            }
            // A prefix of this kind is of one fence.
            Some(_) => true,
        }
    }

    /// The folder that holds all objects of a stage and of no other; none where they lie among those of other jobs.
    pub fn own_folder(&self, stage: crate::StageIndex) -> Option<String> {
        self.stem.is_none().then(|| format!("{}/{:03}/", self.folder, stage.0))
    }
}

/// A `UUIDv8`: its first 60 bits say which attempt, its last 48 are the first of the content's hash.
fn named(slot: SlotKey, fence: Fence, sha256: &str) -> uuid::Uuid {
    let mut bytes = digest_of_slot(b"toonmill object name\0", slot, &fence.0.to_be_bytes());
    let mut hash = [0; 6];
    let digits = sha256.get(..12).unwrap_or("000000000000");
    if hex::decode_to_slice(digits, &mut hash).is_ok() {
        for (to, from) in bytes.iter_mut().skip(10).zip(hash) {
            *to = from;
        }
    }
    Builder::from_custom_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{SlotIndex, StageIndex};

    const SHA256: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn slot(index: u32) -> SlotKey {
        let job = "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap();
        SlotKey { job, stage: StageIndex(2), slot: SlotIndex(index) }
    }

    fn of_job() -> Place<'static> {
        Place { folder: "accounts/a/jobs/j".to_owned(), stem: None }
    }

    fn of_cut() -> Place<'static> {
        Place { folder: "accounts/a/cut-1/_".to_owned(), stem: Some("monster") }
    }

    #[test]
    fn names_never_change_between_versions() {
        assert_eq!(of_job().key(slot(7), Fence(2), SHA256, "webp"), "accounts/a/jobs/j/002/0007-f2-e3b0c442.webp");
        assert_eq!(
            of_cut().key(slot(7), Fence(2), SHA256, "webp"),
            "accounts/a/cut-1/_/monster-76ca58e5-892a-8311-ba13-e3b0c44298fc.webp"
        );
    }

    #[test]
    fn a_prefix_finds_what_its_attempts_put_and_nothing_of_others() {
        for place in [of_job(), of_cut()] {
            let found = |key: &str| {
                let prefixes = place.prefixes(slot(7), Fence(12));
                prefixes.iter().any(|prefix| key.starts_with(prefix) && place.is_up_to(key, prefix, Fence(12)))
            };
            for fence in 1..=12 {
                assert!(found(&place.key(slot(7), Fence(fence), SHA256, "webp")), "{place:?} {fence}");
                assert!(!found(&place.key(slot(8), Fence(fence), SHA256, "webp")), "{place:?} {fence}");
            }
            assert!(!found(&place.key(slot(7), Fence(13), SHA256, "webp")), "a later attempt's: {place:?}");
        }
    }

    #[test]
    fn a_cut_cannot_be_named_so_that_its_files_lie_in_a_jobs_folder() {
        let folder = of_job().own_folder(StageIndex(2)).unwrap();
        let sly = Place { folder: "accounts/a/jobs/j".to_owned(), stem: Some("002") };
        assert!(!sly.key(slot(7), Fence(1), SHA256, "webp").starts_with(&folder));
        assert_eq!(of_cut().own_folder(StageIndex(2)), None);
    }
}
