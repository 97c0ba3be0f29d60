//! What the handlers work with, made once at the start.

use std::{ops::Deref, sync::Arc};

use axum::extract::FromRef;
use toonmill_cloud::{Blobs, Doorbell, Table};
use toonmill_domain::{Job, JobId, Stage};
use toonmill_flows::{Clock, Ids, retry::Retrier, submit::Submitter};
use toonmill_http_api::{Caller, Door, Edge, Origins, Problem, Verifier, auth::PublicKeys};
use toonmill_orders::{Desk, Offer};
use toonmill_outbound::Fetcher;
use toonmill_receipts as receipts;
use toonmill_runtime::{Aws, SettingError, Settings, catalogue, secrets::LazySecret, settings::names};

use crate::{remembered::Remembered, view::Showing};

/// A text beyond this is not shown in an answer. A model writes some hundred thousand bytes at most.
pub(crate) const LONGEST_TEXT_BYTES: u64 = 1 << 20;

/// The state of the API. Cloning it is cheap.
#[derive(Clone, Debug)]
pub struct App(Arc<Parts>);

#[derive(Debug)]
pub struct Parts {
    pub(crate) table: Table,
    pub(crate) blobs: Blobs,
    pub(crate) doorbell: Doorbell,
    pub(crate) submitter: Submitter,
    pub(crate) retrier: Retrier,
    pub(crate) desk: Desk,
    pub(crate) clock: Clock,
    pub(crate) edge: Edge,
    pub(crate) receipt_key: LazySecret,
    pub(crate) receipt_public_keys: receipts::PublicKeys,
    /// The requests of single jobs, by their jobs.
    pub(crate) arguments: Remembered,
    pub(crate) events_base: String,
    pub(crate) door: Door,
}

/// Who may call, and what may be drawn with.
#[derive(Debug)]
pub struct Rules {
    pub keys: PublicKeys,
    pub origins: Origins,
    /// What the addresses of streams of events begin with, without a final slash. Empty if they are this API's own.
    pub events_base: String,
    pub offer: Offer,
    /// Reads the pictures of other servers.
    pub fetcher: Fetcher,
    /// What receipts are signed with: an ed25519 key in PKCS#8, base64.
    pub receipt_key: LazySecret,
    /// Public keys that are shown beside its own: those that signed before, and the one that will.
    pub receipt_public_keys: receipts::PublicKeys,
}

impl App {
    /// Checks every setting. Nothing is called yet but the bucket, if the catalogue is an object of it.
    pub async fn start(settings: &Settings, aws: &Aws, clock: Clock, ids: Ids) -> Result<Self, SettingError> {
        let submitter = aws.submitter(settings, clock, ids)?;
        let rules = Rules {
            keys: PublicKeys::parse(settings.required(names::JWT_PUBLIC_KEYS)?)
                .map_err(|why| SettingError::wrong(names::JWT_PUBLIC_KEYS, why))?,
            origins: Origins::parse(settings.optional(names::ALLOWED_ORIGINS).unwrap_or_default())
                .map_err(|why| SettingError::wrong(names::ALLOWED_ORIGINS, why))?,
            // A function URL ends in a slash.
            events_base: settings.optional(names::EVENTS_URL).unwrap_or_default().trim_end_matches('/').to_owned(),
            offer: Offer::from_settings(settings, catalogue::load(settings, &submitter.blobs).await)?,
            fetcher: Desk::fetcher(settings)?,
            receipt_key: aws.lazy_secret(settings, names::RECEIPT_SIGNING_KEY),
            receipt_public_keys: receipts::PublicKeys::parse(settings.optional(names::RECEIPT_PUBLIC_KEYS))
                .map_err(|why| SettingError::wrong(names::RECEIPT_PUBLIC_KEYS, why))?,
        };
        Ok(Self::new(submitter, rules))
    }

    pub fn new(submitter: Submitter, rules: Rules) -> Self {
        let Submitter { table, blobs, doorbell, clock, ids, limits, .. } = submitter.clone();
        let verifier = Verifier::new(rules.keys, clock.clone());
        Self(Arc::new(Parts {
            door: Door::new(verifier, table.clone(), clock.clone(), limits),
            retrier: Retrier::beside(&submitter, rules.offer.catalogue.clone()),
            edge: Edge { origins: Arc::new(rules.origins), ids },
            desk: Desk::new(&submitter, rules.offer, rules.fetcher),
            receipt_key: rules.receipt_key,
            receipt_public_keys: rules.receipt_public_keys,
            arguments: Remembered::default(),
            events_base: rules.events_base,
            table,
            blobs,
            doorbell,
            submitter,
            clock,
        }))
    }

    /// A job that is read now.
    pub(crate) fn showing(&self) -> Showing<'_> {
        Showing { now: self.clock.now(), events_base: &self.events_base }
    }

    /// A job of the caller's. An id that is none, a job that is not there and another's job are one answer (TN-1).
    pub(crate) async fn load_job(&self, caller: &Caller, id: JobId) -> Result<(Job, Vec<Stage>), Problem> {
        let found = self.table.load_job(id).await?;
        found.filter(|(job, _)| job.account == caller.account).ok_or_else(no_such_job)
    }
}

pub(crate) fn no_such_job() -> Problem {
    Problem::not_found("job")
}

pub(crate) fn job_id(text: &str) -> Result<JobId, Problem> {
    text.parse().map_err(|_| no_such_job())
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl FromRef<App> for Door {
    fn from_ref(app: &App) -> Self {
        app.door.clone()
    }
}
