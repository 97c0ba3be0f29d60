//! Our own tokens: a JWT signed with ed25519, made by sign-in and checked by every function in process.

use std::{fmt, sync::Arc, time::Duration};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use jsonwebtoken::{Algorithm, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use toonmill_domain::{Membership, Tier, Timestamp, UserId, sha256::hex_of};
use toonmill_flows::Clock;

use super::{PublicKeys, known::Known};

const ISSUER: &str = "toonmill";
const AUDIENCE: &str = "toonmill-api";
/// How far the clock of whoever made the token may be off.
const SKEW_SECS: i64 = 10;
/// How long a token lives. So long, too, a membership that has changed counts as it was.
pub const TOKEN_LIFETIME: Duration = Duration::from_hours(1);
const KEY_ID_CHARS: usize = 16;

/// Checks tokens. Clones share what they have checked.
#[derive(Clone)]
pub struct Verifier {
    keys: Arc<PublicKeys>,
    /// Claims of tokens whose signatures are good, by the tokens. A signature costs more to check than all else of a poll
    /// but the storage's calls, and stays good as long as this process has the key.
    signed: Arc<Known<Claims>>,
    clock: Clock,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Claims {
    sub: String,
    exp: i64,
    iat: i64,
    /// Absent: free.
    #[serde(default)]
    tier: Tier,
    /// Seconds, like the others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tier_until: Option<i64>,
}

#[derive(Serialize)]
struct Signed {
    iss: &'static str,
    aud: &'static str,
    #[serde(flatten)]
    claims: Claims,
}

/// Whose a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bearer {
    pub(super) user: UserId,
    pub(super) membership: Membership,
}

/// Why a token was turned away, in the words of its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rejection {
    Malformed,
    UnknownKey,
    UnknownServiceKey,
    Invalid,
    Expired,
}

impl Verifier {
    /// Checks tokens by these keys. Without any it takes no token, and says so once in the log.
    pub fn new(keys: PublicKeys, clock: Clock) -> Self {
        if keys.is_empty() {
            tracing::warn!("no key is set to check access tokens by (JwtPublicKeys): every token is refused");
        }
        Self { keys: Arc::new(keys), signed: Arc::default(), clock }
    }

    pub(super) fn verify(&self, token: &str) -> Result<Bearer, Rejection> {
        let claims = match self.signed.get(token) {
            Some(claims) => claims,
            None => self.check_signature(token)?,
        };
        let now = self.clock.now().as_secs();
        if claims.exp.saturating_add(SKEW_SECS) < now {
            return Err(Rejection::Expired);
        }
        if claims.iat.saturating_sub(SKEW_SECS) > now {
            return Err(Rejection::Invalid);
        }
        let expires_at = claims.tier_until.map(|secs| Timestamp::from_millis(secs.saturating_mul(1_000)));
        let user = claims.sub.parse().map_err(|_| Rejection::Invalid)?;
        Ok(Bearer { user, membership: Membership { tier: claims.tier, expires_at } })
    }

    fn check_signature(&self, token: &str) -> Result<Claims, Rejection> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| Rejection::Malformed)?;
        let key = header.kid.as_deref().and_then(|id| self.keys.get(id)).ok_or(Rejection::UnknownKey)?;
        // The algorithm is ours to say, never the token's.
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // Compared with the clock that everything else goes by, at each use.
        validation.validate_exp = false;
        let claims = jsonwebtoken::decode::<Claims>(token, key, &validation).map_err(|_| Rejection::Invalid)?.claims;
        self.signed.keep(token.to_owned(), claims.clone());
        Ok(claims)
    }

    /// Whether tokens that this key signs are taken here.
    pub fn takes(&self, signer: &Signer) -> bool {
        self.keys.get(&signer.id).is_some()
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.keys.fmt(f)
    }
}

/// The private key that signs tokens. Only the function that signs users in has it.
#[derive(Clone)]
pub struct Signer {
    key: EncodingKey,
    id: String,
}

/// Text that is not an ed25519 key in PKCS#8, base64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an ed25519 key in PKCS#8, base64")]
pub struct NotASigningKey;

impl Signer {
    /// Reads a key as secrets hold it. Its id is the first 16 hex digits of its public half's SHA-256.
    pub fn from_base64(text: &str) -> Result<Self, NotASigningKey> {
        let pkcs8 = BASE64_STANDARD.decode(text.trim()).map_err(|_| NotASigningKey)?;
        let pair = Ed25519KeyPair::from_pkcs8(&pkcs8).map_err(|_| NotASigningKey)?;
        let id = hex_of(pair.public_key().as_ref()).chars().take(KEY_ID_CHARS).collect();
        Ok(Self { key: EncodingKey::from_ed_der(&pkcs8), id })
    }

    /// A token for a user, good from now for [`TOKEN_LIFETIME`].
    pub fn sign(
        &self,
        user: &UserId,
        membership: Membership,
        now: Timestamp,
    ) -> Result<String, jsonwebtoken::errors::Error> {
        let claims = Claims {
            sub: user.to_string(),
            iat: now.as_secs(),
            exp: now.plus(TOKEN_LIFETIME).as_secs(),
            tier: membership.tier,
            tier_until: membership.expires_at.map(Timestamp::as_secs),
        };
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(self.id.clone());
        jsonwebtoken::encode(&header, &Signed { iss: ISSUER, aud: AUDIENCE, claims }, &self.key)
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({})", self.id)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use base64::prelude::BASE64_URL_SAFE_NO_PAD;

    use super::*;

    const BEGUN: i64 = 1_800_000_000;

    fn signer() -> (Signer, PublicKeys) {
        let pair = Ed25519KeyPair::generate().unwrap();
        let signer = Signer::from_base64(&BASE64_STANDARD.encode(pair.to_pkcs8().unwrap())).unwrap();
        let x = BASE64_URL_SAFE_NO_PAD.encode(pair.public_key());
        let keys = format!(r#"{{"keys":[{{"kid":"{}","kty":"OKP","crv":"Ed25519","x":"{x}"}}]}}"#, signer.id);
        (signer, PublicKeys::parse(&keys).unwrap())
    }

    #[test]
    fn a_token_that_was_checked_before_is_still_held_to_its_times_and_opens_for_no_other() {
        let now = Arc::new(AtomicI64::new(BEGUN));
        let clock = {
            let now = Arc::clone(&now);
            Clock::new(move || Timestamp::from_millis(now.load(Ordering::Relaxed) * 1_000))
        };
        let (signer, keys) = signer();
        let verifier = Verifier::new(keys, clock.clone());
        let token = signer.sign(&"ann".parse().unwrap(), Membership::default(), clock.now()).unwrap();
        for _ in 0..2 {
            assert_eq!(verifier.verify(&token).map(|bearer| bearer.user), Ok("ann".parse().unwrap()));
        }
        let (claims, signature) = token.rsplit_once('.').unwrap();
        let other = signature.chars().rev().collect::<String>();
        assert_eq!(verifier.verify(&format!("{claims}.{other}")), Err(Rejection::Invalid));
        now.store(BEGUN - SKEW_SECS - 1, Ordering::Relaxed);
        assert_eq!(verifier.verify(&token), Err(Rejection::Invalid), "it is of a later time");
        now.store(BEGUN + i64::try_from(TOKEN_LIFETIME.as_secs()).unwrap() + SKEW_SECS + 1, Ordering::Relaxed);
        assert_eq!(verifier.verify(&token), Err(Rejection::Expired));
    }
}
