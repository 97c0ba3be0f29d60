//! Metrics as CloudWatch's embedded metric format: a log line that CloudWatch counts.
//!
//! Source: AWS, "Specification: Embedded metric format", version 0.

use serde_json::{Value, json};
use toonmill_domain::Timestamp;

/// The line that reports counts of one function, under the namespace `Toonmill`.
pub fn counts(function: &str, now: Timestamp, counts: &[(&str, u64)]) -> Value {
    let metrics: Vec<_> = counts.iter().map(|(name, _)| json!({ "Name": name, "Unit": "Count" })).collect();
    let mut line = json!({
        "_aws": {
            "Timestamp": now.as_millis(),
            "CloudWatchMetrics": [{ "Namespace": "Toonmill", "Dimensions": [["FunctionName"]], "Metrics": metrics }],
        },
        "FunctionName": function,
    });
    if let Value::Object(members) = &mut line {
        members.extend(counts.iter().map(|(name, count)| ((*name).to_owned(), Value::from(*count))));
    }
    line
}

/// Writes a line of counts where Lambda's logs go.
#[expect(clippy::print_stdout, reason = "the format needs a bare line of JSON, which no logger may decorate")]
pub fn emit(function: &str, now: Timestamp, values: &[(&str, u64)]) {
    println!("{}", counts(function, now, values));
}
