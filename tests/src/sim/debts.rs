//! What a handler has begun and must finish. If it dies before, nobody but a later look at the records knows of it:
//! these are the gaps that PROTOCOL's table leaves to the sweep, and a rescue must be able to name its own.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    gate::Key,
    shadow::{Record, stage_stamp},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Debt {
    /// A watermark, a round, a re-send or an ended lease was written: its messages are to be sent.
    Send,
    /// A back-off was written: its message is to be sent.
    BackOff,
    /// A slot is missed: it is to be counted.
    Count,
    /// A miss is counted: the rule may ask for a ring.
    Ring,
    /// A stop is noted: it is to be rung.
    Stop,
}

/// What one write adds to what its writer owes.
pub(crate) fn debts_of(key: &Key, old: Option<&Value>, new: Option<&Value>, owes: &mut BTreeSet<Debt>) {
    let Some(new) = new.map(Record::new) else { return };
    let old = old.map(Record::new);
    if key.0.contains("#S") {
        let (was, is) = (old.map_or("", |old| old.text("state")), new.text("state"));
        let fence = old.map_or(0, |old| old.number("fence"));
        match is {
            "missed" if was != "missed" || fence < new.number("fence") => owes.extend([Debt::Count]),
            "open" if was == "leased" && fence == new.number("fence") => owes.extend([Debt::BackOff]),
            "open" if was == "leased" => owes.extend([Debt::Send]),
            _ => {}
        }
    } else if key.1.starts_with("B#") {
        let Some(old) = old else { return };
        if !old.numbers("missed").is_superset(&new.numbers("missed")) && stage_stamp(old) == stage_stamp(new) {
            owes.remove(&Debt::Count);
            owes.insert(Debt::Ring);
        }
        let moved = |name| old.number(name) < new.number(name);
        if moved("dispatched") || moved("round") || moved("resends") {
            owes.insert(Debt::Send);
        }
    } else if new.has("stopRequested") && old.is_some_and(|old| !old.has("stopRequested")) {
        owes.insert(Debt::Stop);
    }
}
