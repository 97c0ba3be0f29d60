//! Handlers that stand still in the middle of a call until others have moved on past what they know, and then go on.
//!
//! Left to chance such meetings are rare, and they are what fences, stamps and conditions are for: a late writer wakes
//! while another holds its slot; of two reconcilers that read the same, one acts on it an epoch later.

use std::collections::BTreeMap;

use toonmill_domain::{JobId, Stamp};

use super::{
    Mode,
    gate::Waiting,
    handlers::Work,
    scheduler::Simulation,
    shadow::{Record, Shadow, stage_stamp, stamp_of},
};

/// Handlers that may stand still at once.
const MOST: usize = 3;
/// What a handler that wakes still has of its life.
const LIFE_LEFT_MS: i64 = 60_000;

/// What a frozen handler waits for. Each names what the handler may know, to be overtaken by what it cannot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Until {
    /// Another claim holds the slot.
    Held {
        job: JobId,
        stage: u16,
        slot: u32,
        fence: i64,
    },
    /// The slot is in another state, or has another fence.
    Changed {
        job: JobId,
        stage: u16,
        slot: u32,
        was: (String, i64),
    },
    /// Another claim held the slot, and its lease has lapsed too.
    LapsedAgain {
        job: JobId,
        stage: u16,
        slot: u32,
        fence: i64,
    },
    /// A lease of a later round has lapsed.
    Lapsed {
        job: JobId,
        stage: u16,
        stamp: Stamp,
    },
    /// The stage is in a later round or epoch, once or twice; its watermark has moved, once or twice; it is closed.
    Moved {
        job: JobId,
        stage: u16,
        stamp: Stamp,
        times: u32,
    },
    Closed {
        job: JobId,
        stage: u16,
        epoch: i64,
    },
    Sent {
        job: JobId,
        stage: u16,
        dispatched: i64,
        times: u32,
    },
    /// The job's version is another; it is in a later epoch.
    Version {
        job: JobId,
        version: i64,
    },
    Epoch {
        job: JobId,
        epoch: i64,
    },
}

/// Who stands still: by call, its task and what it waits for.
pub(crate) type Frozen = BTreeMap<u64, (u64, Until)>;

impl Until {
    /// Something that the handler may wait for, by what the call is about to write; nothing if its job has no records.
    fn choose(dice: &mut fastrand::Rng, shadow: &Shadow, work: &Work, call: &Waiting) -> Option<Self> {
        let (job, of_slot) = match work {
            Work::Draw { message, .. } | Work::BuryImage(message) => {
                (message.job, Some((message.stage.0, message.slot.0)))
            }
            Work::Reconcile(ring) => (ring.job, None),
            _ => return None,
        };
        let record = shadow.job(job)?;
        let stages = shadow.stages(job);
        let written = call.writes.first().map(|key| (key.0.as_str(), key.1.as_str()));
        let stage_of_key = written.and_then(|(pk, sk)| {
            let number = pk.split_once("#S").map_or_else(|| sk.strip_prefix("B#"), |(_, number)| Some(number));
            number.and_then(|number| number.parse::<u16>().ok())
        });
        let (stage, at) = match of_slot.map(|(stage, _)| stage).or(stage_of_key) {
            Some(stage) => *stages.iter().find(|(number, _)| *number == stage)?,
            None => *stages.get(dice.usize(..stages.len().max(1)))?,
        };
        let stamp = stage_stamp(at);
        let of_stage = [
            Self::Moved { job, stage, stamp, times: dice.u32(1..=2) },
            Self::Sent { job, stage, dispatched: at.number("dispatched"), times: dice.u32(1..=2) },
            Self::Closed { job, stage, epoch: i64::from(stamp.epoch.0) },
            Self::Lapsed { job, stage, stamp },
            Self::Epoch { job, epoch: record.number("epoch") },
        ];
        let of_job = [
            Self::Version { job, version: record.number("version") },
            Self::Epoch { job, epoch: record.number("epoch") },
        ];
        let slots: Vec<_> = shadow.slots(job, stage).into_iter().collect();
        let slot_of_key = written.filter(|(pk, _)| pk.contains("#S")).and_then(|(_, sk)| sk.parse::<u32>().ok());
        let slot = match of_slot.map(|(_, slot)| slot).or(slot_of_key) {
            Some(slot) => slots.iter().find(|(index, _)| *index == slot),
            None => slots.get(dice.usize(..slots.len().max(1))),
        };
        let of_slot = slot.map_or_else(Vec::new, |(slot, record)| {
            let (slot, fence) = (*slot, record.number("fence"));
            let was = (record.text("state").to_owned(), fence);
            vec![
                Self::Held { job, stage, slot, fence },
                Self::LapsedAgain { job, stage, slot, fence },
                Self::Changed { job, stage, slot, was },
            ]
        });
        let mut all: Vec<Self> = match written {
            Some((pk, _)) if pk.contains("#S") && dice.u32(0..4) > 0 => of_slot,
            Some((_, sk)) if sk.starts_with("B#") && dice.u32(0..4) > 0 => of_stage.into(),
            Some((_, "A")) if dice.u32(0..4) > 0 => of_job.into(),
            _ => of_stage.into_iter().chain(of_job).chain(of_slot).collect(),
        };
        let at = dice.usize(..all.len().max(1));
        (at < all.len()).then(|| all.swap_remove(at))
    }

    fn has_come(&mut self, shadow: &Shadow, now: i64) -> bool {
        match self {
            Self::Held { job, stage, slot, fence } => shadow.slots(*job, *stage).get(slot).is_some_and(|record| {
                record.text("state") == "leased"
                    && record.number("fence") > *fence
                    && record.number("leaseUntil") >= now
            }),
            Self::LapsedAgain { job, stage, slot, fence } => {
                shadow.slots(*job, *stage).get(slot).is_some_and(|record| {
                    record.text("state") == "leased"
                        && record.number("fence") > *fence
                        && record.number("leaseUntil") < now
                })
            }
            Self::Changed { job, stage, slot, was } => {
                let slots = shadow.slots(*job, *stage);
                let is = slots.get(slot).map(|record| (record.text("state"), record.number("fence")));
                is.is_some_and(|is| is != (was.0.as_str(), was.1))
            }
            Self::Lapsed { job, stage, stamp } => shadow.slots(*job, *stage).values().any(|slot| {
                slot.text("state") == "leased" && stamp_of(*slot) > Some(*stamp) && slot.number("leaseUntil") < now
            }),
            Self::Moved { job, stage, stamp, times } => {
                let is = at(shadow, *job, *stage).map(stage_stamp);
                if let Some(is) = is.filter(|is| is > stamp) {
                    *times -= 1;
                    *stamp = is;
                }
                *times == 0
            }
            Self::Closed { job, stage, epoch } => {
                at(shadow, *job, *stage).is_some_and(|stage| stage.flag("closed") || stage.number("epoch") > *epoch)
            }
            Self::Sent { job, stage, dispatched, times } => {
                let is = at(shadow, *job, *stage).map(|stage| stage.number("dispatched"));
                if let Some(is) = is.filter(|is| is != dispatched) {
                    *times -= 1;
                    *dispatched = is;
                }
                *times == 0
            }
            Self::Version { job, version } => shadow.job(*job).is_some_and(|job| job.number("version") > *version),
            Self::Epoch { job, epoch } => shadow.job(*job).is_some_and(|job| job.number("epoch") > *epoch),
        }
    }
}

/// What a user can do to make it come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Favour {
    Cancel(JobId),
    Retry(JobId),
}

impl Until {
    fn favour(&self, shadow: &Shadow) -> Option<Favour> {
        let (job, is_epoch) = match self {
            Self::Closed { job, .. } => (*job, false),
            Self::Epoch { job, .. } => (*job, true),
            _ => return None,
        };
        let record = shadow.job(job)?;
        match (record.has_ended(), is_epoch) {
            (true, true) => Some(Favour::Retry(job)),
            (true, false) => None,
            (false, _) => (!record.has("cancelRequested")).then_some(Favour::Cancel(job)),
        }
    }
}

fn at(shadow: &Shadow, job: JobId, stage: u16) -> Option<Record<'_>> {
    shadow.get(&format!("J#{job}"), &format!("B#{stage:03}"))
}

impl Simulation {
    /// Freezes the handler in this call if the dice say so.
    pub(super) fn freeze(&mut self, call: &Waiting) -> bool {
        let odds = if call.writes.is_empty() { self.odds.freeze / 3.0 } else { self.odds.freeze };
        if call.asleep_until != 0 || self.frozen.len() >= MOST || self.dice.f64() >= odds {
            return false;
        }
        let Some(task) = self.tasks.iter_mut().find(|task| task.id == call.owner) else { return false };
        let Some(until) = Until::choose(&mut self.dice, &self.shadow, &task.work, call) else { return false };
        if self.mode != Mode::B {
            task.killed_at = i64::MAX / 2;
        }
        self.gate.put_to_sleep(call.id, i64::MAX);
        self.note(&format!("{:>4}  {} {} stands still until {until:?}", call.owner, call.name, call.text));
        self.count("handler stands still");
        self.frozen.insert(call.id, (call.owner, until));
        true
    }

    /// What users can do so that somebody who stands still is overtaken.
    pub(super) fn favours(&self) -> Vec<Favour> {
        self.frozen.values().filter_map(|(_, until)| until.favour(&self.shadow)).collect()
    }

    pub(super) fn is_frozen(&self, task: u64) -> bool {
        self.frozen.values().any(|(owner, _)| *owner == task)
    }

    /// Wakes those whose time has come.
    pub(super) fn thaw(&mut self) {
        if self.frozen.is_empty() {
            return;
        }
        let now = self.now();
        let shadow = &self.shadow;
        let due: Vec<u64> = self
            .frozen
            .iter_mut()
            .filter_map(|(call, (_, until))| until.has_come(shadow, now).then_some(*call))
            .collect();
        for call in due {
            self.count("handler wakes overtaken");
            self.wake(call);
        }
    }

    /// Wakes everybody, overtaken or not. False if nobody was frozen.
    pub(super) fn thaw_all(&mut self) -> bool {
        let all: Vec<u64> = self.frozen.keys().copied().collect();
        for call in &all {
            self.wake(*call);
        }
        !all.is_empty()
    }

    fn wake(&mut self, call: u64) {
        let Some((owner, until)) = self.frozen.remove(&call) else { return };
        let now = self.now();
        if let Some(task) = self.tasks.iter_mut().find(|task| task.id == owner) {
            task.killed_at = task.killed_at.min(now + LIFE_LEFT_MS);
            task.was_late = true;
            self.gate.put_to_sleep(call, now);
            self.woken = Some(call);
            self.note(&format!("{owner:>4}  wakes: {until:?}"));
        }
    }
}
