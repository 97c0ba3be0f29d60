//! What came of it, in numbers.

use std::collections::BTreeMap;
use std::time::Duration;

use super::api::Job;

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

/// The last line of a demo.
pub(super) fn verdict(job: &Job, checked: usize) -> String {
    format!("{checked}/{} images, {}", job.requested(), job.status)
}
