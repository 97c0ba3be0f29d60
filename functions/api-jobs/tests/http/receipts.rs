//! Receipts: there when the job has ended, for its owner, and to be checked by anybody.

use serde_json::json;
use toonmill_domain::{Failure, FailureCode};
use toonmill_receipts::{PublicKeys, SigningKey, verify};
use toonmill_tests::{Artist, World, picture};

use crate::api::{Api, receipt_key};

#[tokio::test]
async fn a_receipt_is_checked_with_nothing_but_the_public_keys() {
    let world = World::new(Artist::new(|prompt, call| match prompt {
        "refused" => Err(Failure::new(FailureCode::Refused)),
        _ => Ok(picture(call)),
    }));
    let api = Api::over(&world);
    let body = json!({"stages": [
        {"prompt": "a gate at dusk", "quantity": 3, "aspectRatio": "1:1"},
        {"prompt": "refused", "quantity": 2, "aspectRatio": "1:1"},
    ]});
    let job = api.post("/api/v1/jobs", &body).await.body["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/jobs/{job}/receipt");
    assert_eq!(api.call("GET", &path).await.body["code"], "job_not_ended");
    world.run().await;
    let signed = api.get(&path).await;
    let keys: PublicKeys = serde_json::from_value(api.get("/.well-known/toonmill-keys.json").await).unwrap();
    let receipt = verify(&signed.to_string(), &keys).unwrap();
    assert_eq!((receipt.status.as_str(), receipt.stored, receipt.requested), ("PARTIAL", 3, 5));
    assert_eq!((receipt.credits.captured, receipt.credits.released), (42, 28));
    let images = api.get(&format!("/api/v1/jobs/{job}/images")).await;
    let hashes: Vec<_> = images["data"].as_array().unwrap().iter().map(|image| image["sha256"].clone()).collect();
    assert_eq!(receipt.stages[0].slots.iter().map(|slot| json!(slot.sha256)).collect::<Vec<_>>(), hashes);
    let mut forged = signed;
    forged["receipt"]["credits"]["captured"] = json!(1);
    assert!(verify(&forged.to_string(), &keys).is_err());
    assert_eq!(api.call("GET", "/api/v1/jobs/01890a5d-ac96-774b-bcce-b302099a8057/receipt").await.status, 404);
}

/// Before, while and after another key signs: a receipt of either is checked by the set of every time after the
/// new key was first shown.
#[tokio::test]
async fn receipts_of_both_keys_are_good_while_the_keys_change() {
    let world = World::new(Artist::tireless());
    let (old, new) = (SigningKey::make_base64().unwrap(), SigningKey::make_base64().unwrap());
    let public = |key: &str| SigningKey::from_base64(key).unwrap().public();
    let api = |signs: &str, shown: &str| {
        Api::with(&world, |rules| {
            rules.receipt_key = receipt_key(signs);
            rules.receipt_public_keys = PublicKeys { keys: vec![public(shown)] };
        })
    };
    let (before, after) = (api(&old, &new), api(&new, &old));
    let body = json!({"stages": [{"prompt": "a gate at dusk", "quantity": 1, "aspectRatio": "1:1"}]});
    let job = before.post("/api/v1/jobs", &body).await.body["id"].as_str().unwrap().to_owned();
    world.run().await;
    let path = format!("/api/v1/jobs/{job}/receipt");
    let receipts = [before.get(&path).await, after.get(&path).await];
    assert_ne!(receipts[0]["keyId"], receipts[1]["keyId"]);
    for api in [before, after] {
        let keys: PublicKeys = serde_json::from_value(api.get("/.well-known/toonmill-keys.json").await).unwrap();
        assert_eq!(keys.keys.len(), 2);
        for receipt in &receipts {
            verify(&receipt.to_string(), &keys).unwrap();
        }
    }
}
