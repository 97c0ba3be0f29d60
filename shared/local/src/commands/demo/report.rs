//! What came of it, in numbers.

use std::collections::BTreeMap;
use std::time::Duration;

use super::api::Job;

/// What an attempt is called whose worker never came back.
const WORKER_CRASH: &str = "worker_crash";

pub(super) fn print(job: &Job, wall: Duration, drawn_by: &BTreeMap<String, usize>) {
    println!();
    println!("{:>5}  {:>9}  {:>6}  {:>7}  {:>6}", "stage", "requested", "stored", "retried", "rounds");
    for (index, stage) in job.stages.iter().enumerate() {
        let retried = job.statistics.stages.get(index).map_or(0, |statistics| statistics.retried);
        println!("{index:>5}  {:>9}  {:>6}  {retried:>7}  {:>6}", stage.quantity, stage.stored, stage.round);
        for failure in &stage.failures {
            println!("       slot {:03}: {}", failure.slot, failure.code);
        }
    }
    let credits = job.credits;
    println!("credits: held {}, captured {}, released {}", credits.held, credits.captured, credits.released);
    let drawn_by: Vec<_> = drawn_by.iter().map(|(drawer, count)| format!("{count} by {drawer}")).collect();
    println!("images: {}", if drawn_by.is_empty() { "none".to_owned() } else { drawn_by.join(", ") });
    println!("attempts: {}, drawn in {:.1} s", job.statistics.attempts, wall.as_secs_f64());
}

/// How often attempts failed, by what they failed with. Workers that died are always among them: those that were throttled
/// must not count as dead.
pub(super) fn failed(by_outcome: &BTreeMap<String, u64>) -> String {
    let crashed = by_outcome.get(WORKER_CRASH).unwrap_or(&0);
    let others = by_outcome.iter().filter(|(outcome, _)| *outcome != WORKER_CRASH);
    let counts = std::iter::once(format!("{WORKER_CRASH} {crashed}"));
    let counts: Vec<_> = counts.chain(others.map(|(outcome, count)| format!("{outcome} {count}"))).collect();
    format!("failed attempts: {}", counts.join(", "))
}

/// The last line of a demo.
pub(super) fn verdict(job: &Job, checked: usize) -> String {
    format!("{checked}/{} images, {}", job.requested(), job.status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workers_that_died_are_counted_even_if_none_did() {
        assert_eq!(failed(&BTreeMap::new()), "failed attempts: worker_crash 0");
        let counts = [("overloaded".to_owned(), 4), ("worker_crash".to_owned(), 1), ("timed_out".to_owned(), 2)];
        assert_eq!(failed(&counts.into()), "failed attempts: worker_crash 1, overloaded 4, timed_out 2");
    }
}
