//! The sweep: finds unfinished jobs and deliveries that are due and rings for them. It reads no slots and repairs nothing.
//!
//! Each row of the index and each shard stands by itself: a row that this version cannot read, or a query that fails, is
//! logged and counted, and all others are served.

use std::{collections::VecDeque, error::Error, time::Duration};

use toonmill_cloud::{
    CloudError, Doorbell, Outbox, Table,
    table::{DUE_SHARDS, DueCursor, DueList, DueRow},
};
use toonmill_domain::{DeliveryKey, JobId, RingCause, Timestamp};

use crate::context::Clock;

/// Rows of one query.
const PER_PAGE: i32 = 200;
/// The sweep reads the first page of every shard, and further ones for so long: it is called every minute.
const PAGING: Duration = Duration::from_secs(40);
/// The most messages of one sweep, after the first pages. A job that is due is rung in each sweep until it is reconciled. Without
/// a bound, an outage of the reconciler of some hours would fill its queue with copies that new jobs then wait behind.
const MOST_RINGS: usize = 20_000;
/// A hold that is so long past its deadline is an alarm.
const OVERDUE_AFTER: Duration = Duration::from_mins(15);
/// When a row that cannot be read is looked at again.
const UNREADABLE_AGAIN: Duration = Duration::from_hours(1);

#[derive(Clone, Debug)]
pub struct Sweeper {
    pub table: Table,
    pub doorbell: Doorbell,
    pub outbox: Outbox,
    pub clock: Clock,
}

/// What a sweep found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    pub due: usize,
    pub rung: usize,
    /// Deliveries that are due and were rung for.
    pub deliveries: usize,
    /// Jobs that still hold credits 15 minutes past their deadline.
    pub holds_past_deadline: Vec<JobId>,
    /// Rows that cannot be read. They are looked at again after an hour.
    pub unreadable: usize,
    /// Queries that failed. Their rows wait for the next sweep.
    pub failed_queries: usize,
    /// Whether more was due than one sweep rings for. The longest due come first in the next.
    pub unfinished: bool,
}

/// Where one list of one shard goes on.
struct Reading {
    list: DueList,
    shard: u8,
    after: Option<DueCursor>,
}

impl Sweeper {
    /// Rings for what is due. Fails only if no query at all was answered.
    pub async fn sweep(&self) -> Result<Swept, CloudError> {
        let now = self.clock.now();
        let mut swept = Swept::default();
        let lists = |shard| [DueList::Open, DueList::Deliveries].map(|list| Reading { list, shard, after: None });
        // Further pages go to the end: no shard waits for the backlog of another.
        let mut readings: VecDeque<_> = (0..DUE_SHARDS).flat_map(lists).collect();
        let (mut answered, mut failure) = (false, None);
        while let Some(Reading { list, shard, after }) = readings.pop_front() {
            if after.is_some() && self.has_had_enough(&swept, now) {
                swept.unfinished = true;
                break;
            }
            match self.table.due_page(list, shard, now, after, PER_PAGE).await {
                Ok(page) => {
                    answered = true;
                    self.ring(list, &page.rows, now, &mut swept).await;
                    readings.extend(page.next.map(|next| Reading { list, shard, after: Some(next) }));
                }
                Err(error) => {
                    tracing::error!(?list, shard, error = &error as &dyn Error, "a shard was not swept");
                    swept.failed_queries = swept.failed_queries.saturating_add(1);
                    failure = Some(error);
                }
            }
        }
        match failure {
            Some(error) if !answered => Err(error),
            _ => Ok(swept),
        }
    }

    fn has_had_enough(&self, swept: &Swept, began: Timestamp) -> bool {
        self.clock.now().since(began) >= PAGING || swept.rung.saturating_add(swept.deliveries) >= MOST_RINGS
    }

    async fn ring(&self, list: DueList, rows: &[DueRow], now: Timestamp, swept: &mut Swept) {
        if list == DueList::Deliveries {
            let deliveries: Vec<DeliveryKey> = self.readable(rows, DueRow::delivery, now, swept).await;
            swept.deliveries = swept.deliveries.saturating_add(self.outbox.ring_all(&deliveries).await.taken);
            return;
        }
        let ids: Vec<JobId> = self.readable(rows, DueRow::job, now, swept).await;
        swept.due = swept.due.saturating_add(ids.len());
        swept.rung = swept.rung.saturating_add(self.doorbell.ring_all(&ids, RingCause::Sweep).await.taken);
        for row in rows {
            match (row.job(), row.deadline()) {
                (Ok(job), Ok(Some(end))) if end.plus(OVERDUE_AFTER) < now => swept.holds_past_deadline.push(job),
                // It is rung all the same: the reconcile that fails is put off like that of any record that cannot be read.
                (Ok(_), Err(error)) => note_unreadable(row, &error, swept),
                _ => {}
            }
        }
    }

    /// What these rows name. Those that name nothing are put off, so that they are not the first for ever.
    async fn readable<T>(
        &self,
        rows: &[DueRow],
        read: impl Fn(&DueRow) -> Result<T, CloudError>,
        now: Timestamp,
        swept: &mut Swept,
    ) -> Vec<T> {
        let mut named = Vec::with_capacity(rows.len());
        for row in rows {
            match read(row) {
                Ok(name) => named.push(name),
                Err(error) => {
                    note_unreadable(row, &error, swept);
                    if let Err(error) = self.table.postpone_due(row, now.plus(UNREADABLE_AGAIN)).await {
                        tracing::warn!(key = row.key(), error = &error as &dyn Error, "a row was not put off");
                    }
                }
            }
        }
        named
    }
}

fn note_unreadable(row: &DueRow, error: &CloudError, swept: &mut Swept) {
    tracing::error!(key = row.key(), error = error as &dyn Error, "a row of the due index cannot be read");
    swept.unreadable = swept.unreadable.saturating_add(1);
}
