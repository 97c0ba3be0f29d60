//! Who is calling: by a token of ours, checked in process, or by a service key; and whether not too often.

mod counter;
mod door;
mod keys;
mod known;
mod tokens;

use axum::extract::{FromRef, FromRequestParts, MatchedPath};
use http::{HeaderValue, header, request::Parts};
use toonmill_domain::{AccountId, KeyId, Limits, Tier, UserId};

pub use counter::RequestCounter;
pub use door::{Door, KEY_BELIEVED};
pub use keys::{KeyError, PublicKeys};
pub use tokens::{NotASigningKey, Signer, TOKEN_LIFETIME, Verifier};

use crate::{Problem, ProblemKind};
use tokens::Rejection;

/// The caller of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    pub user: UserId,
    /// The purse and owner: the user's own.
    pub account: AccountId,
    /// What the membership is worth now.
    pub tier: Tier,
    /// Of its own, in the place of those of all.
    pub limits: Limits,
    /// The service key that it calls by; none with a token.
    pub key: Option<KeyId>,
}

impl<S> FromRequestParts<S> for Caller
where
    Door: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let token = bearer(parts).ok_or_else(|| {
            Problem::new(ProblemKind::Unauthenticated, "Send Authorization: Bearer and an access token.")
                .header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"toonmill\""))
        })?;
        let route = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
        Door::from_ref(state).admit(token, parts, route).await
    }
}

/// The token of the one `Authorization` header, whose scheme may be written in any case (RFC 9110, 11.1).
fn bearer(parts: &Parts) -> Option<&str> {
    let mut all = parts.headers.get_all(header::AUTHORIZATION).iter();
    let (value, None) = (all.next()?, all.next()) else { return None };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim()).filter(|token| !token.is_empty())
}

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        let (detail, challenge) = match rejection {
            Rejection::Malformed => ("The token is not a JWT of this API.", "the token is malformed"),
            Rejection::UnknownKey => ("The token's key is not known here.", "the key is unknown"),
            Rejection::UnknownServiceKey => ("There is no such service key, or it was revoked.", "the key is unknown"),
            Rejection::Invalid => ("The token's signature or claims are not valid.", "the token is invalid"),
            Rejection::Expired => ("The token has expired.", "the token expired"),
        };
        let challenge =
            format!("Bearer realm=\"toonmill\", error=\"invalid_token\", error_description=\"{challenge}\"");
        let problem = Self::new(ProblemKind::InvalidToken, detail);
        match challenge.try_into() {
            Ok(challenge) => problem.header(header::WWW_AUTHENTICATE, challenge),
            Err(_) => problem,
        }
    }
}
