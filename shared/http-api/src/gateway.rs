//! From the events of API Gateway and of function URLs to plain HTTP requests.

use std::{fmt::Display, future::Future, process::ExitCode};

use axum::Router;
use lambda_http::{Request, request::RequestContext};
use tower::util::MapRequest;

use crate::GatewayRequestId;

/// Serves invocations until the environment ends. A start that failed is one line that names the setting.
pub async fn serve(started: Result<Router, impl Display>) -> ExitCode {
    run(started, |router| lambda_http::run(service(router))).await
}

/// The same for a function whose answers are sent on while they are made, behind a URL of its own: the gateway collects them.
pub async fn serve_streaming(started: Result<Router, impl Display>) -> ExitCode {
    run(started, |router| lambda_http::run_with_streaming_response(service(router))).await
}

#[expect(clippy::print_stderr, reason = "the one line of a failed start must not need a log reader")]
async fn run<Running>(started: Result<Router, impl Display>, run: impl FnOnce(Router) -> Running) -> ExitCode
where
    Running: Future<Output = Result<(), lambda_http::Error>>,
{
    let router = match started {
        Ok(router) => router,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    match run(router).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the runtime ended: {error}");
            ExitCode::FAILURE
        }
    }
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
