//! The providers that are configured, by the name the catalogue calls them.

use std::{collections::BTreeMap, sync::Arc};

use toonmill_domain::{ProviderId, ids::InvalidId};

use crate::{Provider, Secret, gemini::Gemini, http};

/// The providers that there is a client for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Gemini,
}

/// Access to one provider.
#[derive(Clone, Debug)]
pub struct Account {
    pub api_key: Secret,
    /// Another address than the provider's own, such as a stand-in's: scheme, host and port.
    pub base_url: Option<String>,
}

/// Which providers to connect to.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    pub gemini: Option<Account>,
}

/// Settings that no client can be made of: a fault of the deployment. It never holds a key.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    #[error("the API key of {provider} holds characters that no HTTP header can carry")]
    Key { provider: &'static str },
    #[error("the base URL of {provider} is not an absolute http or https URL")]
    BaseUrl { provider: &'static str },
    #[error("no TLS configuration")]
    Tls(#[from] rustls::Error),
    #[error("no HTTP client")]
    Http(#[from] reqwest::Error),
    #[error(transparent)]
    Name(#[from] InvalidId),
}

/// The clients of the configured providers.
#[derive(Clone, Default)]
pub struct Providers {
    clients: BTreeMap<ProviderId, Arc<dyn Provider>>,
}

impl Kind {
    pub const ALL: [Self; 1] = [Self::Gemini];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gemini => "gemini",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    fn account(self, settings: &Settings) -> Option<&Account> {
        match self {
            Self::Gemini => settings.gemini.as_ref(),
        }
    }

    fn connect(self, account: &Account, http: reqwest::Client) -> Result<Arc<dyn Provider>, SetupError> {
        match self {
            Self::Gemini => Ok(Arc::new(Gemini::new(account, http)?)),
        }
    }
}

impl Providers {
    /// Clients for all that is configured. They share one connection pool; nothing is sent yet.
    pub fn connect(settings: &Settings) -> Result<Self, SetupError> {
        let http = http::client()?;
        let mut clients = BTreeMap::new();
        for kind in Kind::ALL {
            if let Some(account) = kind.account(settings) {
                clients.insert(kind.as_str().parse()?, kind.connect(account, http.clone())?);
            }
        }
        Ok(Self { clients })
    }

    /// Clients made elsewhere, as the simulation's are.
    pub fn new(clients: impl IntoIterator<Item = (ProviderId, Arc<dyn Provider>)>) -> Self {
        Self { clients: clients.into_iter().collect() }
    }

    pub fn configured(&self) -> impl Iterator<Item = &ProviderId> {
        self.clients.keys()
    }

    pub fn is_configured(&self, provider: &ProviderId) -> bool {
        self.clients.contains_key(provider)
    }

    pub fn get(&self, provider: &ProviderId) -> Option<&Arc<dyn Provider>> {
        self.clients.get(provider)
    }
}

impl std::fmt::Debug for Providers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.clients.keys()).finish()
    }
}
