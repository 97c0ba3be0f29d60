use super::*;
use crate::{
    Epoch, Fence, Round, Slot, SlotIndex, Stamp,
    fixtures::{self, NOW, credits, stage},
};

fn job(epoch: u32, hold: u64, cancel_requested: bool) -> Job {
    Job { epoch: Epoch(epoch), hold: credits(hold), cancel_requested, ..fixtures::job() }
}

/// A stage of four slots at 5 credits; `stored` lists the epoch in which each stored slot was stored.
fn settle(job: &Job, stored: &[(u32, u32)]) -> Result<Settlement, CannotSettle> {
    let stage = Stage { epoch: job.epoch, closed: true, ..stage(4) };
    let record = |index: u32, state, stamp| {
        (SlotIndex(index), Slot::new(stage.key.slot(SlotIndex(index)), state, stamp, Fence(1)))
    };
    let mut slots: Slots = (0..4).map(|index| record(index, SlotState::Missed, Stamp::given_up(job.epoch))).collect();
    for (index, epoch) in stored {
        slots.extend([record(*index, SlotState::Stored, Stamp::new(Epoch(*epoch), Round(2)))]);
    }
    decide_settlement(job, &[stage], &BTreeMap::from([(StageIndex(0), slots)]), NOW)
}

#[test]
fn jb_2_a_job_is_completed_only_with_every_slot_stored() {
    let all = [(0, 1), (1, 1), (2, 1), (3, 1)];
    assert_eq!(settle(&job(1, 20, false), &all).unwrap().status, JobStatus::Completed);
    assert_eq!(settle(&job(1, 20, true), &all).unwrap().status, JobStatus::Completed);
    assert_eq!(settle(&job(1, 20, false), &all[..3]).unwrap().status, JobStatus::Partial);
    assert_eq!(settle(&job(1, 20, true), &all[..3]).unwrap().status, JobStatus::Cancelled);
    assert_eq!(settle(&job(1, 20, false), &[]).unwrap().status, JobStatus::Failed);
}

#[test]
fn cr_3_only_what_was_stored_in_the_epoch_is_captured_from_its_hold() {
    let settled = settle(&job(2, 10, false), &[(0, 1), (1, 1), (2, 2)]).unwrap();
    assert_eq!((settled.captured, settled.released), (credits(5), credits(5)));
    let held: i64 = settled.ledger.iter().map(|entry| entry.held_delta).sum();
    let balance: i64 = settled.ledger.iter().map(|entry| entry.balance_delta).sum();
    assert_eq!((held, balance), (-10, 5));
}

#[test]
fn an_epochs_statistics_leave_out_what_earlier_ones_stored() {
    let settled = settle(&job(2, 10, false), &[(0, 1), (1, 1), (2, 2)]).unwrap();
    assert_eq!((settled.requested, settled.stored, settled.statistics.stored()), (4, 3, 3));
    assert_eq!((settled.of_epoch.requested(), settled.of_epoch.stored()), (2, 1));
}

#[test]
fn an_entry_of_nothing_is_not_written() {
    assert_eq!(settle(&job(1, 20, false), &[]).unwrap().ledger.len(), 1);
}

#[test]
fn more_stored_than_was_held_for_is_an_error_and_not_a_charge() {
    let beyond = CannotSettle::BeyondHold { captured: credits(20), hold: credits(15) };
    assert_eq!(settle(&job(1, 15, false), &[(0, 1), (1, 1), (2, 1), (3, 1)]), Err(beyond));
}
