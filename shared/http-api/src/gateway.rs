//! From API Gateway's events to plain HTTP requests.

use axum::Router;
use lambda_http::{Error, Request, request::RequestContext};
use tower::util::MapRequest;

use crate::GatewayRequestId;

/// Serves invocations until the environment ends.
pub async fn serve(router: Router) -> Result<(), Error> {
    lambda_http::run(service(router)).await
}

/// The router, for requests as they come out of events.
pub fn service(router: Router) -> MapRequest<Router, fn(Request) -> Request> {
    MapRequest::new(router, with_request_id)
}

/// The gateway's own id of a request is the one that its log has.
fn with_request_id(mut request: Request) -> Request {
    let id = match request.extensions().get::<RequestContext>() {
        Some(RequestContext::ApiGatewayV2(context)) => context.request_id.clone(),
        _ => None,
    };
    if let Some(id) = id {
        request.extensions_mut().insert(GatewayRequestId(id));
    }
    request
}
