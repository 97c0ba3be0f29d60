//! A photo that a user sent: fetched from Telegram, looked at like any picture from outside, and kept as an upload of the user's.

use std::time::Duration;

use toonmill_domain::FileId;
use toonmill_flows::inputs::TEMPORARY_LIFETIME;
use toonmill_orders::too_much;
use toonmill_telegram::{
    ErrorKind, Photo,
    bot::{Error, TimeLimits},
    limits::DOWNLOAD_BYTES,
};

use crate::{refusal::Refused, webhook::Hearing};

/// The function is cut after 29 s: whoever waits longer for a photo could tell nobody.
const PATIENCE: TimeLimits = TimeLimits { call: Duration::from_secs(5), transfer: Duration::from_secs(12) };

impl Hearing<'_> {
    pub(crate) async fn take_in(&self, photo: &Photo) -> Result<FileId, Refused> {
        if photo.size_bytes.is_some_and(|size| size > u64::try_from(DOWNLOAD_BYTES).unwrap_or(u64::MAX)) {
            return Err(Refused::PhotoTooLarge);
        }
        let app = self.app;
        let bot = app.bot.get().await.ok().flatten().ok_or(Refused::Unavailable)?.within(PATIENCE);
        let file = bot.get_file(&photo.file_id).await.map_err(|error| fetching(&error))?;
        let bytes = bot.download(&file).await.map_err(|error| fetching(&error))?;
        let id = FileId::new(app.ids.make());
        let until = app.clock.now().plus(TEMPORARY_LIFETIME);
        let picture = app
            .desk
            .inputs
            .take_in(id, &self.caller.account, bytes.into(), until)
            .map_err(|_| Refused::PhotoUnreadable)?;
        app.desk.inputs.store(picture).await?.map_err(|quota| Refused::Problem(too_much(quota)))?;
        Ok(id)
    }
}

/// What is passing is the user's to send again: Telegram would send the update again too, but a user waits no day.
fn fetching(error: &Error) -> Refused {
    tracing::warn!(error = error as &dyn std::error::Error, "a photo could not be fetched");
    match error.kind {
        ErrorKind::TooLarge => Refused::PhotoTooLarge,
        ErrorKind::FileGone | ErrorKind::BadRequest => Refused::PhotoUnreadable,
        _ => Refused::Unavailable,
    }
}
