//! When a call that came to nothing is made again, and when it is given up.

use std::time::Duration;

use toonmill_domain::Timestamp;

/// How long after a failed try the next is made; the eleventh is the last, 23 h 43 min after the first.
pub const WAITS: [Duration; 10] = [
    Duration::from_secs(5),
    Duration::from_secs(30),
    Duration::from_mins(2),
    Duration::from_mins(10),
    Duration::from_mins(30),
    Duration::from_hours(1),
    Duration::from_hours(2),
    Duration::from_hours(4),
    Duration::from_hours(6),
    Duration::from_hours(10),
];
/// The most that a wait may be longer, in thousandths: calls that failed together are not to come back together.
pub const MOST_JITTER: u32 = 100;
/// The longest `Retry-After` that is obeyed.
const LONGEST_RETRY_AFTER: Duration = Duration::from_hours(6);
/// After so long a failure is the last, however few tries there were: an answer that asks for patience has had it.
const GIVE_UP_AFTER: Duration = Duration::from_hours(24);
/// And no try is put off beyond this.
const LAST_TRY: Duration = Duration::from_hours(26);

/// What came of a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Status {
        code: u16,
        retry_after: Option<Duration>,
    },
    /// None came: too slow, no connection, or an address that may not be called.
    Missing,
}

/// What follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    Delivered,
    Again(Timestamp),
    GivenUp,
    /// Its receiver wants nothing more, of any event.
    Disabled,
}

/// Decides what follows from an answer. `tries` counts that try too, and `first_at` is when the first was made; `jitter` is
/// in thousandths of the wait, [`MOST_JITTER`] at most.
pub fn after(answer: Answer, tries: u32, now: Timestamp, first_at: Timestamp, jitter: u32) -> Next {
    let asked = match answer {
        Answer::Status { code: 200..=299, .. } => return Next::Delivered,
        Answer::Status { code: 410, .. } => return Next::Disabled,
        Answer::Status { code: 429 | 503, retry_after } => retry_after.unwrap_or_default().min(LONGEST_RETRY_AFTER),
        // A redirect too: whoever moved tells us, and not each call.
        Answer::Status { .. } | Answer::Missing => Duration::ZERO,
    };
    let wait = usize::try_from(tries.saturating_sub(1)).ok().and_then(|failed| WAITS.get(failed));
    match wait {
        Some(wait) if now.since(first_at) < GIVE_UP_AFTER => {
            let wait = lengthened(*wait, jitter).max(asked);
            Next::Again(now.plus(wait).min(first_at.plus(LAST_TRY)))
        }
        _ => Next::GivenUp,
    }
}

fn lengthened(wait: Duration, jitter: u32) -> Duration {
    wait + wait * jitter.min(MOST_JITTER) / 1_000
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Timestamp = Timestamp::from_millis(1_795_175_100_250);

    const fn status(code: u16) -> Answer {
        Answer::Status { code, retry_after: None }
    }

    const fn patience(code: u16, retry_after: Duration) -> Answer {
        Answer::Status { code, retry_after: Some(retry_after) }
    }

    /// When the tries are made, after the first, whose answers are all this one.
    fn tries(answer: Answer, jitter: u32) -> Vec<Duration> {
        let (mut made, mut now) = (vec![Duration::ZERO], FIRST);
        while let Next::Again(at) = after(answer, u32::try_from(made.len()).unwrap(), now, FIRST, jitter) {
            assert!(at > now);
            now = at;
            made.push(now.since(FIRST));
        }
        made
    }

    #[test]
    fn what_fails_is_tried_again_for_a_day() {
        let minutes = |jitter| tries(status(500), jitter).iter().map(|after| after.as_secs() / 60).collect::<Vec<_>>();
        assert_eq!(minutes(0), [0, 0, 0, 2, 12, 42, 102, 222, 462, 822, 1422]);
        assert_eq!(minutes(MOST_JITTER), [0, 0, 0, 2, 13, 46, 112, 244, 508, 904, 1560]);
        assert_eq!(minutes(u32::MAX), minutes(MOST_JITTER));
        assert_eq!(tries(status(500), 0)[1..3], [5, 35].map(Duration::from_secs));
        assert_eq!(tries(Answer::Missing, 0), tries(status(500), 0));
    }

    #[test]
    fn only_a_2xx_is_a_delivery() {
        for code in 100..=599 {
            let next = after(status(code), 1, FIRST, FIRST, 0);
            let expected = match code {
                200..=299 => Next::Delivered,
                410 => Next::Disabled,
                _ => Next::Again(FIRST.plus(Duration::from_secs(5))),
            };
            assert_eq!(next, expected, "{code}");
        }
        // However late it comes.
        assert_eq!(after(status(204), 99, FIRST.plus(Duration::from_hours(99)), FIRST, 0), Next::Delivered);
        assert_eq!(after(status(410), 99, FIRST.plus(Duration::from_hours(99)), FIRST, 0), Next::Disabled);
    }

    #[test]
    fn a_receiver_that_asks_for_patience_has_it() {
        let next = |answer| after(answer, 1, FIRST, FIRST, 0);
        let in_secs = |seconds| Next::Again(FIRST.plus(Duration::from_secs(seconds)));
        for code in [429, 503] {
            assert_eq!(next(patience(code, Duration::from_secs(90))), in_secs(90));
            // It does not hasten anything,
            assert_eq!(next(patience(code, Duration::from_secs(1))), in_secs(5));
            // and has its bounds.
            assert_eq!(next(patience(code, Duration::MAX)), in_secs(6 * 3_600));
        }
        assert_eq!(next(patience(500, Duration::from_secs(90))), in_secs(5));
        assert_eq!(next(patience(302, Duration::from_secs(90))), in_secs(5));
    }

    #[test]
    fn no_answer_keeps_a_delivery_open_for_longer_than_a_day_and_a_try() {
        for hours in 0..30 {
            for jitter in [0, 37, MOST_JITTER] {
                let made = tries(patience(503, Duration::from_hours(hours)), jitter);
                let last = *made.last().unwrap();
                assert!(made.len() <= WAITS.len() + 1, "{hours}: {made:?}");
                assert!((Duration::from_hours(22)..=LAST_TRY).contains(&last), "{hours}: {made:?}");
            }
        }
    }

    #[test]
    fn a_failure_that_comes_after_the_day_is_the_last() {
        let late = FIRST.plus(GIVE_UP_AFTER);
        assert_eq!(after(status(500), 2, late, FIRST, 0), Next::GivenUp);
        assert!(matches!(after(status(500), 2, late.minus(Duration::from_millis(1)), FIRST, 0), Next::Again(_)));
        assert!(matches!(after(status(500), 0, FIRST, FIRST, 0), Next::Again(_)));
        assert_eq!(after(status(500), u32::MAX, FIRST, FIRST, 0), Next::GivenUp);
    }
}
