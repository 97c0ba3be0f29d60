//! Cleanup: removes temporary files past their day, objects without a slot, and jobs past their retention.
//!
//! It finds work by the due index and acts on the records alone. A dry run reads the same and removes nothing.
//!
//! Each file and each job stands by itself: one that cannot be handled is logged with its key and counted, and all others are
//! served. Every step is conditional, so that two runs may overlap.

mod job;

use std::{error::Error, time::Duration};

use futures_util::{Stream, StreamExt, stream};
use serde::Serialize;
use toonmill_cloud::{
    Blobs, CloudError, CloudErrorKind, Table,
    table::{DUE_SHARDS, DueList, DueRow, File, FileState},
};
use toonmill_domain::{FileId, Timestamp};

use crate::context::Clock;

/// Rows of one query.
const PER_PAGE: i32 = 100;
/// Files and jobs that are handled at the same time. A visit waits for storage most of its time.
const AT_ONCE: usize = 16;
/// When a record that cannot be handled is looked at again.
const AGAIN_AFTER: Duration = Duration::from_hours(1);

#[derive(Clone, Debug)]
pub struct Cleaner {
    pub table: Table,
    pub blobs: Blobs,
    pub clock: Clock,
    /// How long an ended job is kept.
    pub retention: Duration,
    /// Stop beginning new work here: the invocation is over soon after.
    pub stop_at: Timestamp,
    /// The shard that comes first, of `DUE_SHARDS`. It differs from run to run, so that no shard is always the last when the
    /// time does not suffice for all.
    pub first_shard: u8,
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
    /// Files and jobs of which a record or the plan cannot be read. They are looked at again after an hour.
    pub unreadable: usize,
    /// Files and jobs of which a call failed. The next run tries them again.
    pub failed: usize,
    /// Queries of the index that failed.
    pub failed_queries: usize,
    /// Whether the time was up before the work was: the next run goes on.
    pub unfinished: bool,
    /// For how long the oldest of what was found had been due, in milliseconds.
    pub oldest_due_ms: u64,
}

impl Cleaned {
    /// Adds what another part of the same run did.
    fn with(mut self, part: Self) -> Self {
        self.would_go.extend(part.would_go);
        self.temporary_files += part.temporary_files;
        self.orphan_objects += part.orphan_objects;
        self.jobs += part.jobs;
        self.job_objects += part.job_objects;
        self.unreadable += part.unreadable;
        self.failed += part.failed;
        self.failed_queries += part.failed_queries;
        self.unfinished |= part.unfinished;
        self.oldest_due_ms = self.oldest_due_ms.max(part.oldest_due_ms);
        self
    }
}

/// What reading the index gives, piece by piece.
enum Found {
    Row(DueRow),
    NoAnswer(CloudError),
    TimeIsUp,
}

impl Cleaner {
    /// Handles what is due, up to 16 files and jobs at a time. Fails only if no query of the index was answered.
    pub async fn clean(&self, dry_run: bool) -> Result<Cleaned, CloudError> {
        let now = self.clock.now();
        let lists = (0..DUE_SHARDS).flat_map(|number| {
            let shard = self.first_shard.wrapping_add(number) % DUE_SHARDS;
            [(DueList::Temporary, shard), (DueList::Ended, shard)]
        });
        let all = lists.clone().count();
        let found = stream::iter(lists).flat_map(|(list, shard)| self.find(list, shard, now));
        let parts = found.map(|found| self.handle(found, now, dry_run)).buffer_unordered(AT_ONCE);
        let nothing = (Cleaned { dry_run, ..Cleaned::default() }, None);
        let (cleaned, failure) = parts
            .fold(nothing, async |(cleaned, failure), (part, failed)| (cleaned.with(part), failed.or(failure)))
            .await;
        match failure {
            Some(error) if cleaned.failed_queries == all => Err(error),
            _ => Ok(cleaned),
        }
    }

    /// The rows of one shard that are due by `now`, a page at a time. A row is found once, whatever becomes of it: what was
    /// removed may still show in the index for a moment.
    fn find(&self, list: DueList, shard: u8, now: Timestamp) -> impl Stream<Item = Found> {
        let pages = stream::unfold(Some(None), move |at| async move {
            let after = at?;
            if self.is_over() {
                return Some((vec![Found::TimeIsUp], None));
            }
            Some(match self.table.due_page(list, shard, now, after, PER_PAGE).await {
                Ok(page) => (page.rows.into_iter().map(Found::Row).collect(), page.next.map(Some)),
                Err(error) => {
                    tracing::error!(?list, shard, error = &error as &dyn Error, "a shard was not cleaned up");
                    (vec![Found::NoAnswer(error)], None)
                }
            })
        });
        pages.flat_map(stream::iter)
    }

    async fn handle(&self, found: Found, now: Timestamp, dry_run: bool) -> (Cleaned, Option<CloudError>) {
        let nothing = Cleaned::default();
        let row = match found {
            Found::Row(row) => row,
            Found::NoAnswer(error) => return (Cleaned { failed_queries: 1, ..nothing }, Some(error)),
            Found::TimeIsUp => return (Cleaned { unfinished: true, ..nothing }, None),
        };
        let due_for = row.due_since().map_or(Duration::ZERO, |since| now.since(since));
        let oldest_due_ms = u64::try_from(due_for.as_millis()).unwrap_or(u64::MAX);
        if self.is_over() {
            return (Cleaned { unfinished: true, oldest_due_ms, ..nothing }, None);
        }
        let part = match self.clean_one(&row, now, dry_run).await {
            Ok(part) => part,
            Err(error) => self.leave(&row, &error, now, dry_run).await,
        };
        (Cleaned { oldest_due_ms, ..part }, None)
    }

    async fn clean_one(&self, row: &DueRow, now: Timestamp, dry_run: bool) -> Result<Cleaned, CloudError> {
        match row.list() {
            DueList::Temporary if dry_run => self.tell_file(row.file()?, now).await,
            DueList::Temporary => {
                let is_gone = remove_expired(&self.table, &self.blobs, row.file()?, now).await?;
                Ok(Cleaned { temporary_files: usize::from(is_gone), ..Cleaned::default() })
            }
            DueList::Ended | DueList::Open | DueList::Deliveries => Box::pin(self.visit(row.job()?, dry_run)).await,
        }
    }

    /// What would be removed: the index found it, and its record says whether it is still to go.
    async fn tell_file(&self, found: FileId, now: Timestamp) -> Result<Cleaned, CloudError> {
        let is_over = |file: &File| file.state == FileState::Deleting || file.expires_at.is_some_and(|at| at < now);
        let files = self.table.load_files(&[found]).await?.into_iter().filter(is_over);
        let would_go: Vec<_> = files.map(|file| file.object_key).collect();
        Ok(Cleaned { temporary_files: would_go.len(), would_go, ..Cleaned::default() })
    }

    /// Leaves a file or a job as it is, because of this error. What storage could not do for now is the next run's. What is wrong
    /// with the record itself would be wrong again in ten minutes, so that it is put off.
    async fn leave(&self, row: &DueRow, error: &CloudError, now: Timestamp, dry_run: bool) -> Cleaned {
        let key = row.key();
        tracing::error!(key, error = error as &dyn Error, "a record was not cleaned up");
        if !error.is_passing()
            && !dry_run
            && let Err(error) = self.table.postpone_due(row, now.plus(AGAIN_AFTER)).await
        {
            tracing::warn!(key, error = &error as &dyn Error, "a record was not put off");
        }
        let unreadable = usize::from(error.kind == CloudErrorKind::Corrupt);
        Cleaned { unreadable, failed: 1 - unreadable, ..Cleaned::default() }
    }

    fn is_over(&self) -> bool {
        self.clock.now() >= self.stop_at
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
