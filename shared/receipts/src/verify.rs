//! Checking a receipt with nothing but the public keys.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{Credits, PublicKeys, Receipt, Signed, key::canonical};

/// Why a receipt is not to be believed.
#[derive(Debug, thiserror::Error)]
pub enum Invalid {
    #[error("this is no receipt: {0}")]
    Shape(#[from] serde_json::Error),
    #[error("the key {0} is not among the public keys")]
    UnknownKey(String),
    #[error("the signature does not fit")]
    Signature,
    #[error("{0}")]
    Contradiction(String),
}

/// A receipt that could be read, and everything for which it is not to be believed.
#[derive(Debug)]
pub struct Inspected {
    pub receipt: Receipt,
    pub key_id: String,
    /// Empty if all is well.
    pub wrong: Vec<Invalid>,
}

/// Checks signature, counts and credits of a receipt's JSON.
pub fn verify(json: &str, keys: &PublicKeys) -> Result<Receipt, Invalid> {
    let Inspected { receipt, wrong, .. } = inspect(json, keys)?;
    wrong.into_iter().next().map_or(Ok(receipt), Err)
}

/// The same, with all that is wrong. What is signed is the `receipt` member as it came, so that members which this
/// version does not know are covered too.
pub fn inspect(json: &str, keys: &PublicKeys) -> Result<Inspected, Invalid> {
    let value: Value = serde_json::from_str(json)?;
    let signed: Signed = serde_json::from_value(value.clone())?;
    let signature = check_signature(&value, &signed, keys).err();
    let wrong = signature.into_iter().chain(contradictions(&signed.receipt).map(Invalid::Contradiction)).collect();
    Ok(Inspected { receipt: signed.receipt, key_id: signed.key_id, wrong })
}

fn check_signature(value: &Value, signed: &Signed, keys: &PublicKeys) -> Result<(), Invalid> {
    let key = keys.keys.iter().find(|key| key.kid == signed.key_id);
    let key = key.ok_or_else(|| Invalid::UnknownKey(signed.key_id.clone()))?;
    let bytes = value.get("receipt").and_then(|receipt| canonical(receipt).ok()).ok_or(Invalid::Signature)?;
    if signed.algorithm == "Ed25519" && key.has_signed(&bytes, &signed.signature) {
        Ok(())
    } else {
        Err(Invalid::Signature)
    }
}

/// What a receipt says of itself that does not fit together. The sums are wide enough for any receipt, forged or not.
fn contradictions(receipt: &Receipt) -> impl Iterator<Item = String> {
    let slots = || receipt.stages.iter().flat_map(|stage| &stage.slots);
    let stored = slots().count() as u64;
    let requested: u64 = receipt.stages.iter().map(|stage| u64::from(stage.quantity)).sum();
    let captured: i128 = slots().map(|slot| i128::from(slot.price)).sum();
    let Credits { held, captured: told, released } = receipt.credits;
    let in_order = receipt.stages.iter().all(|stage| {
        let places = stage.slots.iter().map(|slot| slot.slot);
        places.clone().is_sorted_by(|a, b| a < b) && places.into_iter().all(|slot| slot < stage.quantity)
    });
    let distinct = receipt.stages.iter().all(|stage| {
        let mut hashes = BTreeSet::new();
        stage.slots.iter().all(|slot| hashes.insert(&slot.sha256))
    });
    let checks = [
        (stored == receipt.stored, "the stored slots are not as many as it says"),
        (requested == receipt.requested, "the requested images are not as many as it says"),
        ((receipt.status == "COMPLETED") == (stored == requested), "its status does not follow from its counts"),
        (captured == i128::from(told), "the captured credits are not the price of the stored slots"),
        (i128::from(held) == i128::from(told) + i128::from(released), "held is not captured and released"),
        (in_order, "its slots are not in order"),
        (distinct, "two slots of a stage have the same bytes"),
    ];
    let of_receipt = checks.into_iter().filter(|(holds, _)| !holds).map(|(_, what)| what.to_owned());
    of_receipt.chain(ledger_contradictions(receipt))
}

/// Every epoch's hold is resolved, by the price of what was stored in it; and nothing else is in the ledger.
fn ledger_contradictions(receipt: &Receipt) -> Vec<String> {
    let held_delta = |kind: &str, epoch: u32| -> i128 {
        let cause = format!("{kind}#{}#{epoch:05}", receipt.job);
        receipt.ledger.iter().filter(|entry| entry.cause == cause).map(|entry| i128::from(entry.held_delta)).sum()
    };
    let mut sums = (0_i128, 0_i128, 0_i128);
    let mut wrong = Vec::new();
    for epoch in 1..=receipt.epoch {
        let entries = (held_delta("hold", epoch), -held_delta("capture", epoch), -held_delta("release", epoch));
        let slots = receipt.stages.iter().flat_map(|stage| &stage.slots);
        let price: i128 = slots.filter(|slot| slot.epoch == epoch).map(|slot| i128::from(slot.price)).sum();
        if entries.0 != entries.1 + entries.2 {
            wrong.push(format!("its ledger entries leave credits of epoch {epoch} held"));
        }
        if entries.1 != price {
            wrong.push(format!("its ledger captures {} in epoch {epoch}, whose slots cost {price}", entries.1));
        }
        sums = (sums.0 + entries.0, sums.1 + entries.1, sums.2 + entries.2);
    }
    let Credits { held, captured, released } = receipt.credits;
    if sums != (i128::from(held), i128::from(captured), i128::from(released)) {
        wrong.push("its credits are not those of its ledger entries".to_owned());
    }
    wrong
}

#[cfg(test)]
mod tests;
