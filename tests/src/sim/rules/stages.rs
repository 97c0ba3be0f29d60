//! What must hold of a stage's record as it changes, and of its slots.

use std::collections::BTreeSet;

use toonmill_domain::JobId;

use crate::sim::shadow::{Record, Shadow, stage_stamp, stamp_of};

pub(super) fn stage(old: Option<Record<'_>>, new: Record<'_>, found: &mut Vec<String>) {
    let mut expect = |holds: bool, what: &str| {
        if !holds {
            found.push(what.to_owned());
        }
    };
    expect(new.number("dispatched") <= new.number("quantity"), "a watermark beyond the stage");
    let in_range = |name| new.numbers(name).iter().all(|slot| i64::from(*slot) < new.number("quantity"));
    expect(in_range("stored") && in_range("missed"), "ST-1: a set holds a slot that the stage has not");
    let Some(old) = old else { return };
    expect(old.numbers("stored").is_subset(&new.numbers("stored")), "ST-1: a stored slot was uncounted");
    let (was, is) = (stage_stamp(old), stage_stamp(new));
    expect(is >= was, "a stage went back to an earlier round");
    if is.epoch > was.epoch {
        let fresh = new.number("dispatched") == 0 && new.numbers("missed").is_empty() && !new.flag("closed");
        expect(is.epoch == was.epoch.next() && is.round.0 == 1, "an epoch began otherwise than with round 1");
        expect(fresh, "an epoch began with what another left");
        return;
    }
    let sent = new.number("dispatched") - old.number("dispatched");
    expect(sent >= 0, "a watermark fell within an epoch");
    expect(sent == 0 || !old.flag("closed"), "a watermark moved in a closed stage");
    expect(is.round == was.round || !old.flag("closed"), "a round was opened in a closed stage");
    expect(is.round.0 <= was.round.0 + 1, "a round was left out");
    let settled = old.numbers("stored").union(&old.numbers("missed")).count();
    let full = i64::try_from(settled) == Ok(old.number("quantity"));
    expect(is.round == was.round || full, "a round was opened while slots of the last were out");
    expect(!old.flag("closed") || new.flag("closed"), "a closed stage was opened within an epoch");
    if is == was {
        expect(old.numbers("missed").is_subset(&new.numbers("missed")), "a missed slot was uncounted in its round");
        expect(new.number("resends") - old.number("resends") <= 1, "two re-sends were noted as one");
    }
}

/// A stage closes with its job.
pub(super) fn stage_of_its_job(
    shadow: &Shadow,
    job: JobId,
    old: Option<Record<'_>>,
    new: Record<'_>,
    found: &mut Vec<String>,
) {
    let closes = new.flag("closed") && old.is_none_or(|old| !old.flag("closed"));
    if closes && shadow.job(job).is_none_or(|job| !job.has("closing") || job.has_ended()) {
        found.push("a stage was closed whose job is not being closed".to_owned());
    }
}

/// ST-1 and AR-2 of a stage.
pub(super) fn stage_and_slots(shadow: &Shadow, job: JobId, number: u16, found: &mut Vec<String>) {
    let stages = shadow.stages(job);
    let Some((_, stage)) = stages.iter().find(|(at, _)| *at == number) else { return };
    let slots = shadow.slots(job, number);
    let at = stage_stamp(*stage);
    for slot in stage.numbers("stored") {
        if slots.get(&slot).is_none_or(|record| record.text("state") != "stored") {
            found.push(format!("ST-1: slot {slot} is counted and not stored"));
        }
    }
    for slot in stage.numbers("missed") {
        let fits = slots.get(&slot).is_some_and(|record| {
            let stamp = stamp_of(*record);
            let now = stamp.is_some_and(|stamp| stamp == at || stamp.is_given_up_in(at.epoch));
            record.text("state") == "missed" && now
        });
        if !fits {
            found.push(format!("ST-1: slot {slot} is counted as missed and is not"));
        }
    }
    let mut hashes = BTreeSet::new();
    for (index, slot) in slots.iter().filter(|(_, slot)| slot.text("state") == "stored") {
        if !hashes.insert(slot.part("artifact").text("sha256")) {
            found.push(format!("AR-2: slot {index} has another slot's bytes"));
        }
    }
    let sent = stage.number("dispatched");
    for (index, slot) in &slots {
        let out = matches!(slot.text("state"), "leased" | "open");
        if out && i64::from(*index) >= sent && stamp_of(*slot).is_some_and(|stamp| stamp.epoch == at.epoch) {
            found.push(format!("slot {index} is out and was never sent"));
        }
    }
}
