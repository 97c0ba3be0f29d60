//! `template.yaml`, as the tests read it.

use std::{fs, path::PathBuf, sync::LazyLock};

use serde_yaml_ng::{Mapping, Value};

pub static TEMPLATE: LazyLock<Value> = LazyLock::new(|| {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../template.yaml");
    serde_yaml_ng::from_str(&fs::read_to_string(path).unwrap()).unwrap()
});

/// The value inside its intrinsic function, if it is one: `Table` of `!Ref Table`.
pub fn bare(value: &Value) -> &Value {
    match value {
        Value::Tagged(tagged) => &tagged.value,
        value => value,
    }
}

/// The queue mappings of a function: queue and mapping.
pub fn queue_events(function: &Mapping) -> Vec<(String, Value)> {
    let Some(events) = function["Properties"].get("Events").and_then(Value::as_mapping) else { return Vec::new() };
    let queues = events.values().filter(|event| event["Type"] == "SQS");
    queues
        .map(|event| {
            let queue = bare(&event["Properties"]["Queue"]).as_str().unwrap();
            (queue.trim_end_matches(".Arn").to_owned(), event["Properties"].clone())
        })
        .collect()
}
