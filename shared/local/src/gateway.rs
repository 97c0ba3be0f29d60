//! `http://127.0.0.1:3000`: a reverse proxy to the emulator's HTTP API, which is told apart by its host name only.
//! Bodies stream both ways; nothing is rewritten but the headers that belong to one connection. Streams of events, which in
//! AWS have an address of their own, have this one here.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::{Context, Result};
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::any;
use http::header::{self, HeaderName};
use http::{HeaderMap, HeaderValue, StatusCode};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::streaming::Streaming;

/// What AWS serves at a function URL.
const STREAMED: [&str; 2] = ["/api/v1/jobs/{id}/events", "/api/v1/jobs/{id}/events/"];

const HOP_BY_HOP: [HeaderName; 7] = [
    header::CONNECTION,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// The port, taken before anything slow is started: when it is in use, that is said at once.
#[derive(Debug)]
pub(crate) struct Door {
    listener: TcpListener,
    pub(crate) address: SocketAddr,
}

impl Door {
    pub(crate) async fn open(port: u16) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .await
            .with_context(|| format!("cannot listen on 127.0.0.1:{port}: choose another with --port (0 takes any)"))?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Serves until it is dropped.
    pub(crate) fn serve(self, emulator_port: u16, api: &str, streaming: Option<&Streaming>) -> Result<Gateway> {
        let upstream = Upstream {
            client: reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build()?,
            origin: format!("http://127.0.0.1:{emulator_port}"),
            host: HeaderValue::from_str(&format!("{api}.execute-api.localhost:{emulator_port}"))?,
        };
        let router = streaming.into_iter().fold(Router::new(), |router, streaming| {
            let answer = {
                let streaming = streaming.clone();
                any(move |request: Request| streaming.clone().answer(request))
            };
            STREAMED.into_iter().fold(router, |router, path| router.route(path, answer.clone()))
        });
        let router = router.fallback(forward).with_state(upstream);
        let serving = tokio::spawn(async move {
            // It ends with an error only when the listener breaks, and then every client sees it.
            let _ = axum::serve(self.listener, router).await;
        });
        Ok(Gateway { serving })
    }
}

#[derive(Debug)]
pub(crate) struct Gateway {
    serving: JoinHandle<()>,
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

#[derive(Debug, Clone)]
struct Upstream {
    client: reqwest::Client,
    origin: String,
    host: HeaderValue,
}

async fn forward(State(upstream): State<Upstream>, request: Request) -> Response {
    match upstream.forward(request).await {
        Ok(response) => response,
        Err(error) => {
            (StatusCode::BAD_GATEWAY, format!("the local cloud does not answer: {error:#}\n")).into_response()
        }
    }
}

impl Upstream {
    async fn forward(&self, request: Request) -> Result<Response> {
        let (parts, body) = request.into_parts();
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let mut headers = end_to_end(parts.headers);
        let seen = headers.insert(header::HOST, self.host.clone());
        if let Some(host) = seen {
            headers.insert(HeaderName::from_static("x-forwarded-host"), host);
        }
        headers.insert(HeaderName::from_static("x-forwarded-proto"), HeaderValue::from_static("http"));
        let answer = self
            .client
            .request(parts.method, format!("{}{path}", self.origin))
            .headers(headers)
            .body(reqwest::Body::wrap_stream(body.into_data_stream()))
            .send()
            .await?;
        let mut response = Response::new(Body::empty());
        *response.status_mut() = answer.status();
        *response.headers_mut() = end_to_end(answer.headers().clone());
        *response.body_mut() = Body::from_stream(answer.bytes_stream());
        Ok(response)
    }
}

fn end_to_end(mut headers: HeaderMap) -> HeaderMap {
    for name in HOP_BY_HOP {
        headers.remove(name);
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn echo(request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let header = |name| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("-");
        let seen =
            format!("{} {} host={} forwarded={} ", parts.method, parts.uri, header("host"), header("x-forwarded-host"));
        let bytes = axum::body::to_bytes(body, 100).await.unwrap();
        (StatusCode::IM_A_TEAPOT, seen + &String::from_utf8_lossy(&bytes)).into_response()
    }

    #[tokio::test]
    async fn a_request_reaches_the_api_under_its_host_name() {
        let upstream = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = upstream.local_addr().unwrap().port();
        tokio::spawn(async { axum::serve(upstream, Router::new().fallback(any(echo))).await });
        let door = Door::open(0).await.unwrap();
        let (url, address) = (door.url(), door.address);
        let _gateway = door.serve(port, "abc", None).unwrap();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let answer = client.post(format!("{url}/api/v1/jobs/?a=1%20")).body("body").send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::IM_A_TEAPOT);
        let text = answer.text().await.unwrap();
        assert_eq!(
            text,
            format!("POST /api/v1/jobs/?a=1%20 host=abc.execute-api.localhost:{port} forwarded={address} body")
        );
    }

    #[tokio::test]
    async fn a_port_in_use_is_said_with_its_remedy() {
        let taken = Door::open(0).await.unwrap();
        let error = Door::open(taken.address.port()).await.unwrap_err().to_string();
        assert!(error.contains("--port"), "{error}");
    }
}
