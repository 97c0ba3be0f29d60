//! Keys and tokens of the local cloud: ed25519 pairs made once, one for bearer tokens (its public half is for the
//! functions) and one that signs receipts.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, anyhow};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::workspace::Workspace;

const ISSUER: &str = "toonmill";
const AUDIENCE: &str = "toonmill-api";

#[derive(Debug, Serialize)]
struct Claims<'a> {
    iss: &'static str,
    aud: &'static str,
    sub: &'a str,
    iat: u64,
    exp: u64,
}

pub(crate) struct SigningKey {
    private: EncodingKey,
    public: Vec<u8>,
}

impl SigningKey {
    pub(crate) fn load_or_make(workspace: &Workspace) -> Result<Self> {
        let path = workspace.signing_key();
        if !path.exists() {
            make(&path).with_context(|| format!("cannot make a key at {}", path.display()))?;
        }
        Self::read(&path)
    }

    /// A key as `cargo local keys` has written it for its secret: PKCS#8, base64.
    pub(crate) fn of_secret(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let pkcs8 = STANDARD.decode(text.trim()).with_context(|| format!("{} is not base64", path.display()))?;
        Self::from_pkcs8(&pkcs8).with_context(|| format!("{} is no ed25519 key", path.display()))
    }

    fn read(path: &Path) -> Result<Self> {
        Self::from_pkcs8(&fs::read(path)?).with_context(|| format!("{} is no ed25519 key: delete it", path.display()))
    }

    fn from_pkcs8(pkcs8: &[u8]) -> Result<Self> {
        let pair = Ed25519KeyPair::from_pkcs8(pkcs8).map_err(|error| anyhow!("not PKCS#8 ({error})"))?;
        Ok(Self { private: EncodingKey::from_ed_der(pkcs8), public: pair.public_key().as_ref().to_vec() })
    }

    /// What the template's `JwtPublicKeys` takes.
    pub(crate) fn public_keys(&self) -> String {
        let key = json!({
            "kty": "OKP",
            "crv": "Ed25519",
            "use": "sig",
            "alg": "EdDSA",
            "kid": self.id(),
            "x": URL_SAFE_NO_PAD.encode(&self.public),
        });
        json!({"keys": [key]}).to_string()
    }

    pub(crate) fn token(&self, user: &str, life: Duration) -> Result<String> {
        let now = now()?;
        let claims = Claims {
            iss: ISSUER,
            aud: AUDIENCE,
            sub: user,
            iat: now.as_secs(),
            exp: now.saturating_add(life).as_secs(),
        };
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(self.id());
        Ok(jsonwebtoken::encode(&header, &claims, &self.private)?)
    }

    fn id(&self) -> String {
        let hash = Sha256::digest(&self.public);
        hex::encode(hash.get(..8).unwrap_or_default())
    }
}

/// The key that signs tokens, as its secret holds it: PKCS#8, base64.
pub(crate) fn jwt_signing_key(workspace: &Workspace) -> Result<String> {
    SigningKey::load_or_make(workspace)?;
    Ok(STANDARD.encode(fs::read(workspace.signing_key())?))
}

/// The key that signs receipts, as its secret holds it: PKCS#8, base64.
pub(crate) fn receipt_key(workspace: &Workspace) -> Result<String> {
    let path = workspace.receipt_key();
    if !path.exists() {
        make(&path).with_context(|| format!("cannot make a key at {}", path.display()))?;
    }
    let pkcs8 = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(STANDARD.encode(pkcs8))
}

fn make(path: &Path) -> Result<()> {
    let pair = Ed25519KeyPair::generate().map_err(|_| anyhow!("no random numbers"))?;
    let pkcs8 = pair.to_pkcs8v1().map_err(|_| anyhow!("the key has no PKCS#8 form"))?;
    let mut file = File::options().create_new(true).write(true).mode(0o600).open(path)?;
    file.write_all(pkcs8.as_ref())?;
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "a token lives by the real clock")]
fn now() -> Result<Duration> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?)
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::jwk::JwkSet;
    use jsonwebtoken::{DecodingKey, Validation};
    use serde_json::Value;

    use super::*;

    #[test]
    fn the_public_keys_verify_the_tokens() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.pk8");
        make(&path).unwrap();
        let key = SigningKey::read(&path).unwrap();
        let keys: JwkSet = serde_json::from_str(&key.public_keys()).unwrap();
        let token = key.token("somebody", Duration::from_hours(1)).unwrap();
        let kid = jsonwebtoken::decode_header(&token).unwrap().kid.unwrap();
        let public = DecodingKey::from_jwk(keys.find(&kid).unwrap()).unwrap();
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        let claims = jsonwebtoken::decode::<Value>(&token, &public, &validation).unwrap().claims;
        assert_eq!(claims["sub"], "somebody");
        assert_eq!(claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(), 3600);
    }

    #[test]
    fn nobody_else_may_read_the_key() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.pk8");
        make(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
