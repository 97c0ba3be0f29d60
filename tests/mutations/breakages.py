"""The breakages: a name, and the expressions that are others in it: (file, text around it, expression, replacement).

The text around an expression occurs once in its file and holds the expression once. All breakages are built into one
program, which picks among an expression's replacements when it runs, so each must be an expression of the same type.
A value that a condition does not use is an error of its own, so a condition is broken by making it always true.
"""

CLAIMS = "shared/cloud/src/table/claims.rs"
STAGES = "shared/cloud/src/table/stages.rs"
REPAIRS = "shared/cloud/src/table/repairs.rs"
JOBS = "shared/cloud/src/table/jobs.rs"
SETTLE = "shared/cloud/src/table/settle.rs"
RETRY = "shared/cloud/src/table/retry.rs"
TABLE = "shared/cloud/src/table.rs"
DRAW = "shared/flows/src/draw.rs"
CLAIM = "shared/flows/src/draw/claim.rs"
FAILURE = "shared/flows/src/draw/failure.rs"
CLOSE = "shared/flows/src/close.rs"
DEAD = "shared/flows/src/dead_letter.rs"
RECONCILE = "shared/domain/src/reconcile.rs"
STAGE = "shared/domain/src/stage.rs"
SLOT = "shared/domain/src/slot.rs"
DECIDED = "shared/domain/src/settle.rs"
LEDGER = "shared/domain/src/ledger.rs"
DYNAMO = "tests/src/dynamo.rs"
POST = "tests/src/sim/post.rs"


def true(term: str) -> str:
    """A term that holds whatever the record says, and still uses its value."""
    for sign, others in ((" = ", " <> "), (" < ", " >= "), (" <= ", " > "), (" <> ", " = ")):
        if sign in term:
            return f"({term} OR {term.replace(sign, others)})"
    raise ValueError(term)


def without(file: str, condition: str, *terms: str, around: str = ""):
    """A condition without some of its terms."""
    broken = condition
    for term in terms:
        assert broken.count(term) == 1, (condition, term)
        broken = broken.replace(term, true(term))
    return of(file, around or condition, condition, broken)


def of(file: str, around: str, old: str, new: str):
    return [(file, around, old, new)]


# Conditions, as they are written.
OPEN_CLAIM = '''"#state = :open AND #stamp = :stamp AND #fence = :fence AND #tries < :limit \\
                            AND #notBefore <= :now"'''
MISSED_CLAIM = '"#state = :missed AND #stamp < :stamp AND #fence = :fence"'
HELD = '"#state = :leased AND #fence = :fence"'
COMMIT = "            // a stored slot is not leased, so that it never changes (SL-1).\n            condition: " + HELD
PUT_DOWN = "            // As for a commit: only the claim that holds the slot may end its lease.\n            condition: " + HELD
LAPSE = '"#state = :leased AND #fence = :seen AND #leaseUntil < :now"'
BURIAL = '"#state = :leased AND #stamp = :stamp AND #fence = :claimed AND #leaseUntil < :now"'
GIVE_UP = '"attribute_not_exists(#pk) OR (#state <> :stored AND #stamp < :forever)"'
WATERMARK = '"#dispatched = :seen AND #epoch = :epoch AND #closed = :false"'
ROUND = '"#round = :round AND #epoch = :epoch AND #closed = :false"'
RESEND = '"#resends = :seen AND #round = :round AND #epoch = :epoch AND #closed = :false"'
MISS = '"#round = :round AND #epoch = :epoch"'
CLOSING = 'condition: "#version = :seen"'
SETTLED = 'format!("#version = :seen AND #events = :last AND {IS_OPEN}")'

# Decisions.
DUE = ("    if resend_at(stage) <= now {", "resend_at(stage) <= now")
NEW_ROUND = ("SlotState::Missed if self.fence == message.fence && self.stamp < message.stamp()", "self.stamp < message.stamp()")
MINE = ("SlotState::Leased if self.fence == message.fence.next()", "self.fence == message.fence.next()")
OWN_COMMIT = ("Ok(if mine { Commit::Stored }", "mine")
REOPEN = ("Some(_) | None if slot.tries < TRIES_PER_ROUND => {", "slot.tries < TRIES_PER_ROUND")
COMMIT_CALL = "self.table.commit(slot, delivered).await?"
TOKENS = ("match serde_json::from_slice(body) {", "serde_json::from_slice(body)",
    r'serde_json::from_str(&String::from_utf8_lossy(body).replace("\"ClientRequestToken\"", "\"Forgotten\""))')
PUT = "self.blobs.put(&artifact.object_key, &artifact.mime_type, &artifact.sha256, bytes).await"

OPEN_CLAIM_OF_ANY_STATE = OPEN_CLAIM.replace("#state = :open", true("#state = :open")).replace(
    "#fence = :fence", true("#fence = :fence")).replace("#notBefore <= :now", "(attribute_not_exists(#notBefore) OR " + true("#notBefore <= :now") + ")")

BREAKAGES = [
    # Claims.
    ("first claim of a slot that has a record", of(CLAIMS, '"attribute_not_exists(#pk)"', '"attribute_not_exists(#pk)"',
        '"attribute_not_exists(#pk) OR attribute_exists(#pk)"')),
    ("open claim without stamp", without(CLAIMS, OPEN_CLAIM, "#stamp = :stamp")),
    ("open claim without fence", without(CLAIMS, OPEN_CLAIM, "#fence = :fence")),
    ("open claim without stamp and fence", without(CLAIMS, OPEN_CLAIM, "#stamp = :stamp", "#fence = :fence")),
    ("open claim of a leased or a stored slot", of(CLAIMS, OPEN_CLAIM, OPEN_CLAIM, OPEN_CLAIM_OF_ANY_STATE)),
    ("open claim before its time", without(CLAIMS, OPEN_CLAIM, "#notBefore <= :now")),
    ("open claim beyond the tries", without(CLAIMS, OPEN_CLAIM, "#tries < :limit")),
    ("open claim beyond the tries, and a lapsed lease opened though its tries are used up",
        without(CLAIMS, OPEN_CLAIM, "#tries < :limit") + of(RECONCILE, *REOPEN, "true")),
    ("missed claim without a later stamp", without(CLAIMS, MISSED_CLAIM, "#stamp < :stamp") + of(SLOT, *NEW_ROUND, "true")),
    ("missed claim without fence", without(CLAIMS, MISSED_CLAIM, "#fence = :fence")
        + of(SLOT, NEW_ROUND[0], "self.fence == message.fence", "true")),
    ("missed claim without a later stamp and without fence", without(CLAIMS, MISSED_CLAIM, "#stamp < :stamp", "#fence = :fence")
        + of(SLOT, NEW_ROUND[0], "self.fence == message.fence", "true") + of(SLOT, *NEW_ROUND, "true")),
    ("“holder is me” without the fence", of(SLOT, *MINE, "true")),
    ("“holder is me” whoever holds it", of(SLOT, "self.holder.as_deref() == Some(holder) => {", "self.holder.as_deref() == Some(holder)",
        "!holder.is_empty()")),
    ("our own lost answer taken for a lost race", of(SLOT, *MINE, "false")),
    ("a stored slot's message acknowledged without recount", of(CLAIM, "self.count(&slot, window, Drawn::CountedAgain).await?",
        "self.count(&slot, window, Drawn::CountedAgain).await?", "Drawn::CountedAgain")),
    ("a lapsed lease rings nobody", of(CLAIM, "self.doorbell.ring(message.job, RingCause::Lapsed).await?",
        "self.doorbell.ring(message.job, RingCause::Lapsed).await?", "()")),
    # What ends a claim.
    ("commit without fence", without(CLAIMS, HELD, "#fence = :fence", around=COMMIT)),
    ("commit of a slot that is not leased", without(CLAIMS, HELD, "#state = :leased", around=COMMIT)),
    ("commit without fence, of a slot that is not leased", without(CLAIMS, HELD, "#state = :leased", "#fence = :fence", around=COMMIT)),
    ("miss and back-off without fence", without(CLAIMS, HELD, "#fence = :fence", around=PUT_DOWN)),
    ("miss and back-off of a slot that is not leased", without(CLAIMS, HELD, "#state = :leased", around=PUT_DOWN)),
    ("no condition on the content hash", of(CLAIMS, "create_in_transaction(self, hash)?", "create_in_transaction(self, hash)?",
        'crate::expression::put_in_transaction(self, hash, "attribute_not_exists(#pk) OR attribute_exists(#pk)", HashMap::new())?')),
    ("object key without the fence", of(DRAW, "key(key, work.slot.fence, &made.sha256", "work.slot.fence", "toonmill_domain::Fence(1)")),
    ("our own commit, its answer lost, taken for a late one", of(CLAIMS, *OWN_COMMIT, "false")),
    ("object deleted on a lost commit", of(DYNAMO, *TOKENS) + of(CLAIMS, *OWN_COMMIT, "mine && slot.tries == 0")
        + of(DRAW, "Commit::Late => Ok(Drawn::Late),", "Ok(Drawn::Late)",
             "{ self.blobs.delete(&[artifact.object_key.clone()]).await?; Ok(Drawn::Late) }")),
    ("count before commit", of(DRAW, COMMIT_CALL, COMMIT_CALL,
        "{ self.table.count_stored(slot.key).await?; " + COMMIT_CALL + " }")),
    ("commit before put", of(DRAW, PUT, PUT,
        "{ self.table.commit(slot, Delivered { artifact: &artifact, must_differ: true, file: None, row: None }).await?; " + PUT + " }")),
    ("a back-off's message with its old fence", of(FAILURE, "work.message.with_fence(slot.fence)", "slot.fence", "work.message.fence")),
    ("refused slot without ∞", of(FAILURE, "Stamp::given_up(work.slot.stamp.epoch)", "Stamp::given_up(work.slot.stamp.epoch)", "work.slot.stamp")),
    # Counts and rings.
    ("miss counted without round", without(STAGES, MISS, "#round = :round")),
    ("miss counted without epoch", without(STAGES, MISS, "#epoch = :epoch")),
    ("miss counted without round and epoch", without(STAGES, MISS, "#round = :round", "#epoch = :epoch")),
    ("a slot in both sets counted twice", of(STAGE, "self.missed.difference(&self.stored).count()",
        "self.missed.difference(&self.stored).count()", "self.missed.len()")),
    ("ring only when full", of(STAGE, "self.is_full() || self.next_watermark(window).is_some()",
        "self.is_full() || self.next_watermark(window).is_some()", "self.is_full()")),
    ("a window full of stored slots", of(STAGE, "self.watermark_after(window.saturating_sub(in_flight))",
        "self.watermark_after(window.saturating_sub(in_flight))",
        "self.dispatched.saturating_add(window.saturating_sub(in_flight)).min(self.quantity)")),
    ("rings swallowed for five minutes, like a FIFO queue's", of(POST, "new.push(self.add(content, now + waiting.delay_secs * 1_000));",
        "self.add(content, now + waiting.delay_secs * 1_000)", """{
            thread_local! { static RUNG: std::cell::RefCell<std::collections::BTreeMap<toonmill_domain::JobId, i64>> = const { std::cell::RefCell::new(std::collections::BTreeMap::new()) } }
            if let Content::Ring(ring) = content {
                let last = RUNG.with_borrow(|rung| rung.get(&ring.job).copied()).filter(|last| *last <= now);
                if last.is_some_and(|last| now - last < 300_000) { continue; }
                RUNG.with_borrow_mut(|rung| rung.insert(ring.job, now));
            }
            self.add(content, now + waiting.delay_secs * 1_000)
        }""")),
    ("a dead letter rings nobody", of(DEAD, "self.doorbell.ring(message.job, cause).await?",
        "self.doorbell.ring(message.job, cause).await?", "()")),
    # Dead letters.
    ("a dead letter misses a slot that nobody claimed", of(REPAIRS, BURIAL, BURIAL, BURIAL[:-1]
        + ' OR (#state = :missed AND #stamp < :stamp) OR (#stamp = :stamp AND attribute_exists(#notBefore))"')),
    ("burial without the claim's fence", without(REPAIRS, BURIAL, "#fence = :claimed")),
    ("burial without the claim's stamp", without(REPAIRS, BURIAL, "#stamp = :stamp")),
    ("burial without fence and stamp", without(REPAIRS, BURIAL, "#fence = :claimed", "#stamp = :stamp")),
    ("burial of a running lease", without(REPAIRS, BURIAL, "#leaseUntil < :now")),
    ("burial of a slot that is not leased", of(REPAIRS, BURIAL, BURIAL, BURIAL.replace("#state = :leased", true("#state = :leased"))
        .replace("#leaseUntil < :now", "(attribute_not_exists(#leaseUntil) OR #leaseUntil < :now)"))),
    ("a dead letter postpones the next check", of(DEAD, "Buried::NeverClaimed => RingCause::Continue,", "RingCause::Continue",
        "{ self.table.note_stuck(message.job, now).await?; RingCause::Continue }")),
    # Reconcile.
    ("lapse without `leased`", of(REPAIRS, LAPSE, LAPSE,
        '"(#state = :leased OR #state <> :leased) AND #fence = :seen AND (attribute_not_exists(#leaseUntil) OR #leaseUntil < :now)"')),
    ("lapse without fence", without(REPAIRS, LAPSE, "#fence = :seen")),
    ("lapse without time", without(REPAIRS, LAPSE, "#leaseUntil < :now")),
    ("lapse without fence and time", without(REPAIRS, LAPSE, "#fence = :seen", "#leaseUntil < :now")),
    ("no lapse", of(RECONCILE, *DUE, "{ found.repairs.retain(|repair| matches!(repair, Repair::CountStored(_) | Repair::CountMissed(_))); resend_at(stage) <= now }")),
    ("no re-send", of(RECONCILE, *DUE, "false")),
    ("no repair of the sets", of(RECONCILE, *DUE, "{ found.repairs.retain(|repair| !matches!(repair, Repair::CountStored(_) | Repair::CountMissed(_))); resend_at(stage) <= now }")),
    ("re-send without `seen`, round and epoch", without(STAGES, RESEND, "#resends = :seen", "#round = :round", "#epoch = :epoch")),
    ("watermark without `seen`", without(STAGES, WATERMARK, "#dispatched = :seen")),
    ("watermark without epoch", without(STAGES, WATERMARK, "#epoch = :epoch")),
    ("watermark without `closed`", without(STAGES, WATERMARK, "#closed = :false")),
    ("round without round", without(STAGES, ROUND, "#round = :round")),
    ("round without epoch", without(STAGES, ROUND, "#epoch = :epoch")),
    ("round without `closed`", without(STAGES, ROUND, "#closed = :false")),
    ("reads that may be stale", of(TABLE, ".consistent_read(true)\n            .key_condition", "true", "false")),
    # Close, settle, retry.
    ("`closing` without version", without(JOBS, '"#version = :seen"', "#version = :seen", around=CLOSING)),
    ("settle without version", of(SETTLE, SETTLED, SETTLED, SETTLED.replace("#version = :seen", true("#version = :seen")))),
    ("settle of an ended job", of(SETTLE, SETTLED, SETTLED, SETTLED.replace("{IS_OPEN}", "({IS_OPEN} OR attribute_exists(#pk))"))),
    ("settle without version, of an ended job", of(SETTLE, SETTLED, SETTLED,
        SETTLED.replace("#version = :seen", true("#version = :seen")).replace("{IS_OPEN}", "({IS_OPEN} OR attribute_exists(#pk))"))),
    ("settle without the log's number", of(SETTLE, SETTLED, SETTLED, SETTLED.replace("#events = :last", true("#events = :last")))),
    ("no `closed`", of(STAGES, 'values([("true", flag(true)), ("epoch"', "flag(true)", "flag(false)")),
    ("close of another epoch", of(STAGES, 'condition: "#epoch = :epoch",', '"#epoch = :epoch"', '"(#epoch = :epoch OR #epoch <> :epoch)"')),
    ("give-up over a stored slot", of(REPAIRS, GIVE_UP, GIVE_UP, GIVE_UP.replace("#state <> :stored", true("#state <> :stored")))),
    ("give-up without ∞", of(REPAIRS, "Stamp::given_up(epoch).as_number()", "Stamp::given_up(epoch)", "Stamp::new(epoch, toonmill_domain::Round(1))")),
    ("give-up without creating the absent", of(REPAIRS, GIVE_UP, GIVE_UP, GIVE_UP.replace("attribute_not_exists(#pk) OR", "attribute_exists(#pk) AND"))),
    ("give-up of an older epoch", of(CLOSE, "self.table.give_up(slot, stage.epoch,", "stage.epoch", "toonmill_domain::Epoch(1)")),
    ("settle from the sets, without repair", of(DECIDED, "filter(|slot| slot.state == SlotState::Stored)", "slot.state == SlotState::Stored",
        "slot.state == SlotState::Stored && stage.stored.contains(&slot.key.slot)")
        + of(CLOSE, "self.count_the_stored(stage, &slots).await", "self.count_the_stored(stage, &slots).await", "Ok(())")),
    ("capture not per epoch", of(DECIDED, "if slot.stamp.epoch == job.epoch {", "slot.stamp.epoch == job.epoch", "slot.stamp.epoch <= job.epoch")),
    ("no epoch in the ledger key", of(LEDGER, 'format!("hold#{job}#{:05}", epoch.0)', "epoch.0", "epoch.0.min(1)")),
    ("a stop of another epoch", of(JOBS, "attribute_not_exists(#stopRequested) AND #epoch = :epoch AND {IS_OPEN}",
        'format!("attribute_not_exists(#stopRequested) AND #epoch = :epoch AND {IS_OPEN}")',
        'format!("attribute_not_exists(#stopRequested) AND (#epoch = :epoch OR #epoch <> :epoch) AND {IS_OPEN}")')),
    ("request tokens forgotten at once", of(DYNAMO, *TOKENS)),
    ("request tokens forgotten at once, and our own commit taken for a late one", of(DYNAMO, *TOKENS) + of(CLAIMS, *OWN_COMMIT, "false")),
    ("a settle's token that names its cause and not its call", of(SETTLE, 'let request = format!("{token}{attempt}");', 'format!("{token}{attempt}")',
        'format!("settle-{}-{}", seen.id.uuid().as_u128() % 1_000_000_000, seen.version)')),
    ("retry keeps `missed`", of(RETRY, "#laterPrices = :prices REMOVE #missed", '''"SET #epoch = :next, #round = :one, #roundStartedAt = :now, #closed = :false, #dispatched = :zero, \\
                 #resends = :zero, #laterPrices = :prices REMOVE #missed"''', '''"SET #epoch = :next, #round = :one, #roundStartedAt = :now, #closed = :false, #dispatched = :zero, \\
                 #resends = :zero, #laterPrices = :prices"''')),
    ("retry keeps `closed`", of(RETRY, '("now", time(now)),\n            ("false", flag(false)),\n            ("prices"', "flag(false)", "flag(true)")),
]

# Why a breakage goes unnoticed: a second lock on the same door. Where a breakage takes both away, it is named.
SECOND_LOCKS = {
    "open claim without stamp": "the fence: it is open in one stamp only",
    "open claim beyond the tries": "a slot whose tries are used up is missed and never opened; noticed without both",
    "missed claim without a later stamp": "the fence: no message of a slot's own round names the fence it was missed with; noticed without both",
    "missed claim without fence": "the stamp; noticed without both",
    "“holder is me” without the fence": "no two deliveries have one holder; noticed whoever the holder is",
    "commit of a slot that is not leased": "the fence: only its holder writes under it; noticed without both",
    "our own commit, its answer lost, taken for a late one": "the request token; noticed without both",
    "request tokens forgotten at once": "the old item shows whose write it was; noticed without both",
    "a slot in both sets counted twice": "the conditions of the counts keep the sets apart",
    "lapse without time": "the fence: a lease is never prolonged, so what was seen lapsed stays so; noticed without both",
    "re-send without `seen`, round and epoch": "only doubles messages, of which each changes nothing (QU-2)",
    "settle of an ended job": "the version; noticed without both",
    # Meetings that chance never arranged: a test does.
    "lapse without fence": "chance never arranged it; the flow test `a_reconciler_that_wakes_late_does_not_end_a_later_lease_that_has_lapsed_too` does",
    "round without `closed`": "chance never arranged it; the flow test `a_reconciler_that_wakes_late_opens_no_round_in_a_closed_stage` does",
    "a stop of another epoch": "chance never arranged it; the flow test `jb_1_a_stop_that_comes_an_epoch_late_stops_nothing` does",
}
