//! An API to send requests to, and Google's side of a sign-in.

use std::sync::{
    Arc,
    atomic::{AtomicU16, AtomicU32, Ordering},
};

use api_accounts::{App, Rules, router};
use aws_config::SdkConfig;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use axum::{Json, Router, body::Body, http::StatusCode, routing::get};
use base64::{Engine as _, prelude::*};
use http::{HeaderMap, Request};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use toonmill_domain::{Credits, sha256::hex_of};
use toonmill_http_api::{Origins, auth::PublicKeys};
use toonmill_runtime::{Settings, secrets::LazySecret, settings::names};
use toonmill_standins::firebase::{CERTIFICATE, KEY_ID, id_token};
use toonmill_tests::{Artist, World};
use tower::ServiceExt as _;

pub(crate) const PROJECT: &str = "toonmill-test";

/// Google's certificates, at an address of this machine.
pub(crate) struct Google {
    pub(crate) asked: Arc<AtomicU32>,
    /// What it answers; 200 is the certificates.
    pub(crate) status: Arc<AtomicU16>,
    url: String,
}

impl Google {
    pub(crate) async fn start() -> Self {
        let (asked, status) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU16::new(200)));
        let (count, say) = (Arc::clone(&asked), Arc::clone(&status));
        let certificates = move || {
            count.fetch_add(1, Ordering::Relaxed);
            let status = StatusCode::from_u16(say.load(Ordering::Relaxed)).unwrap();
            async move { (status, [("cache-control", "public, max-age=600")], Json(json!({ KEY_ID: CERTIFICATE }))) }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().route("/", get(certificates));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { asked, status, url }
    }

    pub(crate) fn asked(&self) -> u32 {
        self.asked.load(Ordering::Relaxed)
    }
}

pub(crate) struct Api {
    pub(crate) world: World,
    pub(crate) google: Google,
    router: Router,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Api {
    pub(crate) async fn start() -> Self {
        Self::with(|_| ()).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Rules)) -> Self {
        let (world, google) = (World::new(Artist::tireless()), Google::start().await);
        let pkcs8 = Ed25519KeyPair::generate().unwrap().to_pkcs8v1().unwrap();
        let public = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap().public_key().as_ref().to_vec();
        let jwk = json!({
            "kty": "OKP", "crv": "Ed25519", "kid": &hex_of(&public)[..16], "x": BASE64_URL_SAFE_NO_PAD.encode(&public),
        });
        let mut rules = Rules {
            keys: PublicKeys::parse(&json!({ "keys": [jwk] }).to_string()).unwrap(),
            signing_key: signing_key(&BASE64_STANDARD.encode(pkcs8.as_ref())),
            origins: Origins::default(),
            firebase_project: Some(PROJECT.to_owned()),
            certificates_url: google.url.clone(),
            limits: world.submitter.limits.clone(),
            signup_grant: Credits::new(50).unwrap(),
        };
        change(&mut rules);
        let (table, submitter) = (world.table.clone(), &world.submitter);
        let app = App::new(table, world.sweeper.outbox.clone(), submitter.clock.clone(), submitter.ids.clone(), rules)
            .unwrap();
        Self { router: router(app), world, google }
    }

    /// The claims of a good ID token.
    pub(crate) fn claims(&self, user: &str) -> Value {
        let now = self.world.now().as_secs();
        json!({
            "iss": format!("https://securetoken.google.com/{PROJECT}"), "aud": PROJECT, "sub": user, "user_id": user,
            "auth_time": now - 30, "iat": now - 30, "exp": now + 3_570,
            "email": format!("{user}@studio.example"), "email_verified": true,
            "name": "Ann van der Berg", "picture": "https://studio.example/ann.png",
            "firebase": { "sign_in_provider": "password", "identities": {} },
        })
    }

    pub(crate) async fn sign_in(&self, claims: &Value) -> Answer {
        self.sign_in_with(&id_token(claims).unwrap()).await
    }

    pub(crate) async fn sign_in_with(&self, id_token: &str) -> Answer {
        self.call("POST", "/api/v1/auth/verify-firebase-token", "", Some(&json!({ "idToken": id_token }))).await
    }

    /// The access token of a user who has just signed in.
    pub(crate) async fn token(&self, user: &str) -> String {
        let answer = self.sign_in(&self.claims(user)).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body["accessToken"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn call(&self, method: &str, path: &str, token: &str, body: Option<&Value>) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if !token.is_empty() {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let request = match body {
            Some(body) => {
                request.header("content-type", "application/json").body(Body::from(body.to_string())).unwrap()
            }
            None => request.body(Body::empty()).unwrap(),
        };
        let answer = self.world.network.acting("ApiAccounts", self.router.clone().oneshot(request)).await;
        let (parts, body) = answer.unwrap().into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let body = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() };
        Answer { status: parts.status.as_u16(), headers: parts.headers, body }
    }
}

/// A key as a setting holds it where there is no Secrets Manager.
pub(crate) fn signing_key(base64: &str) -> LazySecret {
    let setting = (names::JWT_SIGNING_KEY.to_owned(), base64.to_owned());
    LazySecret::new(&Settings::from_pairs([setting]), names::JWT_SIGNING_KEY, SdkConfig::builder().build())
}
