//! What a receipt says.

use serde::{Deserialize, Serialize};
use toonmill_domain::{Job, LedgerEntry, SlotState, Stage as StageRecord, reconcile::Slots};

/// The version of the receipt's JSON.
pub(crate) const RECEIPT_VERSION: u32 = 1;

/// An ended job, as it was paid for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Receipt {
    pub v: u32,
    pub job: String,
    pub account: String,
    pub kind: String,
    pub status: String,
    pub epoch: u32,
    pub requested: u64,
    pub stored: u64,
    pub credits: Credits,
    /// In the order of the job.
    pub stages: Vec<Stage>,
    /// The job's entries in the account's ledger.
    pub ledger: Vec<Entry>,
    /// RFC 3339.
    pub completed_at: String,
}

/// Credits of all epochs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credits {
    pub held: u64,
    pub captured: u64,
    pub released: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Stage {
    pub index: u16,
    pub quantity: u32,
    /// The stored slots, in order.
    pub slots: Vec<Slot>,
}

/// One stored image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Slot {
    pub slot: u32,
    pub file_id: String,
    pub sha256: String,
    pub size_bytes: u64,
    pub provider: String,
    pub model: String,
    /// The number of the attempt that drew it, from 1.
    pub attempt: u64,
    pub epoch: u32,
    pub price: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// What the entry is keyed by: no two entries have one cause.
    pub cause: String,
    pub balance_delta: i64,
    pub held_delta: i64,
    pub at: String,
}

/// A receipt and its signature over the receipt's canonical JSON (RFC 8785).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Signed {
    pub receipt: Receipt,
    /// `Ed25519`.
    pub algorithm: String,
    pub key_id: String,
    /// Base64url without padding.
    pub signature: String,
}

/// There is no receipt before a job has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the job has not ended")]
pub struct NotEnded;

impl Receipt {
    /// Derives a receipt from the records of an ended job. `ledger` may hold other jobs' entries too.
    pub fn of(job: &Job, stages: &[(StageRecord, Slots)], ledger: &[LedgerEntry]) -> Result<Self, NotEnded> {
        let completed_at = job.completed_at.filter(|_| job.status.is_terminal()).ok_or(NotEnded)?;
        let stages: Vec<_> = stages.iter().map(|(stage, slots)| Stage::of(stage, slots)).collect();
        Ok(Self {
            v: RECEIPT_VERSION,
            job: job.id.to_string(),
            account: job.account.to_string(),
            kind: job.kind.as_str().to_owned(),
            status: job.status.as_str().to_owned(),
            epoch: job.epoch.0,
            requested: stages.iter().map(|stage| u64::from(stage.quantity)).sum(),
            stored: stages.iter().map(|stage| stage.slots.len() as u64).sum(),
            credits: Credits { held: job.held.get(), captured: job.captured.get(), released: job.released.get() },
            stages,
            ledger: ledger.iter().filter(|entry| entry.kind.job() == Some(job.id)).map(Entry::of).collect(),
            completed_at: completed_at.to_rfc3339(),
        })
    }
}

impl Stage {
    fn of(stage: &StageRecord, slots: &Slots) -> Self {
        let stored = slots.values().filter(|slot| slot.state == SlotState::Stored);
        let slots = stored.filter_map(|slot| {
            let artifact = slot.artifact.as_ref()?;
            Some(Slot {
                slot: slot.key.slot.0,
                file_id: artifact.file.to_string(),
                sha256: artifact.sha256.clone(),
                size_bytes: artifact.size_bytes,
                provider: artifact.provider.to_string(),
                model: artifact.model.to_string(),
                attempt: slot.attempts.len() as u64 + u64::from(slot.waits) + 1,
                epoch: slot.stamp.epoch.0,
                price: stage.prices.in_epoch(slot.stamp.epoch).get(),
            })
        });
        Self { index: stage.key.stage.0, quantity: stage.quantity, slots: slots.collect() }
    }
}

impl Entry {
    fn of(entry: &LedgerEntry) -> Self {
        Self {
            cause: entry.kind.cause_key(),
            balance_delta: entry.balance_delta,
            held_delta: entry.held_delta,
            at: entry.at.to_rfc3339(),
        }
    }
}
