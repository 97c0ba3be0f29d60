//! Why no status line came back.

use std::{error::Error, io, iter};

use crate::network::NotPublic;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unanswered {
    /// The name led to an address that is not public. Nothing was connected to.
    NotPublic,
    /// The request could not be put together.
    Unsendable,
    /// No such name, refused, or no connection in time.
    NoConnection,
    /// The other side speaks no TLS that we do, or has no certificate for its name.
    Tls,
    /// The connection ended, or what came by it is not HTTP.
    CutOff,
}

impl Unanswered {
    pub(crate) fn of(error: &reqwest::Error) -> Self {
        let why = if causes(error).any(<dyn Error>::is::<NotPublic>) {
            Self::NotPublic
        } else if causes(error).any(<dyn Error>::is::<rustls::Error>) {
            Self::Tls
        } else if error.is_builder() {
            Self::Unsendable
        } else if error.is_connect() {
            Self::NoConnection
        } else {
            Self::CutOff
        };
        tracing::debug!(?why, late = error.is_timeout(), "a URL was asked and did not answer");
        why
    }
}

/// An error and all that is behind it.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    iter::successors(Some(error), |error| behind(*error))
}

fn behind<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        // Its source is the source of what it holds, which would be passed over.
        Some(held) => Some(held),
        None => error.source(),
    }
}
