//! A world full of what the cleanup is there for: jobs past their retention, and uploads past their day.

use std::time::Duration;

use toonmill_cloud::table::{File, FileState, UploadQuota};
use toonmill_domain::{FileId, JobId};
use toonmill_flows::submit::Submitted;
use toonmill_tests::{Artist, World, stage};
use uuid::Uuid;

use super::Spots;

pub(crate) const DAY: Duration = Duration::from_hours(24);
/// How long this world keeps its jobs.
pub(crate) const KEPT: Duration = Duration::from_hours(24 * 90);
const SHA256: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

pub(crate) struct Museum {
    pub(crate) world: World,
    pub(crate) jobs: Vec<JobId>,
    pub(crate) files: Vec<FileId>,
}

/// A sort of records: its name, where the first of it lies, and which of its attributes are spoiled.
pub(crate) struct Sort {
    pub(crate) name: &'static str,
    pub(crate) key: fn(&Museum) -> (String, String),
    pub(crate) spots: Spots,
    pub(crate) is_file: bool,
}

const fn spots(name: &'static str, number: &'static str, needed: &'static str) -> Spots {
    Spots { name, number, needed }
}

/// What the cleanup reads. Each is of another item of the museum, so that all may be spoiled at once.
pub(crate) const SORTS: [Sort; 4] = [
    Sort {
        name: "job",
        key: |museum| (format!("J#{}", museum.jobs[0]), "A".to_owned()),
        spots: spots("status", "version", "account"),
        is_file: false,
    },
    Sort {
        name: "stage",
        key: |museum| (format!("J#{}", museum.jobs[1]), "B#000".to_owned()),
        spots: spots("failover", "quantity", "provider"),
        is_file: false,
    },
    Sort {
        name: "slot",
        key: |museum| (format!("J#{}#S000", museum.jobs[2]), "0000".to_owned()),
        spots: spots("state", "fence", "stamp"),
        is_file: false,
    },
    Sort {
        name: "file",
        key: |museum| (format!("FILE#{}", museum.files[0]), "A".to_owned()),
        spots: spots("state", "sizeBytes", "objectKey"),
        is_file: true,
    },
];

impl Museum {
    /// So many jobs of one picture each, and so many uploads, all past their time.
    pub(crate) async fn open(jobs: usize, files: usize) -> Self {
        let world = World::new(Artist::tireless());
        world.unaudited("records of it are spoiled");
        let mut museum = Self { world, jobs: Vec::new(), files: Vec::new() };
        for number in 0..jobs {
            let account = format!("user-{number}");
            let submitted = museum.world.try_submit(&account, vec![stage("an old page", 1)]).await.unwrap();
            let (Submitted::New(job) | Submitted::Before(job)) = submitted;
            museum.jobs.push(job);
        }
        museum.world.run().await;
        museum.world.wait(DAY * 89);
        for number in 0..files {
            museum.upload(number).await;
        }
        museum.world.wait(DAY * 2);
        museum
    }

    async fn upload(&mut self, number: usize) {
        // The last byte of an id says in which shard it is.
        let id = FileId::new(Uuid::from_u128(u128::try_from(number).unwrap()));
        let file = File {
            id,
            account: "ann".parse().unwrap(),
            state: FileState::Live,
            job: None,
            object_key: format!("accounts/ann/uploads/{number}.png"),
            mime_type: "image/png".to_owned(),
            size_bytes: 0,
            counted_bytes: Some(0),
            sha256: Some(SHA256.to_owned()),
            pixels: None,
            turned: false,
            created_at: self.world.now(),
            expires_at: Some(self.world.now().plus(DAY)),
            saved: false,
        };
        self.world.blobs.put(&file.object_key, "image/png", SHA256, Vec::new()).await.unwrap();
        let quota = UploadQuota { files: 10_000, bytes: 0 };
        self.world.table.create_upload(&file, quota).await.unwrap().unwrap();
        self.files.push(id);
    }

    /// How many of its jobs are still there.
    pub(crate) fn jobs_left(&self) -> usize {
        let is_there = |job: &&JobId| self.world.network.dynamo().item(&format!("J#{job}"), "A").is_some();
        self.jobs.iter().filter(is_there).count()
    }

    /// How many of its uploads are still there.
    pub(crate) fn files_left(&self) -> usize {
        let is_there = |file: &&FileId| self.world.network.dynamo().item(&format!("FILE#{file}"), "A").is_some();
        self.files.iter().filter(is_there).count()
    }
}
