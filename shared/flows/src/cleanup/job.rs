//! The visits of the cleanup to one ended job: an hour after its end for objects that no slot names, and past its retention to
//! remove it.

use std::collections::{BTreeMap, BTreeSet};

use toonmill_cloud::{
    CloudError,
    blobs::plan_key,
    table::{File, RowPlace},
};
use toonmill_domain::{
    Artifact, Job, JobId, Place, Plan, Publication, Slot, SlotState, Stage, StageIndex, reconcile::Slots,
};

use super::{Cleaned, Cleaner};

impl Cleaner {
    pub(super) async fn visit(&self, job: JobId, dry_run: bool) -> Result<Cleaned, CloudError> {
        let nothing = Cleaned::default();
        let Some((job, stages)) = self.table.load_job(job).await? else { return Ok(nothing) };
        // A retry may have opened it since the index was read.
        let Some(ended_at) = job.completed_at.filter(|_| job.status.is_terminal()) else { return Ok(nothing) };
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
            return self.remove_job(Ended { job, stages, slots, plan }, orphans, dry_run).await;
        }
        if !dry_run {
            self.blobs.delete(&orphans).await?;
            self.table.postpone_visit(&job, remove_at).await?;
        }
        Ok(Cleaned { orphan_objects: orphans.len(), ..nothing })
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

    async fn remove_job(&self, ended: Ended, orphans: Vec<String>, dry_run: bool) -> Result<Cleaned, CloudError> {
        let Ended { job, stages, slots, plan } = ended;
        if !dry_run && !self.table.begin_removal(&job).await? {
            return Ok(Cleaned::default());
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
        let job_objects = objects.len() + usize::from(plan.is_some());
        let removed = Cleaned { jobs: 1, job_objects, ..Cleaned::default() };
        if dry_run {
            return Ok(removed);
        }
        self.blobs.delete(&objects).await?;
        self.table.remove_rows(&job.account, &rows).await?;
        // The plan is the last of these: what it names is found by it alone.
        self.blobs.delete(&[plan_key(job.id)]).await?;
        let stages: Vec<_> = stages.iter().map(|stage| stage.key).collect();
        self.table.remove_job(&job, &stages, &files).await?;
        Ok(removed)
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
