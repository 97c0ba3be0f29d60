//! The providers that are configured, by the name the catalogue calls them.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use reqwest::{Url, header::HeaderValue};
use toonmill_domain::{ProviderId, ids::InvalidId};

use crate::{Provider, Secret, Writer, gemini::Gemini, http, openai::OpenAi, seedream::Seedream};

/// The providers that there is a client for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Gemini,
    Seedream,
    OpenAi,
}

/// Access to one provider.
#[derive(Clone, Debug)]
pub struct Account {
    pub api_key: Secret,
    /// Another address than the provider's own, such as a stand-in's: as far as the provider's own SDK wants it, so
    /// with `/v1` for OpenAI and `/api/v3` for ARK, and without a path for Gemini.
    pub base_url: Option<String>,
}

/// Which providers to connect to.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    pub accounts: BTreeMap<Kind, Account>,
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
    writers: BTreeMap<ProviderId, Arc<dyn Writer>>,
    /// Providers that are configured and cannot be called for now.
    withheld: BTreeSet<ProviderId>,
}

impl Kind {
    pub const ALL: [Self; 3] = [Self::Gemini, Self::Seedream, Self::OpenAi];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gemini => "gemini",
            Self::Seedream => "seedream",
            Self::OpenAi => "openai",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// Whether it is told width and height, so that its models need their pixels in the catalogue.
    pub(crate) const fn counts_pixels(self) -> bool {
        match self {
            Self::Gemini => false,
            Self::Seedream | Self::OpenAi => true,
        }
    }

    /// Whether it has models that write.
    pub(crate) const fn writes(self) -> bool {
        match self {
            Self::Gemini | Self::OpenAi => true,
            Self::Seedream => false,
        }
    }

    fn connect(self, account: &Account, http: reqwest::Client) -> Result<Connected, SetupError> {
        Ok(match self {
            Self::Gemini => both(Gemini::new(account, http)?),
            Self::Seedream => (Arc::new(Seedream::new(account, http)?), None),
            Self::OpenAi => both(OpenAi::new(account, http)?),
        })
    }
}

/// One client, by what it can do.
type Connected = (Arc<dyn Provider>, Option<Arc<dyn Writer>>);

fn both(client: impl Provider + Writer + 'static) -> Connected {
    let client = Arc::new(client);
    (Arc::clone(&client) as Arc<dyn Provider>, Some(client))
}

impl Account {
    /// The header's value that carries the key, marked as sensitive: neither `Debug` nor HTTP/2's header compression
    /// shows it.
    pub(crate) fn key_header(&self, kind: Kind, scheme: &str) -> Result<HeaderValue, SetupError> {
        let mut value = HeaderValue::from_str(&format!("{scheme}{}", self.api_key.expose()))
            .map_err(|_| SetupError::Key { provider: kind.as_str() })?;
        value.set_sensitive(true);
        Ok(value)
    }

    /// Where to call, without a slash at the end.
    pub(crate) fn base_url<'a>(&'a self, kind: Kind, default: &'a str) -> Result<&'a str, SetupError> {
        let base_url = self.base_url.as_deref().unwrap_or(default).trim_end_matches('/');
        match Url::parse(base_url) {
            Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(base_url),
            _ => Err(SetupError::BaseUrl { provider: kind.as_str() }),
        }
    }
}

impl Providers {
    /// Clients for all that is configured, with an HTTP client of their own; nothing is sent yet.
    pub fn connect(settings: &Settings) -> Result<Self, SetupError> {
        Self::connect_by(settings, &http::client()?)
    }

    /// The same by this client, which is one of [`http_client`](crate::http_client) and shared with others.
    pub fn connect_by(settings: &Settings, http: &reqwest::Client) -> Result<Self, SetupError> {
        let mut providers = Self::default();
        for (kind, account) in &settings.accounts {
            providers.add(*kind, account, http)?;
        }
        Ok(providers)
    }

    /// Adds the client of one provider.
    pub fn add(&mut self, kind: Kind, account: &Account, http: &reqwest::Client) -> Result<(), SetupError> {
        let name: ProviderId = kind.as_str().parse()?;
        let (client, writer) = kind.connect(account, http.clone())?;
        self.writers.extend(writer.map(|writer| (name.clone(), writer)));
        self.clients.insert(name, client);
        Ok(())
    }

    /// Notes that a configured provider cannot be called for now, because its key could not be read: its slots wait or are
    /// drawn by another, and none of them is tried in vain.
    pub fn withhold(&mut self, provider: ProviderId) {
        self.withheld.insert(provider);
    }

    /// The providers that are withheld.
    pub fn withheld(&self) -> impl Iterator<Item = &ProviderId> {
        self.withheld.iter()
    }

    /// The same, but a withheld provider that was connected to before keeps its client of then: the old key is good until
    /// somebody takes it back.
    #[must_use]
    pub fn or_as_before(mut self, before: &Self) -> Self {
        let withheld = std::mem::take(&mut self.withheld);
        let (kept, lost): (BTreeSet<_>, _) =
            withheld.into_iter().partition(|provider| before.clients.contains_key(provider));
        for provider in kept {
            self.clients.extend(before.clients.get(&provider).map(|client| (provider.clone(), Arc::clone(client))));
            self.writers.extend(before.writers.get(&provider).map(|writer| (provider, Arc::clone(writer))));
        }
        self.withheld = lost;
        self
    }

    /// Clients made elsewhere, as the simulation's are.
    pub fn new(clients: impl IntoIterator<Item = (ProviderId, Arc<dyn Provider>)>) -> Self {
        Self { clients: clients.into_iter().collect(), ..Self::default() }
    }

    /// The same with these writers, made elsewhere too.
    #[must_use]
    pub fn with_writers(self, writers: impl IntoIterator<Item = (ProviderId, Arc<dyn Writer>)>) -> Self {
        Self { writers: writers.into_iter().collect(), ..self }
    }

    pub fn configured(&self) -> impl Iterator<Item = &ProviderId> {
        self.clients.keys()
    }

    pub fn get(&self, provider: &ProviderId) -> Option<&Arc<dyn Provider>> {
        self.clients.get(provider)
    }

    /// Who writes for this provider; none if it is not configured, or does not write.
    pub fn writer(&self, provider: &ProviderId) -> Option<&Arc<dyn Writer>> {
        self.writers.get(provider)
    }
}

impl std::fmt::Debug for Providers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.clients.keys()).finish()
    }
}
