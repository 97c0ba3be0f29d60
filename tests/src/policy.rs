//! What the template's roles allow, against what was done.

use std::collections::BTreeSet;

use serde_yaml_ng::Value;

use crate::{
    rights::{Resource, Right},
    template::{TEMPLATE, bare, queue_events, statements},
};

/// What the function did and may not, and what it may and never did. Writing its log, taking messages from its queues and
/// reading its secrets are not compared: Lambda and the start do that.
pub fn compare(function: &str, used: &BTreeSet<Right>) -> Vec<String> {
    let granted = granted(function);
    let spare = granted.iter().filter(|granted| !used.iter().any(|used| allows(granted, used)));
    missing(function, used)
        .into_iter()
        .chain(spare.map(|right| format!("{function} never does {} on {:?}", right.action, right.on)))
        .collect()
}

/// What the function did and may not.
pub fn missing(function: &str, used: &BTreeSet<Right>) -> Vec<String> {
    let granted = granted(function);
    let missing = used.iter().filter(|used| !granted.iter().any(|granted| allows(granted, used)));
    missing.map(|right| format!("{function} may not {} on {:?}", right.action, right.on)).collect()
}

/// The queues whose messages start the function.
fn consumed(function: &str) -> BTreeSet<String> {
    let function = TEMPLATE["Resources"][function].as_mapping().unwrap();
    queue_events(function).into_iter().map(|(queue, _)| queue).collect()
}

/// What the function's role allows its code. Writing its log and taking messages from its queues is Lambda's own, and
/// its secrets are read before there is anything to record: those are compared with the template's other half.
fn granted(function: &str) -> Vec<Right> {
    let consumed = consumed(function);
    let mut rights = Vec::new();
    for statement in statements(function) {
        let resources: Vec<Resource> = match &statement["Resource"] {
            Value::Sequence(list) => list.iter().filter_map(resource).collect(),
            one => resource(one).into_iter().collect(),
        };
        let actions = statement["Action"].as_sequence().unwrap().iter().map(|action| action.as_str().unwrap());
        let actions: BTreeSet<&str> = actions.collect();
        let consuming = BTreeSet::from([
            "sqs:ChangeMessageVisibility",
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            "sqs:ReceiveMessage",
        ]);
        if actions == consuming {
            let queues = resources.iter().map(|queue| match queue {
                Resource::Queue(queue) => queue.clone(),
                other => panic!("{function} consumes {other:?}"),
            });
            assert_eq!(queues.collect::<BTreeSet<_>>(), consumed, "{function} consumes its events");
            continue;
        }
        let resources = conditioned(&statement["Condition"], resources);
        let each = |action: &&str| {
            resources.iter().map(|on| Right { action: (*action).to_owned(), on: on.clone() }).collect::<Vec<_>>()
        };
        rights.extend(actions.iter().flat_map(each));
    }
    rights
}

/// What a statement's condition leaves of its resources: the one that is understood names partition keys of the table.
fn conditioned(condition: &Value, resources: Vec<Resource>) -> Vec<Resource> {
    if condition.is_null() {
        return resources;
    }
    assert_eq!(resources, [Resource::Table("*".to_owned())], "only partition keys are conditions");
    let keys = &condition["ForAllValues:StringLike"]["dynamodb:LeadingKeys"];
    let is_all = condition.as_mapping().unwrap().len() == 1
        && condition["ForAllValues:StringLike"].as_mapping().is_some_and(|keys| keys.len() == 1);
    assert!(is_all, "a condition that is not understood: {condition:?}");
    keys.as_sequence().unwrap().iter().map(|key| Resource::Table(key.as_str().unwrap().to_owned())).collect()
}

/// A resource of a statement; none if it is a log group or a secret.
fn resource(value: &Value) -> Option<Resource> {
    let text = bare(value).as_str().unwrap();
    match text {
        "Table.Arn" => Some(Resource::Table("*".to_owned())),
        "${Table.Arn}/index/due" => Some(Resource::Index),
        "Bucket.Arn" => Some(Resource::Bucket),
        text if text.starts_with("${Bucket.Arn}/") => Some(Resource::Object(text["${Bucket.Arn}/".len()..].to_owned())),
        text if text.ends_with("Queue.Arn") => Some(Resource::Queue(text.trim_end_matches(".Arn").to_owned())),
        text if text.ends_with("Logs.Arn") || text.ends_with("Secret") => None,
        other => panic!("{other} is of no known kind"),
    }
}

/// Whether the one who has this right may do that. Providers' image queues are alike, and the world has only two.
fn allows(granted: &Right, used: &Right) -> bool {
    let is = match (&granted.on, &used.on) {
        (Resource::Object(pattern), Resource::Object(key)) | (Resource::Table(pattern), Resource::Table(key)) => {
            is_like(pattern, key)
        }
        (Resource::Queue(granted), Resource::Queue(used)) => match used.as_str() {
            "reconcile" => granted == "ReconcileQueue",
            "deliver" => granted == "DeliverQueue",
            "texts" => granted == "TextQueue",
            _ => granted.ends_with("ImageQueue"),
        },
        (granted, used) => granted == used,
    };
    is && granted.action == used.action
}

/// `*` stands for any characters, `/` among them, as in IAM.
fn is_like(pattern: &str, key: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == key,
        Some((start, rest)) => key
            .strip_prefix(start)
            .is_some_and(|key| (0..=key.len()).any(|at| key.is_char_boundary(at) && is_like(rest, &key[at..]))),
    }
}
