//! Cleanup: removes temporary files past their day, objects without a slot, and jobs past their retention.
//!
//! It finds work by the due index and acts on the records alone. A dry run reads the same and removes nothing.

use std::{collections::BTreeMap, time::Duration};

use serde::Serialize;
use toonmill_cloud::{
    Blobs, CloudError, Table,
    blobs::plan_key,
    table::{DUE_SHARDS, DueList},
};
use toonmill_domain::{FileId, Job, JobId, Slot, SlotState, Stage, StageIndex, Timestamp, reconcile::Slots};

use crate::{context::Clock, draw::slot_prefix, submit::object_prefix};

/// Records of one shard handled in one pass; a pass repeats while a shard is full.
const PER_SHARD: i32 = 100;

#[derive(Clone, Debug)]
pub struct Cleaner {
    pub table: Table,
    pub blobs: Blobs,
    pub clock: Clock,
    /// How long an ended job is kept.
    pub retention: Duration,
    /// Stop beginning new work here: the invocation is over soon after.
    pub stop_at: Timestamp,
}

/// What a cleanup did, or would do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Cleaned {
    pub dry_run: bool,
    pub temporary_files: usize,
    pub orphan_objects: usize,
    pub jobs: usize,
    pub job_objects: usize,
    /// Whether the time was up before the work was: the next run goes on.
    pub unfinished: bool,
}

impl Cleaner {
    pub async fn clean(&self, dry_run: bool) -> Result<Cleaned, CloudError> {
        let mut cleaned = Cleaned { dry_run, ..Cleaned::default() };
        for shard in 0..DUE_SHARDS {
            self.clean_files(shard, &mut cleaned).await?;
            self.clean_jobs(shard, &mut cleaned).await?;
        }
        Ok(cleaned)
    }

    async fn clean_files(&self, shard: u8, cleaned: &mut Cleaned) -> Result<(), CloudError> {
        loop {
            let now = self.clock.now();
            let files = self.table.due_files(shard, now, PER_SHARD).await?;
            let full = files.len() == usize::try_from(PER_SHARD).unwrap_or(usize::MAX);
            for file in files {
                if self.is_over(cleaned) {
                    return Ok(());
                }
                cleaned.temporary_files += usize::from(cleaned.dry_run || self.remove_file(file, now).await?);
            }
            if !full || cleaned.dry_run {
                return Ok(());
            }
        }
    }

    /// In two steps, so that a file which somebody saves or uses meanwhile is either kept whole or gone whole.
    async fn remove_file(&self, file: FileId, now: Timestamp) -> Result<bool, CloudError> {
        let Some(file) = self.table.begin_deleting(file, now).await? else { return Ok(false) };
        self.blobs.delete(&[file.object_key]).await?;
        self.table.delete_file(file.id).await?;
        Ok(true)
    }

    async fn clean_jobs(&self, shard: u8, cleaned: &mut Cleaned) -> Result<(), CloudError> {
        loop {
            let due = self.table.due_jobs(DueList::Ended, shard, self.clock.now(), PER_SHARD).await?;
            let full = due.len() == usize::try_from(PER_SHARD).unwrap_or(usize::MAX);
            for due in due {
                if self.is_over(cleaned) {
                    return Ok(());
                }
                self.visit(due.job, cleaned).await?;
            }
            if !full || cleaned.dry_run {
                return Ok(());
            }
        }
    }

    async fn visit(&self, job: JobId, cleaned: &mut Cleaned) -> Result<(), CloudError> {
        let Some((job, stages)) = self.table.load_job(job).await? else { return Ok(()) };
        // A retry may have opened it since the index was read.
        let Some(ended_at) = job.completed_at.filter(|_| job.status.is_terminal()) else { return Ok(()) };
        let slots = self.table.load_all_slots(&stages).await?;
        let remove_at = ended_at.plus(self.retention);
        if remove_at <= self.clock.now() {
            return self.remove_job(&job, &stages, &slots, cleaned).await;
        }
        let orphans = self.orphans(&job, &slots).await?;
        cleaned.orphan_objects += orphans.len();
        if !cleaned.dry_run {
            self.blobs.delete(&orphans).await?;
            self.table.postpone_visit(&job, remove_at).await?;
        }
        Ok(())
    }

    /// Objects of attempts that lost their slot, enumerated from the slots that had more claims than images.
    async fn orphans(&self, job: &Job, slots: &BTreeMap<StageIndex, Slots>) -> Result<Vec<String>, CloudError> {
        let mut orphans = Vec::new();
        for slot in slots.values().flat_map(BTreeMap::values).filter(|slot| may_have_orphans(slot)) {
            let kept = slot.artifact.as_ref().map(|artifact| artifact.object_key.as_str());
            let prefix = slot_prefix(&object_prefix(&job.account, job.id), slot.key);
            let objects = self.blobs.list(&prefix).await?;
            // A fence beyond the one that was read is of a claim that a retry has made since: it may yet be stored.
            let is_over = |key: &String| fence_of(key, &prefix).is_some_and(|fence| fence <= slot.fence.0);
            orphans.extend(objects.into_iter().filter(|key| Some(key.as_str()) != kept && is_over(key)));
        }
        Ok(orphans)
    }

    async fn remove_job(
        &self,
        job: &Job,
        stages: &[Stage],
        slots: &BTreeMap<StageIndex, Slots>,
        cleaned: &mut Cleaned,
    ) -> Result<(), CloudError> {
        if !cleaned.dry_run && !self.table.begin_removal(job).await? {
            return Ok(());
        }
        let mut objects = self.blobs.list(&format!("{}/", object_prefix(&job.account, job.id))).await?;
        objects.push(plan_key(job.id));
        cleaned.jobs += 1;
        cleaned.job_objects += objects.len();
        if cleaned.dry_run {
            return Ok(());
        }
        self.blobs.delete(&objects).await?;
        let artifacts = slots.values().flat_map(BTreeMap::values).filter_map(|slot| slot.artifact.as_ref());
        let files: Vec<_> = artifacts.map(|artifact| artifact.file).collect();
        let stages: Vec<_> = stages.iter().map(|stage| stage.key).collect();
        self.table.remove_job(job, &stages, &files).await.map(|_| ())
    }

    fn is_over(&self, cleaned: &mut Cleaned) -> bool {
        cleaned.unfinished |= self.clock.now() >= self.stop_at;
        cleaned.unfinished
    }
}

/// The fence that an object's key names, behind the prefix of its slot.
fn fence_of(key: &str, prefix: &str) -> Option<u64> {
    key.strip_prefix(prefix)?.split('-').next()?.parse().ok()
}

/// Every claim raises the fence, and a claim puts at most one object: a stored slot at its first fence has no other.
fn may_have_orphans(slot: &Slot) -> bool {
    slot.state != SlotState::Stored || slot.fence.0 > 1
}
