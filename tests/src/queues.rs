//! SQS: messages that lie there until the test delivers them, twice or never as it likes.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use aws_sdk_sqs::config::{BehaviorVersion, Credentials, Region, retry::RetryConfig};
use bytes::Bytes;
use serde_json::{Value, json};
use toonmill_cloud::Inbox;

use crate::network::Network;

/// A message that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    pub body: String,
    pub delay_secs: i64,
    /// Whose it is, in a fair queue.
    pub group: Option<String>,
}

#[derive(Clone, Debug, Default)]
pub struct Queues(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    queues: BTreeMap<String, Vec<Waiting>>,
    /// Messages that the queues took so far.
    taken: u64,
    /// So many entries of the next batches are refused.
    refuse: usize,
    /// Messages that were made visible at another time than their queue's.
    shown: Vec<Shown>,
}

/// That a message is to be visible again after some seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    pub queue: String,
    pub receipt: String,
    pub after_secs: i64,
}

impl Queues {
    /// All messages of a queue, which is empty then.
    pub fn take(&self, queue: &str) -> Vec<Waiting> {
        self.0.lock().unwrap().queues.remove(queue).unwrap_or_default()
    }

    pub fn count(&self, queue: &str) -> usize {
        self.0.lock().unwrap().queues.get(queue).map_or(0, Vec::len)
    }

    /// How many messages all queues have taken so far.
    pub fn taken(&self) -> u64 {
        self.0.lock().unwrap().taken
    }

    /// The changes of visibility since this was last asked.
    pub fn take_shown(&self) -> Vec<Shown> {
        std::mem::take(&mut self.0.lock().unwrap().shown)
    }

    /// Refuses that many entries of the batches to come, as a throttled queue does.
    pub fn refuse_entries(&self, count: usize) {
        self.0.lock().unwrap().refuse = count;
    }

    pub(crate) fn answer(&self, operation: &str, body: &[u8]) -> (u16, Bytes) {
        let request: Value = serde_json::from_slice(body).unwrap();
        let queue = request["QueueUrl"].as_str().unwrap_or_default().rsplit('/').next().unwrap_or_default().to_owned();
        let mut state = self.0.lock().unwrap();
        let answer = match operation {
            "SendMessage" => {
                state.push(&queue, &request);
                json!({ "MessageId": "m", "MD5OfMessageBody": "unchecked" })
            }
            "SendMessageBatch" => {
                let (mut successful, mut failed) = (Vec::new(), Vec::new());
                for entry in request["Entries"].as_array().unwrap() {
                    if state.refuse > 0 {
                        state.refuse -= 1;
                        failed.push(json!({ "Id": entry["Id"], "Code": "Throttled", "SenderFault": false }));
                    } else {
                        state.push(&queue, entry);
                        successful
                            .push(json!({ "Id": entry["Id"], "MessageId": "m", "MD5OfMessageBody": "unchecked" }));
                    }
                }
                json!({ "Successful": successful, "Failed": failed })
            }
            "ChangeMessageVisibility" => {
                let receipt = request["ReceiptHandle"].as_str().unwrap().to_owned();
                let after_secs = request["VisibilityTimeout"].as_i64().unwrap();
                state.shown.push(Shown { queue, receipt, after_secs });
                json!({})
            }
            "GetQueueAttributes" => json!({ "Attributes": {} }),
            other => return (400, Bytes::from(format!("{other} is not simulated"))),
        };
        (200, Bytes::from(answer.to_string()))
    }
}

/// The queues as a function sees them that is started by their messages, and knows the address of one of them.
pub fn inbox(network: &Network) -> Inbox {
    let config = aws_sdk_sqs::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .endpoint_url("http://sqs.sim")
        .retry_config(RetryConfig::disabled())
        .http_client(network.clone());
    Inbox::new(aws_sdk_sqs::Client::from_conf(config.build()), "http://sqs.sim/0/reconcile")
}

impl State {
    fn push(&mut self, queue: &str, message: &Value) {
        let body = message["MessageBody"].as_str().unwrap().to_owned();
        let delay_secs = message["DelaySeconds"].as_i64().unwrap_or(0);
        self.taken += 1;
        let group = message["MessageGroupId"].as_str().map(str::to_owned);
        self.queues.entry(queue.to_owned()).or_default().push(Waiting { body, delay_secs, group });
    }
}
