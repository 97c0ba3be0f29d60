//! Jobs to work on, and who asks for them.

use std::sync::LazyLock;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use serde_json::json;
use toonmill_domain::{Credits, Membership};
use toonmill_http_api::auth::Signer;
use toonmill_runtime::system;
use toonmill_tests::{Artist, World};

/// The key that signs tokens, in PKCS#8.
static KEY: LazyLock<Vec<u8>> =
    LazyLock::new(|| Ed25519KeyPair::generate().unwrap().to_pkcs8().unwrap().as_ref().to_vec());

/// A world that goes by the clock that the processes have, with credits for any job.
pub(crate) fn world() -> World {
    let mut world = World::new(Artist::tireless());
    world.submitter.signup_grant = Credits::new(100_000).unwrap();
    world.submitter.clock = system::clock();
    world.reconciler.clock = system::clock();
    world.worker.clock = system::clock();
    world.reconciler.window = 1_000;
    world.unaudited("a benchmark is cut short");
    world
}

pub(crate) fn public_keys() -> String {
    let pair = Ed25519KeyPair::from_pkcs8(&KEY).unwrap();
    let public = pair.public_key().as_ref();
    let id: String = toonmill_domain::sha256::hex_of(public).chars().take(16).collect();
    let x = BASE64_URL_SAFE_NO_PAD.encode(public);
    json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": id, "x": x}]}).to_string()
}

/// What the owner of the world's jobs is let in by.
pub(crate) fn token() -> String {
    let signer = Signer::from_base64(&BASE64_STANDARD.encode(&*KEY)).unwrap();
    signer.sign(&"ann".parse().unwrap(), Membership::default(), system::clock().now()).unwrap()
}

/// An event of SQS of these bodies.
pub(crate) fn batch(bodies: &[String]) -> String {
    let records = bodies.iter().enumerate().map(|(at, body)| {
        json!({
            "messageId": format!("message-{at}"), "receiptHandle": "r", "body": body, "awsRegion": "us-east-1",
            "attributes": {"ApproximateReceiveCount": "1"}, "messageAttributes": {},
            "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:us-east-1:0:queue",
        })
    });
    json!({ "Records": records.collect::<Vec<_>>() }).to_string()
}

/// What the gateway makes of a poll of a job, with a token or with one that is none.
pub(crate) fn poll(job: &str, token: &str) -> String {
    let path = format!("/api/v1/jobs/{job}");
    json!({
        "version": "2.0", "routeKey": "ANY /api/{proxy+}", "rawPath": path, "rawQueryString": "",
        "headers": {
            "accept": "application/json", "authorization": format!("Bearer {token}"), "host": "api.example",
            "user-agent": "toonmill-studio/1.0", "x-forwarded-for": "203.0.113.7", "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
        },
        "requestContext": {
            "accountId": "0", "apiId": "api", "domainName": "api.example", "domainPrefix": "api",
            "http": {
                "method": "GET", "path": path, "protocol": "HTTP/1.1", "sourceIp": "203.0.113.7",
                "userAgent": "toonmill-studio/1.0",
            },
            "requestId": "Uo2WhjF9DoEEJ4w=", "routeKey": "ANY /api/{proxy+}", "stage": "$default",
            "time": "20/Nov/2026:09:30:02 +0000", "timeEpoch": 1_795_167_002_114_u64,
        },
        "pathParameters": {"proxy": format!("v1/jobs/{job}")},
        "isBase64Encoded": false,
    })
    .to_string()
}
