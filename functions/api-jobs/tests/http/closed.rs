//! A deployment whose model catalogue cannot be used: nothing is taken, everything else works, and the health check says so.

use serde_json::{Value, json};
use toonmill_providers::Catalogue;
use toonmill_tests::{Artist, World, catalogue_in_bucket};

use crate::api::Api;

fn body() -> Value {
    json!({"stages": [{"prompt": "a wolf", "quantity": 1, "aspectRatio": "1:1"}]})
}

async fn loaded(world: &World, patch: &str) -> Result<Catalogue, String> {
    catalogue_in_bucket(world, "ApiJobs", patch).await.map_err(|fault| fault.to_string())
}

#[tokio::test]
async fn a_catalogue_in_the_bucket_sets_prices_and_a_broken_one_says_what_is_wrong() {
    let world = World::new(Artist::tireless());
    let estimate = async |catalogue: Catalogue| {
        let api = Api::with(&world, |rules| rules.offer.catalogue = catalogue);
        api.post("/api/v1/jobs/estimate", &body()).await.body["credits"].clone()
    };
    let usual = estimate(Catalogue::built_in().unwrap()).await;
    let dear = r#"{"models":{"gemini-3-pro-image":{"price":{"perImage":{"1K":{"credits":99}}}}}}"#;
    let changed = estimate(loaded(&world, dear).await.unwrap()).await;
    assert!(usual != changed && changed == 99, "{usual} {changed}");
    let free = r#"{"models":{"gemini-3-pro-image":{"price":{"perImage":null}}}}"#;
    let fault = loaded(&world, free).await.unwrap_err();
    assert!(fault.contains("models.gemini-3-pro-image") && fault.contains("price"), "{fault}");
}

#[tokio::test]
async fn nothing_is_taken_without_a_usable_catalogue_and_what_was_taken_can_be_looked_at() {
    let world = World::new(Artist::tireless());
    let job = Api::over(&world).post("/api/v1/jobs", &body()).await.body["id"].as_str().unwrap().to_owned();
    let api = Api::with(&world, |rules| rules.offer.catalogue = Catalogue::empty());
    for path in ["/api/v1/jobs", "/api/v1/jobs/estimate", &format!("/api/v1/jobs/{job}/retry")] {
        let answer = api.post(path, &body()).await;
        assert_eq!((answer.status.as_u16(), &answer.body["code"]), (503, &json!("unavailable")), "{path}");
        assert!(answer.body["detail"].as_str().unwrap().contains("MODEL_CATALOGUE"), "{}", answer.body);
    }
    let account = world.table.load_account(&"user-1".parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(account.active.len(), 1, "only the job of before");
    assert_eq!(api.get(&format!("/api/v1/jobs/{job}")).await["id"], job.as_str());
    let health = api.get("/api/v1/health").await;
    assert_eq!((&health["status"], &health["services"]["catalogue"]), (&json!("unhealthy"), &json!("unhealthy")));
}
