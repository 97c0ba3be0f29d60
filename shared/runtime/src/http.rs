//! The one HTTP client: the SDK's calls and the providers' share its TLS configuration, roots, name resolution and
//! connections. It is made by the first call and not by the start.

use std::sync::{Arc, OnceLock};

use ::http::Response;
use aws_sdk_s3::primitives::SdkBody;
use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn},
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
};
use reqwest::{Body, Client, Request};
use toonmill_providers::{SetupError, http_client};

/// A client that is made when it is first needed, and kept. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct LazyClient(Arc<OnceLock<Client>>);

impl LazyClient {
    pub(crate) fn get(&self) -> Result<Client, SetupError> {
        if let Some(client) = self.0.get() {
            return Ok(client.clone());
        }
        let client = http_client()?;
        Ok(self.0.get_or_init(|| client).clone())
    }

    /// The same for the SDK, in place of its own: that one reads and parses the certificates of the system at every start.
    pub(crate) fn for_sdk(&self) -> SharedHttpClient {
        let connector = SharedHttpConnector::new(self.clone());
        // What the SDK's time-outs ask of a connector, this client has of its own; the others the SDK keeps itself.
        http_client_fn(move |_, _| connector.clone())
    }

    async fn send(self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let client = self.get().map_err(|error| ConnectorError::user(error.into()))?;
        let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
        let request = Request::try_from(request.map(Body::wrap)).map_err(|error| ConnectorError::user(error.into()))?;
        let response = client.execute(request).await.map_err(failed)?;
        let response = Response::from(response).map(SdkBody::from_body_1_x);
        HttpResponse::try_from(response).map_err(|error| ConnectorError::other(error.into(), None))
    }
}

impl HttpConnector for LazyClient {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::new(self.clone().send(request))
    }
}

/// The SDK tries again what may have been the network's fault.
fn failed(error: reqwest::Error) -> ConnectorError {
    if error.is_timeout() {
        ConnectorError::timeout(error.into())
    } else if error.is_builder() {
        ConnectorError::user(error.into())
    } else {
        ConnectorError::io(error.into())
    }
}

#[cfg(test)]
mod tests;
