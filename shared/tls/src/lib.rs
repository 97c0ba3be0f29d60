//! TLS of whatever calls out, by one configuration.

use std::sync::{Arc, LazyLock};

use rustls::{ClientConfig, Error, RootCertStore, crypto::aws_lc_rs};

/// What trusts the roots that browsers trust, without protocols. One of a process, of which clones share what is large.
pub fn internet() -> Result<ClientConfig, Error> {
    static INTERNET: LazyLock<Result<ClientConfig, Error>> = LazyLock::new(|| trusting(roots()));
    INTERNET.clone()
}

/// The roots that browsers trust. They are compiled in and already parsed: a cold start reads no certificate files.
pub fn roots() -> RootCertStore {
    RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() }
}

/// The same that trusts these roots and no others.
pub fn trusting(roots: RootCertStore) -> Result<ClientConfig, Error> {
    Ok(ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth())
}
