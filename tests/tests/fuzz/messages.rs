//! Bodies of queue messages.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use toonmill_cloud::queues::read_message;
use toonmill_domain::{ReconcileMessage, SlotMessage};

use crate::{decisions::Decisions, spoil};

/// Whatever is read is what would be written.
fn check<M: DeserializeOwned + Serialize + PartialEq + std::fmt::Debug>(body: &str) {
    if let Ok(message) = read_message::<M>(body) {
        let written = serde_json::to_string(&message).unwrap();
        assert_eq!(read_message::<M>(&written).unwrap(), message, "{body}");
    }
}

#[test]
fn messages() {
    let job = "01890a5d-ac96-774b-bcce-b302099a8057";
    let right: [Value; 2] = [
        json!({"v": 1, "job": job, "stage": 2, "slot": 17, "epoch": 1, "round": 3, "fence": 9, "turn": 1_795_000_000_000_i64}),
        json!({"v": 1, "job": job, "cause": "submitted"}),
    ];
    bolero::check!().for_each(|input: &[u8]| {
        let mut decisions = Decisions::new(input);
        let right = decisions.one_of(&right);
        let body = if decisions.below(2) == 0 {
            spoil::json(right, &mut decisions).to_string()
        } else {
            spoil::text(&right.to_string(), &mut decisions)
        };
        check::<SlotMessage>(&body);
        check::<ReconcileMessage>(&body);
    });
}
