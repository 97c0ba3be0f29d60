//! The breaker's verbs: count a failure, open, probe, close. All of it is a hint that saves calls; no count of
//! images depends on it.

use toonmill_domain::{
    Choice, FailureCode, Timestamp,
    health::{Breaker, FAILURES_FORGOTTEN_AFTER, Opening},
};

use super::{Table, keys, wrote};
use crate::{
    Conditional,
    error::CloudError,
    expression::{Change, values},
    item::{Item, Reader, number, text, time},
};

impl Table {
    /// Counts a failure that followed others, or begins a new count after a long time. The breaker as it is then.
    pub async fn count_failure(&self, choice: &Choice, now: Timestamp, token: &str) -> Result<Breaker, CloudError> {
        let recent = ("recent", time(now.minus(FAILURES_FORGOTTEN_AFTER)));
        let another = Change {
            key: keys::breaker(choice),
            update: "SET #failures = if_not_exists(#failures, :zero) + :one, #failedAt = :now, #by = :token",
            // The token: a call that the SDK repeats after a lost answer must not count its failure twice.
            condition: "(attribute_not_exists(#failedAt) OR #failedAt > :recent) AND \
                        (attribute_not_exists(#by) OR #by <> :token)",
            values: values([
                ("zero", number(0)),
                ("one", number(1)),
                ("now", time(now)),
                ("token", text(token)),
                recent.clone(),
            ]),
        };
        let old = match another.apply(self).await? {
            Conditional::Won(item) => return read(&item),
            Conditional::Lost(Some(old)) if wrote(Some(&old), token) => return read(&old),
            Conditional::Lost(old) => old,
        };
        let first = Change {
            key: keys::breaker(choice),
            update: "SET #failures = :one, #failedAt = :now, #by = :token",
            // Somebody else may have begun the new count since.
            condition: "#failedAt <= :recent",
            values: values([("one", number(1)), ("now", time(now)), ("token", text(token)), recent]),
        };
        match first.apply(self).await? {
            Conditional::Won(item) => read(&item),
            Conditional::Lost(newer) => newer.or(old).as_ref().map_or_else(|| Ok(Breaker::default()), read),
        }
    }

    /// Opens the breaker, or opens it again. True for the one who did.
    pub async fn open_breaker(
        &self,
        choice: &Choice,
        seen: Option<&Opening>,
        opening: &Opening,
        token: &str,
    ) -> Result<bool, CloudError> {
        let mut set = values([
            ("since", time(opening.since)),
            ("until", time(opening.until)),
            ("openings", number(opening.number)),
            ("reason", text(opening.reason.as_str())),
            ("token", text(token)),
        ]);
        set.extend(seen.map(|seen| (":seen".to_owned(), time(seen.since))));
        let change = Change {
            key: keys::breaker(choice),
            update: "SET #openSince = :since, #openUntil = :until, #openings = :openings, #reason = :reason, \
                     #by = :token REMOVE #probeUntil",
            // Many calls fail at once, and one of them opens it: an opening is counted, and reported, once.
            condition: if seen.is_some() { "#openSince = :seen" } else { "attribute_not_exists(#openSince)" },
            values: set,
        };
        match change.apply(self).await? {
            Conditional::Won(_) => Ok(true),
            Conditional::Lost(old) => Ok(wrote(old.as_ref(), token)),
        }
    }

    /// Takes the one probe of a breaker that is half open. The breaker as it is, and whether the probe is ours.
    pub async fn take_probe(
        &self,
        choice: &Choice,
        since: Timestamp,
        until: Timestamp,
        now: Timestamp,
        token: &str,
    ) -> Result<(bool, Breaker), CloudError> {
        let change = Change {
            key: keys::breaker(choice),
            update: "SET #probeUntil = :until, #by = :token",
            condition: "#openSince = :since AND #openUntil <= :now AND \
                        (attribute_not_exists(#probeUntil) OR #probeUntil <= :now)",
            values: values([
                ("until", time(until)),
                ("token", text(token)),
                ("since", time(since)),
                ("now", time(now)),
            ]),
        };
        match change.apply(self).await? {
            Conditional::Won(item) => Ok((true, read(&item)?)),
            Conditional::Lost(old) => {
                let mine = wrote(old.as_ref(), token);
                Ok((mine, old.as_ref().map(read).transpose()?.unwrap_or_default()))
            }
        }
    }

    /// Gives back a probe with which nobody was called.
    pub async fn release_probe(&self, choice: &Choice, until: Timestamp, token: &str) -> Result<(), CloudError> {
        let change = Change {
            key: keys::breaker(choice),
            update: "SET #by = :token REMOVE #probeUntil",
            // Since then it may have closed, or another may be probing.
            condition: "#probeUntil = :until",
            values: values([("until", time(until)), ("token", text(token))]),
        };
        change.apply(self).await.map(|_| ())
    }

    /// Forgets the failures of a model that has answered, and closes its breaker if that was its probe's answer.
    pub async fn close_breaker(
        &self,
        choice: &Choice,
        probed: Option<Timestamp>,
        token: &str,
    ) -> Result<(), CloudError> {
        let mut set = values([("zero", number(0)), ("token", text(token))]);
        set.extend(probed.map(|since| (":since".to_owned(), time(since))));
        let change = Change {
            key: keys::breaker(choice),
            update: "SET #failures = :zero, #by = :token \
                     REMOVE #openSince, #openUntil, #openings, #probeUntil",
            // An answer to a call from before the opening says nothing of the time since.
            condition: if probed.is_some() { "#openSince = :since" } else { "attribute_not_exists(#openSince)" },
            values: set,
        };
        change.apply(self).await.map(|_| ())
    }

    /// Closes a breaker whatever it has seen, for an operator.
    pub async fn reset_breaker(&self, choice: &Choice, token: &str) -> Result<(), CloudError> {
        let change = Change {
            key: keys::breaker(choice),
            update: "SET #failures = :zero, #by = :token \
                     REMOVE #openSince, #openUntil, #openings, #probeUntil",
            condition: "attribute_exists(#pk)",
            values: values([("zero", number(0)), ("token", text(token))]),
        };
        change.apply(self).await.map(|_| ())
    }
}

pub(super) fn read(item: &Item) -> Result<Breaker, CloudError> {
    let read = Reader::new(item, "breaker record");
    let opening = match read.opt_time("openSince")? {
        None => None,
        Some(since) => Some(Opening {
            since,
            until: read.time("openUntil")?,
            number: read.number("openings")?,
            reason: read.named("reason", FailureCode::parse)?,
            probe_until: read.opt_time("probeUntil")?,
        }),
    };
    Ok(Breaker { failures: read.opt_number("failures")?.unwrap_or(0), opening })
}
