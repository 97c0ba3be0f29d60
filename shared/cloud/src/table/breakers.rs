//! The breaker's verbs: count a failure, open, probe, close. All of it is a hint that saves calls; no count of
//! images depends on it.

use toonmill_domain::{
    Choice, FailureCode, ModelId, ProviderId, Timestamp,
    health::{Breaker, FAILURES_FORGOTTEN_AFTER, Opening},
};

use super::{
    Table,
    keys::{self, Key},
    wrote,
};
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
            Conditional::Won(item) => return Ok(read(&item)),
            Conditional::Lost(Some(old)) if wrote(Some(&old), token) => return Ok(read(&old)),
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
            Conditional::Won(item) => Ok(read(&item)),
            Conditional::Lost(newer) => Ok(newer.or(old).as_ref().map_or_else(Breaker::default, read)),
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
            Conditional::Won(item) => Ok((true, read(&item))),
            Conditional::Lost(old) => {
                let mine = wrote(old.as_ref(), token);
                Ok((mine, old.as_ref().map(read).unwrap_or_default()))
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

    /// Closes the breaker of one model, or of all models of a provider that have one, for an operator. No record is
    /// interpreted, so that one which cannot be read is mended by it. The models.
    pub async fn reset_breakers(
        &self,
        provider: &ProviderId,
        model: Option<&ModelId>,
        token: &str,
    ) -> Result<Vec<String>, CloudError> {
        let partition = keys::provider_partition(provider);
        let sorts: Vec<String> = if let Some(model) = model {
            vec![format!("{}{model}", keys::BREAKER_PREFIX)]
        } else {
            let items = self.query_range(&partition, keys::BREAKER_PREFIX, keys::AFTER_BREAKERS).await?;
            let sort = |item| Ok(Reader::new(item, "breaker record").text("sk")?.to_owned());
            items.iter().map(sort).collect::<Result<_, CloudError>>()?
        };
        let mut reset = Vec::with_capacity(sorts.len());
        for sort in sorts {
            let change = Change {
                key: Key { pk: partition.clone(), sk: sort.clone() },
                update: "SET #failures = :zero, #by = :token \
                         REMOVE #failedAt, #openSince, #openUntil, #openings, #reason, #probeUntil",
                condition: "attribute_exists(#pk)",
                values: values([("zero", number(0)), ("token", text(token))]),
            };
            if matches!(change.apply(self).await?, Conditional::Won(_)) {
                reset.extend(sort.strip_prefix(keys::BREAKER_PREFIX).map(str::to_owned));
            }
        }
        Ok(reset)
    }
}

/// A breaker as its record has it. One that cannot be read is closed: a hint that saves calls must not stop them.
pub(super) fn read(item: &Item) -> Breaker {
    let read = Reader::new(item, "breaker record");
    try_read(&read).unwrap_or_else(|error| {
        let key = format!("{} {}", read.text("pk").unwrap_or("?"), read.text("sk").unwrap_or("?"));
        tracing::error!(
            key,
            error = &error as &dyn std::error::Error,
            "a circuit breaker cannot be read and counts as closed"
        );
        Breaker::default()
    })
}

fn try_read(read: &Reader<'_>) -> Result<Breaker, CloudError> {
    let opening = match read.opt_time("openSince")? {
        None => None,
        Some(since) => Some(Opening {
            since,
            until: read.time("openUntil")?,
            number: read.number("openings")?,
            reason: read.named("reason", FailureCode::of_record)?,
            probe_until: read.opt_time("probeUntil")?,
        }),
    };
    Ok(Breaker { failures: read.opt_number("failures")?.unwrap_or(0), opening })
}
