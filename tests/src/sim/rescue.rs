//! Mode C: when nothing moves and a job is still open, only the sweep can help. For what cause, and may it be?

use toonmill_domain::{JobId, SlotIndex, SlotKey, StageIndex};

use super::{
    debts::Debt,
    handlers::Work,
    scheduler::Simulation,
    shadow::{Record, stage_stamp, stamp_of},
};

/// What went wrong with a handler of a job so that somebody else must go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Trouble {
    /// The one who submitted or retried it, cancelled it, or settled it by force died or could not ring.
    Ring,
    /// A worker, a reconciler or an undertaker died, failed, or could not send.
    Machine,
    /// Its reconcile is a dead letter.
    DeadRing,
}

impl Trouble {
    pub(crate) const fn of(work: &Work) -> Self {
        match work {
            Work::Submit(_) | Work::Cancel { .. } | Work::Retry { .. } | Work::Settle(_) => Self::Ring,
            Work::BuryRing(_) => Self::DeadRing,
            Work::Draw { .. } | Work::Reconcile(_) | Work::BuryImage(_) | Work::Sweep => Self::Machine,
        }
    }
}

/// Why the sweep must ring for a job, if that is one of the causes that are left to it alone.
pub(crate) fn cause(play: &Simulation, id: JobId) -> Result<&'static str, String> {
    let Some(job) = play.shadow.job(id) else { return Err("there is no such job".to_owned()) };
    let troubled = |trouble| play.troubles.contains(&(id, trouble));
    if troubled(Trouble::DeadRing) {
        return Ok("its reconcile was a dead letter");
    }
    let now = play.now();
    if job.number("deadline") <= now {
        return Ok("its deadline passed");
    }
    if troubled(Trouble::Ring) && (job.text("status") == "IN_QUEUE" || is_untouched(play, id)) {
        return Ok("the ring of a submit or retry was lost");
    }
    if job.flag("cancelRequested") && troubled(Trouble::Ring) {
        return Ok("the ring of a cancel was lost");
    }
    if job.has("closing") {
        return Err("its close was left undone".to_owned());
    }
    if is_held(play, id) {
        return Ok("who draws it was not to be called");
    }
    if !troubled(Trouble::Machine) {
        return Err("no handler of it ever failed".to_owned());
    }
    for (number, stage) in play.shadow.stages(id) {
        if let Some(cause) = cause_of_stage(play, id, number, stage)? {
            return Ok(cause);
        }
    }
    if job.has("stopRequested") && play.debts.contains(&(id, Debt::Stop)) {
        return Ok("a stop was noted and not rung");
    }
    Err("nobody rang, and all of its slots are done or waited for".to_owned())
}

/// Whether the job may have waited for a breaker to close, which has ever been open: nothing rings when it closes.
pub(crate) fn is_held(play: &Simulation, id: JobId) -> bool {
    let is_open = |choice: Record<'_>| {
        let (pk, sk) = (format!("P#{}", choice.text("provider")), format!("M#{}", choice.text("model")));
        play.shadow.get(&pk, &sk).is_some_and(|breaker| breaker.has("reason"))
    };
    play.shadow.stages(id).into_iter().any(|(_, stage)| {
        let open = is_open(stage) || stage.list("alternatives").into_iter().any(is_open);
        open && !stage.flag("closed")
            && stage.numbers("stored").len() < usize::try_from(stage.number("quantity")).unwrap_or(0)
    })
}

fn is_untouched(play: &Simulation, id: JobId) -> bool {
    play.shadow.stages(id).iter().all(|(_, stage)| stage.number("dispatched") == 0)
}

fn cause_of_stage(
    play: &Simulation,
    id: JobId,
    number: u16,
    stage: Record<'_>,
) -> Result<Option<&'static str>, String> {
    let slots = play.shadow.slots(id, number);
    let (at, stored, missed) = (stage_stamp(stage), stage.numbers("stored"), stage.numbers("missed"));
    let quantity = u32::try_from(stage.number("quantity")).unwrap_or(0);
    if stage.flag("closed") {
        return Ok(None);
    }
    for index in 0..u32::try_from(stage.number("dispatched")).unwrap_or(0) {
        let slot = slots.get(&index).copied();
        let stamp = slot.and_then(stamp_of);
        let counted = stored.contains(&index) || missed.contains(&index);
        let found = slot.map_or("absent", |slot| slot.text("state"));
        let debts: (&[Debt], _) = match found {
            "stored" if !counted => return Err(format!("slot {number}/{index} is stored, and nobody counted it")),
            "leased" => return Err(format!("the lease of slot {number}/{index} lapsed, and nobody rang")),
            "absent" => (&[Debt::Send], "messages were not sent"),
            "missed" if stamp < Some(at) => (&[Debt::Send], "messages were not sent"),
            "open" => (&[Debt::BackOff, Debt::Send], "a back-off was written and its message not sent"),
            "missed" if !counted => (&[Debt::Count], "a miss was not counted"),
            _ => continue,
        };
        let key = SlotKey { job: id, stage: StageIndex(number), slot: SlotIndex(index) };
        if play.unclaimed.contains(&key) && matches!(found, "absent" | "open" | "missed") {
            return Ok(Some("a message died that nobody could claim"));
        }
        return if debts.0.iter().any(|debt| play.debts.contains(&(id, *debt))) {
            Ok(Some(debts.1))
        } else {
            Err(format!("slot {number}/{index} is {found}, and whoever left it so did not die: {}", debts.1))
        };
    }
    if (0..quantity).all(|slot| stored.contains(&slot)) {
        return Ok(None);
    }
    let rung = missed.is_empty() || !play.debts.contains(&(id, Debt::Ring));
    Ok((!rung).then_some("a miss was counted and not rung"))
}
