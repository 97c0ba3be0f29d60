//! The numbered invariants: what must hold of the records, whatever happened to them.
//!
//! Each has an id, a sentence and a predicate over what was read. Audits, tests and the simulation share
//! these definitions.

use std::{collections::BTreeSet, fmt};

use crate::{
    Credits, Epoch, Job, JobStatus, LedgerEntry, LedgerKind, Slot, SlotState, Stage, TRIES_PER_ROUND, ledger,
    reconcile::Slots,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Invariant {
    Cr1,
    Cr2,
    Cr3,
    Sl3,
    St1,
    Jb1,
    Jb2,
    Ar1,
    Ar2,
}

impl Invariant {
    pub const fn id(self) -> &'static str {
        match self {
            Self::Cr1 => "CR-1",
            Self::Cr2 => "CR-2",
            Self::Cr3 => "CR-3",
            Self::Sl3 => "SL-3",
            Self::St1 => "ST-1",
            Self::Jb1 => "JB-1",
            Self::Jb2 => "JB-2",
            Self::Ar1 => "AR-1",
            Self::Ar2 => "AR-2",
        }
    }

    pub const fn statement(self) -> &'static str {
        match self {
            Self::Cr1 => "the ledger sums to the balance and to what is held",
            Self::Cr2 => "the hold of an epoch is resolved once",
            Self::Cr3 => "what an epoch captured is the price of the slots stored in it, within its hold",
            Self::Sl3 => "calls per slot ≤ tries ≤ 3 × rounds",
            Self::St1 => "stored and missed are disjoint sets of the stage's slots; every counted slot is stored",
            Self::Jb1 => "a terminal job has no live lease",
            Self::Jb2 => "COMPLETED ⇔ every slot stored",
            Self::Ar1 => "a stored slot's object exists with its sha256",
            Self::Ar2 => "no two stored pictures of a stage have the same bytes",
        }
    }
}

/// An invariant that does not hold, and of what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    pub invariant: Invariant,
    pub of: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): {}", self.invariant.id(), self.invariant.statement(), self.of)
    }
}

/// Σ price of the slots whose stamp says that they were stored in this epoch. None: no such sum.
fn price_of_epoch(stages: &[(Stage, Slots)], epoch: Epoch) -> Option<i64> {
    let prices = stages.iter().flat_map(|(stage, slots)| {
        let stored = |slot: &&Slot| slot.state == SlotState::Stored && slot.stamp.epoch == epoch;
        slots.values().filter(stored).map(|_| stage.prices.in_epoch(epoch))
    });
    Credits::sum(prices).ok().map(Credits::as_delta)
}

/// Gathers violations.
#[derive(Debug, Default)]
pub struct Audit {
    pub violations: Vec<Violation>,
}

impl Audit {
    pub fn expect(&mut self, invariant: Invariant, holds: bool, of: impl fmt::Display) {
        if !holds {
            self.violations.push(Violation { invariant, of: of.to_string() });
        }
    }

    /// ST-1, SL-3, AR-2 of one stage.
    pub fn stage(&mut self, stage: &Stage, slots: &Slots) {
        let of = format!("job {} stage {}", stage.key.job, stage.key.stage.0);
        let in_range = stage.stored.iter().chain(&stage.missed).all(|slot| slot.0 < stage.quantity);
        self.expect(Invariant::St1, in_range, format_args!("{of}: a set holds a slot that the stage has not"));
        let disjoint = stage.stored.is_disjoint(&stage.missed);
        self.expect(Invariant::St1, disjoint, format_args!("{of}: stored and missed overlap"));
        for index in &stage.stored {
            let stored = slots.get(index).is_some_and(|slot| slot.state == SlotState::Stored);
            self.expect(Invariant::St1, stored, format_args!("{of}: slot {} is counted, not stored", index.0));
        }
        let mut hashes = BTreeSet::new();
        for slot in slots.values() {
            self.expect(Invariant::Sl3, slot.tries <= TRIES_PER_ROUND, slot.key);
            if slot.state == SlotState::Stored {
                let fresh = slot.artifact.as_ref().is_some_and(|artifact| hashes.insert(artifact.sha256.as_str()));
                self.expect(Invariant::Ar2, fresh || !stage.work.must_differ(), slot.key);
            }
        }
    }

    /// JB-1, JB-2 of one job whose stages were read with all of their slots.
    pub fn job(&mut self, job: &Job, stages: &[(Stage, Slots)]) {
        let all_stored = stages.iter().all(|(stage, slots)| {
            let stored = slots.values().filter(|slot| slot.state == SlotState::Stored).count();
            u32::try_from(stored) == Ok(stage.quantity)
        });
        if job.status.is_terminal() {
            self.expect(Invariant::Jb2, (job.status == JobStatus::Completed) == all_stored, job.id);
            for slot in stages.iter().flat_map(|(_, slots)| slots.values()) {
                self.expect(Invariant::Jb1, slot.state != SlotState::Leased, slot.key);
            }
        } else {
            self.expect(Invariant::Jb1, job.max_rounds >= 1 && job.next_check_at.is_some(), job.id);
        }
    }

    /// CR-1 of one account.
    pub fn account(&mut self, of: &str, balance: Credits, held: Credits, entries: &[LedgerEntry]) {
        let sums = ledger::fold(entries);
        self.expect(Invariant::Cr1, sums == Ok((balance.as_delta(), held.as_delta())), of);
    }

    /// CR-2 and CR-3 of one job whose stages were read with all of their slots: each epoch's hold is resolved by exactly
    /// as much as it held, and what was captured of it is the price of what was stored in it.
    pub fn money(&mut self, job: &Job, stages: &[(Stage, Slots)], entries: &[LedgerEntry]) {
        let mut sums = (0_i64, 0_i64, 0_i64);
        for epoch in (1..=job.epoch.0).map(Epoch) {
            let of = format!("job {} epoch {}", job.id, epoch.0);
            let delta = |kind: LedgerKind| -> i64 {
                entries
                    .iter()
                    .filter(|entry| entry.kind == kind)
                    .fold(0, |sum, entry| sum.saturating_add(entry.held_delta))
            };
            let hold = delta(LedgerKind::Hold { job: job.id, epoch });
            let capture = delta(LedgerKind::Capture { job: job.id, epoch }).saturating_neg();
            let release = delta(LedgerKind::Release { job: job.id, epoch }).saturating_neg();
            let is_settled = epoch < job.epoch || job.status.is_terminal();
            let resolved = if is_settled { hold } else { 0 };
            self.expect(Invariant::Cr2, capture.saturating_add(release) == resolved, &of);
            let price = if is_settled { price_of_epoch(stages, epoch) } else { Some(0) };
            self.expect(Invariant::Cr3, price == Some(capture) && capture <= hold, &of);
            sums.0 = sums.0.saturating_add(hold);
            sums.1 = sums.1.saturating_add(capture);
            sums.2 = sums.2.saturating_add(release);
        }
        let told = (job.held.as_delta(), job.captured.as_delta(), job.released.as_delta());
        self.expect(Invariant::Cr2, told == sums, format_args!("job {}: what it says", job.id));
    }
}
