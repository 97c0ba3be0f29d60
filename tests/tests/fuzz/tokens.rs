//! Bearer tokens.

use std::panic::AssertUnwindSafe;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use axum::extract::FromRequestParts as _;
use base64::{Engine as _, prelude::*};
use http::{Request, header::AUTHORIZATION};
use serde_json::{Value, json};
use toonmill_domain::{Limits, Membership, sha256::hex_of};
use toonmill_http_api::{
    Caller, Verifier,
    auth::{Door, PublicKeys, Signer},
};
use toonmill_tests::{Artist, World};

use crate::{decisions::Decisions, spoil};

/// Header and payload as JSON, and the signature's bytes.
fn parts(token: &str) -> Option<(Value, Value, Vec<u8>)> {
    let mut parts = token.split('.').map(|part| BASE64_URL_SAFE_NO_PAD.decode(part).ok());
    let (header, payload, signature) = (parts.next()??, parts.next()??, parts.next()??);
    Some((serde_json::from_slice(&header).ok()?, serde_json::from_slice(&payload).ok()?, signature))
}

/// A token with its header and claims spoilt and its signature as it was.
fn forged(token: &str, decisions: &mut Decisions<'_>) -> String {
    let (mut header, payload, signature) = parts(token).unwrap();
    if decisions.below(2) == 0 {
        header["alg"] = (*decisions.one_of(&["none", "None", "HS256", "HS512", "RS256", "ES256", "EdDSA", ""])).into();
    } else {
        header = spoil::json(&header, decisions);
    }
    let payload = if decisions.below(2) == 0 { payload } else { spoil::json(&payload, decisions) };
    let encode = |json: Value| BASE64_URL_SAFE_NO_PAD.encode(json.to_string());
    format!("{}.{}.{}", encode(header), encode(payload), BASE64_URL_SAFE_NO_PAD.encode(signature))
}

#[test]
fn tokens() {
    let world = World::new(Artist::tireless());
    let pkcs8 = Ed25519KeyPair::generate().unwrap().to_pkcs8v1().unwrap();
    let public = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap().public_key().as_ref().to_vec();
    let jwk = json!({
        "kty": "OKP", "crv": "Ed25519", "kid": &hex_of(&public)[..16], "x": BASE64_URL_SAFE_NO_PAD.encode(&public),
    });
    let keys = PublicKeys::parse(&json!({ "keys": [jwk] }).to_string()).unwrap();
    let signer = Signer::from_base64(&BASE64_STANDARD.encode(pkcs8.as_ref())).unwrap();
    let right = signer.sign(&"ann".parse().unwrap(), Membership::default(), world.now()).unwrap();
    let clock = world.submitter.clock.clone();
    let door = Door::new(Verifier::new(keys, clock.clone()), world.table.clone(), clock, Limits::default());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let admit = |header: &str| {
        let Ok(request) = Request::builder().header(AUTHORIZATION, header).body(()) else { return None };
        let mut parts = request.into_parts().0;
        runtime.block_on(Caller::from_request_parts(&mut parts, &door)).ok()
    };
    assert_eq!(admit(&format!("Bearer {right}")).unwrap().user.as_str(), "ann");
    let admit = AssertUnwindSafe(admit);
    bolero::check!().for_each(|input: &[u8]| {
        let mut decisions = Decisions::new(input);
        let token = match decisions.below(3) {
            0 => forged(&right, &mut decisions),
            _ => spoil::text(&right, &mut decisions),
        };
        if let Some(caller) = admit(&format!("Bearer {token}")) {
            assert_eq!((caller.user.as_str(), parts(token.trim())), ("ann", parts(&right)), "{token}");
        }
    });
}
