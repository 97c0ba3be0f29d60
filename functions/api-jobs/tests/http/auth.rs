//! Who is let in: the same answer of the same shape on every endpoint that is not open to all.

use axum::body::Body;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use http::Request;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use toonmill_domain::{FileId, SlotIndex, SlotKey, StageIndex};
use toonmill_http_api::openapi::Access;
use toonmill_tests::{Artist, World, stage};

use crate::api::{Api, NOW_SECS, Signer, claims};

/// Of nothing that there is.
const ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

/// Every endpoint that is for callers only, as it is declared, with an id where its path has one.
fn endpoints() -> Vec<(String, String)> {
    let routes = api_jobs::routes();
    let of_callers = routes.endpoints().iter().filter(|endpoint| endpoint.operation.access() == Access::Caller);
    let all: Vec<_> =
        of_callers.map(|endpoint| (endpoint.method.to_string(), endpoint.path.replace("{id}", ID))).collect();
    assert!(all.len() > 20 && all.iter().all(|(_, path)| !path.contains('{')), "{all:?}");
    all
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
            let request = Request::builder()
                .method(method.as_str())
                .uri(&path)
                .header("authorization", format!("Bearer {token}"));
            let answer = api.send(request.body(Body::empty()).unwrap()).await;
            assert_eq!(answer.status, 401, "{method} {path}: {name}");
            assert_eq!(answer.body["code"], "invalid_token", "{name}");
            assert!(answer.header("www-authenticate").contains("error=\"invalid_token\""), "{name}");
        }
    }
}

#[tokio::test]
async fn without_public_keys_every_token_is_refused_and_open_endpoints_answer() {
    let api = Api::without_keys();
    for (method, path) in endpoints() {
        let answer = api.call(&method, &path).await;
        assert_eq!((answer.status.as_u16(), &answer.body["code"]), (401, &json!("invalid_token")), "{method} {path}");
    }
    for path in ["/api/v1/health", "/openapi.json"] {
        let answer = api.send(Request::builder().uri(path).body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, 200, "{path}");
    }
}

#[tokio::test]
async fn no_token_or_another_scheme_is_told_what_is_needed() {
    let api = Api::nowhere();
    for (method, path) in endpoints() {
        for header in [None, Some("Basic dXNlcjpwYXNz"), Some("Bearer"), Some("Bearer ")] {
            let mut request = Request::builder().method(method.as_str()).uri(&path);
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

#[tokio::test]
async fn a_key_that_is_unknown_or_revoked_opens_no_endpoint() {
    let world = World::new(Artist::tireless());
    let api = Api::over(&world);
    for (method, path) in endpoints() {
        let request = Request::builder().method(method.as_str()).uri(&path);
        let request = request.header("authorization", format!("Bearer tm_{}", "x".repeat(43)));
        let answer = api.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!((answer.status.as_u16(), &answer.body["code"]), (401, &json!("invalid_token")), "{method} {path}");
    }
}

/// TN-1, over every endpoint whose path names something.
#[tokio::test]
async fn what_is_anothers_is_the_same_404_by_the_same_calls_as_what_is_not_there() {
    let world = World::new(Artist::tireless());
    let api = Api::over(&world);
    let job = world.try_submit("user-2", vec![stage("theirs", 1)]).await.unwrap();
    let toonmill_flows::submit::Submitted::New(job) = job else { panic!("{job:?}") };
    world.run().await;
    let file = FileId::of_slot(SlotKey { job, stage: StageIndex(0), slot: SlotIndex(0) });
    assert_eq!(api.get_as("user-2", &format!("/api/v1/files/{file}")).await.status, 200);
    let character = json!({"name": "Ann", "description": "a knight"});
    let character = api.post_as("user-2", "/api/characters", &character).await.body["id"].as_str().unwrap().to_owned();
    let storyboard = api.post_as("user-2", "/api/script-to-storyboard", &json!({"script": "A gate. A knight."})).await;
    let storyboard = storyboard.body["jobId"].as_str().unwrap().to_owned();
    let theirs = [
        ("/api/v1/jobs/", job.to_string()),
        ("/api/v1/files/", file.to_string()),
        ("/api/characters/", character),
        ("/api/storyboards/", storyboard),
    ];
    let routes = api_jobs::routes();
    for endpoint in routes.endpoints().iter().filter(|endpoint| endpoint.path.contains("{id}")) {
        let (method, path) = (endpoint.method.as_str(), &endpoint.path);
        let known = theirs.iter().find(|(start, _)| path.starts_with(start));
        let (_, theirs) = known.unwrap_or_else(|| panic!("{method} {path}: what would another's be?"));
        let mut told = Vec::new();
        for id in [theirs.as_str(), ID] {
            // A process that counts its first request: later ones may pass uncounted.
            let api = Api::over(&world);
            world.network.take_calls();
            let answer = api.call(method, &path.replace("{id}", id)).await;
            let calls: Vec<_> = world.network.take_calls().iter().map(toonmill_tests::Call::name).collect();
            told.push((answer.status.as_u16(), answer.body["detail"].clone(), calls));
        }
        assert_eq!(told[0].0, 404, "{method} {path}");
        assert_eq!(told[0], told[1], "{method} {path}");
    }
}
