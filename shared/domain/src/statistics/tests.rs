use std::time::Duration;

use super::*;
use crate::{
    Artifact, Attempt, Fence, FileId, SlotIndex, Stamp,
    fixtures::{NOW, stage},
};

fn attempt(code: FailureCode, epoch: u32, provider: Option<&str>, end_secs: u64) -> Attempt {
    Attempt {
        fence: Fence(1),
        stamp: Stamp::new(Epoch(epoch), Round(1)),
        code,
        detail: None,
        provider: provider.map(|name| name.parse().unwrap()),
        model: None,
        elapsed_ms: 2_000,
        at: NOW.plus(Duration::from_secs(end_secs)),
    }
}

fn slot(index: u32, stored: Option<(u32, u32, u64)>, attempts: Vec<Attempt>, waits: u32) -> (SlotIndex, Slot) {
    let key = stage(9).key.slot(SlotIndex(index));
    let (state, stamp) = match stored {
        Some((epoch, round, _)) => (SlotState::Stored, Stamp::new(Epoch(epoch), Round(round))),
        None => (SlotState::Missed, Stamp::given_up(Epoch(1))),
    };
    let artifact = stored.map(|(_, _, end_secs)| Artifact {
        file: FileId::of_slot(key),
        object_key: String::new(),
        sha256: String::new(),
        size_bytes: 1,
        pixels: None,
        fingerprint: None,
        mime_type: String::new(),
        provider: "gemini".parse().unwrap(),
        model: "gemini-3-pro-image".parse().unwrap(),
        model_version: None,
        usage: None,
        finish_reason: None,
        elapsed_ms: 3_000,
        stored_at: NOW.plus(Duration::from_secs(end_secs)),
    });
    (SlotIndex(index), Slot { attempts, waits, artifact, ..Slot::new(key, state, stamp, Fence(1)) })
}

#[test]
fn every_call_is_counted_once_by_slot_by_round_and_by_provider() {
    use FailureCode::{Empty, Overloaded, Refused, WorkerCrash};
    let slots = Slots::from([
        slot(0, Some((1, 1, 10)), vec![], 0),
        slot(1, Some((1, 2, 30)), vec![attempt(Empty, 1, Some("gemini"), 12), attempt(WorkerCrash, 1, None, 20)], 1),
        slot(2, Some((2, 1, 1_000)), vec![attempt(Overloaded, 1, Some("seedream"), 9)], 0),
        slot(3, None, vec![attempt(Refused, 1, Some("gemini"), 11), attempt(Refused, 1, Some("gemini"), 13)], 0),
        slot(4, None, vec![], 0),
    ]);
    let mut all = Statistics::default();
    all.add_stage(&stage(9), &slots);
    assert_eq!((all.attempts, all.first_pass, all.retried, all.recovered, all.waste), (9, 1, 3, 2, 4));
    assert_eq!(all.recovered_by_round, BTreeMap::from([(Round(1), 1), (Round(2), 1)]));
    let [gemini, seedream] = ["gemini", "seedream"].map(|name| all.by_provider[&name.parse().unwrap()].clone());
    assert_eq!((gemini.attempts, gemini.stored, gemini.waste), (8, 3, 4));
    let failures = [(FailureCode::RateLimited, 1), (Refused, 2), (Empty, 1), (WorkerCrash, 1)];
    assert_eq!(gemini.failures, BTreeMap::from(failures));
    assert_eq!((seedream.attempts, seedream.stored, seedream.waste), (1, 0, 0));
    let by_provider: u64 = all.by_provider.values().map(|provider| provider.attempts).sum();
    assert_eq!((by_provider, all.by_provider.values().map(|it| it.waste).sum::<u64>()), (all.attempts, all.waste));
    let stage = all.stages[0];
    assert_eq!((stage.requested, stage.missing, stage.attempts, all.requested()), (9, 6, 9, 9));
    assert_eq!(stage.elapsed_ms, (30 - 7) * 1_000 + 3_000, "from 7 to 30 s, and one call of 3 s in the next epoch");
}

#[test]
fn statistics_of_the_first_version_are_still_read() {
    let old = r#"{"attempts":5,"retried":1,"recovered":1,"waste":0,"byProvider":{"gemini":4},
        "stages":[{"requested":4,"firstPass":3,"missing":0,"retried":1,"recovered":1,"attempts":5,"rounds":2}]}"#;
    let read: Statistics = serde_json::from_str(old).unwrap();
    assert_eq!(read.by_provider[&"gemini".parse().unwrap()].stored, 4);
    let again: Statistics = serde_json::from_str(&serde_json::to_string(&read).unwrap()).unwrap();
    assert_eq!(again, read);
}
