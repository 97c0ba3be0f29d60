//! The ledger: immutable entries, each written once because its key is its cause.

use crate::{AccountId, Credits, Epoch, JobId, Timestamp, credits::CreditsOutOfRange};

/// The cause of the grant that every account is given once, at its owner's first visit.
pub const SIGNUP: &str = "signup";

/// What moved the credits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LedgerKind {
    /// From the balance to what is held, when an epoch of a job begins.
    Hold { job: JobId, epoch: Epoch },
    /// Out of what is held, for the images stored in that epoch.
    Capture { job: JobId, epoch: Epoch },
    /// From what is held back to the balance, for the images that were not.
    Release { job: JobId, epoch: Epoch },
    /// Into the balance. The cause is the granter's own id and makes a repeated grant one grant.
    Grant { cause: String },
    /// What a newer version moved them for. It counts like any other.
    Unknown {
        entry: String,
        /// Its cause, as its key has it.
        cause_key: String,
    },
}

/// One entry. For every account Σ `balance_delta` is its balance and Σ `held_delta` what it holds (CR-1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerEntry {
    pub account: AccountId,
    pub kind: LedgerKind,
    pub balance_delta: i64,
    pub held_delta: i64,
    pub at: Timestamp,
}

impl LedgerEntry {
    pub fn hold(account: AccountId, job: JobId, epoch: Epoch, amount: Credits, at: Timestamp) -> Self {
        let delta = amount.as_delta();
        let kind = LedgerKind::Hold { job, epoch };
        Self { account, kind, balance_delta: delta.saturating_neg(), held_delta: delta, at }
    }

    pub fn capture(account: AccountId, job: JobId, epoch: Epoch, amount: Credits, at: Timestamp) -> Self {
        let kind = LedgerKind::Capture { job, epoch };
        Self { account, kind, balance_delta: 0, held_delta: amount.as_delta().saturating_neg(), at }
    }

    pub fn release(account: AccountId, job: JobId, epoch: Epoch, amount: Credits, at: Timestamp) -> Self {
        let delta = amount.as_delta();
        let kind = LedgerKind::Release { job, epoch };
        Self { account, kind, balance_delta: delta, held_delta: delta.saturating_neg(), at }
    }

    pub fn grant(account: AccountId, cause: String, amount: Credits, at: Timestamp) -> Self {
        let kind = LedgerKind::Grant { cause };
        Self { account, kind, balance_delta: amount.as_delta(), held_delta: 0, at }
    }
}

impl LedgerKind {
    /// The job whose credits moved; a grant is of none, and of an entry of a newer version it is not known.
    pub const fn job(&self) -> Option<JobId> {
        match self {
            Self::Hold { job, .. } | Self::Capture { job, .. } | Self::Release { job, .. } => Some(*job),
            Self::Grant { .. } | Self::Unknown { .. } => None,
        }
    }

    /// The cause as a key: two entries of one cause cannot both exist.
    pub fn cause_key(&self) -> String {
        match self {
            Self::Hold { job, epoch } => format!("hold#{job}#{:05}", epoch.0),
            Self::Capture { job, epoch } => format!("capture#{job}#{:05}", epoch.0),
            Self::Release { job, epoch } => format!("release#{job}#{:05}", epoch.0),
            Self::Grant { cause } => format!("grant#{cause}"),
            Self::Unknown { entry: _, cause_key } => cause_key.clone(),
        }
    }
}

/// What all of an account's entries come to: its balance and what it holds.
pub fn fold(entries: &[LedgerEntry]) -> Result<(i64, i64), CreditsOutOfRange> {
    entries.iter().try_fold((0_i64, 0_i64), |(balance, held), entry| {
        let balance = balance.checked_add(entry.balance_delta).ok_or(CreditsOutOfRange)?;
        let held = held.checked_add(entry.held_delta).ok_or(CreditsOutOfRange)?;
        Ok((balance, held))
    })
}
