//! What must hold of a slot's record as it changes.

use std::collections::BTreeMap;

use toonmill_domain::{
    FailureCode, Fence, JobId, JobKind, Naming, Plan, SlotKey, SlotMessage, StagePlan, TRIES_PER_ROUND,
    outcome::Follow, plan::PLAN_VERSION,
};

use crate::{
    orders::stage,
    sim::shadow::{Record, Shadow, stage_stamp, stamp_of},
};

pub(super) fn slot(key: SlotKey, old: Option<Record<'_>>, new: Record<'_>, now: i64, found: &mut Vec<String>) {
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
            expect(was != "open" || old.number("notBefore") <= now, "an open slot was claimed before its time");
            expect(was != "missed" || stamp > old_stamp, "a missed slot was claimed for no later round");
        }
        "stored" => {
            expect(was == "leased" && fence == old_fence, "SL-2: stored by somebody who did not hold the slot");
            expect(stamp == old_stamp, "a commit changed the stamp");
            let artifact = new.part("artifact");
            expect(is_drawn_by(artifact, key, fence), "SL-2: stored what another claim drew");
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

/// SL-2: a worker ends no lease but its own.
pub(super) fn lease_of(old: Option<Record<'_>>, new: Record<'_>, holder: Option<&str>, found: &mut Vec<String>) {
    let (Some(old), Some(holder)) = (old, holder) else { return };
    if old.text("state") == "leased" && new.text("state") != "leased" && old.text("holder") != holder {
        found.push("SL-2: a worker ended a lease that was another's".to_owned());
    }
}

/// A dead letter changes a slot only if its message was claimed, and the lease of that claim has lapsed.
pub(super) fn burial(old: Option<Record<'_>>, of: Option<&SlotMessage>, now: i64, found: &mut Vec<String>) {
    let Some(message) = of else { return };
    let claimed = old.is_some_and(|old| {
        old.text("state") == "leased"
            && stamp_of(old) == Some(message.stamp())
            && Ok(old.number("fence")) == i64::try_from(message.fence.next().0)
    });
    if !claimed {
        found.push("a dead letter changed a slot that its message had not claimed".to_owned());
    } else if old.is_some_and(|old| old.number("leaseUntil") >= now) {
        found.push("a dead letter ended a running lease".to_owned());
    }
}

/// Whether nobody has claimed the slot by this message, and somebody still may.
pub(crate) fn never_claimed(slot: Option<Record<'_>>, message: &SlotMessage) -> bool {
    let Some(slot) = slot else { return message.fence == Fence::NONE };
    let waits = match slot.text("state") {
        "open" => stamp_of(slot) == Some(message.stamp()),
        "missed" => stamp_of(slot) < Some(message.stamp()),
        _ => false,
    };
    waits && Ok(slot.number("fence")) == i64::try_from(message.fence.0)
}

/// What is refused for good is not drawn again in its epoch.
pub(super) fn refusals(shadow: &Shadow, job: JobId, stage: u16, slot: Record<'_>, found: &mut Vec<String>) {
    let stages = shadow.stages(job);
    let of = stages.iter().find(|(number, _)| *number == stage).map(|(_, stage)| *stage);
    let may_move = of.is_some_and(|stage| !stage.list("alternatives").is_empty());
    let mut seen = BTreeMap::new();
    for attempt in slot.list("attempts") {
        let Some(code) = FailureCode::parse(attempt.text("code")) else { continue };
        let most = match code.policy().follow {
            Follow::TryAgain => continue,
            // Another provider may not know of the first one's trouble, and may draw what that one refuses.
            Follow::StopJob if may_move => continue,
            Follow::TryOnceMore => {
                if may_move {
                    3
                } else {
                    2
                }
            }
            Follow::GiveUp | Follow::StopJob => 1,
        };
        let times = seen.entry((stamp_of(attempt).map(|stamp| stamp.epoch), code)).or_insert(0);
        *times += 1;
        if *times > most {
            found.push(format!("a slot was drawn again after {} for good", code.as_str()));
        }
    }
}

pub(super) fn slot_of_its_job(
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

/// Whether an artifact's name is the one that this claim gave it: by its fence, or among a cut's by what only the fence
/// leads to.
fn is_drawn_by(artifact: Record<'_>, slot: SlotKey, fence: i64) -> bool {
    let Some((_, name)) = artifact.text("objectKey").rsplit_once('/') else { return false };
    let Some(of_a_cut) = name.strip_prefix("cut-") else {
        let by = name.split('-').nth(1).and_then(|fence| fence.strip_prefix('f')?.parse().ok());
        return by == Some(fence);
    };
    let plan = Plan {
        v: PLAN_VERSION,
        job: slot.job,
        account: "a".parse().unwrap(),
        kind: JobKind::Pipeline,
        object_prefix: String::new(),
        stages: Vec::new(),
        requests: Vec::new(),
    };
    // Its folder says nothing of the claim.
    let naming = Naming { folder: "a/_".to_owned(), stem: "cut".to_owned() };
    let stage = StagePlan { naming: Some(naming), ..stage("a cut", 1) };
    let fence = Fence(u64::try_from(fence).unwrap());
    let key = plan.place(&stage).key(slot, fence, artifact.text("sha256"), "webp");
    key.ends_with(of_a_cut)
}
