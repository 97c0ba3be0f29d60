//! Who is told of what happens to a job. What is to be told is written with the change itself; the messages sent here only
//! say that there is something, and the sweep does so again.

use toonmill_domain::{Delivery, DeliveryId, DeliveryKey, Happening, Job, Sink, Timestamp};

use crate::reconcile::Reconciler;

impl Reconciler {
    /// The delivery to the server that the job names, if it names one.
    pub(crate) fn telling(&self, job: &Job, what: Happening, now: Timestamp) -> Option<Delivery> {
        let _ = (what, now);
        let url = job.webhook_url.as_ref()?;
        let key =
            DeliveryKey { account: job.account.clone(), sink: Sink::Webhook, id: DeliveryId::new(self.ids.make()) };
        Some(Delivery::new(key, Some(job.id), url.clone(), now))
    }

    /// Rings for a delivery that was written.
    pub(crate) async fn tell(&self, delivery: Option<&Delivery>) {
        if let Some(delivery) = delivery {
            self.ring_for(&delivery.key).await;
        }
    }

    /// The chat that shows the job need not wait for the next look at it.
    pub(crate) async fn tell_the_chat(&self, job: &Job) {
        if let Some(id) = job.telegram_post {
            self.ring_for(&DeliveryKey { account: job.account.clone(), sink: Sink::Telegram, id }).await;
        }
    }

    async fn ring_for(&self, key: &DeliveryKey) {
        if let Err(error) = self.outbox.ring(key).await {
            tracing::warn!(delivery.id = %key.id, error = &error as &dyn std::error::Error,
                "the ring of a delivery was lost");
        }
    }
}
