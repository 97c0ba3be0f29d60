//! An API to send requests to, without Lambda, and keys to sign its callers' tokens with.

use api_jobs::{App, Rules, router};
use aws_config::{BehaviorVersion, Region, SdkConfig, retry::RetryConfig};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
use axum::{Router, body::Body};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use futures_util::FutureExt as _;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt as _;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use toonmill_cloud::table::UploadQuota;
use toonmill_domain::{Tier, Timestamp};
use toonmill_flows::Clock;
use toonmill_http_api::{Origins, auth::PublicKeys};
use toonmill_orders::Offer;
use toonmill_outbound::{Fetcher, Network, Ports};
use toonmill_plans::TextLimits;
use toonmill_providers::Catalogue;
use toonmill_runtime::{Aws, Settings, secrets::LazySecret, settings::names, system};
use toonmill_tests::{Network as Calls, World, template::TEMPLATE, world::RECONCILE};
use tower::ServiceExt as _;

/// When a world begins: its clock is the one that tokens are checked by.
pub(crate) const NOW_SECS: i64 = 4_102_444_800;
pub(crate) const JOB: &str = "/api/v1/jobs/01890a5d-ac96-774b-bcce-b302099a8057";

/// A pair of keys and the id by which the API knows the public one.
pub(crate) struct Signer {
    pub(crate) id: &'static str,
    pub(crate) public: Vec<u8>,
    private: EncodingKey,
}

impl Signer {
    pub(crate) fn new(id: &'static str) -> Self {
        let pkcs8 = Ed25519KeyPair::generate().unwrap().to_pkcs8v1().unwrap();
        let pair = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap();
        Self { id, public: pair.public_key().as_ref().to_vec(), private: EncodingKey::from_ed_der(pkcs8.as_ref()) }
    }

    fn jwk(&self) -> Value {
        json!({"kty": "OKP", "crv": "Ed25519", "kid": self.id, "x": BASE64_URL_SAFE_NO_PAD.encode(&self.public)})
    }

    pub(crate) fn sign(&self, claims: &Value) -> String {
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(self.id.to_owned());
        jsonwebtoken::encode(&header, claims, &self.private).unwrap()
    }
}

pub(crate) fn claims() -> Value {
    json!({"iss": "toonmill", "aud": "toonmill-api", "sub": "user-1", "iat": NOW_SECS - 60, "exp": NOW_SECS + 3_600})
}

/// A key as a setting holds it where there is no Secrets Manager.
pub(crate) fn receipt_key(base64: &str) -> LazySecret {
    let setting = (names::RECEIPT_SIGNING_KEY.to_owned(), base64.to_owned());
    LazySecret::new(&Settings::from_pairs([setting]), names::RECEIPT_SIGNING_KEY, SdkConfig::builder().build())
}

pub(crate) struct Api {
    pub(crate) signer: Signer,
    pub(crate) second: Signer,
    pub(crate) router: Router,
    network: Option<Calls>,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    pub(crate) fn pointers(&self) -> Vec<&str> {
        self.body["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap()).collect()
    }
}

impl Api {
    /// Over storage that refuses every connection.
    pub(crate) fn nowhere() -> Self {
        let (signer, second) = (Signer::new("key-1"), Signer::new("key-2"));
        let keys = json!({"keys": [signer.jwk(), second.jwk()]}).to_string();
        Self::started(signer, second, keys)
    }

    /// The same, of a deployment whose template parameter `JwtPublicKeys` was left as it is.
    pub(crate) fn without_keys() -> Self {
        let default = &TEMPLATE["Parameters"]["JwtPublicKeys"]["Default"];
        Self::started(Signer::new("key-1"), Signer::new("key-2"), default.as_str().unwrap().to_owned())
    }

    fn started(signer: Signer, second: Signer, keys: String) -> Self {
        let settings = [
            ("TABLE_NAME", "table".to_owned()),
            ("BUCKET_NAME", "bucket".to_owned()),
            ("RECONCILE_QUEUE_URL", "http://127.0.0.1:1/queue".to_owned()),
            ("JWT_PUBLIC_KEYS", keys),
            ("ALLOWED_ORIGINS", "https://studio.example".to_owned()),
        ];
        let settings = Settings::from_pairs(settings.map(|(name, value)| (name.to_owned(), value)));
        let clock = Clock::new(|| Timestamp::from_millis(NOW_SECS * 1_000));
        let aws = Aws::new(no_aws());
        let app = App::start(&settings, &aws, clock, system::ids()).now_or_never();
        // Without an object for its catalogue, a start calls nothing that it would wait for.
        let app = app.unwrap().unwrap();
        Self { signer, second, router: router(app), network: None }
    }

    /// Over the storage of a world, by its clock.
    pub(crate) fn over(world: &World) -> Self {
        Self::with(world, |_| ())
    }

    /// The same with other rules.
    pub(crate) fn with(world: &World, change: impl FnOnce(&mut Rules)) -> Self {
        let (signer, second) = (Signer::new("key-1"), Signer::new("key-2"));
        let mut rules = Rules {
            keys: PublicKeys::parse(&json!({"keys": [signer.jwk()]}).to_string()).unwrap(),
            origins: Origins::default(),
            events_base: "https://events.example".to_owned(),
            offer: Offer {
                catalogue: Catalogue::built_in().unwrap(),
                configured: ["gemini".parse().unwrap()].into(),
                default_provider: None,
                text: TextLimits::default(),
                image_tier: Tier::Free,
                uploads: UploadQuota { files: 100, bytes: 1 << 30 },
                ports: Ports::default(),
            },
            fetcher: Fetcher::new(Network::internet().unwrap(), Ports::default()),
            receipt_key: receipt_key(&toonmill_receipts::SigningKey::make_base64().unwrap()),
            receipt_public_keys: toonmill_receipts::PublicKeys::parse(None).unwrap(),
        };
        change(&mut rules);
        let network = Some(world.network.clone());
        Self { signer, second, router: router(App::new(world.submitter.clone(), rules)), network }
    }

    pub(crate) fn token(&self) -> String {
        self.signer.sign(&claims())
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let answer = self.router.clone().oneshot(request);
        let response = match &self.network {
            Some(network) => network.acting("ApiJobs", answer).await,
            None => answer.await,
        };
        let response = response.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let body = serde_json::from_slice(&bytes).unwrap_or_else(|_| String::from_utf8(bytes.to_vec()).unwrap().into());
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let answer = self.call("GET", path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.body
    }

    /// A request of a caller whose token is good.
    pub(crate) async fn call(&self, method: &str, path: &str) -> Answer {
        self.send(self.request(method, path).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        let request = self.request("POST", path).header("content-type", "application/json");
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    /// A request whose answer is held, while the world does what waits.
    pub(crate) async fn held(&self, world: &World, path: &str, body: &Value) -> Answer {
        let request = self.request("POST", path).header("prefer", "wait=20").header("content-type", "application/json");
        let request = request.body(Body::from(body.to_string())).unwrap();
        let work = async {
            while world.queues.count(RECONCILE) == 0 {
                tokio::task::yield_now().await;
            }
            world.run().await;
        };
        tokio::join!(self.send(request), work).0
    }

    /// What a user sees, on that day or a later one.
    pub(crate) async fn get_as(&self, user: &str, path: &str) -> Answer {
        self.send(self.request_as(user, "GET", path).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post_as(&self, user: &str, path: &str, body: &Value) -> Answer {
        let request = self.request_as(user, "POST", path).header("content-type", "application/json");
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    fn request_as(&self, user: &str, method: &str, path: &str) -> http::request::Builder {
        let mut claims = claims();
        claims["sub"] = user.into();
        // Good for months: some tests let days pass.
        claims["exp"] = (NOW_SECS + 100 * 86_400).into();
        let token = self.signer.sign(&claims);
        Request::builder().method(method).uri(path).header("authorization", format!("Bearer {token}"))
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> http::request::Builder {
        Request::builder().method(method).uri(path).header("authorization", format!("Bearer {}", self.token()))
    }
}

/// Storage at a port where nobody listens.
fn no_aws() -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .endpoint_url("http://127.0.0.1:1")
        .retry_config(RetryConfig::disabled())
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new("test", "test", None, None, "test")))
        .build()
}
