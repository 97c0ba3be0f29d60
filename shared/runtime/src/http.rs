//! HTTP: a client for providers and the bot, and one for the SDK's calls. Both are hyper, of one TLS configuration, and are
//! made by their first call and not by the start.

mod sdk;
#[cfg(test)]
pub(crate) mod testing;

use std::sync::{Arc, OnceLock};

use reqwest::Client;
use toonmill_providers::{SetupError, http_client};

pub(crate) use sdk::SdkHttp;

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
}
