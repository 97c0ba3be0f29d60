//! What holds for a provider as a whole.

use toonmill_domain::{ProviderId, Timestamp};

use super::{Table, keys};
use crate::{
    error::CloudError,
    item::{Attributes, Reader, text, time},
};

/// A provider that an operator has paused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderPause {
    pub provider: ProviderId,
    pub until: Timestamp,
}

impl Table {
    /// The pause of a provider, while it lasts.
    pub async fn load_pause(&self, provider: &ProviderId, now: Timestamp) -> Result<Option<ProviderPause>, CloudError> {
        let Some(item) = self.get(keys::provider(provider)).await? else { return Ok(None) };
        let until = Reader::new(&item, "provider record").opt_time("pausedUntil")?;
        Ok(until.filter(|until| *until > now).map(|until| ProviderPause { provider: provider.clone(), until }))
    }

    /// Pauses a provider until a time; one in the past ends the pause.
    pub async fn pause_provider(&self, pause: &ProviderPause) -> Result<(), CloudError> {
        let attributes =
            Attributes::default().with("provider", text(&pause.provider)).with("pausedUntil", time(pause.until));
        self.client()
            .put_item()
            .table_name(self.name())
            .set_item(Some(keys::provider(&pause.provider).with(attributes.into_item())))
            .send()
            .await
            .map(|_| ())
            .map_err(|error| CloudError::from_sdk("PutItem", error))
    }
}
