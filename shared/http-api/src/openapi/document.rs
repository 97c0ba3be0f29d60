//! The declared endpoints as an `OpenAPI` 3.1 document.

use std::collections::BTreeSet;

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::{Access, Endpoint, Operation, schema};

const PROBLEM: &str = "application/problem+json";

/// The document of these endpoints. `schemas` are those that they name.
pub fn document(version: &str, endpoints: &[Endpoint], schemas: Map<String, Value>) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for endpoint in endpoints {
        let item = paths.entry(endpoint.path.clone()).or_insert_with(|| json!({}));
        if let Some(item) = item.as_object_mut() {
            let method = endpoint.method.as_str().to_ascii_lowercase();
            item.insert(method, operation(&endpoint.path, &endpoint.operation));
        }
    }
    let mut all = schemas;
    all.insert("Problem".to_owned(), problem());
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Toonmill",
            "version": version,
            "description": "Draws webtoons with AI image providers and returns exactly the images that were asked for, charged \
                            exactly once. Problems are RFC 9457.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "components": {
            "schemas": all,
            "responses": problems(endpoints),
            "headers": { "RequestId": { "schema": schema::text(), "required": true } },
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An access token of POST /api/v1/auth/verify-firebase-token, or a service key (tm_…).",
                },
            },
        },
    })
}

fn operation(path: &str, operation: &Operation) -> Value {
    let mut parameters: Vec<Value> = names_in(path)
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": of_path(name) }))
        .collect();
    parameters.extend(operation.parameters.iter().map(|parameter| {
        json!({ "name": parameter.name, "in": parameter.place, "required": false, "schema": parameter.schema })
    }));
    let mut written = json!({
        "operationId": operation.id,
        "summary": operation.does,
        "parameters": parameters,
        "responses": responses(path, operation),
        "security": match operation.access {
            Access::Anybody => json!([]),
            Access::Caller => json!([{ "bearer": [] }]),
        },
    });
    if let (Some((schema, required)), Some(written)) = (&operation.body, written.as_object_mut()) {
        let body = json!({ "required": required, "content": { "application/json": { "schema": schema } } });
        written.insert("requestBody".to_owned(), body);
    }
    written
}

fn responses(path: &str, operation: &Operation) -> Value {
    let mut all = Map::new();
    let request_id = request_id();
    for (status, answer) in &operation.answers {
        let mut headers = request_id.clone();
        if let Some(headers) = headers.as_object_mut() {
            headers.extend(answer.headers.iter().map(|name| ((*name).to_owned(), json!({ "schema": schema::text() }))));
        }
        let mut written = json!({ "description": answer.says, "headers": headers });
        if let (Some((media_type, schema)), Some(written)) = (&answer.content, written.as_object_mut()) {
            let content = Map::from_iter([((*media_type).to_owned(), json!({ "schema": schema }))]);
            written.insert("content".to_owned(), content.into());
        }
        if let (false, Some(written)) = (answer.links.is_empty(), written.as_object_mut()) {
            let links = answer.links.iter().map(|(operation, pointer)| {
                let parameters = json!({ "id": format!("$response.body#{pointer}") });
                ((*operation).to_owned(), json!({ "operationId": operation, "parameters": parameters }))
            });
            written.insert("links".to_owned(), Value::Object(links.collect()));
        }
        all.insert(status.to_string(), written);
    }
    for status in operation.all_problems(path) {
        let component = json!({ "$ref": format!("#/components/responses/Problem{status}") });
        all.insert(status.to_string(), component);
    }
    Value::Object(all)
}

/// What is made here has a UUID.
fn of_path(name: &str) -> Value {
    if name == "id" { schema::uuid() } else { schema::text() }
}

fn request_id() -> Value {
    json!({ "X-Request-Id": { "$ref": "#/components/headers/RequestId" } })
}

/// The answers that are problems, one of each status: what they mean is their `code`.
fn problems(endpoints: &[Endpoint]) -> Map<String, Value> {
    let all = endpoints.iter().flat_map(|endpoint| endpoint.operation.all_problems(&endpoint.path));
    let statuses: BTreeSet<u16> = all.collect();
    statuses.into_iter().map(|status| (format!("Problem{status}"), problem_answer(status))).collect()
}

fn problem_answer(status: u16) -> Value {
    let more: &[&str] = match status {
        401 => &["WWW-Authenticate"],
        405 => &["Allow"],
        429 => &["Retry-After", "RateLimit", "RateLimit-Policy"],
        503 => &["Retry-After"],
        _ => &[],
    };
    let mut headers = request_id();
    if let Some(headers) = headers.as_object_mut() {
        headers.extend(more.iter().map(|name| ((*name).to_owned(), json!({ "schema": schema::text() }))));
    }
    let says = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or("A problem");
    let content = json!({ PROBLEM: { "schema": schema::named("Problem") } });
    json!({ "description": says, "headers": headers, "content": content })
}

/// The parameters of a path: `id` of `/jobs/{id}`.
fn names_in(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

fn problem() -> Value {
    let error = schema::object([("pointer", schema::text()), ("detail", schema::text())]);
    schema::object([
        ("type", schema::text()),
        ("title", schema::text()),
        ("status", schema::whole(400, 599)),
        ("detail", schema::text()),
        ("instance", schema::text()),
        ("code", schema::text()),
        ("requestId", schema::text()),
        ("retryable", schema::flag()),
        ("charged", schema::count()),
        ("errors?", schema::list(&error)),
    ])
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::*;

    #[test]
    fn an_endpoint_is_written_with_all_that_it_may_answer() {
        let declared = Operation::new("oneJob", "A job.")
            .query("wait", schema::count())
            .answers(StatusCode::OK, "As it is.", schema::named("Job"))
            .with(StatusCode::OK, "ETag");
        let endpoint = Endpoint { method: Method::GET, path: "/jobs/{id}".to_owned(), operation: declared };
        let document = document("1", &[endpoint], Map::new());
        let written = &document["paths"]["/jobs/{id}"]["get"];
        let statuses: Vec<_> = written["responses"].as_object().unwrap().keys().cloned().collect();
        assert_eq!(statuses, ["200", "400", "401", "403", "404", "405", "429", "500", "503"]);
        assert_eq!(written["parameters"][0]["in"], "path");
        assert!(written["responses"]["200"]["headers"]["ETag"].is_object());
        assert_eq!(written["security"], json!([{ "bearer": [] }]));
    }
}
