//! What a warm worker keeps between messages: plans and input pictures, which never change under their keys, and
//! for a few seconds whether a provider may be called.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use toonmill_cloud::{Blobs, CloudError};
use toonmill_domain::{JobId, Plan, ProviderId, Timestamp, budget::Lot};

use super::inputs::InputCache;
use crate::health::HealthCache;

const PLANS: usize = 8;
/// How long the answer that a provider may be called is believed. A worker learns from its own failures at once.
const HEALTH_BELIEVED: Duration = Duration::from_mins(1);

#[derive(Debug)]
pub struct Caches {
    plans: Mutex<VecDeque<Arc<Plan>>>,
    pub(super) inputs: InputCache,
    lots: Mutex<HashMap<ProviderId, Lot>>,
    pub(super) health: HealthCache,
    /// Breakers opened and not yet reported.
    pub(super) opened: AtomicU64,
}

impl Default for Caches {
    fn default() -> Self {
        Self {
            plans: Mutex::default(),
            inputs: InputCache::default(),
            lots: Mutex::default(),
            health: HealthCache::new(HEALTH_BELIEVED),
            opened: AtomicU64::new(0),
        }
    }
}

impl Caches {
    pub(super) async fn plan(&self, blobs: &Blobs, job: JobId) -> Result<Arc<Plan>, CloudError> {
        let known = lock(&self.plans).iter().find(|plan| plan.job == job).cloned();
        if let Some(plan) = known {
            return Ok(plan);
        }
        let plan = Arc::new(blobs.load_plan(job).await?);
        let mut plans = lock(&self.plans);
        plans.push_back(Arc::clone(&plan));
        if plans.len() > PLANS {
            plans.pop_front();
        }
        Ok(plan)
    }

    /// The next turn that this worker holds for messages that have none; if it holds none, how many to reserve.
    pub(super) fn next_turn(&self, provider: &ProviderId, now: Timestamp) -> Result<Timestamp, u32> {
        let mut lots = lock(&self.lots);
        let lot = lots.get_mut(provider);
        let size = Lot::next_size(lot.as_deref(), now);
        lot.and_then(|lot| lot.take(now)).ok_or(size)
    }

    /// Keeps a lot that was just reserved; its first turn is for the message at hand.
    pub(super) fn keep_turns(&self, provider: &ProviderId, mut lot: Lot, now: Timestamp) -> Timestamp {
        let first = lot.take(now).unwrap_or(now);
        lock(&self.lots).insert(provider.clone(), lot);
        first
    }

    /// How many breakers this worker has opened since this was last asked.
    pub fn take_opened(&self) -> u64 {
        self.opened.swap(0, Ordering::Relaxed)
    }
}

/// A cache holds only copies: one that a panic left half changed is still good.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
