//! What holds for a provider as a whole: an operator's pause, and what is known of its health.

use toonmill_domain::{ModelId, ProviderId, Timestamp, health::ProviderHealth};

use super::{Table, breakers, keys};
use crate::{
    error::CloudError,
    expression::{Change, values},
    item::{Reader, text, time},
};

impl Table {
    /// Whether a provider may be called: its pause and its models' breakers, in one consistent query. A record that cannot be
    /// read says nothing against a call: it is logged and passed over.
    pub async fn load_health(&self, provider: &ProviderId) -> Result<ProviderHealth, CloudError> {
        let mut health = ProviderHealth::default();
        for item in self.query_range(&keys::provider_partition(provider), "A", keys::AFTER_BREAKERS).await? {
            let read = Reader::new(&item, "provider record");
            let noted = match read.text("sk")?.strip_prefix(keys::BREAKER_PREFIX) {
                Some(model) => model.parse().map_err(|_| read.corrupt("sk")).map(|model: ModelId| {
                    health.breakers.insert(model, breakers::read(&item));
                }),
                None => read.opt_time("pausedUntil").map(|until| health.paused_until = until),
            };
            if let Err(error) = noted {
                tracing::error!(%provider, error = &error as &dyn std::error::Error,
                    "a record of a provider cannot be read and counts as if it were not there");
            }
        }
        Ok(health)
    }

    /// Pauses a provider until a time; one in the past ends the pause.
    pub async fn pause_provider(&self, provider: &ProviderId, until: Timestamp) -> Result<(), CloudError> {
        let change = Change {
            key: keys::provider(provider),
            update: "SET #provider = :provider, #pausedUntil = :until",
            // The last word counts. Only the time is written, and whatever else the record holds stays.
            condition: "attribute_not_exists(#pausedUntil) OR #pausedUntil <> :until",
            values: values([("provider", text(provider)), ("until", time(until))]),
        };
        change.apply(self).await.map(|_| ())
    }
}
