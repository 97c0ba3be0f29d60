//! What must hold of a job's record as it changes, of its end, and of the account that pays for it.

use toonmill_domain::{Epoch, JobId};

use crate::sim::shadow::{Record, Shadow, stage_stamp, stamp_of};

pub(super) fn job(old: Option<Record<'_>>, new: Record<'_>, now: i64, found: &mut Vec<String>) {
    let Some(old) = old else { return };
    let mut expect = |holds: bool, what: &str| {
        if !holds {
            found.push(what.to_owned());
        }
    };
    let epochs = new.number("epoch") - old.number("epoch");
    expect(new.number("version") >= old.number("version"), "a version fell");
    expect((0..=1).contains(&(new.number("events") - old.number("events"))), "a log grew otherwise than by one");
    if old.has_ended() {
        expect(epochs == 1 && !new.has_ended(), "JB-1: an ended job changed");
        expect(old.text("status") != "COMPLETED", "JB-1: a completed job was opened again");
        expect(!new.has("closing") && !new.flag("cancelRequested"), "an epoch began with another's end");
    } else {
        expect(epochs == 0, "an epoch began before the last had ended");
        expect(!old.has("closing") || new.has("closing"), "a close was undone");
        expect(!new.has_ended() || old.has("closing"), "a job ended that was not being closed");
        if !old.has("closing") {
            let holds = match new.text("closing") {
                "cancelled" => new.flag("cancelRequested"),
                "deadline_passed" => new.number("deadline") <= now,
                "stopped" => new.has("stopRequested"),
                _ => true,
            };
            expect(holds, "a job was closed for a reason that does not hold");
        }
        expect(old.number("hold") == new.number("hold") || new.has_ended(), "the hold of an open job changed");
    }
}

/// A job is stopped by a worker of its own epoch: what stopped an earlier one may have been put right since.
pub(super) fn stop(old: Option<Record<'_>>, new: Record<'_>, writer: Option<Epoch>, found: &mut Vec<String>) {
    let is_noted = new.has("stopRequested") && old.is_none_or(|old| !old.has("stopRequested"));
    if is_noted && writer.is_none_or(|writer| i64::from(writer.0) != new.number("epoch")) {
        found.push("a job was stopped by an outcome of an earlier epoch".to_owned());
    }
}

/// A job is closed for a reason that holds.
pub(super) fn closing(shadow: &Shadow, id: JobId, old: Option<Record<'_>>, new: Record<'_>, found: &mut Vec<String>) {
    if new.text("closing") != "finished" || old.is_some_and(|old| old.has("closing")) {
        return;
    }
    for (number, stage) in shadow.stages(id) {
        let (stored, missed) = (stage.numbers("stored"), stage.numbers("missed"));
        let full = i64::try_from(stored.union(&missed).count()) == Ok(stage.number("quantity"));
        let slots = shadow.slots(id, number);
        let at = stage_stamp(stage);
        let forever = |slot: &u32| {
            slots.get(slot).and_then(|slot| stamp_of(*slot)).is_some_and(|stamp| stamp.is_given_up_in(at.epoch))
        };
        let last = stage.number("round") >= new.number("maxRounds");
        if !full || !(last || missed.difference(&stored).all(forever)) {
            found.push(format!("a job was closed as finished, and stage {number} was not"));
        }
    }
}

/// JB-1, JB-2, CR-2, CR-3 of a job, and its part of the account.
pub(super) fn job_and_all(
    shadow: &Shadow,
    id: JobId,
    old: Option<Record<'_>>,
    new: Record<'_>,
    found: &mut Vec<String>,
) {
    let (account, pk) = (format!("U#{}", new.text("account")), format!("J#{id}"));
    let sets = ["active", "activeSingles"];
    let active = shadow
        .get(&account, "A")
        .is_some_and(|purse| sets.into_iter().any(|set| purse.texts(set).contains(id.to_string().as_str())));
    if active == new.has_ended() {
        found.push("the account's set of unfinished jobs is wrong".to_owned());
    }
    let entry = |kind: &str, epoch: i64| shadow.get(&account, &format!("L#{kind}#{id}#{epoch:05}"));
    let log = shadow.under(&pk, "E#").map(|(number, _)| number[2..].parse().unwrap_or(0));
    if !log.eq(1..=new.number("events")) {
        found.push("the log of a job is not what its record says".to_owned());
    }
    let epoch = new.number("epoch");
    let moved = |kind| entry(kind, epoch).map_or(0, |entry| entry.number("heldDelta"));
    let hold = moved("hold");
    if !new.has_ended() {
        if hold != new.number("hold") || moved("capture") + moved("release") != 0 {
            found.push("CR-2: the hold of an open job is not what its ledger says".to_owned());
        }
        return;
    }
    if old.is_some_and(Record::has_ended) {
        return;
    }
    let (mut requested, mut stored, mut due) = (0, 0, 0);
    for (number, stage) in shadow.stages(id) {
        requested += stage.number("quantity");
        for (index, slot) in shadow.slots(id, number) {
            match slot.text("state") {
                "stored" => {
                    stored += 1;
                    let now = stamp_of(slot).is_some_and(|stamp| i64::from(stamp.epoch.0) == epoch);
                    due += if now { price_in(stage, epoch) } else { 0 };
                }
                "leased" => found.push(format!("JB-1: slot {number}/{index} of an ended job is leased")),
                "open" => found.push(format!("JB-1: slot {number}/{index} of an ended job is open")),
                _ => {}
            }
        }
    }
    let status = new.text("status");
    let fits = match (stored == requested, new.flag("cancelRequested"), stored) {
        (true, _, _) => status == "COMPLETED",
        (false, true, _) => status == "CANCELLED",
        (false, false, 0) => status == "FAILED",
        (false, false, _) => status == "PARTIAL",
    };
    if !fits {
        found.push(format!("JB-2: {status} with {stored} of {requested} stored"));
    }
    if -moved("capture") != due || hold + moved("capture") + moved("release") != 0 {
        found.push(format!("CR-3: {} captured and {due} stored, of {hold} held", -moved("capture")));
    }
}

/// CR-1.
pub(super) fn account(shadow: &Shadow, pk: &str, found: &mut Vec<String>) {
    let Some(purse) = shadow.get(pk, "A") else { return };
    let sum = |name| shadow.under(pk, "L#").map(|(_, entry)| entry.number(name)).sum::<i64>();
    let (balance, held) = (purse.number("balance"), purse.number("held"));
    if (sum("balanceDelta"), sum("heldDelta")) != (balance, held) || balance < 0 || held < 0 {
        found.push(format!("CR-1: balance {balance} and held {held} are not the ledger's sums"));
    }
}

/// What an image of a stage costs in an epoch: as the last retry until then froze it, else as the submit did.
fn price_in(stage: Record<'_>, epoch: i64) -> i64 {
    let later = stage.part("laterPrices");
    let at = (2..=epoch).rev().map(|epoch| epoch.to_string()).find(|epoch| later.has(epoch));
    at.map_or_else(|| stage.number("price"), |epoch| later.number(&epoch))
}
