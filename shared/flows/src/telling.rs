//! Who is told of what happens to a job. What is to be told is written with the change itself; the messages sent here only
//! say that there is something, and the sweep does so again.

use toonmill_domain::{Delivery, DeliveryId, DeliveryKey, Happening, Job, JobStatus, Sink, Stage, Timestamp};
use toonmill_webhooks::{Call, Event, Facts, Happened};

use crate::reconcile::Reconciler;

impl Reconciler {
    /// The delivery to the server that the job names, if it names one.
    pub(crate) fn telling(&self, job: &Job, stages: &[Stage], what: Happening, now: Timestamp) -> Option<Delivery> {
        let url = job.webhook_url.as_ref()?;
        let event = event(job, stages, what, now)?;
        let document = serde_json::to_string(&Call::new(url.clone(), &event)).ok()?;
        let key =
            DeliveryKey { account: job.account.clone(), sink: Sink::Webhook, id: DeliveryId::new(self.ids.make()) };
        Some(Delivery::new(key, Some(job.id), document, now))
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

/// What a server is told of an entry of the log. Of a retry it is told by what follows.
fn event(job: &Job, stages: &[Stage], what: Happening, now: Timestamp) -> Option<Event> {
    let count = |counts: &dyn Fn(&Stage) -> u64| stages.iter().map(counts).fold(0, u64::saturating_add);
    let facts = Facts {
        job: job.id,
        kind: job.kind,
        status: JobStatus::InProgress,
        requested: count(&|stage| u64::from(stage.quantity)),
        stored: count(&|stage| u64::try_from(stage.stored.len()).unwrap_or(u64::MAX)),
        given_up: 0,
        held: job.held,
        captured: job.captured,
        released: job.released,
        production_id: job.production_id.clone(),
    };
    match what {
        Happening::RoundOpened { stage, round } => {
            Some(Event::progress(facts, Happened::RoundOpened { stage, round }, now))
        }
        Happening::StageFinished { stage, .. } => Some(Event::progress(facts, Happened::StageFinished { stage }, now)),
        Happening::Reopened => None,
        Happening::Ended { status, stored, requested, captured, released } => {
            let given_up = requested.saturating_sub(stored);
            Event::ended(Facts { status, stored, requested, given_up, captured, released, ..facts }, now)
        }
    }
}
