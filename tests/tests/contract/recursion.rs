//! Lambda's recursive loop detection: the functions that may reach themselves through the queues, and no other, allow it.
//!
//! Source: AWS, Lambda developer guide, "Use Lambda recursive loop detection to prevent infinite loops": a chain of SQS
//! messages in which one function has run about 16 times is stopped, unless the function says `RecursiveLoop: Allow`.

use std::collections::{BTreeMap, BTreeSet};

use serde_yaml_ng::Mapping;
use toonmill_tests::template::{queue_events, resources_of, statements, strings};

/// From each function and queue to what its messages reach in one step.
type Graph = BTreeMap<String, BTreeSet<String>>;

/// Functions send to queues by their roles' rights, queues start functions, and what a queue gives up goes to its
/// dead-letter queue.
fn graph(functions: &[(String, Mapping)], queues: &[(String, Mapping)]) -> Graph {
    let mut graph = Graph::new();
    for (function, resource) in functions {
        for (queue, _) in queue_events(resource) {
            graph.entry(queue).or_default().insert(function.clone());
        }
        for statement in statements(function) {
            if strings(&statement["Action"]).iter().any(|action| action == "sqs:SendMessage") {
                graph.entry(function.clone()).or_default().extend(strings(&statement["Resource"]));
            }
        }
    }
    for (queue, resource) in queues {
        let redrive = &resource["Properties"]["RedrivePolicy"]["deadLetterTargetArn"];
        if !redrive.is_null() {
            graph.entry(queue.clone()).or_default().extend(strings(redrive));
        }
    }
    graph
}

/// The functions that a message of their own can reach again.
fn on_a_cycle(graph: &Graph, functions: &[(String, Mapping)]) -> BTreeSet<String> {
    let reaches_itself = |start: &String| {
        let mut seen = BTreeSet::new();
        let mut next = vec![start];
        while let Some(node) = next.pop() {
            for reached in graph.get(node).into_iter().flatten() {
                if reached == start {
                    return true;
                }
                if seen.insert(reached) {
                    next.push(reached);
                }
            }
        }
        false
    };
    functions.iter().map(|(id, _)| id).filter(|id| reaches_itself(id)).cloned().collect()
}

fn names<const N: usize>(names: [&str; N]) -> BTreeSet<String> {
    names.map(str::to_owned).into()
}

#[test]
fn what_can_reach_itself_through_the_queues_allows_recursion_and_nothing_else_does() {
    let (functions, queues) = (resources_of("AWS::Serverless::Function"), resources_of("AWS::SQS::Queue"));
    let graph = graph(&functions, &queues);
    let allowed = functions.iter().filter(|(_, function)| function["Properties"]["RecursiveLoop"] == "Allow");
    let allowed: BTreeSet<_> = allowed.map(|(id, _)| id.clone()).collect();
    assert_eq!(allowed, on_a_cycle(&graph, &functions));
    // What the graph above is known to hold: were an edge of it not read, these would not be found.
    assert_eq!(allowed, names(["Complete", "DeadLetter", "Deliver", "GenerateImage", "GenerateText"]));
    for (id, function) in functions.iter().filter(|(id, _)| !allowed.contains(id)) {
        let told = function["Properties"].get("RecursiveLoop");
        assert!(told.is_none_or(|told| told == "Terminate"), "{id} says {told:?}");
    }
}

#[test]
fn a_cycle_is_found_through_any_number_of_queues_and_not_where_messages_only_pass() {
    let edge = |from: &str, to: &[&str]| (from.to_owned(), to.iter().map(|&to| to.to_owned()).collect());
    let graph = Graph::from([
        edge("Api", &["Q"]),
        edge("Q", &["Worker"]),
        edge("Worker", &["R"]),
        edge("R", &["Other"]),
        edge("Other", &["Q"]),
        edge("Own", &["S"]),
        edge("S", &["Own"]),
        edge("Sink", &[]),
    ]);
    let functions = ["Api", "Worker", "Other", "Own", "Sink"].map(|id| (id.to_owned(), Mapping::new()));
    assert_eq!(on_a_cycle(&graph, &functions), names(["Other", "Own", "Worker"]));
}

#[test]
fn an_alarm_watches_the_functions_whose_chains_are_stopped() {
    let watched: BTreeSet<String> = resources_of("AWS::CloudWatch::Alarm")
        .iter()
        .flat_map(|(_, alarm)| alarm["Properties"]["Metrics"].as_sequence().cloned().unwrap_or_default())
        .map(|metric| metric["MetricStat"]["Metric"].clone())
        .filter(|metric| metric["MetricName"] == "RecursiveInvocationsDropped")
        .map(|metric| strings(&metric["Dimensions"][0]["Value"]).remove(0))
        .collect();
    let functions = resources_of("AWS::Serverless::Function");
    let terminate = functions.iter().filter(|(_, function)| function["Properties"].get("RecursiveLoop").is_none());
    assert_eq!(watched, terminate.map(|(id, _)| id.clone()).collect());
}
