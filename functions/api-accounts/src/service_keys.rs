//! `POST`, `GET /api/v1/keys` and `DELETE /api/v1/keys/{id}`: what a studio's own servers call with. None of these can
//! be done with a service key.

use std::{collections::BTreeMap, collections::BTreeSet, error::Error};

use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use http::StatusCode;
use serde::Serialize;
use serde_json::Value;
use toonmill_domain::{KeyId, Limit, Limits, Scope, ServiceKey, service_key::KEY_PREFIX, sha256::hex_of};
use toonmill_http_api::{Caller, FieldError, JsonBody, Page, Params, Problem, lists};
use toonmill_runtime::system::random_bytes;

use crate::App;

const SECRET_BYTES: usize = 32;
const LONGEST_NAME: usize = 100;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KeyView {
    id: String,
    name: String,
    scopes: Vec<&'static str>,
    /// Its own; those of the deployment hold where it has none.
    limits: BTreeMap<&'static str, u32>,
    created_at: String,
    /// Shown once, when it is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
}

pub(crate) async fn create(
    State(app): State<App>,
    caller: Caller,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let Wanted { name, scopes, limits } = read(&body, app.door.limits())?;
    let secret = random_bytes::<SECRET_BYTES>().map_err(|error| {
        tracing::error!(error = &error as &dyn Error, "a service key cannot be made");
        Problem::internal()
    })?;
    let text = format!("{KEY_PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(secret));
    let key = ServiceKey {
        id: KeyId::new(app.edge.ids.make()),
        user: caller.user,
        account: caller.account,
        name,
        scopes,
        limits,
        created_at: app.clock.now(),
    };
    app.table.create_service_key(&key, &hex_of(text.as_bytes()), &app.edge.ids.token()).await?;
    Ok((StatusCode::CREATED, Json(KeyView { key: Some(text), ..KeyView::of(&key) })).into_response())
}

pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    params: Params,
) -> Result<Json<Page<KeyView>>, Problem> {
    let limit = usize::try_from(params.limit()).unwrap_or(1);
    let before = params.cursor(|place| place.parse::<KeyId>().ok());
    params.finish()?;
    // One row more than fits tells whether there is another page.
    let at_once = i32::try_from(limit.saturating_add(1)).unwrap_or(i32::MAX);
    let mut keys = app.table.list_service_keys(&caller.account, before, at_once).await?;
    let more = keys.len() > limit;
    keys.truncate(limit);
    let next_cursor = keys.last().filter(|_| more).map(|key| lists::cursor(&key.id.to_string()));
    Ok(Json(Page { data: keys.iter().map(KeyView::of).collect(), next_cursor }))
}

/// Requests with it are refused within [`toonmill_http_api::auth::KEY_BELIEVED`].
pub(crate) async fn revoke(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let none = || Problem::not_found("service key");
    let id = id.parse().map_err(|_| none())?;
    if app.table.revoke_service_key(&caller.account, id, &app.edge.ids.token()).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(none())
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Wanted {
    name: String,
    scopes: BTreeSet<Scope>,
    limits: Limits,
}

/// A key's own limits are at most those of the deployment: its owner may bind it more tightly, and nobody more loosely.
fn read(body: &Value, most: &Limits) -> Result<Wanted, Problem> {
    let mut errors = Vec::new();
    let mut wrong = |pointer: String, detail: String| errors.push(FieldError::new(pointer, detail));
    let name = body.get("name").and_then(Value::as_str).map(str::trim).unwrap_or_default();
    if !(1..=LONGEST_NAME).contains(&name.chars().count()) {
        wrong("/name".to_owned(), format!("must be a text of 1 to {LONGEST_NAME} characters"));
    }
    let mut scopes = BTreeSet::new();
    let known = Scope::ALL.map(Scope::as_str).join(", ");
    match body.get("scopes").and_then(Value::as_array).filter(|scopes| !scopes.is_empty()) {
        None => wrong("/scopes".to_owned(), format!("must be a list of one or more of {known}")),
        Some(all) => {
            for (index, scope) in all.iter().enumerate() {
                match scope.as_str().and_then(Scope::parse) {
                    Some(scope) => _ = scopes.insert(scope),
                    None => wrong(format!("/scopes/{index}"), format!("must be one of {known}")),
                }
            }
        }
    }
    let mut limits = Limits::default();
    match body.get("limits") {
        None | Some(Value::Null) => {}
        Some(Value::Object(own)) => {
            for (name, value) in own {
                let pointer = format!("/limits/{}", name.replace('~', "~0").replace('/', "~1"));
                let Some(limit) = Limit::of_name(name) else {
                    let all = Limit::ALL.iter().map(|limit| limit.name()).collect::<Vec<_>>().join(", ");
                    wrong(pointer, format!("is no limit; there are {all}"));
                    continue;
                };
                let bound = most.get(limit);
                match value.as_u64().and_then(|value| u32::try_from(value).ok()) {
                    Some(own) if (1..=bound).contains(&own) => limits = limits.with(limit, own),
                    _ => wrong(pointer, format!("must be a whole number from 1 to {bound}")),
                }
            }
        }
        Some(_) => wrong("/limits".to_owned(), "must be an object of limits by name".to_owned()),
    }
    if errors.is_empty() { Ok(Wanted { name: name.to_owned(), scopes, limits }) } else { Err(Problem::invalid(errors)) }
}

impl KeyView {
    fn of(key: &ServiceKey) -> Self {
        Self {
            id: key.id.to_string(),
            name: key.name.clone(),
            scopes: key.scopes.iter().map(|scope| scope.as_str()).collect(),
            limits: key.limits.said().map(|(limit, most)| (limit.name(), most)).collect(),
            created_at: key.created_at.to_rfc3339(),
            key: None,
        }
    }
}
