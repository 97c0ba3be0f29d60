use super::*;
use crate::{
    Epoch, JobStatus, Round, Stamp,
    fixtures::{NOW, job, stage},
};

fn slot(index: u32, state: SlotState, fence: u64) -> (SlotIndex, Slot) {
    let key = stage(1).key.slot(SlotIndex(index));
    let slot = Slot::new(key, state, Stamp::new(Epoch(1), Round(1)), Fence(fence));
    (SlotIndex(index), Slot { tries: 1, lease_until: Some(NOW.minus(Duration::from_secs(1))), ..slot })
}

fn indexes(slots: impl IntoIterator<Item = u32>) -> BTreeSet<SlotIndex> {
    slots.into_iter().map(SlotIndex).collect()
}

#[test]
fn an_ended_job_is_left_alone_whatever_else_it_says() {
    let mut job = job();
    job.status = JobStatus::Partial;
    job.cancel_requested = true;
    job.closing = Some(ClosingReason::Cancelled);
    assert_eq!(decide_job(&job, NOW), JobStep::Ended);
}

#[test]
fn a_close_that_began_goes_on() {
    let mut job = job();
    job.closing = Some(ClosingReason::Finished);
    job.cancel_requested = true;
    assert_eq!(decide_job(&job, NOW), JobStep::Close);
}

#[test]
fn cancel_and_deadline_begin_a_close() {
    let mut job = job();
    assert_eq!(decide_job(&job, NOW), JobStep::Stages);
    assert_eq!(decide_job(&job, job.deadline), JobStep::BeginClosing(ClosingReason::DeadlinePassed));
    job.cancel_requested = true;
    assert_eq!(decide_job(&job, NOW), JobStep::BeginClosing(ClosingReason::Cancelled));
}

#[test]
fn a_new_stage_is_a_stage_with_everything_missing() {
    let mut stage = stage(50);
    stage.dispatched = 0;
    let step = decide_stage(&stage, 6, 200, false);
    assert_eq!(step, StageStep::Waiting { watermark: Some(50), inspect: false });
    let sent = slots_to_dispatch(&stage, 50, &Slots::new(), NOW);
    assert_eq!(sent.len(), 50);
    assert!(sent.iter().all(|(_, fence)| *fence == Fence::NONE));
}

#[test]
fn a_dispatch_after_a_retry_passes_over_what_is_stored() {
    let mut stage = stage(3);
    (stage.dispatched, stage.epoch) = (0, Epoch(2));
    stage.stored = indexes([1]);
    let mut slots = Slots::from([slot(0, SlotState::Missed, 5), slot(1, SlotState::Stored, 1)]);
    slots.get_mut(&SlotIndex(0)).unwrap().stamp = Stamp::given_up(Epoch(1));
    let sent = slots_to_dispatch(&stage, 3, &slots, NOW);
    assert_eq!(sent, [(SlotIndex(0), Fence(5)), (SlotIndex(2), Fence(0))]);
}

#[test]
fn a_full_stage_opens_a_round_for_those_not_given_up() {
    let mut stage = stage(4);
    (stage.stored, stage.missed) = (indexes([0, 1]), indexes([2, 3]));
    assert_eq!(decide_stage(&stage, 6, 200, false), StageStep::Review);
    let mut slots = Slots::from([slot(2, SlotState::Missed, 3), slot(3, SlotState::Missed, 4)]);
    slots.get_mut(&SlotIndex(3)).unwrap().stamp = Stamp::given_up(Epoch(1));
    let step = decide_round(&stage, &slots);
    assert_eq!(step, RoundStep::Open { given_up: indexes([3]), send: vec![(SlotIndex(2), Fence(3))] });
    stage.missed = indexes([3]);
    assert_eq!(decide_round(&stage, &slots), RoundStep::Finished);
}

#[test]
fn the_last_round_finishes_short() {
    let mut stage = stage(2);
    (stage.stored, stage.missed, stage.round) = (indexes([0]), indexes([1]), Round(6));
    assert_eq!(decide_stage(&stage, 6, 200, true), StageStep::Finished);
    assert_eq!(decide_stage(&stage, 7, 200, true), StageStep::Review);
}

#[test]
fn a_lapsed_lease_opens_its_slot_or_misses_it() {
    let mut slots =
        Slots::from([slot(0, SlotState::Leased, 1), slot(1, SlotState::Leased, 3), slot(2, SlotState::Leased, 1)]);
    slots.get_mut(&SlotIndex(1)).unwrap().tries = 3;
    let ends = NOW.plus(Duration::from_secs(9));
    slots.get_mut(&SlotIndex(2)).unwrap().lease_until = Some(ends);
    let found = inspect(&stage(3), &slots, NOW);
    let expected =
        [Repair::Reopen { slot: SlotIndex(0), fence: Fence(1) }, Repair::Miss { slot: SlotIndex(1), fence: Fence(3) }];
    assert_eq!(found.repairs, expected);
    assert_eq!(found.lease_ends, Some(ends));
    assert!(found.resend.is_empty());
}

#[test]
fn what_is_stored_or_missed_and_not_counted_is_counted() {
    let mut stage = stage(4);
    stage.stored = indexes([0]);
    let mut slots = Slots::from([
        slot(0, SlotState::Stored, 1),
        slot(1, SlotState::Stored, 1),
        slot(2, SlotState::Missed, 1),
        slot(3, SlotState::Missed, 1),
    ]);
    assert_eq!(inspect(&stage, &slots, NOW).repairs.len(), 3);
    // Missed in an earlier round and sent again since: it is out, not missed.
    stage.round = Round(2);
    slots.remove(&SlotIndex(2));
    assert_eq!(inspect(&stage, &slots, NOW).repairs, [Repair::CountStored(SlotIndex(1))]);
}

#[test]
fn unclaimed_slots_are_sent_again_with_the_same_fence_at_doubling_intervals() {
    let mut stage = stage(4);
    let mut slots = Slots::from([slot(0, SlotState::Stored, 1), slot(1, SlotState::Open, 2)]);
    let at = |minutes: u64| NOW.plus(Duration::from_secs(minutes * 60));
    assert!(inspect(&stage, &slots, at(4)).resend.is_empty());
    let resend = vec![(SlotIndex(1), Fence(2)), (SlotIndex(2), Fence(0)), (SlotIndex(3), Fence(0))];
    stage.stored = indexes([0]);
    assert_eq!(inspect(&stage, &slots, at(5)).resend, resend);
    stage.resends = 1;
    assert!(inspect(&stage, &slots, at(9)).resend.is_empty());
    assert_eq!(inspect(&stage, &slots, at(10)).resend.len(), 3);
    // A slot that backs off has a message under way.
    slots.get_mut(&SlotIndex(1)).unwrap().not_before = Some(at(11));
    assert_eq!(inspect(&stage, &slots, at(10)).resend.len(), 2);
}

#[test]
fn the_next_check_is_never_late_and_never_hectic() {
    let job = job();
    let soon = NOW.plus(Duration::from_secs(5));
    let later = NOW.plus(Duration::from_secs(190));
    assert_eq!(next_check(&job, [later], NOW), later);
    assert_eq!(next_check(&job, [soon, later], NOW), NOW.plus(Duration::from_secs(30)));
    assert_eq!(next_check(&job, [], NOW), job.deadline);
}

#[test]
fn a_stage_that_ended_short_is_reviewed_until_its_finish_is_noted_and_again_in_the_next_epoch() {
    let mut stage = stage(2);
    (stage.stored, stage.missed) = (indexes([0]), indexes([1]));
    assert_eq!(decide_stage(&stage, 6, 200, true), StageStep::Review);
    stage.finish_noted = Some(stage.epoch);
    assert_eq!(decide_stage(&stage, 6, 200, true), StageStep::Finished);
    stage.epoch = stage.epoch.next();
    assert_eq!(decide_stage(&stage, 6, 200, true), StageStep::Review);
}
