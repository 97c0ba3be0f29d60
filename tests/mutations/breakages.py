"""The breakages: a name, and the edits (file, text that occurs there once, its replacement) that make each.

A value that an expression does not use is an error of its own, so a condition is broken by making it always true.
"""

CLAIMS = "shared/cloud/src/table/claims.rs"
STAGES = "shared/cloud/src/table/stages.rs"
REPAIRS = "shared/cloud/src/table/repairs.rs"
JOBS = "shared/cloud/src/table/jobs.rs"
SETTLE = "shared/cloud/src/table/settle.rs"
RETRY = "shared/cloud/src/table/retry.rs"
TABLE = "shared/cloud/src/table.rs"
DRAW = "shared/flows/src/draw.rs"
FAILURE = "shared/flows/src/draw/failure.rs"
CLOSE = "shared/flows/src/close.rs"
DEAD = "shared/flows/src/dead_letter.rs"
RECONCILE = "shared/domain/src/reconcile.rs"
STAGE = "shared/domain/src/stage.rs"
SLOT = "shared/domain/src/slot.rs"
DECIDED = "shared/domain/src/settle.rs"
LEDGER = "shared/domain/src/ledger.rs"


def always(term: str, other: str) -> str:
    return f"({term} OR {other})"


ANY_FENCE = always("#fence = :fence", "#fence <> :fence")
OPEN_CLAIM = '''condition: "#state = :open AND #stamp = :stamp AND #fence = :fence AND #tries < :limit \\
                            AND #notBefore <= :now",'''
MISSED_CLAIM = '"#state = :missed AND #stamp < :stamp AND #fence = :fence"'
COMMIT = '''            // a stored slot is not leased, so that it never changes (SL-1).
            condition: "#state = :leased AND #fence = :fence",'''
PUT_DOWN = '''            // As for a commit: only the claim that holds the slot may end its lease.
            condition: "#state = :leased AND #fence = :fence",'''
LAPSE = '"#state = :leased AND #fence = :seen AND #leaseUntil < :now"'
WATERMARK = '"#dispatched = :seen AND #epoch = :epoch AND #closed = :false"'
ROUND = '"#round = :round AND #epoch = :epoch AND #closed = :false",\n            values: set,'
MISS = '"#round = :round AND #epoch = :epoch",'
GIVE_UP = '"attribute_not_exists(#pk) OR (#state <> :stored AND #stamp < :forever)"'
INSPECTED = "    if resend_at(stage) <= now {"


def open_claim(old: str, new: str):
    return [(CLAIMS, OPEN_CLAIM, OPEN_CLAIM.replace(old, new))]


def of(file: str, text: str, old: str, new: str):
    return [(file, text, text.replace(old, new))]


BREAKAGES = [
    ("commit without fence", of(CLAIMS, COMMIT, "#fence = :fence", ANY_FENCE)),
    ("commit of a slot that is not leased", of(CLAIMS, COMMIT, "#state = :leased", always("#state = :leased", "#state <> :leased"))),
    ("miss and back-off without fence", of(CLAIMS, PUT_DOWN, "#fence = :fence", ANY_FENCE)),
    ("miss counted without round", of(STAGES, MISS, "#round = :round", always("#round = :round", "#round <> :round"))),
    ("miss counted without epoch", of(STAGES, MISS, "#epoch = :epoch", always("#epoch = :epoch", "#epoch <> :epoch"))),
    ("first claim of a slot that has a record", of(CLAIMS, '"attribute_not_exists(#pk)"', "(#pk)\"", "(#pk) OR attribute_exists(#pk)\"")),
    ("open claim without stamp", open_claim("#stamp = :stamp", always("#stamp = :stamp", "#stamp <> :stamp"))),
    ("open claim without fence", open_claim("#fence = :fence", ANY_FENCE)),
    ("open claim of a leased slot, without fence", open_claim(
        "#state = :open AND #stamp = :stamp AND #fence = :fence", "(#state = :open OR #state = :leased) AND #stamp = :stamp AND " + ANY_FENCE)),
    ("open claim beyond the tries", open_claim("#tries < :limit", always("#tries < :limit", "#tries >= :limit"))),
    ("missed claim without a later stamp", of(CLAIMS, MISSED_CLAIM, "#stamp < :stamp", always("#stamp < :stamp", "#stamp >= :stamp"))
     + of(SLOT, "self.fence == message.fence && self.stamp < message.stamp() => LostClaim::NewRound", " && self.stamp < message.stamp()", "")),
    ("no condition on the content hash", of(CLAIMS, "            create_in_transaction(self, hash)?,", "create_in_transaction(self, hash)?",
        'crate::expression::put_in_transaction(self, hash, "attribute_not_exists(#pk) OR attribute_exists(#pk)", HashMap::new())?')),
    ("lapse without `leased`", of(REPAIRS, LAPSE, LAPSE,
        '"(#state = :leased OR #state <> :leased) AND #fence = :seen AND (attribute_not_exists(#leaseUntil) OR #leaseUntil < :now)"')),
    ("lapse without fence and time", of(REPAIRS, LAPSE, LAPSE,
        '"#state = :leased AND (#fence = :seen OR #fence <> :seen) AND (#leaseUntil < :now OR #leaseUntil >= :now)"')),
    ("no lapse", of(RECONCILE, INSPECTED, INSPECTED,
        "    found.repairs.retain(|repair| matches!(repair, Repair::CountStored(_) | Repair::CountMissed(_)));\n" + INSPECTED)),
    ("no re-send", of(RECONCILE, INSPECTED, "resend_at(stage) <= now", "resend_at(stage) <= now && stage.quantity == 0")),
    ("no repair of the sets", of(RECONCILE, INSPECTED, INSPECTED,
        "    found.repairs.retain(|repair| !matches!(repair, Repair::CountStored(_) | Repair::CountMissed(_)));\n" + INSPECTED)),
    ("watermark without `seen`", of(STAGES, WATERMARK, "#dispatched = :seen", always("#dispatched = :seen", "#dispatched <> :seen"))),
    ("watermark without epoch", of(STAGES, WATERMARK, "#epoch = :epoch", always("#epoch = :epoch", "#epoch <> :epoch"))),
    ("watermark without `closed`", of(STAGES, WATERMARK, "#closed = :false", always("#closed = :false", "#closed <> :false"))),
    ("round without round", of(STAGES, ROUND, "#round = :round", always("#round = :round", "#round <> :round"))),
    ("round without epoch", of(STAGES, ROUND, "#epoch = :epoch", always("#epoch = :epoch", "#epoch <> :epoch"))),
    ("round without `closed`", of(STAGES, ROUND, "#closed = :false", always("#closed = :false", "#closed <> :false"))),
    ("`closing` without version", of(JOBS, 'condition: "#version = :seen",', "#version = :seen", "(#version = :seen OR #version <> :seen)")),
    ("settle without version", of(SETTLE, '"#version = :seen AND {IS_OPEN}"', "#version = :seen", "(#version = :seen OR #version <> :seen)")),
    ("settle without version and status", of(SETTLE, '"#version = :seen AND {IS_OPEN}"', "#version = :seen AND {IS_OPEN}",
        "(#version = :seen OR #version <> :seen) AND ({IS_OPEN} OR attribute_exists(#pk))")),
    ("no `closed`", of(STAGES, 'values([("true", flag(true)), ("epoch"', "flag(true)", "flag(false)")),
    ("close of another epoch", of(STAGES, 'condition: "#epoch = :epoch",', "#epoch = :epoch", "(#epoch = :epoch OR #epoch <> :epoch)")),
    ("give-up over a stored slot", of(REPAIRS, GIVE_UP, "#state <> :stored", "(#state <> :stored OR #state = :stored)")),
    ("give-up without ∞", of(REPAIRS, "Stamp::given_up(epoch).as_number()", "Stamp::given_up(epoch)", "Stamp::new(epoch, toonmill_domain::Round(1))")),
    ("give-up without creating the absent", of(REPAIRS, GIVE_UP, "attribute_not_exists(#pk) OR", "attribute_exists(#pk) AND")),
    ("give-up of an older epoch", of(CLOSE, "self.table.give_up(slot, stage.epoch,", "stage.epoch", "toonmill_domain::Epoch(1)")),
    ("capture not per epoch", of(DECIDED, "if slot.stamp.epoch == job.epoch {", "==", "<=")),
    ("retry keeps `missed`", of(RETRY, "#laterPrices = :prices REMOVE #missed", " REMOVE #missed", "")),
    ("retry keeps `closed`", of(RETRY, '("now", time(now)),\n            ("false", flag(false)),\n            ("prices"', "flag(false)", "flag(true)")),
    ("refused slot without ∞", of(FAILURE, "Stamp::given_up(work.slot.stamp.epoch)", "Stamp::given_up(work.slot.stamp.epoch)", "work.slot.stamp")),
    ("\"holder is me\" without the fence", of(SLOT, "if self.fence == message.fence.next() && self.holder", "self.fence == message.fence.next() && ", "")),
    ("our own lost answer taken for a lost race", of(SLOT, "if self.fence == message.fence.next() && self.holder", "if ", "if self.tries == u32::MAX && ")),
    ("ring only when full", of(STAGE, "self.is_full() || self.next_watermark(window).is_some()", " || self.next_watermark(window).is_some()", " || window == u32::MAX")),
    ("a slot in both sets counted twice", of(STAGE, "self.missed.difference(&self.stored).count()", "difference(&self.stored).count()", "len()")),
    ("object deleted on a lost commit", of(DRAW, "Commit::Late => Ok(Drawn::Late),", "Ok(Drawn::Late)",
        "{ self.blobs.delete(&[artifact.object_key.clone()]).await?; Ok(Drawn::Late) }")
     + of(CLAIMS, "Ok(if mine { Commit::Stored }", "if mine", "if mine && slot.tries == 0")),
    ("settle from the sets, without repair", of(DECIDED, "filter(|slot| slot.state == SlotState::Stored)", "slot.state == SlotState::Stored",
        "slot.state == SlotState::Stored && stage.stored.contains(&slot.key.slot)")
     + of(CLOSE, "        self.count_the_stored(stage, &slots).await", "self.count_the_stored(stage, &slots).await", "if stage.quantity == 0 { self.count_the_stored(stage, &slots).await?; } Ok(())")),
    ("no epoch in the ledger key", of(LEDGER, 'format!("hold#{job}#{:05}", epoch.0)', "epoch.0", "epoch.0.min(1)")),
    ("a stored slot's message acknowledged without recount", of(DRAW, "LostClaim::CountAgain => return self.count(&slot, Drawn::CountedAgain).await,",
        "return self.count(&slot, Drawn::CountedAgain).await", "return Ok(Drawn::CountedAgain)")),
    ("a lapsed lease rings nobody", of(DRAW, "self.doorbell.ring(message.job, RingCause::Lapsed).await?;", "self.doorbell.ring(message.job, RingCause::Lapsed).await?;", "")),
    ("a dead letter rings nobody", of(DEAD, "self.doorbell.ring(message.job, RingCause::DeadLetter).await?;", "self.doorbell.ring(message.job, RingCause::DeadLetter).await?;", "")),
    ("a back-off's message with its old fence", of(FAILURE, "work.message.with_fence(slot.fence)", "slot.fence", "work.message.fence")),
    ("object key without the fence", of(DRAW, "key), work.slot.fence.0),", "work.slot.fence.0", "1")),
    ("reads that may be stale", of(TABLE, ".consistent_read(true)\n            .key_condition", "true", "false")),
    ("a window full of stored slots", of(STAGE, "self.watermark_after(window.saturating_sub(in_flight))", "self.watermark_after(window.saturating_sub(in_flight))",
        "self.dispatched.saturating_add(window.saturating_sub(in_flight)).min(self.quantity)")),
    ("a settle's token that names its cause and not its call", of(SETTLE, "match self.transact(items, token).await? {", "token", '&format!("settle-{}-{}", seen.id.uuid().as_u128() as u32, seen.version)')),
]
