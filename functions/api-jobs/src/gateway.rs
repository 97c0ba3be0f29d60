//! From API Gateway's events to plain HTTP requests.

use axum::Router;
use lambda_http::{Error, Request, request::RequestContext};
use toonmill_http_api::GatewayRequestId;
use tower::ServiceExt as _;

/// Serves invocations until the environment ends.
pub async fn serve(router: Router) -> Result<(), Error> {
    lambda_http::run(router.map_request(with_request_id)).await
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
