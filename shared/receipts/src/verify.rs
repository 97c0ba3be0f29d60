//! Checking a receipt with nothing but the public keys.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{PublicKeys, Receipt, Signed, key::canonical};

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

/// Checks signature, counts and credits of a receipt's JSON. What is signed is the `receipt` member as it came, so
/// that members which this version does not know are covered too.
pub fn verify(json: &str, keys: &PublicKeys) -> Result<Receipt, Invalid> {
    let value: Value = serde_json::from_str(json)?;
    let signed: Signed = serde_json::from_value(value.clone())?;
    let key = keys.keys.iter().find(|key| key.kid == signed.key_id);
    let key = key.ok_or_else(|| Invalid::UnknownKey(signed.key_id.clone()))?;
    let bytes = value.get("receipt").and_then(|receipt| canonical(receipt).ok()).ok_or(Invalid::Signature)?;
    if signed.algorithm != "Ed25519" || !key.has_signed(&bytes, &signed.signature) {
        return Err(Invalid::Signature);
    }
    contradiction(&signed.receipt).map_or(Ok(signed.receipt), |what| Err(Invalid::Contradiction(what)))
}

/// What a receipt says of itself that does not fit together.
fn contradiction(receipt: &Receipt) -> Option<String> {
    let slots = || receipt.stages.iter().flat_map(|stage| &stage.slots);
    let stored = slots().count() as u64;
    let requested: u64 = receipt.stages.iter().map(|stage| u64::from(stage.quantity)).sum();
    let captured: u64 = slots().map(|slot| slot.price).sum();
    let credits = receipt.credits;
    let held_by_ledger: i64 = receipt.ledger.iter().map(|entry| entry.held_delta).sum();
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
        (captured == credits.captured, "the captured credits are not the price of the stored slots"),
        (credits.held == credits.captured + credits.released, "held is not captured and released"),
        (held_by_ledger == 0, "its ledger entries leave credits held"),
        (in_order, "its slots are not in order"),
        (distinct, "two slots of a stage have the same bytes"),
    ];
    checks.into_iter().find(|(holds, _)| !holds).map(|(_, what)| what.to_owned())
}

#[cfg(test)]
mod tests;
