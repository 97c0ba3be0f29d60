use serde_json::json;

use super::*;
use crate::{Entry, SigningKey, Slot, Stage};

fn key() -> SigningKey {
    SigningKey::from_base64(&SigningKey::make_base64().unwrap()).unwrap()
}

fn slot(slot: u32) -> Slot {
    Slot {
        slot,
        file_id: "file".to_owned(),
        sha256: format!("{slot:064}"),
        size_bytes: 9,
        provider: "gemini".to_owned(),
        model: "gemini-3-pro-image".to_owned(),
        attempt: 1,
        epoch: 1,
        price: 4,
    }
}

fn entry(cause: &str, balance_delta: i64, held_delta: i64) -> Entry {
    Entry { cause: cause.to_owned(), balance_delta, held_delta, at: "2026-11-20T12:00:00Z".to_owned() }
}

fn receipt() -> Receipt {
    Receipt {
        v: 1,
        job: "job".to_owned(),
        account: "ann".to_owned(),
        kind: "pipeline".to_owned(),
        status: "PARTIAL".to_owned(),
        epoch: 1,
        requested: 3,
        stored: 2,
        credits: Credits { held: 12, captured: 8, released: 4 },
        stages: vec![Stage { index: 0, quantity: 3, slots: vec![slot(0), slot(2)] }],
        ledger: vec![
            entry("hold#job#00001", -12, 12),
            entry("capture#job#00001", 0, -8),
            entry("release#job#00001", 4, -4),
        ],
        completed_at: "2026-11-20T12:00:00Z".to_owned(),
    }
}

fn keys(key: &SigningKey) -> PublicKeys {
    PublicKeys { keys: vec![key.public()] }
}

#[test]
fn a_signed_receipt_is_believed_however_its_json_is_written() {
    let key = key();
    let signed = key.sign(receipt()).unwrap();
    let plain = serde_json::to_string(&signed).unwrap();
    assert_eq!(verify(&plain, &keys(&key)).unwrap(), receipt());
    let pretty = serde_json::to_string_pretty(&serde_json::to_value(&signed).unwrap()).unwrap();
    assert_eq!(verify(&pretty, &keys(&key)).unwrap(), receipt());
}

#[test]
fn any_changed_byte_and_another_key_are_noticed() {
    let key = key();
    let mut value = serde_json::to_value(key.sign(receipt()).unwrap()).unwrap();
    let other = self::key();
    let unknown = verify(&value.to_string(), &keys(&other));
    assert!(matches!(unknown, Err(Invalid::UnknownKey(_))));
    let mut forged = keys(&other);
    forged.keys[0].kid = key.public().kid;
    assert!(matches!(verify(&value.to_string(), &forged), Err(Invalid::Signature)));
    value["receipt"]["stages"][0]["slots"][0]["attempt"] = json!(2);
    assert!(matches!(verify(&value.to_string(), &keys(&key)), Err(Invalid::Signature)));
    value["receipt"]["unknown"] = json!(true);
    assert!(matches!(verify(&value.to_string(), &keys(&key)), Err(Invalid::Signature)));
}

#[test]
fn a_receipt_that_contradicts_itself_is_not_believed_though_it_is_signed() {
    let key = key();
    let with = |change: fn(&mut Receipt)| {
        let mut receipt = receipt();
        change(&mut receipt);
        let signed = serde_json::to_string(&key.sign(receipt).unwrap()).unwrap();
        verify(&signed, &keys(&key))
    };
    assert!(with(|_| ()).is_ok());
    let changes: [fn(&mut Receipt); 12] = [
        |receipt| receipt.stored = 3,
        |receipt| receipt.requested = 2,
        |receipt| receipt.status = "COMPLETED".to_owned(),
        |receipt| receipt.credits.captured = 12,
        |receipt| receipt.credits.released = 5,
        |receipt| receipt.ledger.truncate(2),
        |receipt| receipt.ledger[1].held_delta = -7,
        |receipt| receipt.ledger[0].cause = "hold#another#00001".to_owned(),
        |receipt| receipt.stages[0].slots[0].epoch = 2,
        |receipt| receipt.stages[0].slots[0].price = u64::MAX,
        |receipt| receipt.stages[0].slots.reverse(),
        |receipt| receipt.stages[0].slots[1].sha256 = receipt.stages[0].slots[0].sha256.clone(),
    ];
    for change in changes {
        assert!(matches!(with(change), Err(Invalid::Contradiction(_))));
    }
}

/// `openssl genpkey -algorithm ed25519 -outform DER | base64 -w0`, as the README makes one.
#[test]
fn a_key_that_openssl_made_signs() {
    let key = SigningKey::from_base64("MC4CAQAwBQYDK2VwBCIEIDWGX6yCoBKCjBL57ajcuW2RrVYgpsguVOCXG0IFsomu").unwrap();
    let signed = serde_json::to_string(&key.sign(receipt()).unwrap()).unwrap();
    assert!(verify(&signed, &keys(&key)).is_ok());
}

#[test]
fn all_that_is_wrong_is_said() {
    let key = key();
    let mut value = serde_json::to_value(key.sign(receipt()).unwrap()).unwrap();
    value["receipt"]["stored"] = json!(3);
    value["receipt"]["credits"]["captured"] = json!(9);
    let wrong = inspect(&value.to_string(), &keys(&key)).unwrap().wrong;
    let said: Vec<_> = wrong.iter().map(ToString::to_string).collect();
    assert_eq!(said[0], "the signature does not fit");
    assert_eq!(said.len(), 5, "the count, the price, the balance and the ledger: {said:#?}");
}

#[test]
fn a_set_of_keys_is_read_only_if_every_id_follows_from_its_key() {
    let set = keys(&key());
    let read = |keys: &PublicKeys| PublicKeys::parse(Some(&serde_json::to_string(keys).unwrap()));
    assert_eq!(read(&set).unwrap(), set);
    let mut other = set.clone();
    other.keys[0].kid = "0123456789abcdef".to_owned();
    assert!(read(&other).is_err());
    other = set;
    other.keys[0].x.truncate(20);
    assert!(read(&other).is_err());
    assert_eq!(PublicKeys::parse(None).unwrap().keys, []);
}
