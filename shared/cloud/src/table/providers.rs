//! What holds for a provider as a whole: an operator's pause, and what is known of its health.

use toonmill_domain::{ProviderId, Timestamp, health::ProviderHealth};

use super::{Table, breakers, keys};
use crate::{
    error::CloudError,
    item::{Attributes, Reader, text, time},
};

impl Table {
    /// Whether a provider may be called: its pause and its models' breakers, in one consistent query.
    pub async fn load_health(&self, provider: &ProviderId) -> Result<ProviderHealth, CloudError> {
        let mut health = ProviderHealth::default();
        for item in self.query_range(&keys::provider_partition(provider), "A", keys::AFTER_BREAKERS).await? {
            let read = Reader::new(&item, "provider record");
            match read.text("sk")?.strip_prefix(keys::BREAKER_PREFIX) {
                Some(model) => {
                    let model = model.parse().map_err(|_| read.corrupt("sk"))?;
                    health.breakers.insert(model, breakers::read(&item)?);
                }
                None => health.paused_until = read.opt_time("pausedUntil")?,
            }
        }
        Ok(health)
    }

    /// Pauses a provider until a time; one in the past ends the pause.
    pub async fn pause_provider(&self, provider: &ProviderId, until: Timestamp) -> Result<(), CloudError> {
        let attributes = Attributes::default().with("provider", text(provider)).with("pausedUntil", time(until));
        self.client()
            .put_item()
            .table_name(self.name())
            .set_item(Some(keys::provider(provider).with(attributes.into_item())))
            .send()
            .await
            .map(|_| ())
            .map_err(|error| CloudError::from_sdk("PutItem", error))
    }
}
