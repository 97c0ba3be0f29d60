//! How a receiver knows that a hook's call is ours, and not an old one sent again: Standard Webhooks 1.0, symmetric.

use std::time::Duration;

use aws_lc_rs::{
    constant_time::verify_slices_are_equal,
    hmac::{Context, HMAC_SHA256, Key, Tag},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use toonmill_domain::Timestamp;
use uuid::Uuid;

use crate::{Secret, Secrets};

/// How far a call's time may be from its receiver's, both ways.
const TOLERANCE: Duration = Duration::from_mins(5);

/// What a call says of itself beside its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Headers {
    /// The same in each try, so that a receiver knows what it has had.
    pub id: String,
    /// When this try was made, in seconds since the Unix epoch.
    pub timestamp: String,
    /// One `v1,…` for each live secret, with spaces between.
    pub signature: String,
}

/// Why a call is not to be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unverified {
    #[error("webhook-timestamp is no number of seconds")]
    NoTime,
    #[error("webhook-timestamp is more than five minutes old")]
    TooOld,
    #[error("webhook-timestamp is more than five minutes ahead")]
    TooNew,
    #[error("no signature of webhook-signature fits")]
    NoSignatureFits,
}

impl Headers {
    /// The headers that a call is sent with, by name.
    pub fn to_send(&self) -> [(&'static str, &str); 4] {
        [
            ("content-type", "application/json"),
            ("webhook-id", &self.id),
            ("webhook-timestamp", &self.timestamp),
            ("webhook-signature", &self.signature),
        ]
    }
}

/// Signs one try of a call. What is signed joins id, time and body by full stops, and neither a UUID nor a number has one:
/// nobody can move the border between them.
pub fn sign(secrets: &Secrets, id: Uuid, body: &[u8], now: Timestamp) -> Headers {
    let (id, timestamp) = (id.as_hyphenated().to_string(), now.as_secs().to_string());
    let signatures = secrets.live(now).map(|secret| {
        let tag = tag(secret, &id, &timestamp, body);
        format!("v1,{}", BASE64_STANDARD.encode(tag))
    });
    let signature = signatures.collect::<Vec<_>>().join(" ");
    Headers { id, timestamp, signature }
}

/// What a receiver does: believes a call that was signed with its secret not long ago. Signatures of other schemes are
/// passed over.
pub fn verify(secret: &Secret, headers: &Headers, body: &[u8], now: Timestamp) -> Result<(), Unverified> {
    let Headers { id, timestamp, signature } = headers;
    check_time(timestamp, now)?;
    let tag = tag(secret, id, timestamp, body);
    let signatures = signature.split(' ').filter_map(|signature| signature.strip_prefix("v1,"));
    let fits = |signature| {
        let bytes = BASE64_STANDARD.decode(signature);
        bytes.is_ok_and(|bytes| verify_slices_are_equal(tag.as_ref(), &bytes).is_ok())
    };
    if signatures.into_iter().any(fits) { Ok(()) } else { Err(Unverified::NoSignatureFits) }
}

fn check_time(timestamp: &str, now: Timestamp) -> Result<(), Unverified> {
    let seconds = timestamp.parse::<i64>().ok().filter(|_| timestamp.bytes().all(|byte| byte.is_ascii_digit()));
    let at = seconds.and_then(|seconds| seconds.checked_mul(1_000)).map(Timestamp::from_millis);
    let at = at.ok_or(Unverified::NoTime)?;
    if now.since(at) > TOLERANCE {
        Err(Unverified::TooOld)
    } else if at.since(now) > TOLERANCE {
        Err(Unverified::TooNew)
    } else {
        Ok(())
    }
}

fn tag(secret: &Secret, id: &str, timestamp: &str, body: &[u8]) -> Tag {
    let mut context = Context::with_key(&Key::new(HMAC_SHA256, secret.bytes()));
    for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
        context.update(part);
    }
    context.sign()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_795_175_100_999);
    const ID: Uuid = Uuid::from_u128(0x0189_0a5d_ac96_774b_bcce_b302_099a_8057);
    const BODY: &[u8] = "{\"prompt\":\"사냥꾼\"}".as_bytes();

    fn secret(byte: u8) -> Secret {
        Secret::new([byte; 32])
    }

    #[test]
    fn a_call_is_signed_as_the_specification_says() {
        let headers = sign(&Secrets::first(secret(7)), ID, b"{}", NOW);
        // printf '%s' '01890a5d-ac96-774b-bcce-b302099a8057.1795175100.{}' |
        //     openssl dgst -sha256 -mac HMAC -macopt hexkey:0707…07 -binary | base64
        let expected = [
            ("content-type", "application/json"),
            ("webhook-id", "01890a5d-ac96-774b-bcce-b302099a8057"),
            ("webhook-timestamp", "1795175100"),
            ("webhook-signature", "v1,vIB5OcJWJqi72IfhXWdzM2Y+9SlfHuJLK30+1vWebL8="),
        ];
        assert_eq!(headers.to_send(), expected);
    }

    #[test]
    fn while_a_secret_is_rotated_both_believe_what_is_signed() {
        let secrets = Secrets::first(secret(1)).rotated(secret(2), NOW);
        let headers = sign(&secrets, ID, BODY, NOW);
        assert_eq!(verify(&secret(1), &headers, BODY, NOW), Ok(()));
        assert_eq!(verify(&secret(2), &headers, BODY, NOW), Ok(()));
        assert_eq!(verify(&secret(3), &headers, BODY, NOW), Err(Unverified::NoSignatureFits));
        let tomorrow = NOW.plus(Duration::from_hours(24));
        let headers = sign(&secrets, ID, BODY, tomorrow);
        assert_eq!(verify(&secret(1), &headers, BODY, tomorrow), Err(Unverified::NoSignatureFits));
        assert_eq!(verify(&secret(2), &headers, BODY, tomorrow), Ok(()));
    }

    #[test]
    fn whatever_is_changed_is_not_believed() {
        let signed = sign(&Secrets::first(secret(1)), ID, BODY, NOW);
        let verify = |headers: &Headers, body| verify(&secret(1), headers, body, NOW);
        assert_eq!(verify(&signed, BODY), Ok(()));
        assert_eq!(verify(&signed, b"{}"), Err(Unverified::NoSignatureFits));
        let changed: [fn(&mut Headers); 7] = [
            |headers| headers.id.push('0'),
            |headers| headers.timestamp = (NOW.as_secs() + 1).to_string(),
            |headers| headers.timestamp.insert(0, '0'),
            |headers| headers.signature.clear(),
            |headers| headers.signature = headers.signature.replace("v1,", "v1a,"),
            |headers| headers.signature = headers.signature.replace("v1,", "v1,AA"),
            |headers| headers.signature = headers.signature.replace('=', ""),
        ];
        for change in changed {
            let mut headers = signed.clone();
            change(&mut headers);
            assert_eq!(verify(&headers, BODY), Err(Unverified::NoSignatureFits), "{headers:?}");
        }
        let mut among_others = signed;
        among_others.signature = format!("v1a,AAAA v1,AAAA v1 {} v2,x", among_others.signature);
        assert_eq!(verify(&among_others, BODY), Ok(()));
    }

    #[test]
    fn a_call_of_another_time_is_not_believed() {
        let headers = sign(&Secrets::first(secret(1)), ID, BODY, NOW);
        let at = |now| verify(&secret(1), &headers, BODY, now);
        let signed_at = Timestamp::from_millis(NOW.as_secs() * 1_000);
        let beyond = TOLERANCE + Duration::from_millis(1);
        assert_eq!(at(signed_at.plus(TOLERANCE)), Ok(()));
        assert_eq!(at(signed_at.plus(beyond)), Err(Unverified::TooOld));
        assert_eq!(at(signed_at.minus(TOLERANCE)), Ok(()));
        assert_eq!(at(signed_at.minus(beyond)), Err(Unverified::TooNew));
        for wrong in ["", "soon", "1795175100.5", "+1795175100", "-1", " 1795175100", "9223372036854775807"] {
            let headers = Headers { timestamp: wrong.to_owned(), ..headers.clone() };
            assert_eq!(verify(&secret(1), &headers, BODY, NOW), Err(Unverified::NoTime), "{wrong}");
        }
    }
}
