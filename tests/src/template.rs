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

/// The resources of a type: logical id and resource.
pub fn resources_of(kind: &str) -> Vec<(String, Mapping)> {
    let resources = TEMPLATE["Resources"].as_mapping().unwrap();
    let of_kind = resources.iter().filter(|(_, resource)| resource["Type"] == kind);
    of_kind.map(|(id, resource)| (id.as_str().unwrap().to_owned(), resource.as_mapping().unwrap().clone())).collect()
}

/// The statements of a function's role; of a conditional one, `!If [condition, statement, nothing]`, the statement.
pub fn statements(function: &str) -> Vec<Value> {
    let role = &TEMPLATE["Resources"][format!("{function}Role").as_str()]["Properties"];
    let statements = role["Policies"][0]["PolicyDocument"]["Statement"].as_sequence().unwrap().iter();
    let plain = statements.map(|statement| match statement {
        Value::Tagged(tagged) => &tagged.value[1],
        plain => plain,
    });
    plain.cloned().collect()
}

/// The texts of a list or of one value, each without its intrinsic function and the `.Arn` of a `!GetAtt`.
pub fn strings(value: &Value) -> Vec<String> {
    let list = value.as_sequence().cloned().unwrap_or_else(|| vec![value.clone()]);
    list.iter().map(|one| bare(one).as_str().unwrap().trim_end_matches(".Arn").to_owned()).collect()
}
