//! Every endpoint of this API, each declared once: its route, and what the `OpenAPI` document says of it.

use http::StatusCode;
use serde_json::{Map, Value};
use toonmill_domain::{DeliveryState, Limit, Scope, Tier};
use toonmill_http_api::openapi::{
    Operation, Routes,
    schema::{count, flag, list, lists, named, object, one_of, or_null, page, text, texts, time, uuid, whole},
};

use crate::{App, hooks, profile, service_keys, sign_in};

/// All of them.
pub fn routes() -> Routes<App> {
    let verify = || {
        Operation::new("verifyFirebaseToken", "Exchanges an ID token of Firebase's for an access token.")
            .open()
            .body(object([("idToken", texts(1, 100_000))]))
            .refuses([StatusCode::UNAUTHORIZED])
            .answers(StatusCode::OK, "An access token for an hour.", signed_in())
    };
    let show = || {
        Operation::new("profile", "The caller, with membership, credits and limits.").answers(
            StatusCode::OK,
            "The profile.",
            profile_shape(),
        )
    };
    let create = || {
        Operation::new("createServiceKey", "Makes a service key, which is shown this once.")
            .body(wanted_key())
            .answers(StatusCode::CREATED, "The key.", key())
            .leads_to(StatusCode::CREATED, "/id", ["revokeServiceKey"])
    };
    let all = || {
        Operation::new("listServiceKeys", "The caller's service keys, newest first.").paged().answers(
            StatusCode::OK,
            "A page of them.",
            page(&key()),
        )
    };
    let revoke = || {
        Operation::new("revokeServiceKey", "Revokes a service key, within half a minute.")
            .answers_without_body(StatusCode::NO_CONTENT, "It is revoked.")
    };
    let rotate = || {
        let does = "Makes the secret that calls of webhooks are signed with, or puts another in its place. It is shown this \
                    once.";
        Operation::new("rotateWebhookSecret", does).answers(
            StatusCode::OK,
            "The secret; the one before is good for another day.",
            hook_secret(),
        )
    };
    let deliveries = || {
        Operation::new("listWebhookDeliveries", "What webhooks were told, newest first.").paged().answers(
            StatusCode::OK,
            "A page of it.",
            page(&named("Delivery")),
        )
    };
    let redeliver = || {
        Operation::new("redeliverWebhook", "Sends a delivery once more, with the tries of a new one.").answers(
            StatusCode::ACCEPTED,
            "It is sent.",
            named("Delivery"),
        )
    };
    Routes::default()
        .post("/api/v1/auth/verify-firebase-token", verify, sign_in::verify)
        .get("/api/v1/auth/profile", show, profile::show)
        .get("/api/v1/keys", all, service_keys::list)
        .post("/api/v1/keys", create, service_keys::create)
        .delete("/api/v1/keys/{id}", revoke, service_keys::revoke)
        .put("/api/v1/webhooks/secret", rotate, hooks::rotate)
        .get("/api/v1/webhooks/deliveries", deliveries, hooks::list)
        .post("/api/v1/webhooks/deliveries/{id}/redeliver", redeliver, hooks::redeliver)
}

/// What more than one of them answers with, by the names that the document gives it.
pub fn schemas() -> Map<String, Value> {
    Map::from_iter([("User".to_owned(), user()), ("Delivery".to_owned(), delivery())])
}

fn hook_secret() -> Value {
    object([("secret", text()), ("previousGoodUntil", or_null(&time()))])
}

fn delivery() -> Value {
    object([
        ("id", uuid()),
        ("jobId", or_null(&uuid())),
        ("event", text()),
        ("url", text()),
        ("state", one_of(DeliveryState::ALL.map(DeliveryState::as_str))),
        ("tries", count()),
        ("lastStatus", or_null(&count())),
        ("lastError", or_null(&text())),
        ("lastAttemptAt", or_null(&time())),
        ("nextAttemptAt", or_null(&time())),
        ("createdAt", time()),
    ])
}

fn tier() -> Value {
    one_of(Tier::ALL.map(Tier::as_str))
}

fn user() -> Value {
    object([
        ("username", text()),
        ("email", or_null(&text())),
        ("firstName", or_null(&text())),
        ("lastName", or_null(&text())),
        ("photoUrl", or_null(&text())),
        ("membershipType", tier()),
        ("membershipExpiresAt", or_null(&time())),
        ("hasOpenaiKey", flag()),
        ("hasGeminiKey", flag()),
        ("lastLoginAt", or_null(&time())),
        ("isMembershipActive", flag()),
        ("canUsePremiumFeatures", flag()),
    ])
}

fn signed_in() -> Value {
    object([
        ("accessToken", text()),
        ("tokenType", one_of(["Bearer"])),
        ("expiresIn", count()),
        ("user", named("User")),
    ])
}

fn profile_shape() -> Value {
    let membership =
        object([("type", tier()), ("expiresAt", or_null(&time())), ("isActive", flag()), ("countsAs", tier())]);
    let limit = object([
        ("name", one_of(Limit::ALL.iter().map(|limit| limit.name()))),
        ("counts", text()),
        ("limit", count()),
        ("used", count()),
        ("windowSeconds", or_null(&count())),
        ("resetsAt", or_null(&time())),
    ]);
    object([
        ("user", named("User")),
        ("membership", membership),
        ("credits", object([("balance", count()), ("held", count())])),
        ("limits", list(&limit)),
    ])
}

fn scopes() -> Value {
    one_of(Scope::ALL.map(Scope::as_str))
}

fn limits_shape() -> Value {
    let each = Limit::ALL.iter().map(|limit| (limit.name().to_owned(), whole(1, u64::from(u32::MAX))));
    let mut shape = object([]);
    if let Some(shape) = shape.as_object_mut() {
        shape.insert("properties".to_owned(), Value::Object(each.collect()));
        shape.insert("additionalProperties".to_owned(), Value::Bool(false));
    }
    shape
}

fn wanted_key() -> Value {
    object([("name", texts(1, 100)), ("scopes", lists(&scopes(), 1, 100)), ("limits?", or_null(&limits_shape()))])
}

fn key() -> Value {
    object([
        ("id", uuid()),
        ("name", text()),
        ("scopes", list(&scopes())),
        ("limits", limits_shape()),
        ("createdAt", time()),
        ("key?", text()),
    ])
}
