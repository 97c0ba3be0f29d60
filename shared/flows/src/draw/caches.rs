//! What a warm worker keeps between messages: plans and input pictures, which never change under their keys, and
//! for a few seconds whether a provider is paused.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use toonmill_cloud::{Blobs, CloudError, Table};
use toonmill_domain::{InputImage, JobId, Plan, ProviderId, Timestamp};

const PLANS: usize = 8;
/// Input pictures kept, in bytes. A worker has little memory, and the encoder needs most of it.
const INPUT_BYTES: usize = 16 << 20;
/// How long the answer to "is this provider paused?" is believed.
const PAUSE_BELIEVED: Duration = Duration::from_secs(15);

#[derive(Debug, Default)]
pub struct Caches {
    plans: Mutex<VecDeque<Arc<Plan>>>,
    inputs: Mutex<VecDeque<(String, Bytes)>>,
    pauses: Mutex<HashMap<ProviderId, Pause>>,
}

#[derive(Clone, Copy, Debug)]
struct Pause {
    until: Option<Timestamp>,
    asked_at: Timestamp,
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

    /// An input's bytes: read once by a warm worker. An object never changes under its key.
    pub(super) async fn input(&self, blobs: &Blobs, input: &InputImage) -> Result<Bytes, CloudError> {
        let known = lock(&self.inputs).iter().find(|(hash, _)| *hash == input.sha256).map(|(_, bytes)| bytes.clone());
        if let Some(bytes) = known {
            return Ok(bytes);
        }
        let bytes = Bytes::from(blobs.get(&input.object_key, input.size_bytes).await?);
        let mut inputs = lock(&self.inputs);
        inputs.push_back((input.sha256.clone(), bytes.clone()));
        while inputs.len() > 1 && inputs.iter().map(|(_, bytes)| bytes.len()).sum::<usize>() > INPUT_BYTES {
            inputs.pop_front();
        }
        Ok(bytes)
    }

    /// Until when a provider is paused, if it is.
    pub(super) async fn pause(
        &self,
        table: &Table,
        provider: &ProviderId,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, CloudError> {
        let known = lock(&self.pauses).get(provider).copied();
        let pause = match known {
            Some(pause) if now.since(pause.asked_at) < PAUSE_BELIEVED => pause,
            Some(_) | None => {
                let until = table.load_pause(provider, now).await?.map(|pause| pause.until);
                let pause = Pause { until, asked_at: now };
                lock(&self.pauses).insert(provider.clone(), pause);
                pause
            }
        };
        Ok(pause.until.filter(|until| *until > now))
    }
}

/// A cache holds only copies: one that a panic left half changed is still good.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
