//! How often a caller may ask, what its membership includes, and what service keys open.

use std::time::Duration;

use axum::body::Body;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use http::Request;
use serde_json::{Value, json};
use toonmill_domain::{KeyId, Limit, Limits, Membership, Scope, ServiceKey, Tier, sha256::hex_of};
use toonmill_tests::{Artist, Fate, World, picture};

use crate::api::{Answer, Api, JOB, claims};

fn world(limits: Limits) -> World {
    let mut world = World::new(Artist::tireless());
    world.submitter.limits = limits;
    // Off the hour, whose first minute costs one more read.
    world.wait(Duration::from_mins(5));
    world
}

fn monster() -> Value {
    json!({"prompt": "a wolf", "aspectRatio": "1:1", "cutId": "cut-1"})
}

#[tokio::test]
async fn a_minute_has_so_many_reads_and_writes_and_each_has_its_own() {
    let world = world(Limits::default().with(Limit::ReadsPerMinute, 3).with(Limit::WritesPerMinute, 2));
    let api = Api::over(&world);
    for _ in 0..3 {
        assert_eq!(api.call("GET", JOB).await.status, 404);
    }
    let refused = api.call("GET", JOB).await;
    assert_eq!((refused.status.as_u16(), &refused.body["code"]), (429, &json!("rate_limited")));
    assert_eq!(refused.header("ratelimit-policy"), "\"reads-per-minute\";q=3;w=60");
    assert_eq!(refused.header("ratelimit"), format!("\"reads-per-minute\";r=0;t={}", refused.header("retry-after")));
    assert_eq!(refused.body["retryable"], true);
    for status in [404, 404, 429] {
        assert_eq!(api.call("POST", &format!("{JOB}/cancel")).await.status, status, "writes are another matter");
    }
    assert_eq!(api.get_as("user-2", JOB).await.status, 404, "another user is another matter");
    world.wait(Duration::from_secs(refused.header("retry-after").parse().unwrap()));
    assert_eq!(api.call("GET", JOB).await.status, 404, "whoever waits as told is let in");
}

#[tokio::test]
async fn a_burst_cannot_be_doubled_over_the_turn_of_a_minute() {
    let world = world(Limits::default().with(Limit::ReadsPerMinute, 10));
    let api = Api::over(&world);
    world.wait(Duration::from_secs(59));
    for _ in 0..10 {
        assert_eq!(api.call("GET", JOB).await.status, 404);
    }
    world.wait(Duration::from_secs(2));
    let (mut let_in, mut refused) = (0, 0);
    for _ in 0..10 {
        match api.call("GET", JOB).await.status.as_u16() {
            404 => let_in += 1,
            429 => refused += 1,
            other => panic!("{other}"),
        }
    }
    assert_eq!((let_in, refused), (0, 10));
    // Refused requests were not counted: after half a minute half of the burst is out of sight.
    world.wait(Duration::from_secs(30));
    for status in [404, 404, 404, 404, 404, 429] {
        assert_eq!(api.call("GET", JOB).await.status, status);
    }
}

#[tokio::test]
async fn an_hour_has_so_many_writes() {
    let world = world(Limits::default().with(Limit::WritesPerHour, 3));
    let api = Api::over(&world);
    for status in [404, 404, 404, 429] {
        assert_eq!(api.call("POST", &format!("{JOB}/cancel")).await.status, status);
    }
    let refused = api.call("POST", &format!("{JOB}/cancel")).await;
    assert_eq!((&refused.body["code"], refused.header("retry-after")), (&json!("quota_used_up"), "3300"));
    world.wait(Duration::from_mins(55));
    let token = {
        let mut claims = claims();
        claims["exp"] = (claims["exp"].as_i64().unwrap() + 7_200).into();
        api.signer.sign(&claims)
    };
    assert_eq!(with_token(&api, "POST", &format!("{JOB}/cancel"), &token).await.status, 404);
}

/// What limits cost: one call a request that is counted, and nothing else. Of those that only read, few are.
#[tokio::test]
async fn a_counted_request_costs_one_call_and_one_that_cannot_be_counted_passes() {
    let world = world(Limits::default());
    let api = Api::over(&world);
    let calls = async |path: &str| {
        world.network.take_calls();
        let answer = api.call("GET", path).await;
        let calls: Vec<_> = world.network.take_calls().iter().map(toonmill_tests::Call::name).collect();
        (answer.status.as_u16(), calls)
    };
    let counted = (404, vec!["DynamoDB.UpdateItem".to_owned(), "DynamoDB.Query".to_owned()]);
    let uncounted = (404, vec!["DynamoDB.Query".to_owned()]);
    assert_eq!(calls(JOB).await, counted);
    for _ in 0..7 {
        assert_eq!(calls(JOB).await, uncounted);
    }
    assert_eq!(calls(JOB).await, counted);
    world.wait(Duration::from_mins(1));
    // The SDK tries three times.
    for _ in 0..3 {
        world.network.doom("DynamoDB.UpdateItem", Fate::ServerError);
    }
    assert_eq!(calls(JOB).await.0, 404);
    assert_eq!(calls(JOB).await, counted, "the next one is counted again");
}

#[tokio::test]
async fn several_processes_keep_one_limit_and_what_waits_is_counted_in_the_end() {
    let world = world(Limits::default().with(Limit::ReadsPerMinute, 24));
    let (one, two) = (Api::over(&world), Api::over(&world));
    for _ in 0..3 {
        assert_eq!(one.call("GET", JOB).await.status, 404, "two of these wait to be counted");
    }
    let user = "user-1";
    assert_eq!(world.table.load_request_use(user, world.now()).await.unwrap().reads_this_minute, 1);
    let mut passed = 3;
    for at in 0..60 {
        let api = if at % 2 == 0 { &two } else { &one };
        passed += u32::from(api.call("GET", JOB).await.status == 404);
    }
    assert_eq!(passed, 24);
    assert_eq!(world.table.load_request_use(user, world.now()).await.unwrap().reads_this_minute, 24);
}

async fn with_token(api: &Api, method: &str, path: &str, token: &str) -> Answer {
    let request = Request::builder().method(method).uri(path).header("authorization", format!("Bearer {token}"));
    api.send(request.body(Body::empty()).unwrap()).await
}

async fn post(api: &Api, path: &str, token: &str, body: &Value) -> Answer {
    let request = Request::builder().method("POST").uri(path).header("authorization", format!("Bearer {token}"));
    let request = request.header("content-type", "application/json");
    api.send(request.body(Body::from(body.to_string())).unwrap()).await
}

#[tokio::test]
async fn a_model_above_the_membership_is_a_403_and_auto_passes_it_over() {
    let world = world(Limits::default());
    let patch = json!({"models": {"gemini-3-pro-image": {"minTier": "premium"}}});
    let api = Api::with(&world, |rules| {
        rules.offer.catalogue = toonmill_providers::Catalogue::with_patch(&patch.to_string()).unwrap();
    });
    let token = |tier: &str, until: i64| {
        let mut claims = claims();
        claims["tier"] = tier.into();
        claims["tierUntil"] = (claims["exp"].as_i64().unwrap() + until).into();
        api.signer.sign(&claims)
    };
    let single = json!({"model_id": "gemini-3-pro-image", "arguments": {"prompt": "a wolf", "aspect_ratio": "1:1"}});
    for (tier, until, status) in
        [("free", 60, 403), ("standard", 60, 403), ("premium", 60, 202), ("premium", -7_200, 403)]
    {
        let answer = post(&api, "/api/v1/jobs", &token(tier, until), &single).await;
        assert_eq!(answer.status, status, "{tier} {until}: {}", answer.body);
        if status == 403 {
            assert_eq!(answer.body["code"], "tier_too_low");
            let detail = answer.body["detail"].as_str().unwrap();
            assert!(detail.starts_with("This needs a premium membership"), "{detail}");
        }
    }
    let any = post(&api, "/api/v1/jobs/estimate", &token("free", 60), &monster_stages()).await;
    assert_eq!((any.status.as_u16(), &any.body["stages"][0]["modelId"]), (200, &json!("gemini-3.1-flash-lite-image")));
}

fn monster_stages() -> Value {
    json!({"stages": [{"prompt": "a wolf", "quantity": 1, "aspectRatio": "1:1"}]})
}

#[tokio::test]
async fn pictures_may_need_a_membership_and_texts_do_not() {
    let world = world(Limits::default());
    let api = Api::with(&world, |rules| rules.offer.image_tier = Tier::Standard);
    let character = json!({"name": "Ann", "description": "a hunter"});
    let character = api.post("/api/characters", &character).await.body["id"].as_str().unwrap().to_owned();
    let inline = json!({"base64": BASE64_STANDARD.encode(picture(7).bytes), "mimeType": "image/png"});
    let cut = json!({"cutId": "c", "processId": "p", "prompt": "at night"});
    let with = |more: Value| {
        let mut body = cut.clone();
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    for (path, body) in [
        ("/api/generate-monster-image".to_owned(), monster()),
        ("/api/generate-character-image-preview".to_owned(), json!({"name": "Ann"})),
        (
            "/api/generate-character-sheet".to_owned(),
            json!({"imageBase64": inline["base64"], "imageMimeType": "image/png"}),
        ),
        (format!("/api/characters/{character}/generate-image"), json!({})),
        ("/api/convert-3d-character".to_owned(), with(json!({"characterSheetImage": inline, "poseImage": inline}))),
        ("/api/v1/jobs".to_owned(), monster_stages()),
        ("/api/v1/jobs".to_owned(), json!({"arguments": {"prompt": "a wolf", "aspect_ratio": "1:1"}})),
    ] {
        let answer = api.post(&path, &body).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.body["code"]),
            (403, &json!("tier_too_low")),
            "{path}: {}",
            answer.body
        );
    }
    assert_eq!(api.post("/api/generate-monster-prompt", &json!({"description": "a wolf"})).await.status, 202);
}

async fn key(world: &World, text: &str, scopes: &[Scope], limits: Limits) -> ServiceKey {
    let id: KeyId = "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap();
    let key = ServiceKey {
        id,
        user: "user-1".parse().unwrap(),
        account: "user-1".parse().unwrap(),
        name: "render farm".to_owned(),
        scopes: scopes.iter().copied().collect(),
        limits,
        created_at: world.now(),
    };
    world.table.create_service_key(&key, &hex_of(text.as_bytes()), "token").await.unwrap();
    key
}

#[tokio::test]
async fn a_service_key_opens_what_its_scopes_say_until_half_a_minute_after_it_is_revoked() {
    let world = world(Limits::default());
    let api = Api::over(&world);
    let text = format!("tm_{}", "k".repeat(43));
    assert_eq!(with_token(&api, "GET", "/api/v1/jobs", &text).await.status, 401);
    let key = key(&world, &text, &[Scope::JobsRead], Limits::default()).await;
    assert_eq!(with_token(&api, "GET", "/api/v1/jobs", &text).await.status, 200);
    world.network.take_calls();
    assert_eq!(with_token(&api, "GET", JOB, &text).await.status, 404);
    let calls: Vec<_> = world.network.take_calls().iter().map(toonmill_tests::Call::name).collect();
    assert_eq!(calls, ["DynamoDB.Query"], "the key is remembered");
    let refused = post(&api, "/api/v1/jobs", &text, &monster_stages()).await;
    assert_eq!((refused.status.as_u16(), &refused.body["code"]), (403, &json!("insufficient_scope")));
    assert_eq!(refused.body["detail"], "The key lacks the scope jobs:write.");
    assert_eq!(with_token(&api, "GET", "/api/v1/files/x", &text).await.status, 403);
    assert_eq!(with_token(&api, "GET", "/api/v1/jobs", &format!("{text}x")).await.status, 401);
    assert!(world.table.revoke_service_key(&key.account, key.id, "revoke").await.unwrap());
    world.wait(toonmill_http_api::auth::KEY_BELIEVED);
    let gone = with_token(&api, "GET", "/api/v1/jobs", &text).await;
    assert_eq!((gone.status.as_u16(), &gone.body["code"]), (401, &json!("invalid_token")));
}

#[tokio::test]
async fn a_service_key_may_have_limits_of_its_own_and_has_its_users_membership() {
    let world = world(Limits::default().with(Limit::ReadsPerMinute, 6));
    let api = Api::with(&world, |rules| rules.offer.image_tier = Tier::Standard);
    let text = format!("tm_{}", "k".repeat(43));
    let own = Limits::default().with(Limit::ReadsPerMinute, 5).with(Limit::ActiveJobs, 6);
    key(&world, &text, &[Scope::JobsRead, Scope::JobsWrite], own).await;
    let membership = Membership { tier: Tier::Standard, expires_at: None };
    world.table.set_membership(&"user-1".parse().unwrap(), membership, world.now()).await.unwrap();
    for _ in 0..6 {
        assert_eq!(post(&api, "/api/v1/jobs", &text, &monster_stages()).await.status, 202);
    }
    assert_eq!(post(&api, "/api/v1/jobs", &text, &monster_stages()).await.status, 429);
    for status in [200, 200, 200, 200, 200, 429] {
        assert_eq!(with_token(&api, "GET", "/api/v1/jobs", &text).await.status, status);
    }
    for status in [200, 429] {
        assert_eq!(api.call("GET", "/api/v1/jobs").await.status, status, "what keys do is their user's doing");
    }
}
