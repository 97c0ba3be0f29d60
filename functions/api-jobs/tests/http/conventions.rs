//! What every answer has in common.

use axum::body::Body;
use http::Request;

use crate::api::{Api, JOB};

#[tokio::test]
async fn a_path_is_served_with_and_without_a_final_slash() {
    let api = Api::nowhere();
    for path in ["/api/v1/jobs/none", "/api/v1/jobs/none/", "/api/v1/jobs/none/images/?limit=5", "/problems/none/"] {
        let answer = api.call("GET", path).await;
        assert_eq!((answer.status.as_u16(), answer.body["code"].as_str()), (404, Some("not_found")), "{path}");
    }
    assert_eq!(api.call("GET", "/problems/not-found/").await.status, 200);
}

#[tokio::test]
async fn an_unknown_path_and_a_wrong_method_are_problems() {
    let api = Api::nowhere();
    for path in ["/", "/api", "/api/v1", "/api/v1/nothing", "/api/v1/jobs/a/b/c", "/%ff"] {
        let answer = api.call("GET", path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert_eq!(answer.body["type"], "/problems/not-found");
        assert_eq!(answer.body["instance"], path);
    }
    let answer = api.call("DELETE", "/api/v1/jobs").await;
    assert_eq!((answer.status.as_u16(), answer.body["code"].as_str()), (405, Some("method_not_allowed")));
    assert_eq!(answer.header("allow"), "GET,HEAD,POST");
    assert_eq!(api.call("GET", "/api/v1/uploads").await.header("allow"), "POST");
}

#[tokio::test]
async fn every_answer_has_a_request_id_and_says_that_it_is_nobodys_page() {
    let api = Api::nowhere();
    for path in ["/nothing", "/problems/internal", JOB] {
        let answer = api.call("GET", path).await;
        assert_eq!(answer.header("x-request-id").len(), 32);
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
            ("referrer-policy", "no-referrer"),
            ("strict-transport-security", "max-age=31536000"),
        ] {
            assert_eq!(answer.header(name), value, "{path}");
        }
        if answer.status != 200 {
            assert_eq!(answer.body["requestId"], answer.header("x-request-id"));
            assert_eq!(answer.header("cache-control"), "no-store");
        }
    }
}

#[tokio::test]
async fn the_gateways_id_is_the_requests_id() {
    let api = Api::nowhere();
    let mut request = Request::builder().uri("/nothing").body(Body::empty()).unwrap();
    request.extensions_mut().insert(toonmill_http_api::GatewayRequestId("Uo2WhjF9DoEEJ4w=".to_owned()));
    assert_eq!(api.send(request).await.header("x-request-id"), "Uo2WhjF9DoEEJ4w=");
}

#[tokio::test]
async fn only_pages_of_listed_origins_may_read_answers() {
    let api = Api::nowhere();
    let from = |method: &str, origin: &str| {
        let request = Request::builder().method(method).uri("/api/v1/jobs").header("origin", origin);
        request.header("access-control-request-method", "POST").body(Body::empty()).unwrap()
    };
    let answer = api.send(from("OPTIONS", "https://studio.example")).await;
    assert_eq!(answer.status, 204);
    assert_eq!(answer.header("access-control-allow-origin"), "https://studio.example");
    assert!(answer.header("access-control-allow-headers").contains("idempotency-key"));
    assert!(answer.header("vary").contains("origin"));

    let answer = api.send(from("GET", "https://studio.example")).await;
    assert_eq!((answer.status.as_u16(), answer.header("access-control-allow-origin")), (401, "https://studio.example"));
    assert!(answer.header("access-control-expose-headers").contains("location"));

    for method in ["OPTIONS", "GET"] {
        let answer = api.send(from(method, "https://evil.example")).await;
        assert_eq!(answer.header("access-control-allow-origin"), "", "{method}");
    }
}

#[tokio::test]
async fn storage_that_does_not_answer_is_a_503_that_asks_for_patience() {
    let api = Api::nowhere();
    let answer = api.call("GET", JOB).await;
    assert_eq!((answer.status.as_u16(), answer.body["code"].as_str()), (503, Some("unavailable")));
    assert_eq!((answer.header("retry-after"), answer.body["retryable"].as_bool()), ("2", Some(true)));
    assert!(!answer.body.to_string().contains("127.0.0.1"), "{}", answer.body);
}

#[tokio::test]
async fn health_needs_no_token_and_tells_what_does_not_answer() {
    let api = Api::nowhere();
    let answer = api.send(Request::builder().uri("/api/v1/health").body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, 200);
    let services = serde_json::json!({"table": "unhealthy", "queue": "unhealthy", "bucket": "unhealthy", "providers": "unknown", "catalogue": "healthy"});
    assert_eq!((&answer.body["status"], &answer.body["services"]), (&"unhealthy".into(), &services));
}

#[tokio::test]
async fn wrong_parameters_are_all_told() {
    let api = Api::nowhere();
    let answer = api.call("GET", "/api/v1/jobs?limit=0&cursor=!&status=DONE&kind=x&limit=5").await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.pointers(), ["/query/limit", "/query/limit", "/query/cursor", "/query/status", "/query/kind"]);
    let answer = api.call("GET", &format!("{JOB}?wait=soon&after=-1")).await;
    assert_eq!(answer.pointers(), ["/query/wait", "/query/after"]);
    let answer = api.call("GET", &format!("{JOB}/images?limit=101&cursor=MQ")).await;
    assert_eq!(answer.pointers(), ["/query/limit", "/query/cursor"]);
}
