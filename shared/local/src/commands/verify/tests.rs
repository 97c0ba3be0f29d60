use serde_json::{Value, json};
use tempfile::TempDir;
use toonmill_receipts::SigningKey;

use super::*;

/// A job of two stages with two slots and one, as a demo leaves it.
struct Delivery {
    folder: TempDir,
    key: SigningKey,
    receipt: Value,
}

impl Delivery {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let slot = |stage: u64, slot: u64| {
            let bytes = format!("picture {stage}/{slot}");
            let path = folder.path().join(format!("stage-{stage}/{slot:03}.webp"));
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, &bytes).unwrap();
            let sha256 = hex::encode(Sha256::digest(&bytes));
            json!({"slot": slot, "fileId": "f", "sha256": sha256, "sizeBytes": bytes.len(), "provider": "gemini",
                "model": "m", "attempt": 1, "epoch": 1, "price": 5})
        };
        let entry = |kind: &str, balance: i64, held: i64| json!({"cause": format!("{kind}#j#00001"), "balanceDelta": balance, "heldDelta": held, "at": "t"});
        let receipt = json!({
            "v": 1, "job": "j", "account": "a", "kind": "pipeline", "status": "COMPLETED", "epoch": 1, "requested": 3,
            "stored": 3, "credits": {"held": 15, "captured": 15, "released": 0}, "completedAt": "t",
            "stages": [
                {"index": 0, "quantity": 2, "slots": [slot(0, 0), slot(0, 1)]},
                {"index": 1, "quantity": 1, "slots": [slot(1, 0)]},
            ],
            "ledger": [entry("hold", -15, 15), entry("capture", 0, -15)],
        });
        let key = SigningKey::from_base64(&SigningKey::make_base64().unwrap()).unwrap();
        let signed = key.sign(serde_json::from_value(receipt).unwrap()).unwrap();
        Self { folder, receipt: serde_json::to_value(&signed).unwrap(), key }
    }

    fn keys(&self) -> String {
        json!({"keys": [self.key.public()]}).to_string()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn wrong(&self) -> Vec<String> {
        self.wrong_by(&self.keys())
    }

    fn wrong_by(&self, keys: &str) -> Vec<String> {
        let verified = verify(&self.receipt.to_string(), keys, self.folder.path()).unwrap();
        assert_eq!(verified.summary.starts_with("receipt verified"), verified.wrong.is_empty());
        verified.wrong
    }
}

#[test]
fn a_delivery_that_nobody_touched_is_verified() {
    let delivery = Delivery::new();
    for beside in [RECEIPT, KEYS, SHEET] {
        fs::write(delivery.path(beside), "beside").unwrap();
    }
    assert_eq!(delivery.wrong(), Vec::<String>::new());
}

#[test]
fn a_flipped_byte_is_noticed() {
    let delivery = Delivery::new();
    let path = delivery.path("stage-0/001.webp");
    let mut bytes = fs::read(&path).unwrap();
    bytes[3] ^= 1;
    fs::write(path, bytes).unwrap();
    let wrong = delivery.wrong();
    assert!(wrong.len() == 1 && wrong[0].starts_with("stage-0/001.webp has the sha256 "), "{wrong:?}");
}

#[test]
fn a_missing_an_extra_and_a_doubled_picture_are_noticed() {
    let delivery = Delivery::new();
    fs::remove_file(delivery.path("stage-1/000.webp")).unwrap();
    fs::copy(delivery.path("stage-0/000.webp"), delivery.path("stage-0/002.webp")).unwrap();
    fs::copy(delivery.path("stage-0/000.webp"), delivery.path("stage-0/000.png")).unwrap();
    fs::write(delivery.path("gift.webp"), "free").unwrap();
    assert_eq!(
        delivery.wrong(),
        [
            "gift.webp is not on the receipt",
            "stage-0/000.webp is a second picture of its slot",
            "stage-0/002.webp is not on the receipt",
            "the picture of stage 1 slot 0 is missing",
        ]
    );
}

#[test]
fn two_pictures_that_changed_places_are_noticed() {
    let delivery = Delivery::new();
    let [one, two] = ["stage-0/000.webp", "stage-0/001.webp"].map(|name| delivery.path(name));
    let bytes = fs::read(&one).unwrap();
    fs::copy(&two, &one).unwrap();
    fs::write(&two, bytes).unwrap();
    assert_eq!(delivery.wrong().len(), 2);
}

#[test]
fn a_changed_number_and_another_key_are_noticed() {
    let mut delivery = Delivery::new();
    let other = json!({"keys": [SigningKey::from_base64(&SigningKey::make_base64().unwrap()).unwrap().public()]});
    let wrong = delivery.wrong_by(&other.to_string());
    assert!(wrong.len() == 1 && wrong[0].contains("is not among the public keys"), "{wrong:?}");
    delivery.receipt["receipt"]["credits"]["captured"] = json!(14);
    let wrong = delivery.wrong();
    assert_eq!(wrong[0], "the signature does not fit");
    assert!(wrong.contains(&"the captured credits are not the price of the stored slots".to_owned()), "{wrong:?}");
    assert!(verify("{}", &delivery.keys(), delivery.folder.path()).is_err(), "no receipt at all");
}
