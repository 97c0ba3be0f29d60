//! How records are spelt in the table. A snapshot that changes means that stored data must still be read: keep an
//! old record beside the new one.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use toonmill_domain::{
    Character, CutImageEntry, Failure, FailureCode, HistoryEntry, Naming, Publication, SheetEntry, StagePlan,
};
use toonmill_tests::{Artist, World, picture, stage};

fn plain(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::S(text) => json!({ "S": text }),
        AttributeValue::N(digits) => json!({ "N": digits }),
        AttributeValue::Bool(flag) => json!({ "BOOL": flag }),
        AttributeValue::Ss(texts) => json!({ "SS": texts }),
        AttributeValue::Ns(numbers) => json!({ "NS": numbers }),
        AttributeValue::L(values) => json!({ "L": values.iter().map(plain).collect::<Vec<_>>() }),
        AttributeValue::M(members) => {
            json!({ "M": members.iter().map(|(name, value)| (name, plain(value))).collect::<BTreeMap<_, _>>() })
        }
        other => panic!("{other:?}"),
    }
}

async fn items(world: &World, pk: String) -> BTreeMap<String, BTreeMap<String, Value>> {
    let answer = world
        .dynamodb
        .query()
        .table_name("toonmill")
        .consistent_read(true)
        .key_condition_expression("pk = :pk")
        .expression_attribute_values(":pk", AttributeValue::S(pk))
        .send()
        .await
        .unwrap();
    answer
        .items()
        .iter()
        .map(|item| {
            let item: BTreeMap<_, _> = item.iter().map(|(name, value)| (name.clone(), plain(value))).collect();
            (item["sk"]["S"].as_str().unwrap().to_owned(), item)
        })
        .collect()
}

#[tokio::test]
async fn records_are_spelt_as_they_were() {
    let world = World::new(Artist::new(|_, call| match call {
        1 => Err(Failure::new(FailureCode::Refused).detail("SAFETY")),
        _ => Ok(picture(call)),
    }));
    let job = world.submit(vec![stage("a page for the archive", 1)]).await;
    let open = items(&world, format!("J#{job}")).await;
    world.reconcile_all().await;
    let message = world.take_images().remove(0);
    let claimed = {
        let delivery = world.delivery();
        world.table.claim(&message, &delivery.holder, delivery.deadline, world.now()).await.unwrap();
        items(&world, format!("J#{job}#S000")).await
    };
    world.wait(std::time::Duration::from_secs(80));
    world.ring(job).await;
    world.run().await;
    let slot = world.job(job).await.1[0].key.slot(toonmill_domain::SlotIndex(0));
    let file = toonmill_domain::FileId::of_slot(slot);
    let ended = items(&world, format!("J#{job}")).await;
    let slots = items(&world, format!("J#{job}#S000")).await;
    let file = items(&world, format!("FILE#{file}")).await;
    let account = items(&world, "U#ann".to_owned()).await;
    insta::with_settings!({ filters => vec![
        // The encoder's bytes may change with its version; their shape may not.
        (r"[0-9a-f]{64}", "[sha256]"), (r"-[0-9a-f]{8}\.webp", "-[hash].webp"),
        (r#""sizeBytes": \{\s+"N": "\d+""#, r#""sizeBytes": { "N": "[size]""#),
        (r#""(by|holder)": \{\s+"S": "[0-9a-f]{32}""#, r#""$1": { "S": "[token]""#),
        (r#""(elapsedMs|at|storedAt)": \{\s+"N": "\d+""#, r#""$1": { "N": "[number]""#),
    ] }, {
        insta::assert_json_snapshot!("job_when_submitted", open);
        insta::assert_json_snapshot!("slot_when_claimed", claimed);
        insta::assert_json_snapshot!("job_when_ended", ended);
        insta::assert_json_snapshot!("slots_when_ended", slots);
        insta::assert_json_snapshot!("file", file);
        insta::assert_json_snapshot!("account", account);
    });
}

#[tokio::test]
async fn a_picture_of_a_cut_is_spelt_as_it_was() {
    let world = World::new(Artist::tireless());
    let publish =
        Publication::History(HistoryEntry { cut: "cut-1".to_owned(), process: None, prompt: "늑대".to_owned() });
    let naming = Naming { folder: "cut-1/_".to_owned(), stem: "monster".to_owned() };
    let page = StagePlan { naming: Some(naming), temporary: true, publish: Some(publish), ..stage("a wolf", 1) };
    let job = world.submit(vec![page]).await;
    world.run().await;
    let slot = world.job(job).await.1[0].key.slot(toonmill_domain::SlotIndex(0));
    let file = toonmill_domain::FileId::of_slot(slot);
    let mut account = items(&world, "U#ann".to_owned()).await;
    account.retain(|sk, _| sk.starts_with("HIST#"));
    let before_saving = items(&world, format!("FILE#{file}")).await;
    let found = world.table.load_file(file, &"ann".parse().unwrap()).await.unwrap().unwrap();
    assert!(world.table.save_file(&found, "token").await.unwrap());
    let saved = items(&world, format!("FILE#{file}")).await;
    insta::with_settings!({ filters => vec![
        (r"[0-9a-f]{64}", "[sha256]"), (r"[0-9a-f]{12}\.webp", "[hash].webp"),
        (r#""sizeBytes": \{\s+"N": "\d+""#, r#""sizeBytes": { "N": "[size]""#),
    ] }, {
        insta::assert_json_snapshot!("history", account);
        insta::assert_json_snapshot!("temporary_file", before_saving);
        insta::assert_json_snapshot!("saved_file", saved);
    });
}

#[tokio::test]
async fn characters_and_rows_of_their_lists_are_spelt_as_they_were() {
    let world = World::new(Artist::tireless());
    let id = "01890a5d-ac96-774b-bcce-b302099a8057";
    let hero = Character {
        id: id.parse().unwrap(),
        account: "ann".parse().unwrap(),
        name: "민수".to_owned(),
        description: "은빛 단발".to_owned(),
        project: Some("gate".to_owned()),
        created_at: world.now(),
    };
    world.table.create_character(&hero).await.unwrap();
    let sheet = Publication::Sheet(SheetEntry { character: hero.id });
    let image = Publication::CutImage(CutImageEntry {
        storyboard: id.parse().unwrap(),
        cut: 7,
        description: "비 오는 옥상".to_owned(),
        characters: vec!["민수".to_owned()],
        unmatched_names: vec!["서준".to_owned()],
    });
    let publishing = |publish| StagePlan { publish: Some(publish), ..stage("a page", 1) };
    world.submit(vec![publishing(sheet), publishing(image)]).await;
    world.run().await;
    let mut account = items(&world, "U#ann".to_owned()).await;
    account.retain(|sk, _| ["CHAR#", "SHEET#", "CUT#"].iter().any(|prefix| sk.starts_with(prefix)));
    insta::assert_json_snapshot!("characters_sheets_and_cuts", account);
    assert_eq!(world.table.load_character(&hero.account, hero.id).await.unwrap(), Some(hero));
}
