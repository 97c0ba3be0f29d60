//! The way out: names are looked up here and nowhere else, and only addresses that were checked are connected to.

use std::{
    fmt, io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::Arc,
    time::Duration,
};

use reqwest::{
    Client,
    dns::{Addrs, Name, Resolve, Resolving},
    redirect, retry,
};
use rustls::{ClientConfig, RootCertStore};

use crate::is_public;

const CONNECT_LIMIT: Duration = Duration::from_secs(5);
const USER_AGENT: &str = concat!("toonmill/", env!("CARGO_PKG_VERSION"));

pub type LookupFuture<'a> = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send + 'a>>;

/// Who knows the addresses of names.
pub trait Lookup: Send + Sync {
    fn lookup<'a>(&'a self, host: &'a str) -> LookupFuture<'a>;
}

type Elsewhere = dyn Fn(IpAddr) -> SocketAddr + Send + Sync;

/// How the outside is reached.
#[derive(Clone)]
pub struct Network {
    pub(crate) client: Client,
}

#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    #[error("the TLS of requests to the outside could not be set up")]
    Tls(#[from] rustls::Error),
    #[error("the client of requests to the outside could not be set up")]
    Http(#[from] reqwest::Error),
}

/// A name led to where nobody may go by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an address of the name is not public")]
pub(crate) struct NotPublic;

impl Network {
    /// The internet, by the system's resolver and the roots that browsers trust.
    pub fn internet() -> Result<Self, SetupError> {
        Self::build(Arc::new(SystemLookup), None, toonmill_tls::internet()?)
    }

    /// Another one, with its own names and its own way to reach the addresses that were found public. For tests: the
    /// workspace's lints refuse it elsewhere.
    pub fn pretended(
        lookup: Arc<dyn Lookup>,
        at: impl Fn(IpAddr) -> SocketAddr + Send + Sync + 'static,
        roots: RootCertStore,
    ) -> Result<Self, SetupError> {
        Self::build(lookup, Some(Arc::new(at)), toonmill_tls::trusting(roots)?)
    }

    fn build(
        lookup: Arc<dyn Lookup>,
        elsewhere: Option<Arc<Elsewhere>>,
        tls: ClientConfig,
    ) -> Result<Self, SetupError> {
        let client = Client::builder()
            .tls_backend_preconfigured(tls)
            .https_only(true)
            .http1_only()
            .dns_resolver(Arc::new(Guard { lookup, elsewhere }))
            // A proxy of the environment would look names up itself, and nobody would check what it finds.
            .no_proxy()
            // Each step of a redirect is checked like the first, by whoever follows it.
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .connect_timeout(CONNECT_LIMIT)
            // No connection waits for a second request: it would outlive the look at its name.
            .pool_max_idle_per_host(0)
            .user_agent(USER_AGENT)
            .build()?;
        Ok(Self { client })
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Network")
    }
}

/// Looks a name up and lets through only what may be connected to: what it returns is what is connected to, so that a
/// name whose addresses change gains nothing.
struct Guard {
    lookup: Arc<dyn Lookup>,
    elsewhere: Option<Arc<Elsewhere>>,
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let (lookup, elsewhere) = (Arc::clone(&self.lookup), self.elsewhere.clone());
        Box::pin(async move {
            let found = lookup.lookup(name.as_str()).await?;
            // One bad address is enough: an honest name has none, and trying the good ones first would only make the
            // bad one a matter of patience.
            if !found.iter().copied().all(is_public) {
                return Err(NotPublic.into());
            }
            let place = |address| elsewhere.as_ref().map_or_else(|| SocketAddr::new(address, 0), |at| at(address));
            let places: Vec<_> = found.into_iter().map(place).collect();
            Ok(Box::new(places.into_iter()) as Addrs)
        })
    }
}

struct SystemLookup;

impl Lookup for SystemLookup {
    fn lookup<'a>(&'a self, host: &'a str) -> LookupFuture<'a> {
        Box::pin(async move {
            // The port is of no account: the URL says it.
            let found = tokio::net::lookup_host((host, 0)).await?;
            Ok(found.map(|place| place.ip()).collect())
        })
    }
}
