//! Records that the next release wrote, as callers see them after a rollback.

use serde_json::json;
use toonmill_domain::{Failure, FailureCode};
use toonmill_tests::{Artist, World, next_release, picture};

use crate::api::Api;

#[tokio::test]
async fn jobs_and_files_of_the_next_release_are_shown() {
    let world = World::new(Artist::new(|_, call| match call {
        1 => Ok(picture(1)),
        _ => Err(Failure::new(FailureCode::Refused)),
    }));
    let api = Api::over(&world);
    let stage = json!({ "prompt": "a gate at dusk", "quantity": 2, "aspectRatio": "1:1" });
    let accepted = api.post("/api/v1/jobs", &json!({ "stages": [stage] })).await;
    let id = accepted.body["id"].as_str().unwrap().to_owned();
    world.run().await;
    let before = api.get(&format!("/api/v1/jobs/{id}")).await;
    let rewritten = next_release::rewrite(&world);
    let after = api.get(&format!("/api/v1/jobs/{id}")).await;
    assert_eq!(before["stages"][0]["failures"][0]["code"], "refused");
    assert_eq!(after["stages"][0]["failures"][0]["code"], "moon_in_the_way");
    for part in ["status", "progress", "fileIds", "error"] {
        assert_eq!(after[part], before[part], "{part}");
    }
    let list = api.get("/api/v1/jobs").await;
    assert_eq!(list["data"][0]["id"], id.as_str(), "{list}");
    let files = api.get("/api/v1/files").await;
    assert!(files.to_string().contains(before["fileIds"][0].as_str().unwrap()), "{files}");
    assert_eq!(rewritten.losses(&world), Vec::<String>::new());
}
