//! The system's clock, ids and random numbers: the one place that reads them.

use std::time::{SystemTime, UNIX_EPOCH};

use toonmill_domain::Timestamp;
use toonmill_flows::{Clock, Ids};
use uuid::Uuid;

#[expect(clippy::disallowed_methods, reason = "this is the clock that everything else is given")]
pub fn clock() -> Clock {
    Clock::new(|| {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    })
}

/// Bytes that nobody can guess, for secrets.
pub fn random_bytes<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(bytes)
}

/// A secret of 32 hex digits.
pub fn random_key() -> Result<String, NoRandomness> {
    Ok(format!("{:032x}", u128::from_be_bytes(random_bytes()?)))
}

/// The system has no random numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there are no random numbers")]
pub struct NoRandomness;

#[expect(clippy::disallowed_methods, reason = "this is what makes the ids that everything else is given")]
pub fn ids() -> Ids {
    Ids::new(Uuid::now_v7)
}
