//! The queues: doorbells that can be lost, doubled or delayed without harm.

use std::{error::Error, time::Duration};

use aws_sdk_sqs::{Client, types::SendMessageBatchRequestEntry};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use toonmill_domain::{
    AccountId, DeliveryKey, DeliveryMessage, JobId, ReconcileMessage, RingCause, SlotMessage,
    message::{MESSAGE_VERSION, UnreadableMessage},
};

use crate::{Lazy, error::CloudError};

/// The most messages of one `SendMessageBatch` (API limit).
const BATCH: usize = 10;
/// The longest `DelaySeconds` (API limit).
const LONGEST_DELAY_SECS: u64 = 900;
/// The longest `VisibilityTimeout` (API limit).
const LONGEST_VISIBILITY_SECS: u64 = 43_200;

/// The reconcile queue.
#[derive(Clone, Debug)]
pub struct Doorbell(Queue);

/// A queue of slots: one provider's images, or all texts.
#[derive(Clone, Debug)]
pub struct SlotQueue(Queue);

/// The queue of deliveries.
#[derive(Clone, Debug)]
pub struct Outbox(Queue);

/// The queues whose messages start a function.
#[derive(Clone, Debug)]
pub struct Inbox {
    client: Lazy<Client>,
    /// The address of some queue of the same account and region: an event names its queue by ARN, a call by address.
    some_url: String,
}

/// How many of a list of messages the queue took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    pub taken: usize,
    /// Those that were refused twice. The table can rebuild each of them.
    pub lost: usize,
}

impl Doorbell {
    pub fn new(client: impl Into<Lazy<Client>>, url: impl Into<String>) -> Self {
        Self(Queue { client: client.into(), url: url.into() })
    }

    /// Rings: "reconcile job J".
    pub async fn ring(&self, job: JobId, cause: RingCause) -> Result<(), CloudError> {
        self.0.send(&ReconcileMessage::new(job, cause), Duration::ZERO, None).await
    }

    /// Rings for many jobs.
    pub async fn ring_all(&self, jobs: &[JobId], cause: RingCause) -> Sent {
        let rings: Vec<_> = jobs.iter().map(|job| ReconcileMessage::new(*job, cause)).collect();
        self.0.send_all(&rings, |_| Duration::ZERO, None).await
    }

    /// Whether the queue answers at all, for the health check.
    pub async fn answers(&self) -> Result<(), CloudError> {
        let call = self.0.client.get_queue_attributes().queue_url(&self.0.url);
        call.send().await.map(|_| ()).map_err(|error| CloudError::from_sdk("GetQueueAttributes", error))
    }
}

impl SlotQueue {
    pub fn new(client: impl Into<Lazy<Client>>, url: impl Into<String>) -> Self {
        Self(Queue { client: client.into(), url: url.into() })
    }

    /// Sends one message of an account's after a delay of at most 15 minutes, rounded up to whole seconds.
    pub async fn send_after(&self, message: &SlotMessage, of: &AccountId, delay: Duration) -> Result<(), CloudError> {
        self.0.send(message, delay, Some(of)).await
    }

    /// Sends many of one account's, ten to a call, each after its own delay: at most 15 minutes, rounded up to whole
    /// seconds.
    pub async fn send_all(
        &self,
        messages: &[SlotMessage],
        of: &AccountId,
        delay_of: impl Fn(&SlotMessage) -> Duration,
    ) -> Sent {
        self.0.send_all(messages, delay_of, Some(of)).await
    }
}

impl Outbox {
    pub fn new(client: impl Into<Lazy<Client>>, url: impl Into<String>) -> Self {
        Self(Queue { client: client.into(), url: url.into() })
    }

    /// Says that there is something to tell.
    pub async fn ring(&self, delivery: &DeliveryKey) -> Result<(), CloudError> {
        self.send_after(delivery, None, Duration::ZERO).await
    }

    /// Has somebody go on with a delivery after its turn, in at most 15 minutes, rounded up to whole seconds.
    pub async fn send_after(
        &self,
        delivery: &DeliveryKey,
        turn: Option<u64>,
        delay: Duration,
    ) -> Result<(), CloudError> {
        self.0.send(&DeliveryMessage::new(delivery, turn), delay, Some(&delivery.account)).await
    }

    /// Rings for many deliveries.
    pub async fn ring_all(&self, deliveries: &[DeliveryKey]) -> Sent {
        let rings: Vec<_> = deliveries.iter().map(|key| DeliveryMessage::new(key, None)).collect();
        self.0.send_all(&rings, |_| Duration::ZERO, None).await
    }
}

impl Inbox {
    /// `some_url` is the address of any queue of the same account and region.
    pub fn new(client: impl Into<Lazy<Client>>, some_url: impl Into<String>) -> Self {
        Self { client: client.into(), some_url: some_url.into() }
    }

    /// Makes a message that was received visible again after this time, rounded up to whole seconds, and not only after the
    /// visibility time-out of its queue. `receipt` is the handle of that receive.
    pub async fn show_after(&self, queue_arn: &str, receipt: &str, delay: Duration) -> Result<(), CloudError> {
        let seconds = delay.as_secs().saturating_add(u64::from(delay.subsec_nanos() > 0)).min(LONGEST_VISIBILITY_SECS);
        self.client
            .change_message_visibility()
            .queue_url(self.url_of(queue_arn))
            .receipt_handle(receipt)
            .visibility_timeout(i32::try_from(seconds).unwrap_or(i32::MAX))
            .send()
            .await
            .map(|_| ())
            .map_err(|error| CloudError::from_sdk("ChangeMessageVisibility", error))
    }

    /// The address of a queue: all of an account and region differ in the name alone, which ends the ARN too.
    fn url_of(&self, queue_arn: &str) -> String {
        let base = self.some_url.rsplit_once('/').map_or("", |(base, _)| base);
        let name = queue_arn.rsplit(':').next().unwrap_or_default();
        format!("{base}/{name}")
    }
}

#[derive(Clone, Debug)]
struct Queue {
    client: Lazy<Client>,
    url: String,
}

/// A standard queue with groups is fair: the messages of a group that has many in flight do not hold up another's
/// (SQS developer guide, fair queues). It keeps no order, and needs no setting.
impl Queue {
    async fn send(
        &self,
        message: &impl Serialize,
        delay: Duration,
        group: Option<&AccountId>,
    ) -> Result<(), CloudError> {
        self.client
            .send_message()
            .queue_url(&self.url)
            .message_body(body(message)?)
            .set_delay_seconds(whole_seconds(delay))
            .set_message_group_id(group.map(ToString::to_string))
            .send()
            .await
            .map(|_| ())
            .map_err(|error| CloudError::from_sdk("SendMessage", error))
    }

    /// Entries that the queue refuses are sent once more by themselves; what is lost even then is counted.
    async fn send_all<M: Serialize>(
        &self,
        messages: &[M],
        delay_of: impl Fn(&M) -> Duration,
        group: Option<&AccountId>,
    ) -> Sent {
        let mut sent = Sent::default();
        for batch in messages.chunks(BATCH) {
            let mut waiting: Vec<&M> = batch.iter().collect();
            for _ in 0..2 {
                if !waiting.is_empty() {
                    waiting = self.send_batch(&waiting, &delay_of, group).await;
                }
            }
            sent.lost = sent.lost.saturating_add(waiting.len());
            sent.taken = sent.taken.saturating_add(batch.len().saturating_sub(waiting.len()));
        }
        if sent.lost > 0 {
            tracing::error!(lost = sent.lost, taken = sent.taken, "the queue refused messages");
        }
        sent
    }

    /// Sends up to ten; gives back those that were not taken.
    async fn send_batch<'a, M: Serialize>(
        &self,
        messages: &[&'a M],
        delay_of: impl Fn(&M) -> Duration,
        group: Option<&AccountId>,
    ) -> Vec<&'a M> {
        match self.try_send_batch(messages, delay_of, group).await {
            Ok(taken) => {
                let all = messages.iter().enumerate();
                all.filter(|(index, _)| !taken.contains(&index.to_string())).map(|(_, message)| *message).collect()
            }
            Err(error) => {
                tracing::warn!(error = &error as &dyn Error, messages = messages.len(), "a batch was not sent");
                messages.to_vec()
            }
        }
    }

    /// The ids (places in the batch) of the entries that the queue took.
    async fn try_send_batch<M: Serialize>(
        &self,
        messages: &[&M],
        delay_of: impl Fn(&M) -> Duration,
        group: Option<&AccountId>,
    ) -> Result<Vec<String>, CloudError> {
        let mut call = self.client.send_message_batch().queue_url(&self.url);
        for (index, message) in messages.iter().enumerate() {
            let entry = SendMessageBatchRequestEntry::builder()
                .id(index.to_string())
                .message_body(body(message)?)
                .set_delay_seconds(whole_seconds(delay_of(message)))
                .set_message_group_id(group.map(ToString::to_string));
            call = call.entries(entry.build().map_err(|error| CloudError::corrupt(error.to_string()))?);
        }
        let answer = call.send().await.map_err(|error| CloudError::from_sdk("SendMessageBatch", error))?;
        Ok(answer.successful.into_iter().map(|entry| entry.id).collect())
    }
}

/// A delay as the queue takes it; none if there is none.
fn whole_seconds(delay: Duration) -> Option<i32> {
    let whole = delay.as_secs().saturating_add(u64::from(delay.subsec_nanos() > 0)).min(LONGEST_DELAY_SECS);
    i32::try_from(whole).ok().filter(|seconds| *seconds > 0)
}

fn body(message: &impl Serialize) -> Result<String, CloudError> {
    serde_json::to_string(message).map_err(|error| CloudError::corrupt(error.to_string()))
}

/// Reads a message's body. A newer version is told apart from nonsense: it is left for a program that knows it.
pub fn read_message<M: DeserializeOwned>(body: &str) -> Result<M, UnreadableMessage> {
    #[derive(Deserialize)]
    struct Version {
        v: u32,
    }
    let malformed = |error: serde_json::Error| UnreadableMessage::Malformed(error.to_string());
    let Version { v } = serde_json::from_str(body).map_err(malformed)?;
    if v > MESSAGE_VERSION {
        return Err(UnreadableMessage::Newer(v));
    }
    serde_json::from_str(body).map_err(malformed)
}

#[cfg(test)]
mod tests {
    use toonmill_domain::{ReconcileMessage, SlotMessage};

    use super::*;

    const JOB: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

    #[test]
    fn a_message_is_spelt_as_the_last_version_spelt_it() {
        let image = format!(r#"{{"v":1,"job":"{JOB}","stage":2,"slot":7,"epoch":1,"round":3,"fence":4}}"#);
        let message: SlotMessage = read_message(&image).unwrap();
        assert_eq!(serde_json::to_string(&message).unwrap(), image);
        let with_turn = format!(r#"{{"v":1,"job":"{JOB}","stage":2,"slot":7,"epoch":1,"round":3,"fence":4,"turn":5}}"#);
        let message: SlotMessage = read_message(&with_turn).unwrap();
        assert_eq!(serde_json::to_string(&message).unwrap(), with_turn);
        let ring = format!(r#"{{"v":1,"job":"{JOB}","cause":"submitted"}}"#);
        let message: ReconcileMessage = read_message(&ring).unwrap();
        assert_eq!(serde_json::to_string(&message).unwrap(), ring);
    }

    #[test]
    fn a_newer_message_is_left_and_nonsense_is_malformed() {
        assert_eq!(read_message::<SlotMessage>(r#"{"v":2,"job":1}"#), Err(UnreadableMessage::Newer(2)));
        for nonsense in ["", "{}", "[]", r#"{"v":1}"#, r#"{"v":"1"}"#] {
            let read = read_message::<SlotMessage>(nonsense);
            assert!(matches!(read, Err(UnreadableMessage::Malformed(_))), "{nonsense}");
        }
    }

    #[test]
    fn a_cause_of_a_newer_version_still_rings() {
        let ring = format!(r#"{{"v":1,"job":"{JOB}","cause":"moonrise"}}"#);
        assert_eq!(read_message::<ReconcileMessage>(&ring).unwrap().cause, RingCause::Unknown);
    }
}
