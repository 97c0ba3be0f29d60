//! Counts callers' requests, and refuses what is too often.

use std::sync::Arc;

use toonmill_cloud::{
    Table,
    table::{Counted, Passed},
};
use toonmill_domain::{
    KeyId, Limit, Limits, Timestamp,
    limits::{Rate, Tally, Window},
};
use toonmill_flows::Clock;

use super::{Caller, known::Known};
use crate::{Allowance, Problem, ProblemKind};

/// Counts requests. Clones share what they know.
#[derive(Clone, Debug)]
pub struct RequestCounter {
    table: Table,
    clock: Clock,
    limits: Limits,
    /// Of those who read.
    tallies: Arc<Known<Tally>>,
}

impl RequestCounter {
    /// `limits` are those of callers that have none of their own.
    pub fn new(table: Table, clock: Clock, limits: Limits) -> Self {
        Self { table, clock, limits, tallies: Arc::default() }
    }

    pub(super) const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Counts a request that writes.
    pub async fn count_write(&self, caller: &Caller) -> Result<(), Problem> {
        self.count(caller, Rate::Write).await
    }

    /// Counts the request. If it cannot be counted it passes: whoever counts must not be what fails.
    pub(super) async fn count(&self, caller: &Caller, rate: Rate) -> Result<(), Problem> {
        if let Some(key) = caller.key_with_rates() {
            let own = self.limits.overlaid(&caller.limits);
            self.count_as(&counted_key(key), rate, &own).await?;
        }
        // Whatever keys there are, all requests are their user's.
        self.count_as(caller.user.as_str(), rate, &self.limits).await
    }

    async fn count_as(&self, who: &str, rate: Rate, limits: &Limits) -> Result<(), Problem> {
        let now = self.clock.now();
        let requests = match rate {
            Rate::Read => self.reads_to_count(who, limits, now),
            Rate::Write => Some(1),
        };
        let Some(requests) = requests else { return Ok(()) };
        let counted = self.table.count_requests(who, rate, requests, limits, now).await;
        match (rate, &counted) {
            (Rate::Write, _) => {}
            (Rate::Read, Ok(Counted::Within(seen))) => {
                let tally = Tally::counted(self.tallies.get(who), requests, *seen, now);
                self.tallies.keep(who.to_owned(), tally);
            }
            // What was known before says nothing now.
            (Rate::Read, Ok(Counted::Passed(_)) | Err(_)) => self.tallies.forget(who),
        }
        match counted {
            Ok(Counted::Within(_)) => Ok(()),
            Ok(Counted::Passed(passed)) => Err(too_often(passed)),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "a request was not counted");
                Ok(())
            }
        }
    }

    /// How many reads are to be counted before this one is answered; none if it may pass uncounted.
    fn reads_to_count(&self, who: &str, limits: &Limits, now: Timestamp) -> Option<u32> {
        let most = limits.get(Limit::ReadsPerMinute);
        self.tallies.change(who, |tally| tally.map_or(Some(1), |tally| tally.decide(most, now)))
    }
}

impl Caller {
    /// Under what its requests are counted, as far as its own limits say: its key, if that has any of requests.
    pub fn counted_as(&self) -> String {
        self.key_with_rates().map_or_else(|| self.user.to_string(), counted_key)
    }

    fn key_with_rates(&self) -> Option<KeyId> {
        let of_requests = [Limit::ReadsPerMinute, Limit::WritesPerMinute, Limit::WritesPerHour];
        self.key.filter(|_| self.limits.said().any(|(limit, _)| of_requests.contains(&limit)))
    }
}

/// No user's id begins with this sign.
fn counted_key(key: KeyId) -> String {
    format!("~{key}")
}

fn too_often(Passed { limit, most, again_in }: Passed) -> Problem {
    let kind = match limit.window() {
        Window::Sliding(_) => ProblemKind::RateLimited,
        Window::Fixed(_) | Window::Standing => ProblemKind::QuotaUsedUp,
    };
    let detail = format!("{most} {} are the most ({}).", limit.counts(), limit.name());
    Allowance { limit, most, left: 0, again_in }.refuse(kind, detail)
}
