//! The tables: prices, and what jobs do.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde::Deserialize;

/// US dollars for one of each.
#[derive(Clone, Debug)]
pub(super) struct Prices {
    pub(super) as_of: String,
    pub(super) region: String,
    pub(super) lambda_gb_second_arm64: f64,
    pub(super) lambda_request: f64,
    pub(super) sqs_request: f64,
    /// Of messages that name a group in a queue that is no FIFO queue.
    pub(super) sqs_fair_request: f64,
    pub(super) dynamo_write_unit: f64,
    pub(super) dynamo_read_unit: f64,
    pub(super) dynamo_gb_month: f64,
    /// Of point-in-time recovery.
    pub(super) dynamo_recovery_gb_month: f64,
    pub(super) s3_write: f64,
    pub(super) s3_read: f64,
    pub(super) s3_gb_month: f64,
    pub(super) egress_gb: f64,
    pub(super) http_api_request: f64,
    pub(super) logs_gb: f64,
    pub(super) alarm_metric_month: f64,
    pub(super) custom_metric_month: f64,
}

/// A job from its submit to its end at the first try, by one warm worker.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Job {
    pub(super) images: u32,
    pub(super) reconciles: u32,
    /// Of DynamoDB, as it bills them: transactions twice, a kilobyte each.
    pub(super) write_units: f64,
    /// Four kilobytes each, half of one if the read may be stale.
    pub(super) read_units: f64,
    calls: BTreeMap<String, u32>,
}

impl Job {
    /// How many calls there were whose names begin so.
    pub(super) fn calls(&self, prefix: &str) -> f64 {
        self.calls.iter().filter(|(name, _)| name.starts_with(prefix)).map(|(_, count)| f64::from(*count)).sum()
    }
}

pub(super) fn counted() -> Result<Vec<Job>> {
    serde_json::from_str(include_str!("counted.json")).context("counted.json is not as it should be")
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Table {
    region: String,
    #[serde(rename = "note")]
    _note: String,
    as_of: String,
    usd: BTreeMap<String, Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    price: f64,
    /// Whose it is to say.
    source: String,
    /// Where it was read.
    read: String,
}

pub(super) fn prices() -> Result<Prices> {
    let table: Table =
        serde_json::from_str(include_str!("prices.json")).context("prices.json is not as it should be")?;
    let of = |name: &str| {
        let row = table.usd.get(name).with_context(|| format!("prices.json has no {name}"))?;
        let sources = [&row.source, &row.read].iter().all(|source| source.starts_with("https://"));
        anyhow::ensure!(row.price > 0.0 && sources, "{name} has no price or no source");
        Ok(row.price)
    };
    Ok(Prices {
        lambda_gb_second_arm64: of("lambdaGbSecondArm64")?,
        lambda_request: of("lambdaRequest")?,
        sqs_request: of("sqsRequest")?,
        sqs_fair_request: of("sqsFairRequest")?,
        dynamo_write_unit: of("dynamoWriteUnit")?,
        dynamo_read_unit: of("dynamoReadUnit")?,
        dynamo_gb_month: of("dynamoGbMonth")?,
        dynamo_recovery_gb_month: of("dynamoRecoveryGbMonth")?,
        s3_write: of("s3Write")?,
        s3_read: of("s3Read")?,
        s3_gb_month: of("s3GbMonth")?,
        egress_gb: of("egressGb")?,
        http_api_request: of("httpApiRequest")?,
        logs_gb: of("logsGb")?,
        alarm_metric_month: of("alarmMetricMonth")?,
        custom_metric_month: of("customMetricMonth")?,
        as_of: table.as_of,
        region: table.region,
    })
}
