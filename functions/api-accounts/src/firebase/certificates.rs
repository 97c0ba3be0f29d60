//! Google's certificates: kept as long as their answer says, and asked for out of turn once for a key that is not known.

use std::{collections::BTreeMap, fmt, time::Duration};

use http::{HeaderMap, header};
use jsonwebtoken::DecodingKey;
use reqwest::Client;
use tokio::sync::Mutex;
use toonmill_domain::Timestamp;
use toonmill_flows::Clock;

/// However long the answer says.
const LONGEST_KEPT: Duration = Duration::from_hours(24);
/// However short: an answer without a max-age must not be asked for with every token.
const SHORTEST_KEPT: Duration = Duration::from_mins(1);
/// An unknown key is asked for no more often: anybody can name one.
const BETWEEN_ASKS: Duration = Duration::from_mins(1);
const TIME_LIMIT: Duration = Duration::from_secs(5);
/// The real answer has about 4 kB.
const MAX_BYTES: usize = 256 << 10;

/// The certificates cannot be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CertificatesUnavailable {
    #[error("there was no answer")]
    NoAnswer(#[from] reqwest::Error),
    #[error("the answer was {0}")]
    Status(u16),
    #[error("the answer is no set of certificates")]
    Unreadable,
}

pub(crate) struct Certificates {
    url: String,
    client: Client,
    clock: Clock,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    keys: BTreeMap<String, DecodingKey>,
    good_until: Option<Timestamp>,
    asked_at: Option<Timestamp>,
}

impl Certificates {
    pub(crate) fn new(url: String, client: Client, clock: Clock) -> Self {
        Self { url, client, clock, known: Mutex::default() }
    }

    /// The public key of this id; none if Google does not name it. Whoever comes while it is asked for waits for that
    /// answer.
    pub(crate) async fn key(&self, id: &str) -> Result<Option<DecodingKey>, CertificatesUnavailable> {
        let mut known = self.known.lock().await;
        let now = self.clock.now();
        let is_good = known.good_until.is_some_and(|end| now < end);
        let may_ask = known.asked_at.is_none_or(|at| now.since(at) >= BETWEEN_ASKS);
        if !is_good || (may_ask && !known.keys.contains_key(id)) {
            known.asked_at = Some(now);
            let (keys, kept) = self.fetch().await?;
            known.keys = keys;
            known.good_until = Some(now.plus(kept));
        }
        Ok(known.keys.get(id).cloned())
    }

    async fn fetch(&self) -> Result<(BTreeMap<String, DecodingKey>, Duration), CertificatesUnavailable> {
        let mut answer = self.client.get(&self.url).timeout(TIME_LIMIT).send().await?;
        if !answer.status().is_success() {
            return Err(CertificatesUnavailable::Status(answer.status().as_u16()));
        }
        let kept = max_age(answer.headers()).clamp(SHORTEST_KEPT, LONGEST_KEPT);
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            body.extend_from_slice(&chunk);
            if body.len() > MAX_BYTES {
                return Err(CertificatesUnavailable::Unreadable);
            }
        }
        let all: BTreeMap<String, String> =
            serde_json::from_slice(&body).map_err(|_| CertificatesUnavailable::Unreadable)?;
        let keys = all.into_iter().map(|(id, pem)| Ok((id, DecodingKey::from_rsa_pem(pem.as_bytes())?)));
        let keys = keys.collect::<Result<_, jsonwebtoken::errors::Error>>();
        Ok((keys.map_err(|_| CertificatesUnavailable::Unreadable)?, kept))
    }
}

/// RFC 9111, 5.2.2.1.
fn max_age(headers: &HeaderMap) -> Duration {
    let values = headers.get_all(header::CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    let mut directives = values.flat_map(|value| value.split(',')).filter_map(|part| part.trim().split_once('='));
    let age = directives.find(|(name, _)| name.eq_ignore_ascii_case("max-age"));
    Duration::from_secs(age.and_then(|(_, seconds)| seconds.trim_matches('"').parse().ok()).unwrap_or(0))
}

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificates({})", self.url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_age_of_an_answer_is_found_among_other_directives() {
        let of = |value: &str| max_age(&HeaderMap::from_iter([(header::CACHE_CONTROL, value.parse().unwrap())]));
        assert_eq!(of("public, max-age=19302, must-revalidate, no-transform"), Duration::from_secs(19_302));
        assert_eq!(of("no-store"), Duration::ZERO);
    }

    #[test]
    fn a_certificate_is_read_for_its_key() {
        assert!(DecodingKey::from_rsa_pem(toonmill_standins::firebase::CERTIFICATE.as_bytes()).is_ok());
    }
}
