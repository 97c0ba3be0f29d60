//! Who is let in: the same answer of the same shape on every endpoint that is not open to all.

use axum::body::Body;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use http::Request;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use crate::api::{Api, JOB, NOW_SECS, Signer, claims};

fn endpoints() -> Vec<(&'static str, String)> {
    vec![
        ("POST", "/api/v1/jobs".to_owned()),
        ("GET", "/api/v1/jobs".to_owned()),
        ("GET", JOB.to_owned()),
        ("GET", format!("{JOB}/images")),
        ("POST", format!("{JOB}/cancel")),
        ("POST", "/api/v1/uploads".to_owned()),
        ("GET", "/api/v1/files/01890a5d-ac96-774b-bcce-b302099a8057".to_owned()),
    ]
}

fn with(changes: &Value) -> Value {
    let mut claims = claims();
    claims.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    claims
}

fn without(name: &str) -> Value {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(name);
    claims
}

fn forged(api: &Api) -> Vec<(&'static str, String)> {
    let signed = |claims: &Value| api.signer.sign(claims);
    let mut hmac = Header::new(Algorithm::HS256);
    hmac.kid = Some(api.signer.id.to_owned());
    let hmac = jsonwebtoken::encode(&hmac, &claims(), &EncodingKey::from_secret(&api.signer.public)).unwrap();
    let part = |json: &Value| BASE64_URL_SAFE_NO_PAD.encode(json.to_string());
    let none = format!("{}.{}.", part(&json!({"alg": "none", "kid": api.signer.id})), part(&claims()));
    let good = api.token();
    let (head, signature) = good.rsplit_once('.').unwrap();
    let (header, _) = head.split_once('.').unwrap();
    vec![
        ("nonsense", "nonsense".to_owned()),
        ("expired", signed(&with(&json!({"exp": NOW_SECS - 11})))),
        ("made in the future", signed(&with(&json!({"iat": NOW_SECS + 11})))),
        ("another audience", signed(&with(&json!({"aud": "another-api"})))),
        ("no audience", signed(&without("aud"))),
        ("another issuer", signed(&with(&json!({"iss": "another"})))),
        ("no issuer", signed(&without("iss"))),
        ("no expiry", signed(&without("exp"))),
        ("no time", signed(&without("iat"))),
        ("no subject", signed(&without("sub"))),
        ("a subject that reaches into another key", signed(&with(&json!({"sub": "a#b"})))),
        ("an unknown key", Signer::new("key-9").sign(&claims())),
        ("a key of the same name", Signer::new("key-1").sign(&claims())),
        ("alg none", none),
        ("HS256 with the public key", hmac),
        ("no signature", format!("{head}.")),
        (
            "other claims under the signature",
            format!("{header}.{}.{signature}", part(&with(&json!({"sub": "user-2"})))),
        ),
    ]
}

#[tokio::test]
async fn a_bad_token_opens_no_endpoint() {
    let api = Api::nowhere();
    for (method, path) in endpoints() {
        for (name, token) in forged(&api) {
            let request =
                Request::builder().method(method).uri(&path).header("authorization", format!("Bearer {token}"));
            let answer = api.send(request.body(Body::empty()).unwrap()).await;
            assert_eq!(answer.status, 401, "{method} {path}: {name}");
            assert_eq!(answer.body["code"], "invalid_token", "{name}");
            assert!(answer.header("www-authenticate").contains("error=\"invalid_token\""), "{name}");
        }
    }
}

#[tokio::test]
async fn no_token_or_another_scheme_is_told_what_is_needed() {
    let api = Api::nowhere();
    for (method, path) in endpoints() {
        for header in [None, Some("Basic dXNlcjpwYXNz"), Some("Bearer"), Some("Bearer ")] {
            let mut request = Request::builder().method(method).uri(&path);
            if let Some(header) = header {
                request = request.header("authorization", header);
            }
            let answer = api.send(request.body(Body::empty()).unwrap()).await;
            assert_eq!(
                (answer.status.as_u16(), answer.body["code"].as_str()),
                (401, Some("unauthenticated")),
                "{path}"
            );
            assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"toonmill\"");
        }
    }
}

#[tokio::test]
async fn either_live_key_lets_in_and_the_scheme_has_no_case() {
    let api = Api::nowhere();
    let late = with(&json!({"exp": NOW_SECS - 10, "iat": NOW_SECS + 10, "aud": ["x", "toonmill-api"]}));
    let good = [api.token(), api.second.sign(&claims()), api.signer.sign(&late)];
    for token in good {
        let request = Request::builder().uri("/api/v1/jobs/none").header("authorization", format!("bearer {token}"));
        let answer = api.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, 404);
    }
}
