//! What the handlers work with, made once at the start.

use std::{collections::BTreeSet, ops::Deref, sync::Arc, time::Duration};

use axum::extract::FromRef;
use toonmill_cloud::{Blobs, CloudError, Doorbell, Table, table::UploadQuota};
use toonmill_domain::{
    Choice, Credits, Job, JobId, ModelId, ProviderId, Stage, StagePlan, Tier, WorkKind, health::MayCall,
};
use toonmill_flows::{Clock, Ids, health::HealthCache, inputs::Inputs, retry::Retrier, submit::Submitter};
use toonmill_http_api::{Caller, Door, Edge, FieldError, Origins, Problem, Verifier, auth::PublicKeys};
use toonmill_outbound::{Fetcher, Network, Ports};
use toonmill_plans::{Finding, MAX_IMAGES_PER_JOB, Studio, TextLimits};
use toonmill_providers::{Catalogue, ImageModel, catalogue::Model};
use toonmill_receipts as receipts;
use toonmill_runtime::{
    Aws, SettingError, Settings,
    secrets::LazySecret,
    settings::names,
    start::{catalogue, limits},
};

use crate::remembered::Remembered;

/// How long the answer to "may this provider be called?" is believed.
const HEALTH_BELIEVED: Duration = Duration::from_secs(5);
const DEFAULT_UPLOADS: u32 = 2_000;
const DEFAULT_UPLOAD_BYTES: u64 = 10 << 30;
const DEFAULT_PROVIDERS: &str = "gemini";
/// Whom a single call asks that names nobody, if it is configured.
const DEFAULT_SINGLE_PROVIDER: &str = "openai";
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
    pub(crate) inputs: Inputs,
    pub(crate) fetcher: Fetcher,
    pub(crate) clock: Clock,
    pub(crate) edge: Edge,
    pub(crate) configured: BTreeSet<ProviderId>,
    default_provider: Option<ProviderId>,
    text: TextLimits,
    pub(crate) receipt_key: LazySecret,
    pub(crate) receipt_public_keys: receipts::PublicKeys,
    catalogue: Catalogue,
    health: HealthCache,
    /// The requests of single jobs, by their jobs.
    pub(crate) arguments: Remembered,
    door: Door,
    image_tier: Tier,
}

/// Who may call, and what may be drawn with.
#[derive(Debug)]
pub struct Rules {
    pub keys: PublicKeys,
    pub origins: Origins,
    pub catalogue: Catalogue,
    /// The providers that this deployment has keys for.
    pub configured: BTreeSet<ProviderId>,
    /// Whom a single call asks that names nobody; `auto` if none.
    pub default_provider: Option<ProviderId>,
    pub text: TextLimits,
    /// Reads the pictures of other servers.
    pub fetcher: Fetcher,
    /// The lowest membership that may have pictures drawn.
    pub image_tier: Tier,
    /// What an account may have uploaded at once.
    pub uploads: UploadQuota,
    /// What receipts are signed with: an ed25519 key in PKCS#8, base64.
    pub receipt_key: LazySecret,
    /// Public keys that are shown beside its own: those that signed before, and the one that will.
    pub receipt_public_keys: receipts::PublicKeys,
}

impl App {
    /// Checks every setting; nothing is called yet.
    pub fn start(settings: &Settings, aws: &Aws, clock: Clock, ids: Ids) -> Result<Self, SettingError> {
        let grant = Credits::new(settings.parsed_or(names::SIGNUP_GRANT_CREDITS, 0)?)
            .ok_or_else(|| SettingError::wrong(names::SIGNUP_GRANT_CREDITS, "too many credits"))?;
        let submitter = Submitter {
            table: aws.table(settings)?,
            blobs: aws.blobs(settings)?,
            doorbell: aws.doorbell(settings)?,
            clock,
            ids,
            limits: limits(settings)?,
            signup_grant: grant,
        };
        let configured = configured(settings)?;
        let rules = Rules {
            keys: PublicKeys::parse(settings.required(names::JWT_PUBLIC_KEYS)?)
                .map_err(|why| SettingError::wrong(names::JWT_PUBLIC_KEYS, why))?,
            origins: Origins::parse(settings.optional(names::ALLOWED_ORIGINS).unwrap_or_default())
                .map_err(|why| SettingError::wrong(names::ALLOWED_ORIGINS, why))?,
            catalogue: catalogue(settings)?,
            default_provider: default_provider(settings, &configured)?,
            configured,
            text: text_limits(settings)?,
            fetcher: fetcher(settings)?,
            image_tier: image_tier(settings)?,
            uploads: upload_quota(settings)?,
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
            door: Door::new(verifier, table.clone(), clock.clone(), limits.clone()),
            image_tier: rules.image_tier,
            inputs: Inputs {
                table: table.clone(),
                blobs: blobs.clone(),
                clock: clock.clone(),
                ids: ids.clone(),
                quota: rules.uploads,
            },
            retrier: Retrier {
                table: table.clone(),
                blobs: blobs.clone(),
                doorbell: doorbell.clone(),
                clock: clock.clone(),
                ids: ids.clone(),
                catalogue: rules.catalogue.clone(),
                limits,
            },
            edge: Edge { origins: Arc::new(rules.origins), ids },
            configured: rules.configured,
            default_provider: rules.default_provider,
            text: rules.text,
            fetcher: rules.fetcher,
            receipt_key: rules.receipt_key,
            receipt_public_keys: rules.receipt_public_keys,
            catalogue: rules.catalogue,
            health: HealthCache::new(HEALTH_BELIEVED),
            arguments: Remembered::default(),
            table,
            blobs,
            doorbell,
            submitter,
            clock,
        }))
    }

    pub(crate) fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// The lowest membership that may have this stage made.
    pub(crate) fn tier_of(&self, stage: &StagePlan) -> Tier {
        let of_model = self.catalogue.model(&stage.model).map_or(Tier::Premium, Model::min_tier);
        match stage.work.kind() {
            WorkKind::Image => of_model.max(self.image_tier),
            WorkKind::Text => of_model,
        }
    }

    /// Those that this membership does not include.
    pub(crate) fn above(&self, tier: Tier) -> impl Iterator<Item = ModelId> {
        self.catalogue.models().filter(move |model| model.min_tier() > tier).map(|model| model.id().clone())
    }

    pub(crate) fn studio<'a>(&'a self, unhealthy: &'a BTreeSet<ModelId>) -> Studio<'a> {
        Studio {
            catalogue: &self.catalogue,
            configured: &self.configured,
            unhealthy,
            default_provider: self.default_provider.as_ref(),
            max_images_per_job: MAX_IMAGES_PER_JOB,
            text: self.text,
        }
    }

    /// The models of configured providers that cannot be called now.
    pub(crate) async fn unhealthy(&self) -> Result<BTreeSet<ModelId>, CloudError> {
        let now = self.clock.now();
        let health = self.health.load(&self.table, &self.configured, now).await?;
        let callable = |model: &ImageModel| {
            let choice = Choice { provider: model.provider.clone(), model: model.id.clone() };
            !matches!(health.may_call(&choice, now), MayCall::NotBefore(_))
        };
        Ok(self.catalogue.image_models().filter(|model| !callable(model)).map(|model| model.id.clone()).collect())
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

/// The problem of a body in which these things are wrong.
pub(crate) fn invalid(findings: Vec<Finding>) -> Problem {
    Problem::invalid(findings.into_iter().map(|found| FieldError::new(found.pointer, found.detail)).collect())
}

/// The providers that this deployment has keys for, by name: this function is never given a key.
fn configured(settings: &Settings) -> Result<BTreeSet<ProviderId>, SettingError> {
    let names = settings.optional(names::PROVIDERS).unwrap_or(DEFAULT_PROVIDERS).split(',');
    let names = names.map(str::trim).filter(|name| !name.is_empty());
    names.map(|name| name.parse().map_err(|why| SettingError::wrong(names::PROVIDERS, why))).collect()
}

fn default_provider(
    settings: &Settings,
    configured: &BTreeSet<ProviderId>,
) -> Result<Option<ProviderId>, SettingError> {
    let name = names::AI_PROVIDER_DEFAULT;
    let Some(provider) = settings.parsed::<ProviderId>(name)? else {
        return Ok(configured.iter().find(|provider| provider.as_str() == DEFAULT_SINGLE_PROVIDER).cloned());
    };
    if configured.contains(&provider) {
        Ok(Some(provider))
    } else {
        Err(SettingError::wrong(name, format_args!("{provider} is not among {}", names::PROVIDERS)))
    }
}

fn upload_quota(settings: &Settings) -> Result<UploadQuota, SettingError> {
    Ok(UploadQuota {
        files: settings.number(names::MAX_UPLOADS, DEFAULT_UPLOADS, 1, 1_000_000)?.into(),
        bytes: settings.parsed_or(names::MAX_UPLOAD_BYTES, DEFAULT_UPLOAD_BYTES)?,
    })
}

fn fetcher(settings: &Settings) -> Result<Fetcher, SettingError> {
    let network = Network::internet().map_err(|why| SettingError::wrong(names::OUTBOUND_PORTS, why))?;
    Ok(Fetcher::new(network, settings.parsed_or(names::OUTBOUND_PORTS, Ports::default())?))
}

fn image_tier(settings: &Settings) -> Result<Tier, SettingError> {
    let Some(name) = settings.optional(names::IMAGE_MIN_TIER) else { return Ok(Tier::Free) };
    Tier::parse(name).ok_or_else(|| SettingError::wrong(names::IMAGE_MIN_TIER, "not free, standard or premium"))
}

fn text_limits(settings: &Settings) -> Result<TextLimits, SettingError> {
    let default = TextLimits::default();
    Ok(TextLimits {
        max_chars: settings.parsed_or(names::MAX_TEXT_CHARS, default.max_chars)?,
        max_output_tokens: settings.number(names::MAX_OUTPUT_TOKENS, default.max_output_tokens, 1, 1_000_000)?,
    })
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
