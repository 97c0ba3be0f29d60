//! All APIs at one address of this machine, over simulated storage, as the gateway puts them together.

use std::time::Duration;

use api_accounts::Rules as AccountRules;
use api_jobs::Rules as JobRules;
use aws_config::SdkConfig;
use axum::{Router, extract::Request};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::json;
use tokio::net::TcpListener;
use toonmill_cloud::table::UploadQuota;
use toonmill_domain::{Credits, Limit, Limits, Membership, Tier, sha256::hex_of};
use toonmill_http_api::{
    Origins,
    auth::{PublicKeys, Signer},
};
use toonmill_orders::Offer;
use toonmill_outbound::{Fetcher, Network, Ports};
use toonmill_plans::TextLimits;
use toonmill_providers::Catalogue;
use toonmill_runtime::{Settings, secrets::LazySecret, settings::names};
use toonmill_tests::{Artist, World};
use tower::ServiceExt as _;

/// An address, and a token that opens it.
pub(crate) struct Server {
    pub(crate) url: String,
    pub(crate) token: String,
    _world: World,
}

fn secret(name: &'static str, value: &str) -> LazySecret {
    let settings = Settings::from_pairs([(name.to_owned(), value.to_owned())]);
    LazySecret::new(&settings, name, SdkConfig::builder().build())
}

impl Server {
    pub(crate) async fn start() -> Self {
        let mut world = World::new(Artist::tireless());
        // What is looked for are faults of the API, not its limits.
        world.submitter.limits =
            Limit::ALL.iter().fold(Limits::default(), |limits, limit| limits.with(*limit, u32::MAX));
        world.submitter.signup_grant = Credits::new(1 << 40).unwrap();
        let signing_key = toonmill_receipts::SigningKey::make_base64().unwrap();
        let public = toonmill_receipts::SigningKey::from_base64(&signing_key).unwrap().public().x;
        let id: String = hex_of(&BASE64_URL_SAFE_NO_PAD.decode(&public).unwrap()).chars().take(16).collect();
        let keys = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": id, "x": public}]}).to_string();
        let keys = || PublicKeys::parse(&keys).unwrap();
        let membership = Membership { tier: Tier::Premium, expires_at: None };
        let user = "user-1".parse().unwrap();
        // The world's clock stands still: the hour of a token does not pass.
        let token = Signer::from_base64(&signing_key).unwrap().sign(&user, membership, world.now()).unwrap();

        let jobs = JobRules {
            keys: keys(),
            origins: Origins::default(),
            events_base: String::new(),
            offer: Offer {
                catalogue: Catalogue::built_in().unwrap(),
                configured: ["gemini".parse().unwrap(), "seedream".parse().unwrap()].into(),
                default_provider: None,
                text: TextLimits::default(),
                image_tier: Tier::Free,
                uploads: UploadQuota { files: 1_000_000, bytes: 1 << 40 },
                ports: Ports::default(),
            },
            fetcher: Fetcher::new(Network::internet().unwrap(), Ports::default()),
            receipt_key: secret(names::RECEIPT_SIGNING_KEY, &signing_key),
            receipt_public_keys: toonmill_receipts::PublicKeys::parse(None).unwrap(),
        };
        let jobs = api_jobs::router(api_jobs::App::new(world.submitter.clone(), jobs));
        let accounts = AccountRules {
            keys: keys(),
            signing_key: secret(names::JWT_SIGNING_KEY, &signing_key),
            origins: Origins::default(),
            firebase_project: Some("toonmill-test".to_owned()),
            certificates_url: "http://127.0.0.1:1".to_owned(),
            limits: world.submitter.limits.clone(),
            signup_grant: world.submitter.signup_grant,
        };
        let submitter = &world.submitter;
        let accounts = api_accounts::App::new(
            world.table.clone(),
            world.sweeper.outbox.clone(),
            submitter.clock.clone(),
            submitter.ids.clone(),
            accounts,
        );
        let accounts = api_accounts::router(accounts.unwrap());

        let events = job_events::Rules {
            keys: keys(),
            origins: Origins::default(),
            limits: world.submitter.limits.clone(),
            // Nobody draws the jobs here, and the tester reads every answer to its end.
            longest: Duration::from_millis(50),
        };
        let events = job_events::App::new(world.table.clone(), submitter.clock.clone(), submitter.ids.clone(), events);
        let events = job_events::router(events);

        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let all = Router::new().fallback(async move |request: Request| {
            let path = request.uri().path();
            let is_of_accounts =
                ["/api/v1/auth/", "/api/v1/keys", "/api/v1/webhooks/"].iter().any(|start| path.starts_with(start));
            let is_stream = path.starts_with("/api/v1/jobs/") && path.trim_end_matches('/').ends_with("/events");
            let router = match (is_of_accounts, is_stream) {
                (true, _) => accounts,
                (_, true) => events,
                _ => jobs,
            };
            router.oneshot(request).await
        });
        tokio::spawn(async move { axum::serve(listener, all).await });
        Self { url, token, _world: world }
    }
}
