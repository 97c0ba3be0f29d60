//! Whom this process believes may be called, for a few seconds at a time.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use toonmill_cloud::{CloudError, Table};
use toonmill_domain::{
    Choice, Health, ProviderId, Timestamp,
    health::{Breaker, ProviderHealth},
};

/// How long bad news are believed: they end sooner than good ones.
const BAD_NEWS_BELIEVED: Duration = Duration::from_secs(15);

/// What was read of providers, and what was learnt of them since.
#[derive(Debug)]
pub struct HealthCache {
    believed: Duration,
    known: Mutex<BTreeMap<ProviderId, Known>>,
}

#[derive(Clone, Debug)]
struct Known {
    health: ProviderHealth,
    asked_at: Timestamp,
}

impl HealthCache {
    /// A cache that believes good news for so long, and bad ones for 15 s at most.
    pub const fn new(believed: Duration) -> Self {
        Self { believed, known: Mutex::new(BTreeMap::new()) }
    }

    /// What is known of these providers. Those of which too little is known are asked for.
    pub async fn load<'p>(
        &self,
        table: &Table,
        providers: impl IntoIterator<Item = &'p ProviderId>,
        now: Timestamp,
    ) -> Result<Health, CloudError> {
        let mut health = Health::default();
        for provider in providers {
            let fresh = |known: &&Known| {
                let bad = known.health.has_news();
                now.since(known.asked_at) < if bad { self.believed.min(BAD_NEWS_BELIEVED) } else { self.believed }
            };
            let known = self.lock().get(provider).filter(fresh).map(|known| known.health.clone());
            let of_provider = if let Some(known) = known {
                known
            } else {
                let read = table.load_health(provider).await?;
                self.lock().insert(provider.clone(), Known { health: read.clone(), asked_at: now });
                read
            };
            health.0.insert(provider.clone(), of_provider);
        }
        Ok(health)
    }

    /// The breaker as it was last seen.
    pub fn breaker(&self, choice: &Choice) -> Breaker {
        let known = self.lock();
        let breaker = known.get(&choice.provider).and_then(|known| known.health.breakers.get(&choice.model));
        breaker.cloned().unwrap_or_default()
    }

    /// Takes a breaker as somebody's write has just left it.
    pub fn learn(&self, choice: &Choice, breaker: Breaker) {
        if let Some(known) = self.lock().get_mut(&choice.provider) {
            known.health.breakers.insert(choice.model.clone(), breaker);
        }
    }

    /// It holds only copies: one that a panic left half changed is still good.
    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<ProviderId, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
