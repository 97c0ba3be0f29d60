//! Service keys.

use std::time::Duration;

use serde_json::{Value, json};
use toonmill_http_api::auth::KEY_BELIEVED;
use toonmill_tests::Fate;

use crate::api::{Answer, Api};

const KEYS: &str = "/api/v1/keys";

async fn make(api: &Api, token: &str, body: &Value) -> Answer {
    api.call("POST", KEYS, token, Some(body)).await
}

#[tokio::test]
async fn a_key_is_shown_once_works_and_is_revoked() {
    let api = Api::start().await;
    let token = api.token("ann").await;
    let wish =
        json!({"name": "render farm", "scopes": ["account:read", "jobs:read"], "limits": {"reads-per-minute": 9}});
    // The answer of the write is lost: it is made once all the same.
    api.world.network.doom("DynamoDB.TransactWriteItems", Fate::LostAfter);
    let made = make(&api, &token, &wish).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let key = made.body["key"].as_str().unwrap().to_owned();
    assert_eq!((&key[..3], key.len()), ("tm_", 46));
    let listed = api.call("GET", KEYS, &token, None).await.body;
    let [shown] = listed["data"].as_array().unwrap().as_slice() else { panic!("{listed}") };
    assert_eq!((&shown["id"], &shown["limits"]), (&made.body["id"], &json!({"reads-per-minute": 9})));
    assert!(shown.get("key").is_none() && !listed.to_string().contains(&key));
    let profile = api.call("GET", "/api/v1/auth/profile", &key, None).await;
    assert_eq!((profile.status, &profile.body["user"]["username"]), (200, &json!("ann")));

    let id = made.body["id"].as_str().unwrap();
    assert_eq!(api.call("DELETE", &format!("{KEYS}/{id}"), &token, None).await.status, 204);
    api.world.wait(KEY_BELIEVED);
    assert_eq!(api.call("GET", "/api/v1/auth/profile", &key, None).await.status, 401);
    assert_eq!(api.call("GET", KEYS, &token, None).await.body["data"], json!([]));
    assert_eq!(api.call("DELETE", &format!("{KEYS}/{id}"), &token, None).await.status, 404);
}

#[tokio::test]
async fn no_key_makes_lists_or_revokes_keys() {
    let api = Api::start().await;
    let token = api.token("ann").await;
    let all =
        json!({"name": "all", "scopes": ["account:read", "jobs:read", "jobs:write", "files:read", "files:write"]});
    let made = make(&api, &token, &all).await.body;
    let (key, id) = (made["key"].as_str().unwrap(), made["id"].as_str().unwrap());
    for (method, path) in [("POST", KEYS.to_owned()), ("GET", KEYS.to_owned()), ("DELETE", format!("{KEYS}/{id}"))] {
        let answer = api.call(method, &path, key, Some(&all)).await;
        assert_eq!((answer.status, &answer.body["code"]), (403, &json!("insufficient_scope")), "{method}");
    }
}

#[tokio::test]
async fn anothers_key_is_the_same_404_by_the_same_calls_as_none() {
    let api = Api::start().await;
    let (ann, bob) = (api.token("ann").await, api.token("bob").await);
    let wish = json!({"name": "hers", "scopes": ["jobs:read"]});
    let theirs = make(&api, &ann, &wish).await.body["id"].as_str().unwrap().to_owned();
    let mut told = Vec::new();
    for id in [theirs.as_str(), "01890a5d-ac96-774b-bcce-b302099a8057"] {
        api.world.network.take_calls();
        let answer = api.call("DELETE", &format!("{KEYS}/{id}"), &bob, None).await;
        let calls: Vec<_> = api.world.network.take_calls().iter().map(toonmill_tests::Call::name).collect();
        told.push((answer.status, answer.body["detail"].clone(), calls));
    }
    assert_eq!(told[0].0, 404);
    assert_eq!(told[0], told[1]);
    assert_eq!(api.call("GET", KEYS, &bob, None).await.body["data"], json!([]));
    assert_eq!(api.call("GET", KEYS, &ann, None).await.body["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn keys_are_listed_newest_first_page_by_page() {
    let api = Api::start().await;
    let token = api.token("ann").await;
    for name in ["one", "two", "three"] {
        api.world.wait(Duration::from_millis(5));
        make(&api, &token, &json!({"name": name, "scopes": ["jobs:read"]})).await;
    }
    let names = |page: &Value| {
        let names = page["data"].as_array().unwrap().iter().map(|key| key["name"].as_str().unwrap().to_owned());
        names.collect::<Vec<_>>()
    };
    let first = api.call("GET", &format!("{KEYS}?limit=2"), &token, None).await.body;
    assert_eq!(names(&first), ["three", "two"]);
    let cursor = first["nextCursor"].as_str().unwrap();
    let last = api.call("GET", &format!("{KEYS}?limit=2&cursor={cursor}"), &token, None).await.body;
    assert_eq!((names(&last), &last["nextCursor"]), (vec!["one".to_owned()], &Value::Null));
}

#[tokio::test]
async fn everything_wrong_with_a_wish_is_told_at_once() {
    let api = Api::start().await;
    let token = api.token("ann").await;
    let wish = json!({"name": " ", "scopes": ["jobs:read", "all", 7], "limits": {"moons": 1, "active-jobs": 5}});
    let answer = make(&api, &token, &wish).await;
    assert_eq!(answer.status, 400);
    let pointers: Vec<_> = answer.body["errors"].as_array().unwrap().iter().map(|error| &error["pointer"]).collect();
    assert_eq!(pointers, ["/name", "/scopes/1", "/scopes/2", "/limits/active-jobs", "/limits/moons"]);
    for (wish, pointer) in [
        (json!({"name": "x"}), "/scopes"),
        (json!({"name": "x", "scopes": []}), "/scopes"),
        (json!({"name": "x", "scopes": ["jobs:read"], "limits": 7}), "/limits"),
        (json!({"name": "x".repeat(101), "scopes": ["jobs:read"]}), "/name"),
    ] {
        let answer = make(&api, &token, &wish).await;
        assert_eq!((answer.status, &answer.body["errors"][0]["pointer"]), (400, &json!(pointer)), "{wish}");
    }
}
