//! What the handler works with, made once at the start.

use std::{ops::Deref, sync::Arc};

use toonmill_cloud::{Outbox, Table};
use toonmill_flows::{Clock, Ids, retry::Retrier, submit::Submitter};
use toonmill_http_api::{Edge, Origins, auth::RequestCounter};
use toonmill_orders::{Desk, Offer};
use toonmill_outbound::Fetcher;
use toonmill_runtime::{Aws, SettingError, Settings, bot::LazyBot, catalogue, secrets::LazySecret, settings::names};

/// The state. Cloning it is cheap.
#[derive(Clone, Debug)]
pub struct App(Arc<Parts>);

#[derive(Debug)]
pub struct Parts {
    pub(crate) table: Table,
    pub(crate) outbox: Outbox,
    pub(crate) desk: Desk,
    pub(crate) submitter: Submitter,
    pub(crate) retrier: Retrier,
    pub(crate) counter: RequestCounter,
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    pub(crate) edge: Edge,
    /// By which Telegram shows that it is Telegram.
    pub(crate) secret: LazySecret,
    pub(crate) bot: LazyBot,
    pub(crate) username: Option<String>,
}

/// What a deployment decides.
#[derive(Debug)]
pub struct Rules {
    pub offer: Offer,
    pub fetcher: Fetcher,
    pub secret: LazySecret,
    pub bot: LazyBot,
    /// The bot's, without the `@`; while it is not known, every command in a group is taken for ours.
    pub username: Option<String>,
}

impl App {
    /// Checks every setting. Nothing is called yet but the bucket, if the catalogue is an object of it.
    pub async fn start(settings: &Settings, aws: &Aws, clock: Clock, ids: Ids) -> Result<Self, SettingError> {
        let submitter = aws.submitter(settings, clock, ids)?;
        let rules = Rules {
            offer: Offer::from_settings(settings, catalogue::load(settings, &submitter.blobs).await)?,
            fetcher: Desk::fetcher(settings)?,
            secret: aws.lazy_secret(settings, names::TELEGRAM_WEBHOOK_SECRET),
            bot: aws.bot(settings)?,
            username: settings
                .optional(names::TELEGRAM_BOT_USERNAME)
                .map(|name| name.trim_start_matches('@').to_owned()),
        };
        Ok(Self::new(submitter, aws.outbox(settings)?, rules))
    }

    pub fn new(submitter: Submitter, outbox: Outbox, rules: Rules) -> Self {
        let Submitter { table, clock, ids, limits, .. } = submitter.clone();
        Self(Arc::new(Parts {
            counter: RequestCounter::new(table.clone(), clock.clone(), limits),
            retrier: Retrier::beside(&submitter, rules.offer.catalogue.clone()),
            desk: Desk::new(&submitter, rules.offer, rules.fetcher),
            edge: Edge { origins: Arc::new(Origins::default()), ids: ids.clone() },
            secret: rules.secret,
            bot: rules.bot,
            username: rules.username,
            table,
            outbox,
            submitter,
            clock,
            ids,
        }))
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
