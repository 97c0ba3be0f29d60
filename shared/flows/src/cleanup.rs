//! Cleanup: removes temporary files past their day, objects without a slot, and jobs past their retention.
//!
//! It finds work by the due index and acts on the records alone. A dry run reads the same and removes nothing.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde::Serialize;
use toonmill_cloud::{
    Blobs, CloudError, Table,
    blobs::plan_key,
    table::{DUE_SHARDS, DueList, File, FileState, RowPlace},
};
use toonmill_domain::{
    Artifact, FileId, Job, JobId, Place, Plan, Publication, Slot, SlotState, Stage, StageIndex, Timestamp,
    reconcile::Slots,
};

use crate::context::Clock;

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
    /// The objects of temporary files that would go: some of them, in a dry run.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub would_go: Vec<String>,
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
            if cleaned.dry_run {
                return self.tell_files(&files, now, cleaned).await;
            }
            let full = files.len() == usize::try_from(PER_SHARD).unwrap_or(usize::MAX);
            for file in files {
                if self.is_over(cleaned) {
                    return Ok(());
                }
                cleaned.temporary_files += usize::from(remove_expired(&self.table, &self.blobs, file, now).await?);
            }
            if !full {
                return Ok(());
            }
        }
    }

    /// What would be removed: the index found them, and their records say whether they are still to go.
    async fn tell_files(&self, found: &[FileId], now: Timestamp, cleaned: &mut Cleaned) -> Result<(), CloudError> {
        let is_over = |file: &File| file.state == FileState::Deleting || file.expires_at.is_some_and(|at| at < now);
        let files = self.table.load_files(found).await?.into_iter().filter(is_over);
        let before = cleaned.would_go.len();
        cleaned.would_go.extend(files.map(|file| file.object_key));
        cleaned.temporary_files += cleaned.would_go.len() - before;
        Ok(())
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
        let plan = match self.blobs.load_plan(job.id).await {
            Ok(plan) => Some(plan),
            // A removal that was cut short has removed it, and before it every object.
            Err(error) if error.is_not_found() => None,
            Err(error) => return Err(error),
        };
        let slots = self.table.load_all_slots(&stages).await?;
        let orphans = match &plan {
            Some(plan) => self.orphans(plan, &slots).await?,
            None => Vec::new(),
        };
        let remove_at = ended_at.plus(self.retention);
        if remove_at <= self.clock.now() {
            return self.remove_job(Ended { job, stages, slots, plan }, orphans, cleaned).await;
        }
        cleaned.orphan_objects += orphans.len();
        if !cleaned.dry_run {
            self.blobs.delete(&orphans).await?;
            self.table.postpone_visit(&job, remove_at).await?;
        }
        Ok(())
    }

    /// Objects of attempts that lost their slot, enumerated from the slots that had more claims than images.
    async fn orphans(&self, plan: &Plan, slots: &BTreeMap<StageIndex, Slots>) -> Result<Vec<String>, CloudError> {
        let mut orphans = Vec::new();
        for (place, slots) in places(plan).filter_map(|(index, place)| Some((place, slots.get(&index)?))) {
            for slot in slots.values().filter(|slot| may_have_orphans(slot)) {
                let kept = slot.artifact.as_ref().map(|artifact| artifact.object_key.as_str());
                for prefix in place.prefixes(slot.key, slot.fence) {
                    let objects = self.blobs.list(&prefix).await?;
                    // A fence beyond the one that was read is of a claim that a retry has made since: it may yet be
                    // stored.
                    let is_orphan =
                        |key: &String| Some(key.as_str()) != kept && place.is_up_to(key, &prefix, slot.fence);
                    orphans.extend(objects.into_iter().filter(is_orphan));
                }
            }
        }
        Ok(orphans)
    }

    async fn remove_job(&self, ended: Ended, orphans: Vec<String>, cleaned: &mut Cleaned) -> Result<(), CloudError> {
        let Ended { job, stages, slots, plan } = ended;
        if !cleaned.dry_run && !self.table.begin_removal(&job).await? {
            return Ok(());
        }
        let artifacts: Vec<_> =
            slots.values().flat_map(BTreeMap::values).filter_map(|slot| slot.artifact.as_ref()).collect();
        let (kept, files) = self.part(&artifacts).await?;
        let rows = match &plan {
            Some(plan) => self.published(plan, &slots).await?,
            None => Vec::new(),
        };
        let mut objects: BTreeSet<_> = orphans.into_iter().collect();
        for folder in plan.iter().flat_map(places).filter_map(|(index, place)| place.own_folder(index)) {
            objects.extend(self.blobs.list(&folder).await?);
        }
        objects.extend(artifacts.iter().map(|artifact| artifact.object_key.clone()));
        let objects: Vec<_> = objects.into_iter().filter(|key| !kept.contains(key)).collect();
        cleaned.jobs += 1;
        cleaned.job_objects += objects.len() + usize::from(plan.is_some());
        if cleaned.dry_run {
            return Ok(());
        }
        self.blobs.delete(&objects).await?;
        self.table.remove_rows(&job.account, &rows).await?;
        // The plan is the last of these: what it names is found by it alone.
        self.blobs.delete(&[plan_key(job.id)]).await?;
        let stages: Vec<_> = stages.iter().map(|stage| stage.key).collect();
        self.table.remove_job(&job, &stages, &files).await.map(|_| ())
    }

    /// Parts what a job made: the objects of files that have an end of their own, and the files that end with the job.
    async fn part(&self, artifacts: &[&Artifact]) -> Result<(BTreeSet<String>, Vec<RowPlace>), CloudError> {
        let all: Vec<_> = artifacts.iter().map(|artifact| artifact.file).collect();
        let living = self.table.load_files(&all).await?.into_iter().filter(File::outlives_job);
        let (keys, ids): (BTreeSet<_>, BTreeSet<_>) = living.map(|file| (file.object_key, file.id)).unzip();
        let ending = artifacts.iter().filter(|artifact| !ids.contains(&artifact.file));
        Ok((keys, ending.map(|artifact| RowPlace::of(artifact)).collect()))
    }

    /// The rows of its owner's lists that go with the job: those of pictures that nobody saved.
    async fn published<'a>(
        &self,
        plan: &'a Plan,
        slots: &BTreeMap<StageIndex, Slots>,
    ) -> Result<Vec<(&'a Publication, RowPlace)>, CloudError> {
        let of_stage = |(index, slots): (&StageIndex, &Slots)| {
            let stage = plan.stages.get(usize::from(index.0));
            let row =
                |slot: &Slot| Some((stage?.publication_of(slot.key.slot)?, RowPlace::of(slot.artifact.as_ref()?)));
            slots.values().filter_map(row).collect::<Vec<_>>()
        };
        let rows: Vec<_> = slots.iter().flat_map(of_stage).collect();
        let ids: Vec<_> = rows.iter().map(|(_, place)| place.file).collect();
        let files = self.table.load_files(&ids).await?;
        let saved: BTreeSet<_> = files.iter().filter(|file| file.saved).map(|file| file.id).collect();
        Ok(rows.into_iter().filter(|(_, place)| !saved.contains(&place.file)).collect())
    }

    fn is_over(&self, cleaned: &mut Cleaned) -> bool {
        cleaned.unfinished |= self.clock.now() >= self.stop_at;
        cleaned.unfinished
    }
}

/// Removes a file whose time is over, in two steps, so that one which somebody saves or uses meanwhile is either kept whole or
/// gone whole. False if it stays.
pub(crate) async fn remove_expired(
    table: &Table,
    blobs: &Blobs,
    file: FileId,
    now: Timestamp,
) -> Result<bool, CloudError> {
    let Some(file) = table.begin_deleting(file, now).await? else { return Ok(false) };
    blobs.delete(std::slice::from_ref(&file.object_key)).await?;
    table.delete_file(&file).await?;
    Ok(true)
}

/// A job that has ended, with everything that is known of it.
struct Ended {
    job: Job,
    stages: Vec<Stage>,
    slots: BTreeMap<StageIndex, Slots>,
    plan: Option<Plan>,
}

/// Where the objects of each stage lie.
fn places(plan: &Plan) -> impl Iterator<Item = (StageIndex, Place<'_>)> {
    (0..).map(StageIndex).zip(&plan.stages).map(|(index, stage)| (index, plan.place(stage)))
}

/// Every claim raises the fence, and a claim puts at most one object: a stored slot at its first fence has no other.
fn may_have_orphans(slot: &Slot) -> bool {
    slot.state != SlotState::Stored || slot.fence.0 > 1
}
