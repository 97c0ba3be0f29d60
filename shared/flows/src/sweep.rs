//! The sweep: finds unfinished jobs and deliveries that are due and rings for them. It reads no slots and repairs nothing
//! itself.

use std::time::Duration;

use toonmill_cloud::{
    CloudError, Doorbell, Outbox, Table,
    table::{DUE_SHARDS, DueList},
};
use toonmill_domain::{JobId, RingCause};

use crate::context::Clock;

/// Jobs rung per shard in one sweep; the rest are still the longest due in the next.
const PER_SHARD: i32 = 200;
/// A hold that is so long past its deadline is an alarm.
const OVERDUE_AFTER: Duration = Duration::from_mins(15);

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
}

impl Sweeper {
    pub async fn sweep(&self) -> Result<Swept, CloudError> {
        let now = self.clock.now();
        let mut swept = Swept::default();
        for shard in 0..DUE_SHARDS {
            let jobs = self.table.due_jobs(DueList::Open, shard, now, PER_SHARD).await?;
            let overdue = jobs.iter().filter(|job| job.deadline.is_some_and(|end| end.plus(OVERDUE_AFTER) < now));
            swept.holds_past_deadline.extend(overdue.map(|due| due.job));
            let ids: Vec<_> = jobs.iter().map(|due| due.job).collect();
            swept.due = swept.due.saturating_add(ids.len());
            swept.rung = swept.rung.saturating_add(self.doorbell.ring_all(&ids, RingCause::Sweep).await.taken);
            let deliveries = self.table.due_deliveries(shard, now, PER_SHARD).await?;
            swept.deliveries = swept.deliveries.saturating_add(self.outbox.ring_all(&deliveries).await.taken);
        }
        Ok(swept)
    }
}
