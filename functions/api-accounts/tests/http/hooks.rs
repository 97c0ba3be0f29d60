//! What an account's hooks are signed with, and what they were told.

use serde_json::{Value, json};
use toonmill_cloud::table::Noted;
use toonmill_domain::{DeliveryState, JobId, Sink};
use toonmill_flows::submit::{NewJob, Submitted};
use toonmill_tests::{new_job, stage, world::DELIVER};

use crate::api::Api;

const SECRET: &str = "/api/v1/webhooks/secret";
const DELIVERIES: &str = "/api/v1/webhooks/deliveries";

async fn job_with_a_hook(api: &Api, account: &str) -> JobId {
    let new = NewJob {
        webhook_url: Some("https://studio.example/hook".to_owned()),
        ..new_job(account, vec![stage("a hook", 1)])
    };
    let submitted = api.world.submitter.submit(new).await.unwrap();
    api.world.run().await;
    match submitted {
        Submitted::New(job) | Submitted::Before(job) => job,
    }
}

async fn listed(api: &Api, token: &str, query: &str) -> (Vec<Value>, Value) {
    let answer = api.call("GET", &format!("{DELIVERIES}{query}"), token, None).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    (answer.body["data"].as_array().unwrap().clone(), answer.body["nextCursor"].clone())
}

/// A delivery that is asked for again.
pub(crate) async fn a_redelivery(api: &Api, token: &str) {
    job_with_a_hook(api, "ann").await;
    let (page, _) = listed(api, token, "").await;
    let path = format!("{DELIVERIES}/{}/redeliver", page[0]["id"].as_str().unwrap());
    assert_eq!(api.call("POST", &path, token, None).await.status, 202);
}

#[tokio::test]
async fn a_secret_is_shown_once_and_the_one_before_is_good_for_another_day() {
    let api = Api::start().await;
    let token = api.token("ann").await;
    let first = api.call("PUT", SECRET, &token, None).await;
    assert_eq!((first.status, &first.body["previousGoodUntil"]), (200, &Value::Null));
    let second = api.call("PUT", SECRET, &token, None).await;
    let text = |answer: &Value| answer["secret"].as_str().unwrap().to_owned();
    assert!(text(&first.body).starts_with("whsec_") && text(&first.body) != text(&second.body));
    let day = api.world.now().plus(std::time::Duration::from_hours(24)).to_rfc3339();
    assert_eq!(second.body["previousGoodUntil"], day);
    let kept = api.world.table.load_hook_secrets(&"ann".parse().unwrap()).await.unwrap().unwrap();
    assert!(kept.contains(&text(&first.body)) && kept.contains(&text(&second.body)));
}

#[tokio::test]
async fn no_service_key_makes_a_secret() {
    let api = Api::start().await;
    let token = api.token("ann").await;
    let wanted = json!({ "name": "farm", "scopes": ["jobs:read", "jobs:write"] });
    let key = api.call("POST", "/api/v1/keys", &token, Some(&wanted)).await;
    let key = key.body["key"].as_str().unwrap();
    assert_eq!(api.call("PUT", SECRET, key, None).await.status, 403);
    assert_eq!(api.call("GET", DELIVERIES, key, None).await.status, 200);
}

#[tokio::test]
async fn deliveries_are_listed_newest_first_in_pages_and_sent_again_when_asked() {
    let api = Api::start().await;
    let token = api.token("ann").await;
    let jobs = [job_with_a_hook(&api, "ann").await, job_with_a_hook(&api, "ann").await];
    let (page, next) = listed(&api, &token, "?limit=1").await;
    assert_eq!((page.len(), page[0]["jobId"].as_str().unwrap()), (1, jobs[1].to_string().as_str()));
    let (rest, end) = listed(&api, &token, &format!("?limit=1&cursor={}", next.as_str().unwrap())).await;
    assert_eq!((rest[0]["jobId"].as_str().unwrap(), end), (jobs[0].to_string().as_str(), Value::Null));
    let shown = &rest[0];
    assert_eq!(shown["event"], "job.completed");
    assert_eq!((&shown["state"], &shown["tries"], &shown["lastStatus"]), (&json!("pending"), &json!(0), &Value::Null));

    // It was given up.
    let all = api.world.table.list_deliveries(&"ann".parse().unwrap(), Sink::Webhook, None, 10).await.unwrap();
    let until = api.world.now();
    let held = api.world.table.claim_delivery(&all[1], until, "me").await.unwrap().unwrap();
    let failed = Noted { state: DeliveryState::Failed, next_attempt_at: None, document: held.document.clone() };
    assert!(api.world.table.note_delivery(&held, &failed).await.unwrap());
    api.world.queues.take(DELIVER);
    let path = format!("{DELIVERIES}/{}/redeliver", shown["id"].as_str().unwrap());
    let again = api.call("POST", &path, &token, None).await;
    assert_eq!((again.status, &again.body["state"], &again.body["tries"]), (202, &json!("pending"), &json!(0)));
    assert_eq!(api.world.queues.count(DELIVER), 1);
}

#[tokio::test]
async fn anothers_deliveries_are_not_there() {
    let api = Api::start().await;
    job_with_a_hook(&api, "ann").await;
    let all = api.world.table.list_deliveries(&"ann".parse().unwrap(), Sink::Webhook, None, 10).await.unwrap();
    let bob = api.token("bob").await;
    assert_eq!(listed(&api, &bob, "").await.0, Vec::<Value>::new());
    for id in [all[0].key.id.to_string(), "01890a5d-ac96-774b-bcce-b302099a8057".to_owned(), "nonsense".to_owned()] {
        let answer = api.call("POST", &format!("{DELIVERIES}/{id}/redeliver"), &bob, None).await;
        assert_eq!(answer.status, 404, "{id}");
    }
}
