//! Around every handler: the request's id, its span and log line, panics, problems, CORS and security headers.

use std::{any::Any, panic::AssertUnwindSafe, sync::Arc, time::Instant};

use axum::{
    Router,
    extract::{MatchedPath, Request, State},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use futures_util::FutureExt;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use toonmill_flows::Ids;
use tower_http::normalize_path::NormalizePath;
use tracing::Instrument;

use crate::{Origins, Problem};

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What the edge needs.
#[derive(Clone, Debug)]
pub struct Edge {
    pub origins: Arc<Origins>,
    pub ids: Ids,
}

/// The id that a gateway gave the request. Whoever knows the gateway puts it into the request's extensions.
#[derive(Clone, Debug)]
pub struct GatewayRequestId(pub String);

/// When and as what a request came in, for handlers.
#[derive(Clone, Debug)]
pub struct Arrival {
    pub request_id: String,
    pub at: Instant,
}

/// Wraps routes so that they keep the conventions. Every path is served with and without a final `/`.
pub fn around(routes: Router, edge: Edge) -> Router {
    let routes = routes.layer(middleware::from_fn_with_state(edge, pass));
    // A router chooses the route before its own layers run, so the path is trimmed around it.
    Router::new().fallback_service(NormalizePath::trim_trailing_slash(routes))
}

async fn pass(State(edge): State<Edge>, mut request: Request, next: Next) -> Response {
    let given = request.extensions_mut().remove::<GatewayRequestId>().map(|id| id.0);
    let arrival = Arrival { request_id: given.unwrap_or_else(|| edge.ids.token()), at: Instant::now() };
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let origin = request.headers().get(header::ORIGIN).cloned();
    let route = request.extensions().get::<MatchedPath>().map(|route| route.as_str().to_owned());
    let span = tracing::info_span!("request", request.id = arrival.request_id);
    request.extensions_mut().insert(arrival.clone());

    let mut response = match edge.origins.preflight(&method, request.headers()) {
        Some(answer) => answer,
        None => answer(request, next, &path, &arrival.request_id).instrument(span.clone()).await,
    };
    edge.origins.mark(origin.as_ref(), response.headers_mut());
    protect(response.headers_mut());
    if let Ok(id) = HeaderValue::try_from(&arrival.request_id) {
        response.headers_mut().insert(X_REQUEST_ID, id);
    }
    let duration_ms = u64::try_from(arrival.at.elapsed().as_millis()).unwrap_or(u64::MAX);
    span.in_scope(|| {
        tracing::info!(
            http.method = %method,
            http.route = route.as_deref().unwrap_or("none"),
            http.status = response.status().as_u16(),
            duration_ms,
            "answered"
        );
    });
    response
}

/// The handler's answer, with every problem written out, also those of a panic and of the router itself.
async fn answer(request: Request, next: Next, path: &str, request_id: &str) -> Response {
    let mut response = match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(panic) => {
            tracing::error!(panic = panic_text(panic.as_ref()), "a handler panicked");
            Problem::internal().into_response()
        }
    };
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        return problem.render(path, request_id);
    }
    let status = response.status();
    if status.is_client_error() || status.is_server_error() {
        let mut problem = Problem::of_status(status);
        if let Some(allow) = response.headers_mut().remove(header::ALLOW) {
            problem = problem.header(header::ALLOW, allow);
        }
        return problem.render(path, request_id);
    }
    response
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}

/// Answers are for their caller alone, and none is a page.
fn protect(headers: &mut HeaderMap) {
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
    );
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}
