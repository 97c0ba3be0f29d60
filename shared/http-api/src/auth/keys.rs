//! The public keys of tokens, as a JWK set: several live ones, so that they can be rotated.
//!
//! A set may be empty, as the template's default is: the deployment then starts, and takes no token.

use std::{collections::BTreeMap, fmt};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::DecodingKey;
use serde::Deserialize;

const KEY_BYTES: usize = 32;

/// Keys by their ids.
#[derive(Clone)]
pub struct PublicKeys(BTreeMap<String, DecodingKey>);

/// A key set that cannot be read, or that has a key which can check nothing: a fault of the deployment.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("not a JWK set: {0}")]
    Json(#[from] serde_json::Error),
    #[error("the key {0:?} is not an Ed25519 public key (kty OKP, crv Ed25519, x of 32 bytes)")]
    NotEd25519(String),
    #[error("two keys have the id {0:?}")]
    Twice(String),
}

#[derive(Deserialize)]
struct Set {
    keys: Vec<Key>,
}

#[derive(Deserialize)]
struct Key {
    kid: String,
    kty: String,
    crv: String,
    x: String,
}

impl PublicKeys {
    /// Reads `{"keys":[{"kty":"OKP","crv":"Ed25519","kid":…,"x":…}]}`. A set without keys takes no token.
    pub fn parse(json: &str) -> Result<Self, KeyError> {
        let mut keys = BTreeMap::new();
        for key in serde_json::from_str::<Set>(json)?.keys {
            let bytes = BASE64_URL_SAFE_NO_PAD.decode(&key.x).unwrap_or_default();
            let usable = key.kty == "OKP" && key.crv == "Ed25519" && bytes.len() == KEY_BYTES;
            let Some(decoding) = usable.then(|| DecodingKey::from_ed_components(&key.x).ok()).flatten() else {
                return Err(KeyError::NotEd25519(key.kid));
            };
            if keys.insert(key.kid.clone(), decoding).is_some() {
                return Err(KeyError::Twice(key.kid));
            }
        }
        Ok(Self(keys))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn get(&self, id: &str) -> Option<&DecodingKey> {
        self.0.get(id)
    }
}

impl fmt::Debug for PublicKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_with_an_unusable_key_is_refused_and_one_without_keys_is_not() {
        let key =
            |kid: &str, kty: &str, x: &str| format!(r#"{{"kid":"{kid}","kty":"{kty}","crv":"Ed25519","x":"{x}"}}"#);
        let good = BASE64_URL_SAFE_NO_PAD.encode([7; KEY_BYTES]);
        let parse = |keys: &[String]| PublicKeys::parse(&format!(r#"{{"keys":[{}]}}"#, keys.join(",")));
        assert!(parse(&[key("a", "OKP", &good), key("b", "OKP", &good)]).is_ok());
        assert!(parse(&[]).unwrap().is_empty());
        assert!(matches!(parse(&[key("a", "EC", &good)]), Err(KeyError::NotEd25519(_))));
        assert!(matches!(parse(&[key("a", "OKP", "AAAA")]), Err(KeyError::NotEd25519(_))));
        assert!(matches!(parse(&[key("a", "OKP", &good), key("a", "OKP", &good)]), Err(KeyError::Twice(_))));
        assert!(matches!(PublicKeys::parse("{}"), Err(KeyError::Json(_))));
    }
}
