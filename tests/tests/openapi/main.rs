//! The document of all endpoints: it is what they declare, and what they do.

#![expect(clippy::unwrap_used, reason = "what is not there is a test that fails")]

mod server;
mod tester;

use std::{fs, path::PathBuf};

use serde_json::Value;
use toonmill_http_api::openapi;

/// Where the document is kept that `GET /openapi.json` answers with.
fn kept() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../functions/api-jobs/openapi.json")
}

/// Of all functions that answer over HTTP.
fn declared() -> Value {
    let mut endpoints = api_jobs::routes().endpoints().to_vec();
    endpoints.extend(api_accounts::routes().endpoints().iter().cloned());
    endpoints.extend(job_events::routes().endpoints().iter().cloned());
    let mut schemas = api_jobs::schemas();
    schemas.extend(api_accounts::schemas());
    schemas.extend(job_events::schemas());
    openapi::document(env!("CARGO_PKG_VERSION"), &endpoints, schemas)
}

/// `UPDATE_OPENAPI=1` writes it anew.
#[test]
fn the_document_that_is_served_is_what_the_endpoints_declare() {
    let declared = format!("{:#}\n", declared());
    if std::env::vars_os().any(|(name, _)| name == "UPDATE_OPENAPI") {
        fs::write(kept(), &declared).unwrap();
    }
    let kept = fs::read_to_string(kept()).unwrap();
    assert!(kept == declared, "functions/api-jobs/openapi.json is out of date: run this test with UPDATE_OPENAPI=1");
}

#[test]
fn no_two_operations_have_one_name() {
    let declared = declared();
    let items = declared["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values());
    let mut names: Vec<_> = items.map(|operation| operation["operationId"].as_str().unwrap()).collect();
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all);
}
