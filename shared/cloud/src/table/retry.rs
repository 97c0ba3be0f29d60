//! Retry: an ended job is opened again for what it lacks, with a hold of its own, all or nothing.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::TransactWriteItem;
use toonmill_domain::{Credits, Happening, Job, JobStatus, LedgerEntry, Prices, Stage, StageIndex, Timestamp};

use super::{
    Table, Telling, accounts,
    holds::{self, Demand, HoldRefused},
    idempotency::{self, IdempotencyRecord},
    keys::{self, DueList},
    records, wrote,
};
use crate::{
    Conditional,
    error::CloudError,
    expression::{Change, create_in_transaction, values},
    item::{flag, number, text, time},
};

/// A job to be opened again.
#[derive(Clone, Debug)]
pub struct Reopening {
    /// The job and its stages as they were read: ended.
    pub seen: Job,
    pub stages: Vec<Stage>,
    /// Credits for one image, of the stages that lack something, frozen for the new epoch.
    pub prices: BTreeMap<StageIndex, Credits>,
    /// What the missing slots cost at these prices.
    pub hold: Credits,
    pub deadline: Timestamp,
    pub next_check_at: Timestamp,
    pub demand: Demand,
    pub idempotency: Option<IdempotencyRecord>,
    pub telling: Telling,
}

/// Why nothing was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RetryRefused {
    /// The job is not as it was read: somebody has opened it meanwhile, or it is being removed.
    NotAsSeen,
    Hold(HoldRefused),
    /// The key was used before, by this request or another.
    Repeated(IdempotencyRecord),
    /// The update that asks for it came before.
    UpdateSeen,
}

impl Table {
    /// Opens the next epoch of an ended job and takes its hold. The slot records stay as they are: what an older
    /// epoch gave up may be claimed again, and what it stored stays stored and paid for.
    pub async fn retry(
        &self,
        reopening: &Reopening,
        now: Timestamp,
        token: &str,
    ) -> Result<Conditional<(), RetryRefused>, CloudError> {
        let Reopening { seen, hold, .. } = reopening;
        let epoch = seen.epoch.next();
        let entry = LedgerEntry::hold(seen.account.clone(), seen.id, epoch, *hold, now);
        let take = holds::take_hold(&seen.account, seen.id, *hold, &reopening.demand);
        let row = Change {
            key: keys::job_row(&seen.account, seen.id),
            update: "SET #status = :queued REMOVE #completedAt",
            condition: "attribute_exists(#pk)",
            values: values([("queued", text(JobStatus::InQueue.as_str()))]),
        };
        let mut items = vec![
            self.open_job(reopening, now, token)?,
            take.in_transaction(self)?,
            create_in_transaction(self, accounts::ledger_item(&entry))?,
            row.in_transaction(self)?,
            self.entry(seen.id, seen.events.saturating_add(1), Happening::Reopened, now)?,
        ];
        for stage in &reopening.stages {
            let epoch = stage.epoch.next();
            let prices = reopening.prices.get(&stage.key.stage);
            let prices = prices.map_or_else(|| stage.prices.clone(), |price| stage.prices.clone().with(epoch, *price));
            items.push(open_stage(stage, &prices, now).in_transaction(self)?);
        }
        if let Some(record) = &reopening.idempotency {
            items.push(self.remember(&seen.account, record, now)?);
        }
        let idempotency_at = items.len().saturating_sub(1);
        let update_at = items.len();
        items.extend(self.telling_in_transaction(&reopening.telling, now, token)?);
        match self.transact(items, token).await? {
            Conditional::Won(()) => Ok(Conditional::Won(())),
            // Our own effect, whose answer was lost.
            Conditional::Lost(refusals) if refusals.failed(0) && wrote(refusals.old(0), token) => {
                Ok(Conditional::Won(()))
            }
            // Before the job's own refusal: whoever sent the same request first has opened it.
            Conditional::Lost(refusals) if reopening.idempotency.is_some() && refusals.failed(idempotency_at) => {
                let old = refusals.old(idempotency_at).ok_or_else(|| CloudError::corrupt("the idempotency record"))?;
                Ok(Conditional::Lost(RetryRefused::Repeated(idempotency::read(old)?)))
            }
            Conditional::Lost(refusals) if reopening.telling.update.is_some() && refusals.failed(update_at) => {
                Ok(Conditional::Lost(RetryRefused::UpdateSeen))
            }
            Conditional::Lost(refusals) if refusals.failed(0) => Ok(Conditional::Lost(RetryRefused::NotAsSeen)),
            Conditional::Lost(refusals) if refusals.failed(1) => {
                let why = holds::why_no_hold(refusals.old(1), *hold, &reopening.demand)?;
                Ok(Conditional::Lost(RetryRefused::Hold(why)))
            }
            Conditional::Lost(_) => {
                Err(CloudError::corrupt(format!("a stage, ledger or list record of job {}", seen.id)))
            }
        }
    }
}

impl Table {
    fn open_job(&self, reopening: &Reopening, now: Timestamp, token: &str) -> Result<TransactWriteItem, CloudError> {
        let Reopening { seen, hold, telling, .. } = reopening;
        let mut set = values([
            ("queued", text(JobStatus::InQueue.as_str())),
            ("partial", text(JobStatus::Partial.as_str())),
            ("failed", text(JobStatus::Failed.as_str())),
            ("cancelled", text(JobStatus::Cancelled.as_str())),
            ("next", number(seen.epoch.next().0)),
            ("one", number(1)),
            ("false", flag(false)),
            ("deadline", time(reopening.deadline)),
            ("check", time(reopening.next_check_at)),
            ("open", DueList::Open.partition_of(seen.id.uuid().as_bytes())),
            ("hold", number(hold.get())),
            ("events", number(seen.events.saturating_add(1))),
            ("now", time(now)),
            ("seen", number(seen.version)),
            ("token", text(token)),
        ]);
        let post = telling.post.as_ref().map(|post| text(post.key.id));
        let posted = if post.is_some() { ", #telegramPost = :post" } else { "" };
        set.extend(post.map(|post| (":post".to_owned(), post)));
        let change = Change {
            key: keys::job(seen.id),
            update: &format!(
                "SET #status = :queued, #epoch = :next, #version = #version + :one, #cancelRequested = :false, \
                 #deadline = :deadline, #nextCheckAt = :check, #dueShard = :open, #hold = :hold, \
                 #held = #held + :hold, #events = :events, #updatedAt = :now, #by = :token{posted} \
                 REMOVE #closing, #stopRequested, #completedAt, #statistics, #stuckSince, #stuckTimes"
            ),
            // The version: two retries at once open one epoch. Removing: its objects may be gone.
            condition: "#version = :seen AND #status IN (:partial, :failed, :cancelled) \
                        AND attribute_not_exists(#removing)",
            values: set,
        };
        change.in_transaction(self)
    }
}

fn open_stage(stage: &Stage, prices: &Prices, now: Timestamp) -> Change<'static> {
    Change {
        key: keys::stage(stage.key),
        // What was missed is what is to be drawn now; what is stored stays counted.
        update: "SET #epoch = :next, #round = :one, #roundStartedAt = :now, #closed = :false, #dispatched = :zero, \
                 #resends = :zero, #laterPrices = :prices REMOVE #missed",
        condition: "#epoch = :seen",
        values: values([
            ("next", number(stage.epoch.next().0)),
            ("one", number(1)),
            ("zero", number(0)),
            ("now", time(now)),
            ("false", flag(false)),
            ("prices", records::later_prices(prices)),
            ("seen", number(stage.epoch.0)),
        ]),
    }
}
