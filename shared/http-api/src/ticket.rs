//! Tickets: what opens one thing for an hour to whoever has its address, for clients that cannot send a header.
//!
//! A ticket is `{when it runs out, seconds of Unix time}.{32 hex digits}`. The digits are the first half of an HMAC-SHA256
//! of the thing's id and that time, by a key that is kept with the thing: a ticket opens nothing else, nobody needs a
//! secret for it, and when the thing is gone so is its key.

use std::{fmt::Display, time::Duration};

use aws_lc_rs::{constant_time::verify_slices_are_equal, hmac};
use http::{HeaderValue, header};
use toonmill_domain::Timestamp;

use crate::{Problem, ProblemKind};

/// The query parameter that a ticket is sent in.
pub const PARAMETER: &str = "ticket";
/// How long a ticket opens what it is for.
pub const LIFETIME: Duration = Duration::from_hours(1);
/// Of the HMAC's 32: nobody guesses 128 bits, and addresses stay short.
const TAG_BYTES: usize = 16;

/// Why a ticket opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadTicket {
    #[error("The ticket is not one for this.")]
    Invalid,
    #[error("The ticket has expired. Read the job again: its eventsUrl has another.")]
    Expired,
}

/// A ticket for the thing with this id, good from now on.
pub fn make(key: &str, id: impl Display, now: Timestamp) -> String {
    let expires = now.plus(LIFETIME).as_secs();
    format!("{expires}.{}", hex::encode(tag(key, id, expires)))
}

/// Whether a ticket opens the thing with this id.
pub fn check(ticket: &str, key: &str, id: impl Display, now: Timestamp) -> Result<(), BadTicket> {
    let (expires, given) = ticket.split_once('.').ok_or(BadTicket::Invalid)?;
    let expires: i64 = expires.parse().map_err(|_| BadTicket::Invalid)?;
    let given = hex::decode(given).map_err(|_| BadTicket::Invalid)?;
    verify_slices_are_equal(&given, &tag(key, id, expires)).map_err(|_| BadTicket::Invalid)?;
    if now.as_secs() < expires { Ok(()) } else { Err(BadTicket::Expired) }
}

fn tag(key: &str, id: impl Display, expires: i64) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
    let whole = hmac::sign(&key, format!("{id}.{expires}").as_bytes());
    whole.as_ref().iter().copied().take(TAG_BYTES).collect()
}

impl From<BadTicket> for Problem {
    fn from(bad: BadTicket) -> Self {
        let challenge = HeaderValue::from_static("Bearer realm=\"toonmill\"");
        Self::new(ProblemKind::InvalidToken, bad.to_string()).header(header::WWW_AUTHENTICATE, challenge)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    #[test]
    fn a_ticket_opens_its_own_thing_for_an_hour() {
        let ticket = make("key", "job-1", NOW);
        assert_eq!(ticket.split_once('.').map(|(at, tag)| (at, tag.len())), Some(("1800003600", 32)));
        let check = |key, id, after| check(&ticket, key, id, NOW.plus(Duration::from_secs(after)));
        assert_eq!(check("key", "job-1", 0), Ok(()));
        assert_eq!(check("key", "job-1", 3_599), Ok(()));
        assert_eq!(check("key", "job-1", 3_600), Err(BadTicket::Expired));
        assert_eq!(check("key", "job-2", 0), Err(BadTicket::Invalid));
        assert_eq!(check("other", "job-1", 0), Err(BadTicket::Invalid));
    }

    #[test]
    fn what_is_no_ticket_opens_nothing() {
        let ticket = make("key", "job-1", NOW);
        let (_, tag) = ticket.split_once('.').unwrap();
        let longer = format!("1800007200.{tag}");
        let half = format!("1800003600.{}", &tag[..16]);
        for bad in ["", ".", "1800003600", "1800003600.", "x.y", &longer, &half, &format!("{ticket}00")] {
            assert_eq!(check(bad, "key", "job-1", NOW), Err(BadTicket::Invalid), "{bad}");
        }
    }

    /// Made by Python's `hmac`.
    #[test]
    fn the_digits_are_half_of_an_hmac() {
        assert_eq!(make("key", "job-1", NOW), "1800003600.5ec3e4ce4668aaf144cb0b68e2e22bbd");
    }
}
