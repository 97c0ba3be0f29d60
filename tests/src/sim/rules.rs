//! What must hold after every write: of one record as it changes, and of the records that belong together.
//!
//! Written against the records and not against the code that makes them. Each line names its invariant where
//! DESIGN has a number for it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

use serde_json::Value;
use toonmill_domain::{FailureCode, JobId, TRIES_PER_ROUND, outcome::Follow};

use super::{
    gate::Key,
    shadow::{Record, Shadow, stage_stamp, stamp_of},
};

/// One record as it was and as it is.
pub(crate) struct Change<'a> {
    pub(crate) key: &'a Key,
    pub(crate) old: Option<&'a Value>,
    pub(crate) new: Option<&'a Value>,
    /// What the worker's claim is known by, if a worker wrote it.
    pub(crate) holder: Option<&'a str>,
    /// In milliseconds.
    pub(crate) now: i64,
}

/// Checks one write: the record as it was and as it is, then what belongs to it.
pub(crate) fn check(shadow: &Shadow, change: &Change<'_>) -> Vec<String> {
    let mut found = Vec::new();
    let (pk, sk, now) = (change.key.0.as_str(), change.key.1.as_str(), change.now);
    let Some(new) = change.new else { return vec![format!("{pk} {sk} was removed")] };
    let (new, old) = (Record::new(new), change.old.map(Record::new));
    if let Some(rest) = pk.strip_prefix("J#") {
        if let Some((job, stage)) = rest.split_once("#S") {
            let (Ok(job), Ok(stage)) = (job.parse(), stage.parse()) else { return found };
            if sk.starts_with("HASH#") {
                unchanged(old, "a content hash", &mut found);
            } else {
                slot(old, new, now, &mut found);
                lease_of(old, new, change.holder, &mut found);
                refusals(new, &mut found);
                slot_of_its_job(shadow, job, stage, old, new, &mut found);
                stage_and_slots(shadow, job, stage, &mut found);
            }
        } else if let Ok(id) = rest.parse::<JobId>() {
            if sk == "A" {
                job(old, new, now, &mut found);
                closing(shadow, id, old, new, &mut found);
                job_and_all(shadow, id, old, new, &mut found);
            } else if let Some(number) = sk.strip_prefix("B#") {
                stage(old, new, &mut found);
                stage_of_its_job(shadow, id, old, new, &mut found);
                stage_and_slots(shadow, id, number.parse().unwrap_or(0), &mut found);
            } else {
                unchanged(old, "an event", &mut found);
            }
        }
    } else if pk.starts_with("U#") {
        if sk.starts_with("L#") {
            unchanged(old, "CR-1: a ledger entry", &mut found);
        }
        if sk == "A" || sk.starts_with("L#") {
            account(shadow, pk, &mut found);
        }
    } else if pk.starts_with("FILE#") {
        unchanged(old, "the file of a slot", &mut found);
    }
    for what in &mut found {
        let _ = write!(what, "  [{pk} {sk}]");
    }
    found
}

fn unchanged(old: Option<Record<'_>>, what: &str, found: &mut Vec<String>) {
    if old.is_some() {
        found.push(format!("{what} was changed"));
    }
}

fn slot(old: Option<Record<'_>>, new: Record<'_>, now: i64, found: &mut Vec<String>) {
    let mut expect = |holds: bool, what: &str| {
        if !holds {
            found.push(what.to_owned());
        }
    };
    let (state, fence) = (new.text("state"), new.number("fence"));
    expect(new.number("tries") <= i64::from(TRIES_PER_ROUND), "SL-3: more tries than a round has");
    let Some(old) = old else {
        expect(matches!(state, "leased" | "missed") && fence == 1, "a slot began otherwise than claimed or given up");
        return;
    };
    let (was, old_fence) = (old.text("state"), old.number("fence"));
    let (stamp, old_stamp) = (stamp_of(new), stamp_of(old));
    expect(was != "stored", "SL-1: a stored slot changed");
    expect(fence >= old_fence, "a fence fell");
    expect(stamp >= old_stamp, "a stamp fell");
    match state {
        "leased" => {
            expect(was != "leased", "a leased slot was claimed");
            expect(fence == old_fence + 1, "a claim did not raise the fence by one");
            expect(was != "open" || stamp == old_stamp, "an open slot was claimed for another round");
            expect(was != "missed" || stamp > old_stamp, "a missed slot was claimed for no later round");
        }
        "stored" => {
            expect(was == "leased" && fence == old_fence, "SL-2: stored by somebody who did not hold the slot");
            expect(stamp == old_stamp, "a commit changed the stamp");
            let artifact = new.part("artifact");
            let name = artifact.text("objectKey").rsplit('/').next().and_then(|name| name.split('-').nth(1));
            let by = name.and_then(|fence| fence.strip_prefix('f')?.parse().ok());
            expect(by == Some(fence), "SL-2: stored what another claim drew");
        }
        "open" | "missed" if was == "leased" && fence == old_fence => {
            let of = new.list("attempts").last().map_or(old_fence, |last| last.number("fence"));
            let waited = new.number("waits") > old.number("waits");
            expect(waited || of == fence, "a lease was ended by somebody who did not hold it");
        }
        // Ended from outside: only once it has lapsed, unless the job is being closed.
        "open" | "missed" if was == "leased" => {
            let given_up = stamp.is_some_and(|stamp| stamp.is_given_up_in(stamp.epoch));
            expect(given_up || old.number("leaseUntil") < now, "a running lease was ended from outside");
        }
        "missed" => expect(fence > old_fence, "a slot was given up without raising its fence"),
        _ => expect(false, "a slot changed that nobody held"),
    }
}

/// Whether a slot was claimed.
pub(crate) fn is_claim(key: &Key, old: Option<&Value>, new: Option<&Value>) -> bool {
    let state = |item: Option<&Value>| item.map_or(String::new(), |item| Record::new(item).text("state").to_owned());
    key.0.contains("#S") && state(new) == "leased" && state(old) != "leased"
}

/// SL-2: a worker ends no lease but its own.
fn lease_of(old: Option<Record<'_>>, new: Record<'_>, holder: Option<&str>, found: &mut Vec<String>) {
    let (Some(old), Some(holder)) = (old, holder) else { return };
    if old.text("state") == "leased" && new.text("state") != "leased" && old.text("holder") != holder {
        found.push("SL-2: a worker ended a lease that was another's".to_owned());
    }
}

/// What is refused for good is not drawn again in its epoch.
fn refusals(slot: Record<'_>, found: &mut Vec<String>) {
    let mut seen = BTreeMap::new();
    for attempt in slot.list("attempts") {
        let Some(code) = FailureCode::parse(attempt.text("code")) else { continue };
        let most = match code.policy().follow {
            Follow::TryAgain => continue,
            Follow::TryOnceMore => 2,
            Follow::GiveUp | Follow::StopJob => 1,
        };
        let times = seen.entry((stamp_of(attempt).map(|stamp| stamp.epoch), code)).or_insert(0);
        *times += 1;
        if *times > most {
            found.push(format!("a slot was drawn again after {} for good", code.as_str()));
        }
    }
}

fn slot_of_its_job(
    shadow: &Shadow,
    job: JobId,
    stage: u16,
    old: Option<Record<'_>>,
    new: Record<'_>,
    found: &mut Vec<String>,
) {
    let Some(record) = shadow.job(job) else { return };
    if record.has_ended() {
        found.push("JB-1: a slot of an ended job changed".to_owned());
    }
    let stages = shadow.stages(job);
    let Some((_, of)) = stages.iter().find(|(number, _)| *number == stage) else { return };
    let (stamp, at) = (stamp_of(new), stage_stamp(*of));
    let begun = stamp.is_some_and(|stamp| stamp <= at || stamp.is_given_up_in(at.epoch));
    if !begun {
        found.push("a slot took part in a round that has not begun".to_owned());
    }
    let forever = stamp.is_some_and(|stamp| stamp.is_given_up_in(stamp.epoch));
    let from_outside = old.is_none_or(|old| old.number("fence") < new.number("fence"));
    if new.text("state") == "missed" && forever && from_outside && !of.flag("closed") {
        found.push("a slot was given up from outside before its stage was closed".to_owned());
    }
}

fn stage(old: Option<Record<'_>>, new: Record<'_>, found: &mut Vec<String>) {
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
fn stage_of_its_job(shadow: &Shadow, job: JobId, old: Option<Record<'_>>, new: Record<'_>, found: &mut Vec<String>) {
    let closes = new.flag("closed") && old.is_none_or(|old| !old.flag("closed"));
    if closes && shadow.job(job).is_none_or(|job| !job.has("closing") || job.has_ended()) {
        found.push("a stage was closed whose job is not being closed".to_owned());
    }
}

/// ST-1 and AR-2 of a stage.
fn stage_and_slots(shadow: &Shadow, job: JobId, number: u16, found: &mut Vec<String>) {
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

fn job(old: Option<Record<'_>>, new: Record<'_>, now: i64, found: &mut Vec<String>) {
    let Some(old) = old else { return };
    let mut expect = |holds: bool, what: &str| {
        if !holds {
            found.push(what.to_owned());
        }
    };
    let epochs = new.number("epoch") - old.number("epoch");
    expect(new.number("version") >= old.number("version"), "a version fell");
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

/// A job is closed for a reason that holds.
fn closing(shadow: &Shadow, id: JobId, old: Option<Record<'_>>, new: Record<'_>, found: &mut Vec<String>) {
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
fn job_and_all(shadow: &Shadow, id: JobId, old: Option<Record<'_>>, new: Record<'_>, found: &mut Vec<String>) {
    let account = format!("U#{}", new.text("account"));
    let active = shadow.get(&account, "A").is_some_and(|purse| purse.texts("active").contains(id.to_string().as_str()));
    if active == new.has_ended() {
        found.push("the account's set of unfinished jobs is wrong".to_owned());
    }
    let entry = |kind: &str, epoch: i64| shadow.get(&account, &format!("L#{kind}#{id}#{epoch:05}"));
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
                    due += if now { price(stage, epoch) } else { 0 };
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

/// Credits for one image of a stage in this epoch: as the last retry up to it that changed them says, else the submit.
fn price(stage: Record<'_>, epoch: i64) -> i64 {
    let later = stage.part("laterPrices");
    let changed = (2..=epoch).rev().map(|epoch| epoch.to_string()).find(|epoch| later.has(epoch));
    changed.map_or_else(|| stage.number("price"), |epoch| later.number(&epoch))
}

/// CR-1.
fn account(shadow: &Shadow, pk: &str, found: &mut Vec<String>) {
    let Some(purse) = shadow.get(pk, "A") else { return };
    let sum = |name| shadow.under(pk, "L#").map(|(_, entry)| entry.number(name)).sum::<i64>();
    let (balance, held) = (purse.number("balance"), purse.number("held"));
    if (sum("balanceDelta"), sum("heldDelta")) != (balance, held) || balance < 0 || held < 0 {
        found.push(format!("CR-1: balance {balance} and held {held} are not the ledger's sums"));
    }
}
