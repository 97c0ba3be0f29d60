//! What flows are given instead of reaching for it: time, ids, and the queues by provider.

use std::{collections::BTreeMap, fmt, sync::Arc};

use toonmill_cloud::{CloudError, Doorbell, ImageQueue};
use toonmill_domain::{ProviderId, RingCause, Stage, Timestamp};
use uuid::Uuid;

/// Tells the time.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    pub fn new(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    pub fn now(&self) -> Timestamp {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({})", self.now().to_rfc3339())
    }
}

/// Makes ids that sort by the time they were made (`UUIDv7`), and tokens of calls.
#[derive(Clone)]
pub struct Ids(Arc<dyn Fn() -> Uuid + Send + Sync>);

impl Ids {
    pub fn new(make: impl Fn() -> Uuid + Send + Sync + 'static) -> Self {
        Self(Arc::new(make))
    }

    pub fn make(&self) -> Uuid {
        (self.0)()
    }

    /// A token that one call leaves in the records it writes.
    pub fn token(&self) -> String {
        self.make().as_simple().to_string()
    }
}

impl fmt::Debug for Ids {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ids")
    }
}

/// The image queue of each provider.
#[derive(Clone, Debug, Default)]
pub struct ImageQueues(BTreeMap<ProviderId, ImageQueue>);

/// A provider that a stage names and this deployment has no queue for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no image queue is configured for the provider {0}")]
pub struct NoQueue(pub ProviderId);

impl ImageQueues {
    pub fn new(queues: impl IntoIterator<Item = (ProviderId, ImageQueue)>) -> Self {
        Self(queues.into_iter().collect())
    }

    pub fn get(&self, provider: &ProviderId) -> Result<&ImageQueue, NoQueue> {
        self.0.get(provider).ok_or_else(|| NoQueue(provider.clone()))
    }

    pub fn providers(&self) -> impl Iterator<Item = &ProviderId> {
        self.0.keys()
    }
}

/// Rings if whoever counted last must (PROTOCOL, ring rule). None: the stage has moved on, and so have its rings.
pub(crate) async fn ring_by_rule(
    doorbell: &Doorbell,
    counted: Option<&Stage>,
    window: u32,
    cause: RingCause,
) -> Result<(), CloudError> {
    match counted {
        Some(stage) if stage.must_ring(window) => doorbell.ring(stage.key.job, cause).await,
        Some(_) | None => Ok(()),
    }
}
