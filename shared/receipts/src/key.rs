//! Keys: an ed25519 pair that signs, and the public halves by which anybody checks.

use std::fmt;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use serde::{Deserialize, Serialize};

use crate::{Receipt, Signed};

/// The private half.
pub struct SigningKey {
    pair: Ed25519KeyPair,
}

/// A key that cannot sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("not base64")]
    Base64,
    #[error("not an ed25519 key in PKCS#8")]
    Pkcs8,
    #[error("the receipt has no canonical form")]
    Canonical,
    #[error("not a JSON Web Key Set of ed25519 keys, each with the id that follows from it")]
    Set,
    #[error("no random numbers to make a key of")]
    Random,
}

/// The public keys as a JSON Web Key Set, as `/.well-known/toonmill-keys.json` shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicKeys {
    pub keys: Vec<PublicKey>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicKey {
    pub kty: String,
    pub crv: String,
    pub kid: String,
    /// 32 bytes, base64url without padding.
    pub x: String,
}

impl PublicKeys {
    /// Reads a set as settings hold it; none is an empty one. A key that is not an ed25519 key of the id that
    /// follows from it is an error: nobody could check a receipt by it.
    pub fn parse(text: Option<&str>) -> Result<Self, KeyError> {
        let Some(text) = text else { return Ok(Self { keys: Vec::new() }) };
        let keys: Self = serde_json::from_str(text).map_err(|_| KeyError::Set)?;
        if keys.keys.iter().all(PublicKey::is_sound) { Ok(keys) } else { Err(KeyError::Set) }
    }

    /// The same set with this key first.
    #[must_use]
    pub fn with(&self, first: Option<&PublicKey>) -> Self {
        let others = self.keys.iter().filter(|key| first.is_none_or(|first| first.kid != key.kid));
        Self { keys: first.into_iter().chain(others).cloned().collect() }
    }
}

impl SigningKey {
    /// Reads a key as secrets hold it: PKCS#8, base64.
    pub fn from_base64(text: &str) -> Result<Self, KeyError> {
        let pkcs8 = BASE64_STANDARD.decode(text.trim()).map_err(|_| KeyError::Base64)?;
        Ed25519KeyPair::from_pkcs8(&pkcs8).map(|pair| Self { pair }).map_err(|_| KeyError::Pkcs8)
    }

    pub fn public(&self) -> PublicKey {
        PublicKey {
            kty: "OKP".to_owned(),
            crv: "Ed25519".to_owned(),
            kid: self.id(),
            x: BASE64_URL_SAFE_NO_PAD.encode(self.pair.public_key()),
        }
    }

    pub fn sign(&self, receipt: Receipt) -> Result<Signed, KeyError> {
        let bytes = canonical(&receipt)?;
        let signature = BASE64_URL_SAFE_NO_PAD.encode(self.pair.sign(&bytes));
        Ok(Signed { receipt, algorithm: "Ed25519".to_owned(), key_id: self.id(), signature })
    }

    /// Makes a new key, as secrets hold it.
    pub fn make_base64() -> Result<String, KeyError> {
        let pair = Ed25519KeyPair::generate().map_err(|_| KeyError::Random)?;
        let pkcs8 = pair.to_pkcs8v1().map_err(|_| KeyError::Random)?;
        Ok(BASE64_STANDARD.encode(pkcs8.as_ref()))
    }

    fn id(&self) -> String {
        id_of(self.pair.public_key().as_ref())
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.id())
    }
}

/// The first 8 bytes of the public key's sha256: it follows from the key, so that no two share it by mistake.
fn id_of(public: &[u8]) -> String {
    toonmill_domain::sha256::hex_of(public).chars().take(16).collect()
}

impl PublicKey {
    fn is_sound(&self) -> bool {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(&self.x);
        self.kty == "OKP"
            && self.crv == "Ed25519"
            && bytes.is_ok_and(|bytes| bytes.len() == 32 && id_of(&bytes) == self.kid)
    }

    pub(crate) fn has_signed(&self, bytes: &[u8], signature: &str) -> bool {
        let (Ok(key), Ok(signature)) =
            (BASE64_URL_SAFE_NO_PAD.decode(&self.x), BASE64_URL_SAFE_NO_PAD.decode(signature))
        else {
            return false;
        };
        UnparsedPublicKey::new(&ED25519, key).verify(bytes, &signature).is_ok()
    }
}

/// The bytes that are signed: RFC 8785.
pub(crate) fn canonical(receipt: &impl Serialize) -> Result<Vec<u8>, KeyError> {
    serde_json_canonicalizer::to_vec(receipt).map_err(|_| KeyError::Canonical)
}
