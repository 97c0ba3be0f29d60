//! Users: what they submit, and when they change their minds.

use toonmill_domain::{Failover, HistoryEntry, JobId, JobKind, Naming, Publication, SlotIndex, SlotPlan, StagePlan};
use toonmill_flows::submit::{IdempotencyKey, NewJob};

use super::{freeze::Favour, handlers::Work, modes::Odds, shadow::Shadow};
use crate::orders::{new_job, stage, stage_that_moves};

/// Jobs of one run, at most.
const MOST_JOBS: u32 = 6;
const MOST_EPOCHS: i64 = 4;
/// A day, less what a submit may take.
const KEY_REMEMBERED_MS: i64 = 23 * 3_600_000;

#[derive(Debug, Default)]
pub(crate) struct Users {
    /// Everything that was ever submitted and when, to be submitted again after a lost answer.
    asked: Vec<(NewJob, i64)>,
}

impl Users {
    /// A submit: mostly of something new, at times the same again.
    pub(crate) fn submit(&mut self, dice: &mut fastrand::Rng, odds: &Odds, now: i64) -> Option<Work> {
        if !self.asked.is_empty() && dice.u32(0..4) == 0 {
            let asked = self.asked.get(dice.usize(..self.asked.len()));
            // After a day the key is forgotten, and may name another job.
            let again = asked.filter(|(_, at)| now - at < KEY_REMEMBERED_MS);
            return again.map(|(new, _)| Work::Submit(Box::new(new.clone())));
        }
        let number = u32::try_from(self.asked.len()).unwrap_or(u32::MAX);
        if number >= odds.jobs.min(MOST_JOBS) {
            return None;
        }
        let name = format!("P{number}");
        let stages = dice.u32(1..=2);
        let mut stage = |index| plan(&format!("{name}/{index}"), dice.u32(1..=5), Failover::ALL[dice.usize(..3)]);
        let stages = (0..stages).map(&mut stage).collect();
        let kind = if dice.bool() { JobKind::Pipeline } else { JobKind::SingleImage };
        let new = NewJob {
            max_rounds: dice.u32(1..=3),
            deadline: odds.deadline,
            production_id: Some(name.clone()),
            idempotency: Some(IdempotencyKey { key_sha256: name.clone(), fingerprint: name }),
            // Every other job tells somebody what happens to it.
            webhook_url: (number % 2 == 0).then(|| "https://studio.example/hook".to_owned()),
            kind,
            ..new_job(if dice.u32(0..3) == 0 { "bob" } else { "ann" }, stages)
        };
        self.asked.push((new.clone(), now));
        Some(Work::Submit(Box::new(new)))
    }

    /// Whether something is still to be asked for.
    pub(crate) const fn has_asked(&self) -> bool {
        !self.asked.is_empty()
    }

    /// A job that may be cancelled.
    pub(crate) fn cancel(dice: &mut fastrand::Rng, shadow: &Shadow) -> Option<Work> {
        let open = shadow.jobs().filter(|(_, job)| !job.has_ended());
        let open: Vec<_> = open.map(|(id, job)| (id, job.text("account").to_owned())).collect();
        let (job, account) = pick(dice, &open)?.clone();
        Some(Work::Cancel { job, account: account.parse().ok()? })
    }

    /// What somebody who stands still waits for.
    pub(crate) fn oblige(favour: Favour, odds: &Odds, shadow: &Shadow) -> Option<Work> {
        let account = |job| shadow.job(job)?.text("account").parse().ok();
        match favour {
            Favour::Cancel(job) => Some(Work::Cancel { job, account: account(job)? }),
            Favour::Retry(job) if shadow.job(job)?.number("epoch") < MOST_EPOCHS => {
                Some(Work::Retry { job, account: account(job)?, deadline: odds.deadline })
            }
            Favour::Retry(_) => None,
        }
    }

    /// A job that may be opened again.
    pub(crate) fn retry(dice: &mut fastrand::Rng, odds: &Odds, shadow: &Shadow) -> Option<Work> {
        let ended = shadow.jobs().filter(|(_, job)| job.has_ended() && job.number("epoch") < MOST_EPOCHS);
        let ended: Vec<_> = ended.map(|(id, job)| (id, job.text("account").to_owned())).collect();
        let (job, account) = pick(dice, &ended)?.clone();
        Some(Work::Retry { job, account: account.parse().ok()?, deadline: odds.deadline })
    }

    /// A job that may be settled by force.
    pub(crate) fn settle(dice: &mut fastrand::Rng, shadow: &Shadow) -> Option<Work> {
        let open: Vec<JobId> = shadow.jobs().filter(|(_, job)| !job.has_ended()).map(|(id, _)| id).collect();
        pick(dice, &open).copied().map(Work::Settle)
    }
}

/// Whether the pictures of the job of this name go into their owner's history: those of every other one.
pub(crate) fn is_published(name: &str) -> bool {
    name.ends_with(['1', '3', '5'])
}

/// Every slot has a prompt of its own, by which the provider knows it; the pictures of some are a cut's.
fn plan(name: &str, quantity: u32, failover: Failover) -> StagePlan {
    let mut plan =
        if failover == Failover::Never { stage(name, quantity) } else { stage_that_moves(name, quantity, failover) };
    let prompt = |slot| SlotPlan { prompt: Some(format!("{name}/{slot}")), ..SlotPlan::default() };
    if let Some((job, _)) = name.split_once('/').filter(|(job, _)| is_published(job)) {
        let entry = HistoryEntry { cut: job.to_owned(), process: None, prompt: name.to_owned() };
        plan.naming = Some(Naming { folder: format!("{job}/_"), stem: "cut".to_owned() });
        plan.publish = Some(Publication::History(entry));
        plan.temporary = true;
    }
    plan.slots = (0..quantity).map(|slot| (SlotIndex(slot), prompt(slot))).collect();
    plan
}

fn pick<'a, T>(dice: &mut fastrand::Rng, of: &'a [T]) -> Option<&'a T> {
    if of.is_empty() { None } else { of.get(dice.usize(..of.len())) }
}
