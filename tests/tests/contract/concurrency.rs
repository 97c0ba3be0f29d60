//! How many functions may run at once, against what an account has.

use serde_yaml_ng::Value;
use toonmill_tests::template::{TEMPLATE, bare, queue_events, resources_of};

use super::read;

/// A number, or the default of the parameter that holds it.
fn number(value: &Value) -> u64 {
    match value {
        Value::Tagged(tagged) if tagged.tag == "Ref" => {
            TEMPLATE["Parameters"][tagged.value.as_str().unwrap()]["Default"].as_u64().unwrap()
        }
        plain => plain.as_u64().unwrap(),
    }
}

/// The functions with the executions that their queues may take at once: the sum of `MaximumConcurrency`.
fn taken_by_queues() -> Vec<(String, u64)> {
    let functions = resources_of("AWS::Serverless::Function").into_iter();
    let taken = functions.map(|(id, function)| {
        let mappings = queue_events(&function);
        (id, mappings.iter().map(|(_, mapping)| number(&mapping["ScalingConfig"]["MaximumConcurrency"])).sum())
    });
    taken.filter(|(_, sum)| *sum > 0).collect()
}

/// What is reserved for a function, with the condition under which it is.
fn reserved(function: &str) -> Option<(String, u64)> {
    match &TEMPLATE["Resources"][function]["Properties"]["ReservedConcurrentExecutions"] {
        Value::Null => None,
        Value::Tagged(tagged) if tagged.tag == "If" => {
            assert_eq!(bare(&tagged.value[2]), "AWS::NoValue", "{function}");
            Some((tagged.value[0].as_str().unwrap().to_owned(), number(&tagged.value[1])))
        }
        other => panic!("{function} reserves {other:?} in every account, also in one that has too few"),
    }
}

/// A new account has 10 or 50 executions, of which none can be reserved: the stack could not be created there.
#[test]
fn nothing_is_reserved_unless_a_parameter_asks_for_it() {
    for (id, _) in resources_of("AWS::Serverless::Function") {
        let Some((condition, _)) = reserved(&id) else { continue };
        let condition = serde_yaml_ng::to_string(&TEMPLATE["Conditions"][condition.as_str()]).unwrap();
        let asks = [("EventsMaxConcurrency", "0"), ("ReserveConcurrency", "false")];
        let (parameter, none) = asks.into_iter().find(|(parameter, _)| condition.contains(parameter)).unwrap();
        let default = &TEMPLATE["Parameters"][parameter]["Default"];
        assert!(default == none || default.as_u64().is_some_and(|default| default.to_string() == none), "{default:?}");
    }
}

/// Less than its queues may take would be throttling, and a throttled message counts as received.
#[test]
fn what_is_reserved_for_a_function_is_enough_for_its_queues() {
    let mut compared = 0;
    for (id, taken) in taken_by_queues() {
        if let Some((_, reserved)) = reserved(&id) {
            assert!(reserved >= taken, "{id} reserves {reserved}, and its queues may take {taken}");
            compared += 1;
        }
    }
    assert_eq!(compared, 2, "complete and dead-letter");
}

#[test]
fn the_readme_says_how_many_executions_the_queues_take_and_how_many_are_reserved() {
    let readme = read("README.md");
    let taken: u64 = taken_by_queues().iter().map(|(_, taken)| taken).sum();
    let says = format!("the queues may take {taken} of them");
    assert!(readme.contains(&says), "README.md does not say: {says}");
    let functions = resources_of("AWS::Serverless::Function");
    let reserved = functions.iter().filter_map(|(id, _)| reserved(id));
    let reserved: u64 = reserved.filter(|(condition, _)| condition == "Reserves").map(|(_, count)| count).sum();
    let says = format!("reserves {reserved}");
    assert!(readme.contains(&says), "README.md does not say: {says}");
}
