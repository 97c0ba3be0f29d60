//! Signing in, service keys and the document of the API, by the whole deployment.

use std::time::{SystemTime, UNIX_EPOCH};

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::Cloud;

#[expect(clippy::disallowed_methods, reason = "the functions go by the real clock")]
fn now_secs() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// A user signs in with the stand-in for Firebase, makes a service key, and calls with it.
pub(crate) async fn users_sign_in_and_their_keys_open_what_they_may(cloud: &Cloud) {
    let now = now_secs();
    let claims = json!({
        "iss": "https://securetoken.google.com/toonmill-local", "aud": "toonmill-local", "sub": "firebase-user",
        "iat": now, "exp": now + 3_600, "email": "user@studio.example", "email_verified": true,
        "firebase": { "sign_in_provider": "password" },
    });
    let id_token = cloud.firebase_token(&claims).await;
    let verify = "/api/v1/auth/verify-firebase-token";
    let answer = cloud.post(verify, "none", &json!({ "idToken": id_token })).await;
    assert_eq!(answer.status(), 200);
    let signed_in: Value = answer.json().await.unwrap();
    assert_eq!(signed_in["user"]["email"], "user@studio.example");
    let token = signed_in["accessToken"].as_str().unwrap();

    let profile: Value = cloud.get("/api/v1/auth/profile/", token).await.json().await.unwrap();
    assert_eq!(
        (&profile["user"]["username"], &profile["membership"]["countsAs"]),
        (&json!("firebase-user"), &json!("free"))
    );

    let wish = json!({ "name": "farm", "scopes": ["jobs:read"] });
    let key: Value = cloud.post("/api/v1/keys", token, &wish).await.json().await.unwrap();
    let text = key["key"].as_str().unwrap();
    assert_eq!(cloud.get("/api/v1/jobs", text).await.status(), 200);
    assert_eq!(cloud.post("/api/v1/jobs", text, &json!({})).await.status(), 403);
    let path = format!("/api/v1/keys/{}", key["id"].as_str().unwrap());
    assert_eq!(cloud.request(Method::DELETE, &path, token).send().await.unwrap().status(), 204);

    let document: Value = cloud.get("/openapi.json", "none").await.json().await.unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    assert!(document["paths"]["/api/v1/keys"]["post"].is_object());
}
