//! What a receiver and we know and nobody else: 32 random bytes, and how they are exchanged for others.

use std::{fmt, str::FromStr, time::Duration};

use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};
use toonmill_domain::Timestamp;

/// What every secret begins with, so that a leaked one is recognised by whoever finds it.
const PREFIX: &str = "whsec_";
/// The specification asks for 24 to 64.
const BYTES: usize = 32;
/// How long a secret is good for after another took its place: until then a receiver may hold either.
const OVERLAP: Duration = Duration::from_hours(24);

/// A secret. It has no `Display`, and its `Debug` does not show it; serde spells it out, for the record that keeps it.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Secret([u8; BYTES]);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a secret of webhooks: {PREFIX} and the base64 of {BYTES} bytes")]
pub struct SecretError;

/// An account's secrets, as its record keeps them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Secrets {
    pub current: Secret,
    /// The one before, while it may still be good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<Previous>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Previous {
    pub secret: Secret,
    /// From then on nothing is signed with it.
    pub good_until: Timestamp,
}

impl Secrets {
    /// An account's first.
    pub const fn first(secret: Secret) -> Self {
        Self { current: secret, previous: None }
    }

    /// Another secret takes the place of the current one, which stays good for a day. One that was being replaced already
    /// is good no longer: two are live at most, and rotating twice is how a leaked one is got rid of at once.
    #[must_use]
    pub fn rotated(self, fresh: Secret, now: Timestamp) -> Self {
        let previous = Previous { secret: self.current, good_until: now.plus(OVERLAP) };
        Self { current: fresh, previous: Some(previous) }
    }

    /// Those that are signed with: the current one first.
    pub fn live(&self, now: Timestamp) -> impl Iterator<Item = &Secret> {
        let previous = self.previous.iter().filter(move |previous| now < previous.good_until);
        std::iter::once(&self.current).chain(previous.map(|previous| &previous.secret))
    }
}

impl Secret {
    /// Of bytes that must be random.
    pub const fn new(bytes: [u8; BYTES]) -> Self {
        Self(bytes)
    }

    /// As its receiver is shown it, once.
    pub fn reveal(&self) -> String {
        format!("{PREFIX}{}", BASE64_STANDARD.encode(self.0))
    }

    pub(crate) const fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl FromStr for Secret {
    type Err = SecretError;

    fn from_str(text: &str) -> Result<Self, SecretError> {
        let bytes = text.strip_prefix(PREFIX).and_then(|base64| BASE64_STANDARD.decode(base64).ok());
        bytes.and_then(|bytes| bytes.try_into().ok()).map(Self).ok_or(SecretError)
    }
}

impl TryFrom<String> for Secret {
    type Error = SecretError;

    fn try_from(text: String) -> Result<Self, SecretError> {
        text.parse()
    }
}

impl From<Secret> for String {
    fn from(secret: Secret) -> Self {
        secret.reveal()
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        verify_slices_are_equal(&self.0, &other.0).is_ok()
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_795_175_100_250);

    fn secret(byte: u8) -> Secret {
        Secret::new([byte; BYTES])
    }

    fn live(secrets: &Secrets, now: Timestamp) -> Vec<Secret> {
        secrets.live(now).cloned().collect()
    }

    #[test]
    fn a_secret_has_one_spelling() {
        let text = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
        let bytes = std::array::from_fn(|index| u8::try_from(index).unwrap());
        assert_eq!(Secret::new(bytes).reveal(), text);
        assert_eq!(text.parse(), Ok(Secret::new(bytes)));
        for wrong in [
            "",
            "whsec_",
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
            "WHSEC_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
            "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
            "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9=",
            "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg==",
            "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g",
            "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8= ",
            "whsk_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        ] {
            assert_eq!(wrong.parse::<Secret>(), Err(SecretError), "{wrong}");
        }
    }

    #[test]
    fn a_rotated_secret_stays_good_for_a_day() {
        let secrets = Secrets::first(secret(1));
        assert_eq!(live(&secrets, NOW), [secret(1)]);
        let secrets = secrets.rotated(secret(2), NOW);
        let last = NOW.plus(OVERLAP).minus(Duration::from_millis(1));
        assert_eq!(live(&secrets, NOW), [secret(2), secret(1)]);
        assert_eq!(live(&secrets, last), [secret(2), secret(1)]);
        assert_eq!(live(&secrets, NOW.plus(OVERLAP)), [secret(2)]);
    }

    #[test]
    fn a_secret_that_is_rotated_away_twice_is_good_no_longer() {
        let secrets = Secrets::first(secret(1)).rotated(secret(2), NOW).rotated(secret(3), NOW);
        assert_eq!(live(&secrets, NOW), [secret(3), secret(2)]);
    }

    #[test]
    fn a_record_of_secrets_reads_back_and_nothing_else_shows_them() {
        let first = Secrets::first(secret(1));
        let rotated = first.clone().rotated(secret(2), NOW);
        let one = secret(1).reveal();
        assert_eq!(serde_json::to_value(&first).unwrap(), serde_json::json!({ "current": one }));
        assert_eq!(
            serde_json::to_value(&rotated).unwrap(),
            serde_json::json!({
                "current": secret(2).reveal(),
                "previous": { "secret": one, "goodUntil": 1_795_261_500_250_i64 },
            })
        );
        for secrets in [first, rotated] {
            let again: Secrets = serde_json::from_value(serde_json::to_value(&secrets).unwrap()).unwrap();
            assert_eq!(again, secrets);
        }
        let shown = format!("{:?}", Secrets::first(secret(1)).rotated(secret(2), NOW));
        assert_eq!(
            shown,
            "Secrets { current: Secret, previous: Some(Previous { secret: Secret, good_until: Timestamp(1795261500250) }) }"
        );
        let refused = serde_json::from_str::<Secret>("\"whsec_c2VjcmV0\"").unwrap_err().to_string();
        assert!(!refused.contains("c2VjcmV0"), "{refused}");
    }
}
