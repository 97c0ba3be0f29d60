//! The operator's audit: silent while all is well, and not when it is not.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use toonmill_domain::{Failure, FailureCode};
use toonmill_tests::{Artist, World, picture, stage};

async fn audit(world: &World, action: Value) -> Vec<String> {
    let answer = world.operator().operate(serde_json::from_value(action).unwrap()).await.unwrap();
    assert_eq!(answer.get("next"), Some(&Value::Null), "one page is enough: {answer}");
    serde_json::from_value(answer.get("violations").unwrap().clone()).unwrap()
}

/// Sets a number of a record, as no code of ours does.
async fn forge(world: &World, pk: &str, sk: &str, name: &str, number: u64) {
    let change = world.dynamodb.update_item().table_name("toonmill");
    let change = change.key("pk", AttributeValue::S(pk.to_owned())).key("sk", AttributeValue::S(sk.to_owned()));
    let change = change.update_expression("SET #name = :number").expression_attribute_names("#name", name);
    change.expression_attribute_values(":number", AttributeValue::N(number.to_string())).send().await.unwrap();
}

#[tokio::test]
async fn an_audit_re_adds_every_ledger_and_finds_a_forged_balance() {
    let world = World::new(Artist::tireless());
    for account in ["ann", "bob", "eve"] {
        world.try_submit(account, vec![stage("a gate", 2)]).await.unwrap();
    }
    world.run().await;
    let all = json!({ "action": "audit" });
    assert_eq!(audit(&world, all.clone()).await, Vec::<String>::new());
    let answer = world.operator().operate(serde_json::from_value(all.clone()).unwrap()).await.unwrap();
    assert_eq!(answer["accounts"], 3);
    world.unaudited("a balance is forged");
    forge(&world, "U#bob", "A", "balance", 1_000_000).await;
    let found = audit(&world, all).await;
    assert!(found.len() == 1 && found[0].starts_with("CR-1") && found[0].ends_with(": bob"), "{found:?}");
}

#[tokio::test]
async fn an_audit_of_a_job_finds_a_changed_price_and_a_lost_image() {
    let world = World::new(Artist::tireless());
    let job = world.submit(vec![stage("a gate", 2)]).await;
    world.run().await;
    let action = json!({ "action": "audit", "jobId": job });
    assert_eq!(audit(&world, action.clone()).await, Vec::<String>::new());
    world.unaudited("an image is lost");
    forge(&world, &format!("J#{job}"), "B#000", "price", 3).await;
    let found = audit(&world, action.clone()).await;
    assert!(found.len() == 1 && found[0].starts_with("CR-3"), "{found:?}");
    forge(&world, &format!("J#{job}"), "B#000", "price", 4).await;
    let image = world.object_keys().into_iter().find(|key| !key.starts_with("plans/")).unwrap();
    world.blobs.delete(std::slice::from_ref(&image)).await.unwrap();
    let found = audit(&world, action).await;
    assert!(found.len() == 1 && found[0].starts_with("AR-1") && found[0].ends_with(&image), "{found:?}");
}

#[tokio::test]
async fn an_operator_sees_how_often_attempts_failed_and_with_what() {
    let world = World::new(Artist::new(|_, call| match call {
        1 | 2 => Err(Failure::new(FailureCode::Overloaded)),
        3 => Err(Failure::new(FailureCode::Empty)),
        _ => Ok(picture(call)),
    }));
    let job = world.submit(vec![stage("a gate", 2)]).await;
    world.run().await;
    let action = serde_json::from_value(json!({ "action": "show", "jobId": job })).unwrap();
    let shown = world.operator().operate(action).await.unwrap();
    assert_eq!(shown["stages"][0]["failedAttempts"], json!({ "empty": 1, "overloaded": 2 }));
}
