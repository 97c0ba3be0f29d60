//! What must hold after every write: of one record as it changes, and of the records that belong together.
//!
//! Written against the records and not against the code that makes them. Each line names its invariant where
//! DESIGN has a number for it.

mod jobs;
mod plans;
mod slots;
mod stages;

use std::fmt::Write;

use serde_json::Value;
use toonmill_domain::{Epoch, JobId, SlotIndex, SlotKey, SlotMessage, StageIndex};

pub(crate) use slots::never_claimed;

use super::{
    gate::Key,
    shadow::{Record, Shadow},
};

/// One record as it was and as it is.
pub(crate) struct Change<'a> {
    pub(crate) key: &'a Key,
    pub(crate) old: Option<&'a Value>,
    pub(crate) new: Option<&'a Value>,
    /// What the worker's claim is known by, if a worker wrote it.
    pub(crate) holder: Option<&'a str>,
    /// The epoch of the worker's message, if a worker wrote it.
    pub(crate) epoch: Option<Epoch>,
    /// The message of an image that is being buried, if that wrote it.
    pub(crate) buries: Option<&'a SlotMessage>,
    /// In milliseconds.
    pub(crate) now: i64,
}

/// Checks one write: the record as it was and as it is, then what belongs to it.
pub(crate) fn check(shadow: &Shadow, change: &Change<'_>) -> Vec<String> {
    let mut found = Vec::new();
    let (pk, sk, now) = (change.key.0.as_str(), change.key.1.as_str(), change.now);
    let old = change.old.map(Record::new);
    if let Some(job) = old.and_then(plans::job_of) {
        plans::record(shadow, job, old, change.new.map(Record::new), &mut found);
    }
    let Some(new) = change.new.map(Record::new) else {
        if old.and_then(plans::job_of).is_none() {
            found.push(format!("{pk} {sk} was removed"));
        }
        return found;
    };
    if let Some(rest) = pk.strip_prefix("J#") {
        if let Some((job, stage)) = rest.split_once("#S") {
            let (Ok(job), Ok(stage)) = (job.parse(), stage.parse()) else { return found };
            if sk.starts_with("HASH#") {
                unchanged(old, "a content hash", &mut found);
            } else {
                let Ok(slot) = sk.parse() else { return found };
                let key = SlotKey { job, stage: StageIndex(stage), slot: SlotIndex(slot) };
                slots::slot(key, old, new, now, &mut found);
                slots::lease_of(old, new, change.holder, &mut found);
                slots::burial(old, change.buries, now, &mut found);
                slots::refusals(shadow, job, stage, new, &mut found);
                slots::slot_of_its_job(shadow, job, stage, old, new, &mut found);
                stages::stage_and_slots(shadow, job, stage, &mut found);
            }
        } else if let Ok(id) = rest.parse::<JobId>() {
            if sk == "A" {
                if change.buries.is_some() {
                    found.push("a slot's dead letter changed its job".to_owned());
                }
                jobs::job(old, new, now, &mut found);
                jobs::closing(shadow, id, old, new, &mut found);
                jobs::stop(old, new, change.epoch, &mut found);
                jobs::job_and_all(shadow, id, old, new, &mut found);
            } else if let Some(number) = sk.strip_prefix("B#") {
                stages::stage(old, new, &mut found);
                stages::stage_of_its_job(shadow, id, old, new, &mut found);
                stages::stage_and_slots(shadow, id, number.parse().unwrap_or(0), &mut found);
            } else {
                unchanged(old, "an event", &mut found);
            }
        }
    } else if pk.starts_with("U#") {
        if sk.starts_with("L#") {
            unchanged(old, "CR-1: a ledger entry", &mut found);
        }
        if sk.starts_with("DW#") {
            unchanged(old, "a delivery that nobody makes", &mut found);
        }
        if sk.starts_with("HIST#") {
            unchanged(old, "a row of the history", &mut found);
        }
        if sk == "A" || sk.starts_with("L#") {
            jobs::account(shadow, pk, &mut found);
        }
    } else if pk.starts_with("FILE#") && plans::job_of(new).is_none() {
        unchanged(old, "the file of a slot", &mut found);
    }
    for what in &mut found {
        let _ = write!(what, "  [{pk} {sk}]");
    }
    found
}

/// Whether a slot was claimed.
pub(crate) fn is_claim(key: &Key, old: Option<&Value>, new: Option<&Value>) -> bool {
    let state = |item: Option<&Value>| item.map_or(String::new(), |item| Record::new(item).text("state").to_owned());
    key.0.contains("#S") && state(new) == "leased" && state(old) != "leased"
}

fn unchanged(old: Option<Record<'_>>, what: &str, found: &mut Vec<String>) {
    if old.is_some() {
        found.push(format!("{what} was changed"));
    }
}
