//! The alarms, the dashboard and the runbook: whether they see all that there is, and each other.

use std::collections::BTreeSet;

use serde_json::Value as Json;
use serde_yaml_ng::{Mapping, Value};
use toonmill_tests::template::{TEMPLATE, bare, resources_of, strings};

use super::read;

fn alarms() -> Vec<(String, Value)> {
    let alarms = resources_of("AWS::CloudWatch::Alarm").into_iter();
    alarms.map(|(id, alarm)| (id, alarm["Properties"].clone())).collect()
}

/// The metrics that an alarm looks at, each with its name and dimensions.
fn metrics_of(alarm: &Value) -> Vec<Value> {
    match alarm["Metrics"].as_sequence() {
        Some(queries) => {
            let metrics = queries.iter().map(|query| query["MetricStat"]["Metric"].clone());
            metrics.filter(|metric| !metric.is_null()).collect()
        }
        None => vec![alarm.clone()],
    }
}

/// The functions or queues of which some alarm watches this metric.
fn watched(metric_name: &str, dimension: &str) -> BTreeSet<String> {
    let metrics = alarms().into_iter().flat_map(|(_, alarm)| metrics_of(&alarm));
    let metrics = metrics.filter(|metric| metric["MetricName"] == metric_name);
    let dimensions = metrics.flat_map(|metric| metric["Dimensions"].as_sequence().cloned().unwrap_or_default());
    let values = dimensions.filter(|found| found["Name"] == dimension).flat_map(|found| strings(&found["Value"]));
    values.map(|value| value.trim_end_matches(".QueueName").to_owned()).collect()
}

fn ids(resources: &[(String, Mapping)]) -> BTreeSet<String> {
    resources.iter().map(|(id, _)| id.clone()).collect()
}

#[test]
fn the_runbook_has_a_section_for_every_alarm_and_no_other() {
    let runbook = read("functions/operator/README.md");
    let sections = runbook.lines().filter_map(|line| line.strip_prefix("### "));
    let sections: Vec<_> = sections.map(str::to_owned).collect();
    let alarms: BTreeSet<_> = alarms().into_iter().map(|(id, _)| id).collect();
    assert_eq!(sections.iter().cloned().collect::<BTreeSet<_>>(), alarms);
    assert_eq!(sections.len(), alarms.len(), "a section is there twice");
    for section in runbook.split("\n### ").skip(1) {
        let name = section.lines().next().unwrap();
        for part in ["**Means.** ", "**Look.** ", "**Do.** "] {
            assert!(section.contains(part), "{name} has no {part}");
        }
    }
}

#[test]
fn every_alarm_tells_somebody_and_says_what_silence_means() {
    for (id, alarm) in alarms() {
        let actions = serde_yaml_ng::to_string(&alarm["AlarmActions"]).unwrap();
        assert!(actions.contains("!Ref AlarmTopicArn") && actions.contains("!Ref AlarmTopic\n"), "{id}: {actions}");
        let silence = if id == "SweepSilentAlarm" { "breaching" } else { "notBreaching" };
        assert_eq!(alarm["TreatMissingData"], silence, "{id}");
    }
}

/// `CloudWatch` takes ten metrics in an alarm at most, and one expression that it watches.
#[test]
fn an_alarm_of_several_metrics_uses_ten_at_most_and_all_that_it_names() {
    let mut compared = 0;
    for (id, alarm) in alarms() {
        let Some(queries) = alarm["Metrics"].as_sequence() else { continue };
        let (metrics, expressions): (Vec<_>, Vec<_>) = queries.iter().partition(|query| query["Expression"].is_null());
        assert_eq!(expressions.len(), 1, "{id}");
        assert!(metrics.len() <= 10, "{id} has {} metrics", metrics.len());
        let periods: BTreeSet<_> = metrics.iter().map(|metric| metric["MetricStat"]["Period"].as_u64()).collect();
        assert_eq!(periods.len(), 1, "{id}");
        let names: BTreeSet<_> = metrics.iter().map(|metric| metric["Id"].as_str().unwrap()).collect();
        assert_eq!(names.len(), metrics.len(), "{id}");
        let expression = expressions[0]["Expression"].as_str().unwrap();
        let words: BTreeSet<_> = expression.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
        for metric in metrics {
            let name = metric["Id"].as_str().unwrap();
            assert_eq!(metric["ReturnData"], false, "{id}: {name}");
            assert!(words.contains("METRICS") || words.contains(name), "{id} does not use {name}");
        }
        compared += 1;
    }
    assert!(compared > 10, "{compared}");
}

#[test]
fn every_function_is_watched_for_errors_and_those_that_nobody_waits_for_also_for_throttles() {
    let functions = ids(&resources_of("AWS::Serverless::Function"));
    assert_eq!(watched("Errors", "FunctionName"), functions);
    // A viewer too many is turned away on purpose, and who invokes the operator sees it.
    let all_but = |name: &String| name != "JobEvents" && name != "Operator";
    assert_eq!(watched("Throttles", "FunctionName"), functions.into_iter().filter(all_but).collect());
}

#[test]
fn every_queue_is_watched_for_old_messages_and_every_dead_letter_queue_for_any() {
    let queues = resources_of("AWS::SQS::Queue").into_iter();
    let (dead, alive): (Vec<_>, Vec<_>) = queues.partition(|(id, _)| id.ends_with("DeadLetterQueue"));
    assert_eq!(watched("ApproximateAgeOfOldestMessage", "QueueName"), ids(&alive));
    assert_eq!(watched("NumberOfMessagesReceived", "QueueName"), ids(&dead));
    assert_eq!(watched("ApproximateNumberOfMessagesVisible", "QueueName"), ids(&dead));
}

#[test]
fn the_table_and_its_index_are_watched_for_throttles() {
    let throttles = ["ReadThrottleEvents", "WriteThrottleEvents"];
    for metric in throttles {
        assert_eq!(watched(metric, "TableName"), BTreeSet::from(["Table".to_owned()]));
        let index = BTreeSet::from([toonmill_cloud::table::DUE_INDEX.to_owned()]);
        assert_eq!(watched(metric, "GlobalSecondaryIndexName"), index);
    }
}

/// Of the dashboard's body only its variables are checked by others.
#[test]
fn the_dashboard_is_json_and_fits_its_grid() {
    let body = bare(&TEMPLATE["Resources"]["Dashboard"]["Properties"]["DashboardBody"]);
    let body: Json = serde_json::from_str(body.as_str().unwrap()).unwrap();
    let widgets = body["widgets"].as_array().unwrap();
    assert_eq!(widgets.len(), 12);
    let places: BTreeSet<_> = widgets.iter().map(|widget| (widget["x"].as_u64(), widget["y"].as_u64())).collect();
    assert_eq!(places.len(), widgets.len(), "two widgets in one place");
    for widget in widgets {
        assert!(widget["x"].as_u64().unwrap() + widget["width"].as_u64().unwrap() <= 24, "{widget}");
        let metrics = widget["properties"]["metrics"].as_array().unwrap();
        assert!(!metrics.is_empty(), "{widget}");
        for metric in metrics {
            let texts = metric.as_array().unwrap().iter().filter(|part| part.is_string()).count();
            assert!(texts >= 2 && texts % 2 == 0, "namespace, name, and pairs of dimensions: {metric}");
        }
    }
}
