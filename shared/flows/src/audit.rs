//! Audit: reads everything of a job or an account and checks the numbered invariants.

use std::collections::BTreeSet;

use toonmill_cloud::{Blobs, CloudError, Table, table::FileState};
use toonmill_domain::{
    AccountId, Artifact, FileId, JobId,
    invariants::{Audit, Invariant, Violation},
    sha256::hex_of,
};

/// An image is far smaller; what is larger is not what was stored.
const LARGEST_OBJECT_BYTES: u64 = 64 << 20;

/// Looks at an account before its violations are believed.
const LOOKS: u32 = 3;

/// Reads a job with all of its slots and objects, and its account with all of its ledger. Empty if all is well.
pub async fn audit_job(table: &Table, blobs: &Blobs, job: JobId) -> Result<Vec<Violation>, CloudError> {
    let mut audit = Audit::default();
    let Some((job, stages)) = table.load_job(job).await? else { return Ok(audit.violations) };
    let mut all = Vec::with_capacity(stages.len());
    let mut keys = BTreeSet::new();
    for stage in stages {
        let slots = table.load_slots(stage.key).await?;
        audit.stage(&stage, &slots);
        let artifacts: Vec<_> = slots.values().filter_map(|slot| slot.artifact.as_ref()).collect();
        let gone = if stage.keep_files { gone(table, &artifacts).await? } else { BTreeSet::new() };
        for artifact in artifacts.into_iter().filter(|artifact| !gone.contains(&artifact.file)) {
            let is_there = match blobs.get(&artifact.object_key, LARGEST_OBJECT_BYTES).await {
                Ok(bytes) => hex_of(&bytes) == artifact.sha256,
                Err(error) if error.is_not_found() => false,
                Err(error) => return Err(error),
            };
            let own = keys.insert(artifact.object_key.clone());
            audit.expect(Invariant::Ar1, own && is_there, &artifact.object_key);
        }
        all.push((stage, slots));
    }
    audit.job(&job, &all);
    let ledger = table.load_ledger(&job.account).await?;
    audit.money(&job, &all, &ledger);
    audit.violations.extend(audit_account(table, &job.account).await?);
    Ok(audit.violations)
}

/// The files that have expired or that their owner has deleted: their objects need not be there.
async fn gone(table: &Table, artifacts: &[&Artifact]) -> Result<BTreeSet<FileId>, CloudError> {
    let mut files: BTreeSet<_> = artifacts.iter().map(|artifact| artifact.file).collect();
    let ids: Vec<_> = files.iter().copied().collect();
    for file in table.load_files(&ids).await?.into_iter().filter(|file| file.state != FileState::Deleting) {
        files.remove(&file.id);
    }
    Ok(files)
}

/// Re-adds an account's ledger. The account and its entries are two reads: what is written between them must not look
/// like a fault, so that only one that stays is told.
pub async fn audit_account(table: &Table, account: &AccountId) -> Result<Vec<Violation>, CloudError> {
    for _ in 1..LOOKS {
        if look_at_account(table, account).await?.is_empty() {
            return Ok(Vec::new());
        }
    }
    look_at_account(table, account).await
}

async fn look_at_account(table: &Table, account: &AccountId) -> Result<Vec<Violation>, CloudError> {
    let mut audit = Audit::default();
    if let Some(purse) = table.load_account(account).await? {
        let ledger = table.load_ledger(account).await?;
        audit.account(account.as_str(), purse.balance, purse.held, &ledger);
    }
    Ok(audit.violations)
}
