//! Metrics as CloudWatch's embedded metric format: a log line that CloudWatch counts.
//!
//! Source: AWS, "Specification: Embedded metric format", version 0.

use serde_json::{Map, Value, json};
use toonmill_domain::Timestamp;

/// One value of a metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Metric {
    name: &'static str,
    unit: &'static str,
    value: Value,
}

impl Metric {
    pub fn count(name: &'static str, count: u64) -> Self {
        Self { name, unit: "Count", value: count.into() }
    }

    pub fn millis(name: &'static str, millis: u64) -> Self {
        Self { name, unit: "Milliseconds", value: millis.into() }
    }

    /// A part of a whole, in hundredths of a per cent rounded down. None of nothing.
    pub fn percent(name: &'static str, part: u64, whole: u64) -> Option<Self> {
        let hundredths = part.saturating_mul(10_000).checked_div(whole)?;
        Some(Self { name, unit: "Percent", value: (f64::from(u32::try_from(hundredths).ok()?) / 100.0).into() })
    }
}

/// The line that reports metrics, each under all of the dimensions together, in the namespace `Toonmill`. What
/// `properties` holds can be searched for and is no metric.
pub fn line(dimensions: &[(&str, &str)], now: Timestamp, metrics: &[Metric], properties: Map<String, Value>) -> Value {
    let names: Vec<_> = dimensions.iter().map(|(name, _)| *name).collect();
    let described: Vec<_> = metrics.iter().map(|metric| json!({ "Name": metric.name, "Unit": metric.unit })).collect();
    let mut members = properties;
    members.insert(
        "_aws".to_owned(),
        json!({
            "Timestamp": now.as_millis(),
            "CloudWatchMetrics": [{ "Namespace": "Toonmill", "Dimensions": [names], "Metrics": described }],
        }),
    );
    members.extend(dimensions.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())));
    members.extend(metrics.iter().map(|metric| (metric.name.to_owned(), metric.value.clone())));
    Value::Object(members)
}

/// Writes a line where Lambda's logs go.
#[expect(clippy::print_stdout, reason = "the format needs a bare line of JSON, which no logger may decorate")]
pub fn emit(line: &Value) {
    println!("{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_its_metrics_and_holds_their_values() {
        let metrics = [Metric::count("Waste", 3), Metric::percent("FirstPassYield", 2, 3).unwrap()];
        let properties = Map::from_iter([("jobId".to_owned(), json!("j"))]);
        let line = line(&[("FunctionName", "complete")], Timestamp::from_millis(5), &metrics, properties);
        let expected = json!({
            "_aws": { "Timestamp": 5, "CloudWatchMetrics": [{
                "Namespace": "Toonmill", "Dimensions": [["FunctionName"]],
                "Metrics": [{ "Name": "Waste", "Unit": "Count" }, { "Name": "FirstPassYield", "Unit": "Percent" }],
            }] },
            "FunctionName": "complete", "Waste": 3, "FirstPassYield": 66.66, "jobId": "j",
        });
        assert_eq!(line, expected);
        assert_eq!(Metric::percent("FirstPassYield", 0, 0), None);
    }
}
