//! What the handlers work with, made once at the start.

use std::{ops::Deref, sync::Arc};

use axum::extract::FromRef;
use toonmill_cloud::{Outbox, Table};
use toonmill_domain::{Credits, Limits};
use toonmill_flows::{Clock, Ids};
use toonmill_http_api::{Door, Edge, Origins, Verifier, auth::PublicKeys};
use toonmill_providers::http_client;
use toonmill_runtime::{
    Aws, SettingError, Settings,
    secrets::LazySecret,
    settings::names,
    start::{limits, signup_grant},
};

use crate::firebase::Firebase;

/// Where Google publishes the certificates of ID tokens, by their key ids.
const CERTIFICATES: &str = "https://www.googleapis.com/robot/v1/metadata/x509/securetoken@system.gserviceaccount.com";

/// The state of the API. Cloning it is cheap.
#[derive(Clone, Debug)]
pub struct App(Arc<Parts>);

#[derive(Debug)]
pub struct Parts {
    pub(crate) table: Table,
    pub(crate) outbox: Outbox,
    pub(crate) clock: Clock,
    pub(crate) edge: Edge,
    pub(crate) door: Door,
    pub(crate) verifier: Verifier,
    /// None where nobody can sign in.
    pub(crate) firebase: Option<Firebase>,
    pub(crate) signing_key: LazySecret,
    pub(crate) signup_grant: Credits,
}

/// What a deployment decides.
#[derive(Debug)]
pub struct Rules {
    pub keys: PublicKeys,
    /// What tokens are signed with: an ed25519 key in PKCS#8, base64.
    pub signing_key: LazySecret,
    pub origins: Origins,
    /// Whose ID tokens are taken; nobody's without.
    pub firebase_project: Option<String>,
    pub certificates_url: String,
    pub limits: Limits,
    pub signup_grant: Credits,
}

impl App {
    /// Checks every setting; nothing is called yet.
    pub fn start(settings: &Settings, aws: &Aws, clock: Clock, ids: Ids) -> Result<Self, SettingError> {
        let certificates = settings.optional(names::FIREBASE_CERTIFICATES_URL).unwrap_or(CERTIFICATES);
        let rules = Rules {
            keys: PublicKeys::parse(settings.required(names::JWT_PUBLIC_KEYS)?)
                .map_err(|why| SettingError::wrong(names::JWT_PUBLIC_KEYS, why))?,
            signing_key: aws.lazy_secret(settings, names::JWT_SIGNING_KEY),
            origins: Origins::parse(settings.optional(names::ALLOWED_ORIGINS).unwrap_or_default())
                .map_err(|why| SettingError::wrong(names::ALLOWED_ORIGINS, why))?,
            firebase_project: settings.optional(names::FIREBASE_PROJECT_ID).map(str::to_owned),
            certificates_url: certificates.to_owned(),
            limits: limits(settings)?,
            signup_grant: signup_grant(settings)?,
        };
        Self::new(aws.table(settings)?, aws.outbox(settings)?, clock, ids, rules)
    }

    pub fn new(table: Table, outbox: Outbox, clock: Clock, ids: Ids, rules: Rules) -> Result<Self, SettingError> {
        let client = http_client().map_err(|why| SettingError::wrong(names::FIREBASE_CERTIFICATES_URL, why))?;
        let firebase = rules
            .firebase_project
            .map(|project| Firebase::new(project, rules.certificates_url.clone(), client, clock.clone()));
        let verifier = Verifier::new(rules.keys, clock.clone());
        Ok(Self(Arc::new(Parts {
            door: Door::new(verifier.clone(), table.clone(), clock.clone(), rules.limits),
            edge: Edge { origins: Arc::new(rules.origins), ids },
            signing_key: rules.signing_key,
            signup_grant: rules.signup_grant,
            firebase,
            verifier,
            table,
            outbox,
            clock,
        })))
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
