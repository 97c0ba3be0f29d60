//! Updates on their way to a bot's webhook.
//!
//! Those of one chat go one after the other, and one that fails keeps back those behind it; chats do not wait for each
//! other. An update is kept until it is answered with success.

use std::{collections::BTreeSet, collections::VecDeque, time::Duration};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::{clock::Moment, limits::CONNECTIONS};

/// Where updates go.
#[derive(Debug, Clone, Default)]
pub(crate) struct Webhook {
    /// Empty if there is none.
    pub(crate) url: String,
    pub(crate) secret: Option<String>,
    pub(crate) connections: Option<i64>,
    /// Kinds of updates; empty is all but a few that are never made here.
    pub(crate) allowed: Vec<String>,
    /// When a delivery last failed (seconds since 1970), and how.
    pub(crate) last_error: Option<(i64, String)>,
}

/// An update that has not arrived.
#[derive(Debug)]
struct Pending {
    key: u64,
    update: Value,
    /// Whose turn it is after it.
    line: i64,
    failures: u32,
    due: Duration,
    under_way: bool,
}

impl Pending {
    fn id(&self) -> Option<i64> {
        self.update.get("update_id")?.as_i64()
    }
}

/// A delivery to be made.
#[derive(Debug)]
pub(crate) struct Dispatch {
    pub(crate) key: u64,
    pub(crate) update: Value,
    pub(crate) url: String,
    pub(crate) secret: Option<String>,
    /// From 1.
    pub(crate) attempt: u32,
}

/// What became of a delivery.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Delivery {
    /// Of the update.
    pub update_id: i64,
    /// Which attempt it was, from 1. Copies of an update count for themselves.
    pub attempt: u32,
    /// When it was sent, in milliseconds since the server began.
    pub at_ms: u64,
    /// How long the webhook took, in milliseconds.
    pub took_ms: u64,
    /// The webhook's answer; `None` if none came.
    pub status: Option<u16>,
    /// Why it will be sent again.
    pub error: Option<String>,
    /// The method that the answer called, if it did.
    pub method: Option<String>,
}

#[derive(Debug, Default)]
pub(crate) struct Outbox {
    pub(crate) webhook: Webhook,
    last_key: u64,
    pending: VecDeque<Pending>,
    pub(crate) deliveries: Vec<Delivery>,
}

impl Outbox {
    pub(crate) fn push(&mut self, update: Value, line: i64) {
        self.last_key += 1;
        let (key, failures, due, under_way) = (self.last_key, 0, Duration::ZERO, false);
        self.pending.push_back(Pending { key, update, line, failures, due, under_way });
    }

    pub(crate) fn len(&self) -> usize {
        self.pending.len()
    }

    /// Whether an update of this id is still to arrive.
    pub(crate) fn holds(&self, update_id: i64) -> bool {
        self.pending.iter().any(|pending| pending.id() == Some(update_id))
    }

    pub(crate) fn drop_all(&mut self) {
        self.pending.clear();
    }

    /// Whether the bot wants updates of this kind.
    pub(crate) fn wants(&self, kind: &str) -> bool {
        self.webhook.allowed.is_empty() || self.webhook.allowed.iter().any(|allowed| allowed == kind)
    }

    /// What is to be sent now, and when to ask again.
    pub(crate) fn take(&mut self, now: Moment) -> (Vec<Dispatch>, Option<Duration>) {
        let Webhook { url, secret, connections, .. } = &self.webhook;
        if url.is_empty() {
            return (Vec::new(), None);
        }
        let most = usize::try_from(connections.unwrap_or(CONNECTIONS.1)).unwrap_or(1);
        let mut under_way = self.pending.iter().filter(|pending| pending.under_way).count();
        let (mut lines, mut dispatches, mut next) = (BTreeSet::new(), Vec::new(), None::<Duration>);
        for pending in &mut self.pending {
            let first = lines.insert(pending.line);
            if !first || pending.under_way {
                continue;
            }
            if pending.due > now.since {
                next = Some(next.map_or(pending.due, |next| next.min(pending.due)));
            } else if under_way < most {
                under_way += 1;
                pending.under_way = true;
                dispatches.push(Dispatch {
                    key: pending.key,
                    update: pending.update.clone(),
                    url: url.clone(),
                    secret: secret.clone(),
                    attempt: pending.failures + 1,
                });
            }
        }
        (dispatches, next.map(|due| due.saturating_sub(now.since)))
    }

    /// The update has arrived.
    pub(crate) fn arrived(&mut self, key: u64) {
        self.pending.retain(|pending| pending.key != key);
    }

    /// The update is sent again after a while, which grows with each failure.
    pub(crate) fn failed(&mut self, key: u64, why: &str, backoff_ms: (u64, u64), now: Moment) {
        self.webhook.last_error = Some((now.date, why.to_owned()));
        if let Some(pending) = self.pending.iter_mut().find(|pending| pending.key == key) {
            let (first, most) = backoff_ms;
            let wait = first.saturating_mul(1_u64.checked_shl(pending.failures).unwrap_or(u64::MAX)).min(most);
            pending.failures = (pending.failures + 1).min(60);
            pending.due = now.since + Duration::from_millis(wait);
            pending.under_way = false;
        }
    }

    /// The first updates that have not arrived, for a bot that asks.
    pub(crate) fn first(&self, count: usize) -> Vec<Value> {
        self.pending.iter().take(count).map(|pending| pending.update.clone()).collect()
    }

    /// A bot that asks has had all updates before this one.
    pub(crate) fn confirm(&mut self, before: i64) {
        self.pending.retain(|pending| pending.id().is_some_and(|id| id >= before));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn at(ms: u64) -> Moment {
        Moment { since: Duration::from_millis(ms), date: 0 }
    }

    fn outbox(lines: &[i64]) -> Outbox {
        let mut outbox = Outbox::default();
        outbox.webhook.url = "http://127.0.0.1:1".into();
        for (id, line) in lines.iter().enumerate() {
            outbox.push(json!({ "update_id": id }), *line);
        }
        outbox
    }

    fn ids(outbox: &mut Outbox, ms: u64) -> Vec<u64> {
        outbox.take(at(ms)).0.iter().map(|dispatch| dispatch.update["update_id"].as_u64().unwrap()).collect()
    }

    #[test]
    fn a_chat_waits_for_its_own_updates_and_for_no_others() {
        let mut outbox = outbox(&[1, 1, 2]);
        assert_eq!(ids(&mut outbox, 0), [0, 2]);
        assert!(ids(&mut outbox, 0).is_empty());
        outbox.failed(1, "500", (100, 150), at(0));
        outbox.arrived(3);
        assert!(ids(&mut outbox, 99).is_empty(), "the second waits behind the first");
        assert_eq!(ids(&mut outbox, 100), [0]);
        outbox.failed(1, "500", (100, 150), at(100));
        assert_eq!(outbox.take(at(200)).1, Some(Duration::from_millis(50)), "the wait has doubled, up to the most");
        assert_eq!(outbox.take(at(250)).0[0].attempt, 3);
        outbox.arrived(1);
        assert_eq!(ids(&mut outbox, 250), [1]);
        assert_eq!(outbox.webhook.last_error, Some((0, "500".into())));
    }

    #[test]
    fn no_more_are_sent_at_a_time_than_the_bot_takes() {
        let mut outbox = outbox(&[1, 2, 3]);
        outbox.webhook.connections = Some(2);
        assert_eq!(ids(&mut outbox, 0).len(), 2);
        outbox.arrived(1);
        assert_eq!(ids(&mut outbox, 0), [2]);
    }
}
