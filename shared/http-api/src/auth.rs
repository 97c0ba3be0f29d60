//! Who is calling: a JWT of ours, checked in process.

mod keys;

use std::{fmt, sync::Arc};

use axum::extract::{FromRef, FromRequestParts};
use http::{HeaderValue, header, request::Parts};
use jsonwebtoken::{Algorithm, Validation};
use serde::Deserialize;
use toonmill_domain::{AccountId, UserId};
use toonmill_flows::Clock;

pub use keys::{KeyError, PublicKeys};

use crate::{Problem, ProblemKind};

const ISSUER: &str = "toonmill";
const AUDIENCE: &str = "toonmill-api";
/// How far the clock of whoever made the token may be off.
const SKEW_SECS: i64 = 10;

/// The caller of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    pub user: UserId,
    /// The purse and owner: the user's own.
    pub account: AccountId,
}

/// Checks tokens.
#[derive(Clone)]
pub struct Verifier {
    keys: Arc<PublicKeys>,
    clock: Clock,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    exp: i64,
    iat: i64,
}

/// Why a token was turned away, in the words of its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rejection {
    Malformed,
    UnknownKey,
    Invalid,
    Expired,
}

impl Verifier {
    pub fn new(keys: PublicKeys, clock: Clock) -> Self {
        Self { keys: Arc::new(keys), clock }
    }

    fn verify(&self, token: &str) -> Result<Caller, Rejection> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| Rejection::Malformed)?;
        let key = header.kid.as_deref().and_then(|id| self.keys.get(id)).ok_or(Rejection::UnknownKey)?;
        // The algorithm is ours to say, never the token's.
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // Compared below with the clock that everything else goes by.
        validation.validate_exp = false;
        let claims = jsonwebtoken::decode::<Claims>(token, key, &validation).map_err(|_| Rejection::Invalid)?.claims;
        let now = self.clock.now().as_secs();
        if claims.exp.saturating_add(SKEW_SECS) < now {
            return Err(Rejection::Expired);
        }
        if claims.iat.saturating_sub(SKEW_SECS) > now {
            return Err(Rejection::Invalid);
        }
        let user: UserId = claims.sub.parse().map_err(|_| Rejection::Invalid)?;
        Ok(Caller { account: user.clone().into(), user })
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.keys.fmt(f)
    }
}

impl<S> FromRequestParts<S> for Caller
where
    Verifier: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let token = bearer(parts).ok_or_else(|| {
            Problem::new(ProblemKind::Unauthenticated, "Send Authorization: Bearer and an access token.")
                .header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"toonmill\""))
        })?;
        Verifier::from_ref(state).verify(token).map_err(Problem::from)
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
