//! Signing in with Firebase.

use std::{sync::atomic::Ordering, time::Duration};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use toonmill_domain::{Membership, Tier};
use toonmill_standins::firebase::{KEY_ID, id_token};
use toonmill_tests::Fate;

use crate::api::{Api, PROJECT, signing_key};

#[tokio::test]
async fn a_good_id_token_is_exchanged_for_one_of_ours_and_makes_the_user() {
    let api = Api::start().await;
    let answer = api.sign_in(&api.claims("ann")).await;
    assert_eq!((answer.status, &answer.body["expiresIn"]), (200, &json!(3_600)), "{}", answer.body);
    let user = json!({
        "username": "ann", "email": "ann@studio.example", "firstName": "Ann", "lastName": "van der Berg",
        "photoUrl": "https://studio.example/ann.png", "membershipType": "free", "membershipExpiresAt": null,
        "hasOpenaiKey": false, "hasGeminiKey": false, "lastLoginAt": "2100-01-01T00:00:00Z",
        "isMembershipActive": true, "canUsePremiumFeatures": false,
    });
    assert_eq!(answer.body["user"], user);
    let token = answer.body["accessToken"].as_str().unwrap().to_owned();
    assert_eq!(api.call("GET", "/api/v1/auth/profile", &token, None).await.body["user"], user);
    api.world.wait(Duration::from_secs(3_611));
    let late = api.call("GET", "/api/v1/auth/profile", &token, None).await;
    assert_eq!((late.status, &late.body["code"]), (401, &json!("invalid_token")), "an hour, and the skew");
}

#[tokio::test]
async fn what_the_sign_in_tells_is_what_was_told_last_and_only_what_is_verified() {
    let api = Api::start().await;
    api.token("ann").await;
    let mut claims = api.claims("ann");
    claims["email_verified"] = false.into();
    claims["name"] = "Anna".into();
    claims.as_object_mut().unwrap().remove("picture");
    let user = api.sign_in(&claims).await.body["user"].clone();
    assert_eq!((&user["email"], &user["firstName"]), (&Value::Null, &json!("Anna")));
    assert_eq!((&user["lastName"], &user["photoUrl"]), (&Value::Null, &Value::Null));
}

#[tokio::test]
async fn every_token_that_is_not_googles_for_this_project_and_now_is_refused() {
    let api = Api::start().await;
    let now = api.world.now().as_secs();
    let with = |name: &str, value: Value| {
        let mut claims = api.claims("ann");
        claims[name] = value;
        id_token(&claims).unwrap()
    };
    let without = |name: &str| {
        let mut claims = api.claims("ann");
        claims.as_object_mut().unwrap().remove(name);
        id_token(&claims).unwrap()
    };
    let good = id_token(&api.claims("ann")).unwrap();
    let (head, signature) = good.rsplit_once('.').unwrap();
    let (first, _) = head.split_once('.').unwrap();
    let part = |json: &Value| BASE64_URL_SAFE_NO_PAD.encode(json.to_string());
    let unsigned = |header: &Value| format!("{}.{}.{signature}", part(header), part(&api.claims("ann")));
    let refused = [
        ("nonsense", "nonsense".to_owned()),
        ("no key id", unsigned(&json!({"alg": "RS256"}))),
        ("alg none", unsigned(&json!({"alg": "none", "kid": KEY_ID}))),
        ("HS256", unsigned(&json!({"alg": "HS256", "kid": KEY_ID}))),
        ("an unknown key", unsigned(&json!({"alg": "RS256", "kid": "another"}))),
        ("another project", with("aud", "another".into())),
        ("a list of projects", with("aud", json!([PROJECT]))),
        ("a custom token", with("aud", "https://identitytoolkit.googleapis.com/google.identity.v1".into())),
        ("a session cookie", with("iss", format!("https://session.firebase.google.com/{PROJECT}").into())),
        ("no issuer", without("iss")),
        ("no subject", without("sub")),
        ("an empty subject", with("sub", "".into())),
        ("a number for a subject", with("sub", 7.into())),
        ("a long subject", with("sub", "x".repeat(129).into())),
        ("a subject that reaches into another key", with("sub", "a#b".into())),
        ("expired", with("exp", (now - 11).into())),
        ("of the future", with("iat", (now + 11).into())),
        ("no expiry", without("exp")),
        ("no time", without("iat")),
        ("anonymous", with("firebase", json!({"sign_in_provider": "anonymous"}))),
        ("other claims", format!("{first}.{}.{signature}", part(&api.claims("bob")))),
        ("no signature", format!("{head}.")),
    ];
    for (name, token) in refused {
        let answer = api.sign_in_with(&token).await;
        assert_eq!((answer.status, &answer.body["code"]), (401, &json!("invalid_token")), "{name}: {}", answer.body);
        assert!(!answer.body.to_string().contains(&token), "{name}");
    }
    for (name, value) in [("exp", now - 10), ("iat", now + 10)] {
        assert_eq!(api.sign_in_with(&with(name, value.into())).await.status, 200, "clocks differ: {name}");
    }
    assert_eq!(api.sign_in_with(&without("auth_time")).await.status, 200);
    for body in [json!({}), json!({"idToken": ""}), json!({"idToken": 7}), json!([])] {
        let answer = api.call("POST", "/api/v1/auth/verify-firebase-token", "", Some(&body)).await;
        assert_eq!((answer.status, &answer.body["errors"][0]["pointer"]), (400, &json!("/idToken")), "{body}");
    }
}

#[tokio::test]
async fn certificates_are_kept_as_long_as_they_say_and_an_unknown_key_asks_for_them_once_a_minute() {
    let api = Api::start().await;
    for _ in 0..3 {
        api.token("ann").await;
    }
    assert_eq!(api.google.asked(), 1);
    let unknown = {
        let good = id_token(&api.claims("ann")).unwrap();
        let header = BASE64_URL_SAFE_NO_PAD.encode(json!({"alg": "RS256", "kid": "another"}).to_string());
        format!("{header}.{}", good.split_once('.').unwrap().1)
    };
    for _ in 0..3 {
        assert_eq!(api.sign_in_with(&unknown).await.status, 401);
    }
    assert_eq!(api.google.asked(), 1, "it was asked less than a minute ago");
    api.world.wait(Duration::from_mins(1));
    for _ in 0..3 {
        assert_eq!(api.sign_in_with(&unknown).await.status, 401);
    }
    assert_eq!(api.google.asked(), 2);
    api.world.wait(Duration::from_mins(10));
    api.token("ann").await;
    assert_eq!(api.google.asked(), 3, "the certificates were too old");
}

#[tokio::test]
async fn certificates_that_cannot_be_had_are_our_fault_and_not_the_tokens() {
    let api = Api::start().await;
    api.google.status.store(503, Ordering::Relaxed);
    let answer = api.sign_in(&api.claims("ann")).await;
    assert_eq!((answer.status, &answer.body["retryable"]), (503, &json!(true)));
    assert_eq!(answer.headers["retry-after"], "5");
    assert!(api.world.table.load_user(&"ann".parse().unwrap()).await.unwrap().is_none());
    api.google.status.store(200, Ordering::Relaxed);
    api.token("ann").await;
}

#[tokio::test]
async fn the_sign_up_grant_is_given_once_whoever_opened_the_account_and_whatever_is_lost() {
    let api = Api::start().await;
    let (ann, bob) = ("ann".parse().unwrap(), "bob".parse().unwrap());
    let balance = async |account| api.world.table.load_account(&account).await.unwrap().unwrap().balance.get();
    for _ in 0..3 {
        api.world.network.doom("DynamoDB.TransactWriteItems", Fate::LostAfter);
        api.token("ann").await;
    }
    assert_eq!(balance(ann).await, 50);
    api.world.table.open_account(&bob, api.world.now()).await.unwrap();
    api.token("bob").await;
    api.token("bob").await;
    assert_eq!(balance(bob).await, 50);
    // Cut off between the record and the grant, the next sign-in makes up for it.
    for _ in 0..10 {
        api.world.network.doom("DynamoDB.TransactWriteItems", Fate::ServerError);
    }
    assert_eq!(api.sign_in(&api.claims("cat")).await.status, 503);
    while api.sign_in(&api.claims("cat")).await.status != 200 {}
    assert_eq!(balance("cat".parse().unwrap()).await, 50);
    for account in ["ann", "bob", "cat"] {
        let violations = toonmill_flows::audit::audit_account(&api.world.table, &account.parse().unwrap()).await;
        assert!(violations.unwrap().is_empty(), "{account}");
    }
}

#[tokio::test]
async fn a_token_says_the_membership_that_the_user_has() {
    let api = Api::start().await;
    let ann = "ann".parse().unwrap();
    let end = api.world.now().plus(Duration::from_mins(5));
    let membership = Membership { tier: Tier::Premium, expires_at: Some(end) };
    api.world.table.set_membership(&ann, membership, api.world.now()).await.unwrap();
    let answer = api.sign_in(&api.claims("ann")).await;
    assert_eq!(answer.body["user"]["canUsePremiumFeatures"], true);
    let token = answer.body["accessToken"].as_str().unwrap();
    let claims = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    assert_eq!((&claims["tier"], &claims["tierUntil"]), (&json!("premium"), &json!(end.as_secs())));
}

#[tokio::test]
async fn a_deployment_without_a_key_or_a_project_says_so_and_one_with_a_strange_key_signs_nothing() {
    let nobody = Api::with(|rules| rules.firebase_project = None).await;
    assert_eq!(nobody.sign_in(&nobody.claims("ann")).await.status, 503);
    let keyless = Api::with(|rules| rules.signing_key = signing_key("")).await;
    assert_eq!(keyless.sign_in(&keyless.claims("ann")).await.status, 503);
    let strange = {
        let pkcs8 = aws_lc_rs::signature::Ed25519KeyPair::generate().unwrap().to_pkcs8v1().unwrap();
        base64::prelude::BASE64_STANDARD.encode(pkcs8.as_ref())
    };
    let strange = Api::with(|rules| rules.signing_key = signing_key(&strange)).await;
    assert_eq!(strange.sign_in(&strange.claims("ann")).await.status, 500);
}
