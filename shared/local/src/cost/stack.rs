//! What `template.yaml` says that costs money.

use anyhow::{Context, Result, ensure};
use serde_yaml_ng::Value;

use crate::deploy::template::Template;

/// Sizes and numbers of a stack whose parameters are left as they are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stack {
    /// Memory of generate-image, of what reconciles, and of what answers requests, in MB.
    pub(crate) image_mb: f64,
    pub(crate) reconcile_mb: f64,
    pub(crate) api_mb: f64,
    /// Queues that Lambda asks for messages.
    pub(super) queues: f64,
    /// What alarms look at: each metric of an alarm is paid for.
    pub(super) alarm_metrics: f64,
}

impl Stack {
    pub(crate) fn read(template: &Template) -> Result<Self> {
        let document = template.document();
        let resources = document.get("Resources").and_then(Value::as_mapping).context("no Resources")?;
        let of_type = |wanted: &'static str| {
            resources.values().filter(move |resource| resource.get("Type").and_then(Value::as_str) == Some(wanted))
        };
        let queues = of_type("AWS::Serverless::Function")
            .flat_map(events)
            .filter(|event| event.get("Type").and_then(Value::as_str) == Some("SQS"));
        let stack = Self {
            image_mb: memory_mb(document, "GenerateImage")?,
            reconcile_mb: memory_mb(document, "Complete")?,
            api_mb: memory_mb(document, "ApiJobs")?,
            queues: number(queues.count())?,
            alarm_metrics: number(of_type("AWS::CloudWatch::Alarm").map(metrics_of).sum())?,
        };
        ensure!(stack.queues > 0.0 && stack.alarm_metrics > 0.0, "no queues or no alarms");
        Ok(stack)
    }
}

/// A function's own memory, or that of all. A parameter counts with its default.
fn memory_mb(document: &Value, function: &str) -> Result<f64> {
    let at = |path: &[&str]| path.iter().try_fold(document, |value, name| value.get(name));
    let own = at(&["Resources", function, "Properties", "MemorySize"]);
    let size = own.or_else(|| at(&["Globals", "Function", "MemorySize"]));
    let size = match size.with_context(|| format!("{function} has no MemorySize"))? {
        Value::Tagged(tagged) if tagged.tag == "Ref" => {
            let parameter = tagged.value.as_str().context("a parameter has a name")?;
            at(&["Parameters", parameter, "Default"]).with_context(|| format!("{parameter} has no default"))?
        }
        size => size,
    };
    size.as_f64().with_context(|| format!("the MemorySize of {function} is no number"))
}

fn events(function: &Value) -> impl Iterator<Item = &Value> {
    let events = function.get("Properties").and_then(|properties| properties.get("Events"));
    events.and_then(Value::as_mapping).into_iter().flat_map(|events| events.values())
}

/// One, or as many as its arithmetic reads.
fn metrics_of(alarm: &Value) -> usize {
    let metrics = alarm.get("Properties").and_then(|properties| properties.get("Metrics"));
    metrics
        .and_then(Value::as_sequence)
        .map_or(1, |metrics| metrics.iter().filter(|metric| metric.get("MetricStat").is_some()).count())
}

fn number(count: usize) -> Result<f64> {
    Ok(f64::from(u32::try_from(count)?))
}
