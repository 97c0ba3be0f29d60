//! What flows are given instead of reaching for it: time, ids, and the queues of slots.

use std::{collections::BTreeMap, fmt, sync::Arc};

use toonmill_cloud::{CloudError, Doorbell, SlotQueue};
use toonmill_domain::{Budget, ProviderId, RingCause, Stage, Timestamp, WorkKind};
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

/// The queues that slots are sent to: for images one of each provider, for texts one for all.
#[derive(Clone, Debug, Default)]
pub struct WorkQueues {
    images: BTreeMap<ProviderId, SlotQueue>,
    texts: Option<SlotQueue>,
}

/// A kind of work that a stage names and this deployment has no queue for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no {kind} queue is configured for the provider {provider}", kind = .kind.as_str())]
pub struct NoQueue {
    pub provider: ProviderId,
    pub kind: WorkKind,
}

impl WorkQueues {
    pub fn new(images: impl IntoIterator<Item = (ProviderId, SlotQueue)>, texts: Option<SlotQueue>) -> Self {
        Self { images: images.into_iter().collect(), texts }
    }

    pub fn get(&self, provider: &ProviderId, kind: WorkKind) -> Result<&SlotQueue, NoQueue> {
        let queue = match kind {
            WorkKind::Image => self.images.get(provider),
            WorkKind::Text => self.texts.as_ref(),
        };
        queue.ok_or_else(|| NoQueue { provider: provider.clone(), kind })
    }
}

/// What each provider's budget of requests is; none means that nobody counts.
#[derive(Clone, Debug, Default)]
pub struct Budgets(BTreeMap<ProviderId, Budget>);

/// Minutes of a provider's budget that one job may have sent ahead, so that it neither keeps others waiting for long
/// nor takes more turns with it when it is cancelled.
const MINUTES_AHEAD: u32 = 2;

impl Budgets {
    pub fn new(budgets: impl IntoIterator<Item = (ProviderId, Budget)>) -> Self {
        Self(budgets.into_iter().collect())
    }

    pub fn get(&self, provider: &ProviderId) -> Option<Budget> {
        self.0.get(provider).copied()
    }

    /// The window of one of a job's `stages`, which workers and reconcilers must see alike: the ring rule needs it. The
    /// stages share their job's: an account has a window for each job that it may have unfinished, however many stages
    /// they have, and so nobody waits for longer than that behind it.
    pub fn window(&self, provider: &ProviderId, window: u32, stages: usize) -> u32 {
        let stages = u32::try_from(stages).unwrap_or(u32::MAX).max(1);
        let ahead = self.get(provider).map_or(window, |budget| budget.0.get().saturating_mul(MINUTES_AHEAD));
        (window.min(ahead) / stages).max(1)
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
