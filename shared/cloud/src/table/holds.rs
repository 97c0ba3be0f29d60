//! Holds: what the account must have, and what it must not have too much of, for a job to be opened.

use std::{collections::BTreeSet, time::Duration};

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use toonmill_domain::{
    AccountId, ActiveSet, Credits, Job, JobId, JobStatus, Limit, Limits, Timestamp, UserId, limits::start_of,
};

use super::{
    Table,
    accounts::{Account, read_account},
    keys,
};
use crate::{
    Conditional,
    error::CloudError,
    expression::{Change, Check, values},
    item::{Item, Reader, number, text},
};

/// A day's counts are looked at until it is over, wherever the day is not over yet.
const DAY: Duration = Duration::from_hours(24);
/// Jobs that one repair looks at (a transaction takes 100 items).
const REPAIRED_AT_ONCE: usize = 90;

/// What a new job is counted against, besides its price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demand {
    pub set: ActiveSet,
    /// All that its texts may come to.
    pub text_tokens: u64,
    /// How much is allowed.
    pub limits: Limits,
}

/// Why a hold was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoldRefused {
    InsufficientCredits {
        needed: Credits,
        available: Credits,
    },
    /// The account has as many unfinished jobs in this set as it may have.
    TooManyActiveJobs {
        set: ActiveSet,
        active: u32,
        limit: u32,
    },
    /// What the user may have in a day is used up, or too little is left.
    UsedUp {
        limit: Limit,
        most: u32,
    },
    /// The account has not been given its sign-up grant yet, or does not exist.
    NotSignedUp,
}

/// What a user's day has come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DayUse {
    pub jobs: u64,
    pub text_tokens: u64,
}

impl Table {
    /// What the user has used since midnight.
    pub async fn load_day_use(&self, user: &UserId, now: Timestamp) -> Result<DayUse, CloudError> {
        let item = self.get(keys::day_use(user, start_of(now, DAY))).await?;
        item.as_ref().map_or(Ok(DayUse::default()), read_day_use)
    }

    /// Takes jobs that are not unfinished out of the account's sets. Nothing should ever have left them there: the
    /// transactions that end jobs take them out. How many were.
    pub async fn forget_ended_jobs(&self, account: &AccountId) -> Result<usize, CloudError> {
        let Some(found) = self.load_account(account).await? else { return Ok(0) };
        let listed: Vec<JobId> = found.active.union(&found.active_singles).copied().collect();
        let listed = listed.get(..listed.len().min(REPAIRED_AT_ONCE)).unwrap_or_default();
        let jobs = self.load_job_records(listed).await?;
        let open: BTreeSet<_> = jobs.iter().filter(|job| !job.status.is_terminal()).map(|job| job.id).collect();
        let ended: Vec<_> = listed.iter().filter(|id| !open.contains(id)).copied().collect();
        if ended.is_empty() {
            return Ok(0);
        }
        let mut items = vec![forget(account, &ended).in_transaction(self)?];
        for id in &ended {
            let seen = jobs.iter().find(|job| job.id == *id);
            items.push(still_ended(*id, seen).in_transaction(self)?);
        }
        // Whoever opens one of them again meanwhile is right: then nothing is written, and the next refusal looks again.
        let token = super::transaction::token_of(&["forget", &fastrand::u128(..).to_string()]);
        match self.transact(items, &token).await? {
            Conditional::Won(()) => Ok(ended.len()),
            Conditional::Lost(_) => Ok(0),
        }
    }
}

/// Moves what a job's epoch may cost from the balance to what is held, and counts the job among the unfinished.
pub(super) fn take_hold(account: &AccountId, job: JobId, hold: Credits, demand: &Demand) -> Change<'static> {
    let (update, condition) = match demand.set {
        ActiveSet::Jobs => (
            "SET #balance = #balance - :hold, #held = #held + :hold ADD #active :job",
            "attribute_exists(#pk) AND #balance >= :hold \
             AND (attribute_not_exists(#active) OR size(#active) < :limit)",
        ),
        ActiveSet::Singles => (
            "SET #balance = #balance - :hold, #held = #held + :hold ADD #activeSingles :job",
            "attribute_exists(#pk) AND #balance >= :hold \
             AND (attribute_not_exists(#activeSingles) OR size(#activeSingles) < :limit)",
        ),
    };
    Change {
        key: keys::account(account),
        update,
        condition,
        values: values([
            ("hold", number(hold.get())),
            ("job", AttributeValue::Ss(vec![job.to_string()])),
            ("limit", number(demand.limits.get(demand.set.limit()))),
        ]),
    }
}

/// Counts a new job into its user's day, if there is room for it.
pub(super) fn count_day(
    table: &Table,
    user: &UserId,
    demand: &Demand,
    now: Timestamp,
) -> Result<TransactWriteItem, CloudError> {
    let start = start_of(now, DAY);
    let mut values = values([
        ("one", number(1)),
        ("jobs", number(demand.limits.get(Limit::JobsPerDay))),
        ("end", number(start.plus(2 * DAY).as_secs())),
    ]);
    let (update, condition) = if demand.text_tokens == 0 {
        ("SET #expiresAt = :end ADD #jobs :one", "attribute_not_exists(#jobs) OR #jobs < :jobs")
    } else {
        let most = u64::from(demand.limits.get(Limit::TextTokensPerDay));
        values.insert(":tokens".to_owned(), number(demand.text_tokens));
        values.insert(":room".to_owned(), number(most.saturating_sub(demand.text_tokens)));
        (
            "SET #expiresAt = :end ADD #jobs :one, #textTokens :tokens",
            "(attribute_not_exists(#jobs) OR #jobs < :jobs) \
             AND (attribute_not_exists(#textTokens) OR #textTokens <= :room)",
        )
    };
    Change { key: keys::day_use(user, start), update, condition, values }.in_transaction(table)
}

/// Whether an account that a hold lost to (none: there is no account) lacks its sign-up grant.
pub(super) fn is_not_signed_up(account: Option<&Item>) -> Result<bool, CloudError> {
    account.map_or(Ok(true), |account| Ok(!read_account(account)?.signed_up))
}

/// Reads from the day that a job lost to what there is too much of.
pub(super) fn why_no_day(day: Option<&Item>, demand: &Demand) -> Result<HoldRefused, CloudError> {
    let used = day.map_or(Ok(DayUse::default()), read_day_use)?;
    let jobs = demand.limits.get(Limit::JobsPerDay);
    let limit = if used.jobs >= u64::from(jobs) { Limit::JobsPerDay } else { Limit::TextTokensPerDay };
    Ok(HoldRefused::UsedUp { limit, most: demand.limits.get(limit) })
}

/// Reads from the account that a hold lost to (none: there is no account) why it was not taken.
pub(super) fn why_no_hold(account: Option<&Item>, hold: Credits, demand: &Demand) -> Result<HoldRefused, CloudError> {
    let active = |account: &Account| u32::try_from(account.active_in(demand.set).len()).unwrap_or(u32::MAX);
    Ok(match account.map(read_account).transpose()? {
        None => HoldRefused::NotSignedUp,
        Some(account) if account.balance < hold => {
            HoldRefused::InsufficientCredits { needed: hold, available: account.balance }
        }
        Some(account) => HoldRefused::TooManyActiveJobs {
            set: demand.set,
            active: active(&account),
            limit: demand.limits.get(demand.set.limit()),
        },
    })
}

fn read_day_use(item: &Item) -> Result<DayUse, CloudError> {
    let read = Reader::new(item, "record of a day");
    let count = |name| Ok::<u64, CloudError>(read.opt_number(name)?.unwrap_or(0));
    Ok(DayUse { jobs: count("jobs")?, text_tokens: count("textTokens")? })
}

fn forget(account: &AccountId, ended: &[JobId]) -> Change<'static> {
    let ended = AttributeValue::Ss(ended.iter().map(ToString::to_string).collect());
    Change {
        key: keys::account(account),
        update: "DELETE #active :ended, #activeSingles :ended",
        condition: "attribute_exists(#pk)",
        values: values([("ended", ended)]),
    }
}

/// A job is as it was seen: ended, or not there.
fn still_ended(id: JobId, seen: Option<&Job>) -> Check<'static> {
    let Some(job) = seen else {
        return Check { key: keys::job(id), condition: "attribute_not_exists(#pk)", values: values([]) };
    };
    Check {
        key: keys::job(id),
        condition: "#version = :seen AND NOT #status IN (:queued, :running)",
        values: values([
            ("seen", number(job.version)),
            ("queued", text(JobStatus::InQueue.as_str())),
            ("running", text(JobStatus::InProgress.as_str())),
        ]),
    }
}
