//! What the handler works with, made once at the start.

use std::{ops::Deref, sync::Arc, time::Duration};

use axum::extract::FromRef;
use toonmill_cloud::Table;
use toonmill_domain::Limits;
use toonmill_flows::{Clock, Ids};
use toonmill_http_api::{Door, Edge, Origins, Verifier, auth::PublicKeys};
use toonmill_runtime::{Aws, SettingError, Settings, settings::names, start::limits};

/// The longest that a stream goes on: a function ends after 15 minutes, and must have said before that it will.
const LONGEST_SECONDS: u32 = 14 * 60;

/// The state of the function. Cloning it is cheap.
#[derive(Clone, Debug)]
pub struct App(Arc<Parts>);

#[derive(Debug)]
pub struct Parts {
    pub(crate) table: Table,
    pub(crate) clock: Clock,
    pub(crate) edge: Edge,
    pub(crate) longest: Duration,
    door: Door,
}

/// Who may look, and for how long at a time.
#[derive(Debug)]
pub struct Rules {
    pub keys: PublicKeys,
    pub origins: Origins,
    pub limits: Limits,
    /// After this time a stream ends and asks to be opened again.
    pub longest: Duration,
}

impl App {
    /// Checks every setting; nothing is called yet.
    pub fn start(settings: &Settings, aws: &Aws, clock: Clock, ids: Ids) -> Result<Self, SettingError> {
        let longest = settings.number(names::EVENTS_SECONDS, LONGEST_SECONDS, 10, LONGEST_SECONDS)?;
        let rules = Rules {
            keys: PublicKeys::parse(settings.required(names::JWT_PUBLIC_KEYS)?)
                .map_err(|why| SettingError::wrong(names::JWT_PUBLIC_KEYS, why))?,
            origins: Origins::parse(settings.optional(names::ALLOWED_ORIGINS).unwrap_or_default())
                .map_err(|why| SettingError::wrong(names::ALLOWED_ORIGINS, why))?,
            limits: limits(settings)?,
            longest: Duration::from_secs(longest.into()),
        };
        Ok(Self::new(aws.table(settings)?, clock, ids, rules))
    }

    pub fn new(table: Table, clock: Clock, ids: Ids, rules: Rules) -> Self {
        let verifier = Verifier::new(rules.keys, clock.clone());
        Self(Arc::new(Parts {
            door: Door::new(verifier, table.clone(), clock.clone(), rules.limits),
            edge: Edge { origins: Arc::new(rules.origins), ids },
            longest: rules.longest,
            table,
            clock,
        }))
    }
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
