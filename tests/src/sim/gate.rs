//! The gate: every call of every handler waits here until the scheduler says what becomes of it. The effect then
//! happens in the same poll, so that nothing but the scheduler's choices orders the effects.

use std::{
    fmt::Write,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
};

use serde_json::Value;

use crate::network::{Call, Fate};

/// A record's key.
pub(crate) type Key = (String, String);

/// What becomes of a call: nothing special, or a fault.
pub(crate) type Verdict = Option<Fate>;

#[derive(Clone, Debug, Default)]
pub(crate) struct Gate(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// Everything passes at once: for looks that are no part of the play.
    open: bool,
    /// The task that is being polled.
    owner: u64,
    next: u64,
    calls: Vec<Waiting>,
}

/// A call that waits.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    pub(crate) id: u64,
    pub(crate) owner: u64,
    pub(crate) name: String,
    /// What is asked, for the trace.
    pub(crate) text: String,
    /// The records that it writes.
    pub(crate) writes: Vec<Key>,
    /// Not answered before this time; if that is never, its caller waits until it is killed.
    pub(crate) asleep_until: i64,
    /// Whether it may have been answered from a stale replica.
    pub(crate) unsure: bool,
    verdict: Option<Verdict>,
    waker: Option<Waker>,
}

impl Gate {
    pub(crate) async fn pass(&self, call: &Call, path: &str, body: &[u8]) -> Verdict {
        let (asked, writes) = match call.service {
            "DynamoDB" => read_dynamo(body),
            "SQS" => (read_sqs(body), Vec::new()),
            _ => (path.to_owned(), Vec::new()),
        };
        self.wait(call.name(), asked, writes, call.consistent == Some(false)).await
    }

    /// Waits for the verdict on something that is no call of ours: the provider's answer.
    pub(crate) async fn wait_for(&self, name: &str, text: String) -> Verdict {
        self.wait(name.to_owned(), text, Vec::new(), false).await
    }

    fn wait(&self, name: String, text: String, writes: Vec<Key>, unsure: bool) -> Wait {
        let mut state = self.0.lock().unwrap();
        state.next += 1;
        let (id, owner) = (state.next, state.owner);
        let verdict = state.open.then_some(None);
        state.calls.push(Waiting { id, owner, name, text, writes, asleep_until: 0, unsure, verdict, waker: None });
        Wait { gate: self.clone(), id }
    }

    pub(crate) fn set_open(&self, open: bool) {
        self.0.lock().unwrap().open = open;
    }

    /// Calls that arrive from now on are this task's.
    pub(crate) fn set_owner(&self, owner: u64) {
        self.0.lock().unwrap().owner = owner;
    }

    /// The calls that wait for a verdict, and may have it now.
    pub(crate) fn ready(&self, now: i64) -> Vec<u64> {
        let state = self.0.lock().unwrap();
        let ready = state.calls.iter().filter(|call| call.verdict.is_none() && call.asleep_until <= now);
        ready.map(|call| call.id).collect()
    }

    /// The tasks that have a call here.
    pub(crate) fn owners(&self) -> Vec<u64> {
        self.0.lock().unwrap().calls.iter().filter(|call| call.verdict.is_none()).map(|call| call.owner).collect()
    }

    /// When calls that sleep wake.
    pub(crate) fn wakes(&self) -> Vec<i64> {
        self.0.lock().unwrap().calls.iter().map(|call| call.asleep_until).collect()
    }

    /// Lets a call wait until this time.
    pub(crate) fn put_to_sleep(&self, id: u64, until: i64) {
        if let Some(call) = self.0.lock().unwrap().calls.iter_mut().find(|call| call.id == id) {
            call.asleep_until = until;
        }
    }

    /// What a waiting call is.
    pub(crate) fn look(&self, id: u64) -> Option<Waiting> {
        self.0.lock().unwrap().calls.iter().find(|call| call.id == id).cloned()
    }

    /// Decides a call. Its task is woken, and has the effect when it is polled.
    pub(crate) fn decide(&self, id: u64, verdict: Verdict) -> Option<Waiting> {
        let mut state = self.0.lock().unwrap();
        let call = state.calls.iter_mut().find(|call| call.id == id)?;
        call.verdict = Some(verdict);
        if let Some(waker) = call.waker.take() {
            waker.wake();
        }
        Some(call.clone())
    }
}

struct Wait {
    gate: Gate,
    id: u64,
}

impl Future for Wait {
    type Output = Verdict;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Verdict> {
        let mut state = self.gate.0.lock().unwrap();
        let Some(call) = state.calls.iter_mut().find(|call| call.id == self.id) else { return Poll::Pending };
        if let Some(verdict) = call.verdict {
            return Poll::Ready(verdict);
        }
        call.waker = Some(context.waker().clone());
        Poll::Pending
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        self.gate.0.lock().unwrap().calls.retain(|call| call.id != self.id);
    }
}

/// What a `DynamoDB` call asks and which records it writes. Parsed, since the order of a map is another in each run.
fn read_dynamo(body: &[u8]) -> (String, Vec<Key>) {
    let body: Value = serde_json::from_slice(body).unwrap();
    let mut writes = Vec::new();
    let mut text = String::new();
    let parts = body["TransactItems"].as_array().map_or_else(|| vec![&body], |items| items.iter().collect());
    for part in parts {
        let is_removal = part["Delete"].is_object();
        let named = ["Put", "Update", "Delete", "ConditionCheck"].into_iter().find(|name| part[*name].is_object());
        let part = named.map_or(part, |name| &part[name]);
        let key = if part["Item"].is_object() { &part["Item"] } else { &part["Key"] };
        if let (Some(pk), Some(sk)) = (key["pk"]["S"].as_str(), key["sk"]["S"].as_str()) {
            let _ = write!(text, "{pk} {sk} ");
            if is_removal || part["Item"].is_object() || part["UpdateExpression"].is_string() {
                writes.push((pk.to_owned(), sk.to_owned()));
            }
        }
        text.push_str(part["UpdateExpression"].as_str().unwrap_or_default());
        if part["ExpressionAttributeValues"].is_object() {
            let _ = write!(text, " {}", plain(&part["ExpressionAttributeValues"]));
        }
    }
    (text, writes)
}

fn read_sqs(body: &[u8]) -> String {
    let body: Value = serde_json::from_slice(body).unwrap();
    let entries = body["Entries"].as_array().map_or_else(|| vec![&body], |entries| entries.iter().collect());
    entries.iter().filter_map(|entry| entry["MessageBody"].as_str()).collect::<Vec<_>>().join(" ")
}

/// Attribute values without their types, in a settled order.
fn plain(values: &Value) -> String {
    let Some(map) = values.as_object() else { return values.to_string() };
    let mut pairs: Vec<String> = map
        .iter()
        .map(|(name, value)| match value.as_object().and_then(|typed| typed.iter().next()) {
            Some((kind, Value::String(text))) if kind != "M" => format!("{name}={text}"),
            Some((kind, _)) if kind == "M" || kind == "L" => format!("{name}=…"),
            Some((_, value)) => format!("{name}={value}"),
            None => format!("{name}={value}"),
        })
        .collect();
    pairs.sort();
    pairs.join(" ")
}
