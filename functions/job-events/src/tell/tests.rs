use toonmill_domain::{Credits, Happening, JobStatus, Round, StageIndex, Timestamp};

use super::*;

fn entry(number: u64, what: Happening) -> JobEvent {
    JobEvent { number, at: Timestamp::from_millis(0), what }
}

fn round(number: u64) -> JobEvent {
    entry(number, Happening::RoundOpened { stage: StageIndex(0), round: Round(2) })
}

fn end(number: u64) -> JobEvent {
    let (captured, released) = (Credits::ZERO, Credits::ZERO);
    entry(number, Happening::Ended { status: JobStatus::Partial, stored: 1, requested: 2, captured, released })
}

fn reopened(number: u64) -> JobEvent {
    entry(number, Happening::Reopened)
}

/// What is told, written short: `snapshot` or the entry's name, with the id.
fn told(has: &str, state: State, log: &[JobEvent]) -> Vec<String> {
    let has = has.parse().ok();
    let after = state.log_wanted(has);
    let log: Vec<_> = log.iter().filter(|event| after.is_some_and(|after| event.number > after)).cloned().collect();
    let telling = tell(has, state, &log);
    assert_eq!(telling.is_last, state.ended);
    assert!(telling.events.last().is_none_or(|(place, _)| *place == telling.place));
    let write = |(place, what): &(Place, What<'_>)| match what {
        What::Entry(event) => format!("{} {place}", event.what.name()),
        What::Snapshot => format!("snapshot {place}"),
    };
    telling.events.iter().map(write).collect()
}

fn open(entries: u64, revision: u64) -> State {
    State { entries, revision, ended: false }
}

fn ended(entries: u64, revision: u64) -> State {
    State { entries, revision, ended: true }
}

#[test]
fn who_has_just_come_is_told_how_it_is_and_of_what_was_only_the_end() {
    let log = [round(1), round(2), end(3)];
    assert_eq!(told("", open(0, 7), &[]), ["snapshot 0.7"]);
    assert_eq!(told("", open(2, 7), &log[..2]), ["snapshot 2.7"]);
    assert_eq!(told("", ended(3, 9), &log), ["snapshot 2.9", "job.partial 3.9"]);
}

#[test]
fn who_comes_back_is_told_what_it_has_not_and_nothing_else() {
    let log = [round(1), round(2), end(3)];
    assert_eq!(told("0.7", open(0, 7), &log[..0]), [""; 0]);
    assert_eq!(told("0.7", open(0, 8), &log[..0]), ["snapshot 0.8"]);
    assert_eq!(told("0.7", open(2, 7), &log[..2]), ["round.opened 1.7", "round.opened 2.7"]);
    assert_eq!(told("1.7", open(2, 9), &log[..2]), ["round.opened 2.7", "snapshot 2.9"]);
    assert_eq!(told("1.7", ended(3, 9), &log), ["round.opened 2.7", "snapshot 2.9", "job.partial 3.9"]);
    // Cut between the last snapshot and the end.
    assert_eq!(told("2.9", ended(3, 9), &log), ["job.partial 3.9"]);
    assert_eq!(told("3.9", ended(3, 9), &log), [""; 0]);
}

#[test]
fn an_end_that_was_not_the_last_word_is_one_entry_among_others() {
    let log = [end(1), reopened(2), round(3), end(4)];
    assert_eq!(told("0.5", open(2, 20), &log[..2]), ["job.partial 1.5", "job.reopened 2.5", "snapshot 2.20"]);
    let all = ["job.partial 1.5", "job.reopened 2.5", "round.opened 3.5", "snapshot 3.30", "job.partial 4.30"];
    assert_eq!(told("0.5", ended(4, 30), &log), all);
    assert_eq!(told("", ended(4, 30), &log), ["snapshot 3.30", "job.partial 4.30"]);
}

#[test]
fn an_id_of_another_job_is_none() {
    assert_eq!(told("9.1", open(2, 7), &[round(1), round(2)]), ["snapshot 2.7"]);
    assert_eq!(told("1.8", open(2, 7), &[round(1), round(2)]), ["snapshot 2.7"]);
    assert_eq!(told("1,8", open(2, 7), &[round(1), round(2)]), ["snapshot 2.7"]);
}

#[test]
fn entries_that_are_newer_than_the_job_was_wait_for_it() {
    assert_eq!(told("1.7", open(2, 7), &[round(1), round(2), round(3)]), ["round.opened 2.7"]);
}

#[test]
fn a_job_that_ended_before_there_was_a_log_is_shown_and_no_more() {
    assert_eq!(told("", ended(0, 7), &[]), ["snapshot 0.7"]);
    assert_eq!(told("0.7", ended(0, 7), &[]), [""; 0]);
}

/// A life of a job: the states that it goes through, and the log that it has in the end.
fn life(dice: &mut fastrand::Rng) -> (Vec<State>, Vec<JobEvent>) {
    let (mut states, mut log) = (vec![open(0, dice.u64(1..5))], Vec::new());
    let epochs = dice.usize(1..=3);
    for epoch in 1..=epochs {
        for _ in 0..dice.usize(0..8) {
            let State { revision, .. } = states[states.len() - 1];
            if dice.bool() {
                log.push(round(log.len() as u64 + 1));
            }
            states.push(open(log.len() as u64, revision + dice.u64(0..3)));
        }
        let State { revision, .. } = states[states.len() - 1];
        log.push(end(log.len() as u64 + 1));
        states.push(ended(log.len() as u64, revision + 1));
        if epoch < epochs {
            log.push(reopened(log.len() as u64 + 1));
            states.push(open(log.len() as u64, revision + 2));
        }
    }
    (states, log)
}

/// A client that is cut off at random, and comes back with the last id that it has.
#[test]
fn a_client_cut_off_at_random_has_every_entry_once_and_no_snapshot_twice() {
    let mut cuts = 0;
    for seed in 0..3_000 {
        let mut dice = fastrand::Rng::with_seed(seed);
        let (states, log) = life(&mut dice);
        let last = states.len() - 1;
        let (mut at, mut has): (usize, Option<Place>) = (dice.usize(..=last), None);
        let (mut began, mut entries, mut snapshots) = (None, Vec::new(), Vec::new());
        loop {
            // A connection: as many readings as it lives to see, the first at once.
            let mut stands = has;
            let mut is_over = false;
            while !is_over {
                let state = states[at];
                let after = state.log_wanted(stands).unwrap_or(u64::MAX);
                let newer = dice.u64(0..2);
                let read: Vec<_> =
                    log.iter().filter(|e| e.number > after && e.number <= state.entries + newer).cloned().collect();
                let telling = tell(stands, state, &read);
                stands = Some(telling.place);
                is_over = telling.is_last;
                for (place, what) in telling.events {
                    // Cut before this event arrives.
                    if dice.u32(..5) == 0 {
                        (cuts, is_over) = (cuts + 1, true);
                        break;
                    }
                    has = Some(place);
                    match what {
                        What::Snapshot => snapshots.push(state.revision),
                        What::Entry(event) => entries.push(event.number),
                    }
                    began = began.or(Some(place.entry));
                }
                at = (at + dice.usize(0..2)).min(last);
            }
            let state = states[last];
            if at == last && has == Some(Place { entry: state.entries, revision: state.revision }) {
                break;
            }
            at = (at + dice.usize(0..2)).min(last);
        }
        let missed: Vec<_> = (began.unwrap() + 1..=log.len() as u64).collect();
        assert_eq!(entries, missed, "seed {seed}: each entry once, in order");
        assert!(snapshots.is_sorted_by(|one, next| one < next), "seed {seed}: {snapshots:?}");
        assert_eq!(snapshots.last(), Some(&states[last].revision), "seed {seed}");
    }
    assert!(cuts > 1_000, "{cuts}");
}
