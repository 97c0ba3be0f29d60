//! What carries the SDK's calls, in place of its own client, which reads and parses the certificates of the system at every
//! start; and of the providers', which parses each address three times.

use std::time::Duration;

use ::http::{HeaderValue, header::USER_AGENT};
use aws_sdk_s3::primitives::SdkBody;
use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn},
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector as TcpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use rustls::ClientConfig;
use toonmill_cloud::Lazy;
use toonmill_providers::{CONNECT_LIMIT, IDLE_LIMIT};

/// Finds out that a connection which nobody used for a while is gone.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

type HyperClient = Client<HttpsConnector<TcpConnector>, SdkBody>;

/// A client that is made by the first call, and kept. Clones share it and its connections.
#[derive(Clone, Debug)]
pub(crate) struct SdkHttp(Lazy<Result<HyperClient, rustls::Error>>);

impl Default for SdkHttp {
    fn default() -> Self {
        Self(Lazy::new(|| toonmill_tls::internet().map(client)))
    }
}

impl SdkHttp {
    pub(crate) fn shared(self) -> SharedHttpClient {
        let connector = SharedHttpConnector::new(self);
        // What the SDK's time-outs ask of a connector, this one has of its own; the others the SDK keeps itself.
        http_client_fn(move |_, _| connector.clone())
    }

    async fn send(self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let client = self.0.as_ref().map_err(|error| ConnectorError::user(error.clone().into()))?;
        let mut request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
        let our_name = HeaderValue::from_static(toonmill_providers::USER_AGENT);
        request.headers_mut().entry(USER_AGENT).or_insert(our_name);
        // The SDK tries again what may have been the network's fault.
        let response = client.request(request).await.map_err(|error| ConnectorError::io(error.into()))?;
        let response = response.map(SdkBody::from_body_1_x);
        HttpResponse::try_from(response).map_err(|error| ConnectorError::other(error.into(), None))
    }
}

/// HTTP/1.1, which is all that the services of AWS speak that we call.
fn client(tls: ClientConfig) -> HyperClient {
    let mut tcp = TcpConnector::new();
    tcp.enforce_http(false);
    tcp.set_connect_timeout(Some(CONNECT_LIMIT));
    tcp.set_keepalive(Some(KEEP_ALIVE));
    tcp.set_nodelay(true);
    let https = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().wrap_connector(tcp);
    Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).pool_idle_timeout(IDLE_LIMIT).build(https)
}

impl HttpConnector for SdkHttp {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::new(self.clone().send(request))
    }
}

#[cfg(test)]
mod tests;
