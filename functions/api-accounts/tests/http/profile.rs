//! What a user sees of themself.

use serde_json::{Value, json};
use toonmill_domain::{Limit, Membership, Tier};
use toonmill_tests::{orders::new_job, stage, text};

use crate::api::Api;

fn limit<'a>(profile: &'a Value, name: &str) -> &'a Value {
    profile["limits"].as_array().unwrap().iter().find(|limit| limit["name"] == name).unwrap()
}

#[tokio::test]
async fn a_profile_shows_credits_and_what_is_used_of_every_limit() {
    let api = Api::with(|rules| rules.limits = rules.limits.clone().with(Limit::ActiveJobs, 7)).await;
    let token = api.token("ann").await;
    api.world.submitter.submit(new_job("ann", vec![stage("a gate", 2)])).await.unwrap();
    let mut single = new_job("ann", vec![text("a line")]);
    single.kind = toonmill_domain::JobKind::SingleText;
    api.world.submitter.submit(single).await.unwrap();
    let now = api.world.now();
    let until = |secs| now.plus(std::time::Duration::from_secs(secs));
    for secs in [10, 20] {
        api.world.table.take_wait_place(&"ann".parse().unwrap(), 5, until(secs), now).await.unwrap().unwrap();
    }
    api.world.wait(std::time::Duration::from_secs(10));
    let profile = api.call("GET", "/api/v1/auth/profile", &token, None).await.body;
    assert_eq!(profile["credits"], json!({"balance": 40, "held": 10}));
    let jobs = json!({
        "name": "active-jobs", "counts": "unfinished pipeline and batch jobs", "limit": 7, "used": 1,
        "windowSeconds": null, "resetsAt": null,
    });
    assert_eq!(limit(&profile, "active-jobs"), &jobs);
    let used = |name| limit(&profile, name)["used"].as_u64().unwrap();
    assert_eq!((used("active-single-jobs"), used("jobs-per-day"), used("reads-per-minute")), (1, 2, 1));
    assert_eq!(used("waiting-requests"), 1, "of the two that waited, one has no more time");
    assert_eq!(used("text-tokens-per-day"), 6 + 1_024);
    assert_eq!(limit(&profile, "jobs-per-day")["resetsAt"], "2100-01-02T00:00:00Z");
    assert_eq!(profile["limits"].as_array().unwrap().len(), Limit::ALL.len());
}

#[tokio::test]
async fn an_expired_membership_is_shown_and_counts_as_free() {
    let api = Api::start().await;
    let ended = Membership { tier: Tier::Premium, expires_at: Some(api.world.now()) };
    api.world.table.set_membership(&"ann".parse().unwrap(), ended, api.world.now()).await.unwrap();
    let token = api.token("ann").await;
    let profile = api.call("GET", "/api/v1/auth/profile", &token, None).await.body;
    let membership = json!({
        "type": "premium", "expiresAt": "2100-01-01T00:00:00Z", "isActive": false, "countsAs": "free",
    });
    assert_eq!(profile["membership"], membership);
    assert_eq!(profile["user"]["canUsePremiumFeatures"], false);
}

#[tokio::test]
async fn nobody_sees_a_profile_without_a_token() {
    let api = Api::start().await;
    assert_eq!(api.call("GET", "/api/v1/auth/profile", "", None).await.status, 401);
    let none = api.call("GET", "/api/v1/auth/nothing/", "", None).await;
    assert_eq!((none.status, &none.body["code"]), (404, &json!("not_found")));
}
