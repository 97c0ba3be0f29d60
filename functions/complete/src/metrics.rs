//! How a job went, as metrics: one line of the job, and one of each provider that was called.
//!
//! They belong to the settle that won, which only one reconcile of a job's epoch can say of itself. If its function dies
//! before the line is out, it is never written: the numbers are in the job's record all the same, and a metric that was
//! counted twice could not be told from a bad day.

use serde_json::{Map, Value, json};
use toonmill_domain::{JobId, Timestamp, settle::Settlement, statistics::ProviderStatistics};
use toonmill_runtime::metric::{Metric, line};

/// Of the epoch that was settled, so that a retried job's first epoch is not counted again.
pub(crate) fn of_ended(function: &str, now: Timestamp, job: JobId, settlement: &Settlement) -> Vec<Value> {
    let statistics = &settlement.of_epoch;
    let mut metrics = vec![
        Metric::count("JobsEnded", 1),
        Metric::count("ImagesRequested", statistics.requested()),
        Metric::count("ImagesStored", statistics.stored()),
        Metric::count("CreditsCaptured", settlement.captured.get()),
        Metric::count("CreditsReleased", settlement.released.get()),
        Metric::count("Attempts", statistics.attempts),
        Metric::count("Recovered", statistics.recovered),
        Metric::count("Waste", statistics.waste),
    ];
    metrics.extend(Metric::percent("FirstPassYield", statistics.first_pass, statistics.requested()));
    metrics.extend(
        statistics
            .stages
            .iter()
            .map(|stage| stage.elapsed_ms)
            .max()
            .map(|longest| Metric::millis("DrawingTime", longest)),
    );
    let details = [
        ("jobId", json!(job)),
        ("recoveredByRound", json!(statistics.recovered_by_round)),
        ("stages", json!(statistics.stages)),
    ];
    let dimensions = [("FunctionName", function), ("Status", settlement.status.as_str())];
    let providers = statistics.by_provider.iter().map(|(provider, calls)| {
        let dimensions = [("FunctionName", function), ("Provider", provider.as_str())];
        let details = [("jobId", json!(job)), ("failures", json!(calls.failures))];
        line(&dimensions, now, &of_provider(calls), properties(details))
    });
    [line(&dimensions, now, &metrics, properties(details))].into_iter().chain(providers).collect()
}

fn of_provider(calls: &ProviderStatistics) -> [Metric; 3] {
    [
        Metric::count("ProviderAttempts", calls.attempts),
        Metric::count("ProviderImagesStored", calls.stored),
        Metric::count("ProviderWaste", calls.waste),
    ]
}

fn properties<const N: usize>(of: [(&str, Value); N]) -> Map<String, Value> {
    of.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use toonmill_domain::{Credits, JobStatus, StageStatistics, Statistics};

    #[test]
    fn a_job_has_one_line_and_each_provider_one_of_its_own() {
        let calls = ProviderStatistics { attempts: 5, stored: 3, waste: 1, failures: [].into() };
        let stage = StageStatistics { requested: 4, first_pass: 2, missing: 1, elapsed_ms: 900, ..Default::default() };
        let of_epoch = Statistics {
            attempts: 5,
            first_pass: 2,
            recovered: 1,
            waste: 1,
            by_provider: [("gemini".parse().unwrap(), calls)].into(),
            stages: vec![stage],
            ..Default::default()
        };
        let settlement = Settlement {
            status: JobStatus::Partial,
            requested: 9,
            stored: 8,
            captured: Credits::new(6).unwrap(),
            released: Credits::new(2).unwrap(),
            ledger: Vec::new(),
            statistics: Statistics::default(),
            of_epoch,
        };
        let job = "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap();
        let lines = of_ended("complete", Timestamp::from_millis(1), job, &settlement);
        assert_eq!(lines.len(), 2);
        let values = |line: &Value, names: &[&str]| names.iter().map(|name| line[name].clone()).collect::<Vec<_>>();
        let of_job = ["Status", "ImagesRequested", "ImagesStored", "CreditsCaptured", "FirstPassYield", "DrawingTime"];
        let expected = [json!("PARTIAL"), json!(4), json!(3), json!(6), json!(50.0), json!(900)];
        assert_eq!(values(&lines[0], &of_job), expected);
        let of_provider = ["Provider", "ProviderAttempts", "ProviderImagesStored", "ProviderWaste"];
        assert_eq!(values(&lines[1], &of_provider), [json!("gemini"), json!(5), json!(3), json!(1)]);
        for line in &lines {
            let described = line["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().unwrap();
            assert!(described.iter().all(|metric| line[metric["Name"].as_str().unwrap()].is_number()), "{line}");
        }
    }
}
