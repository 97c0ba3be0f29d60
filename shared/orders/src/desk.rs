//! What orders are taken with.

use std::{collections::BTreeSet, time::Duration};

use toonmill_cloud::{Blobs, CloudError, Table, table::UploadQuota};
use toonmill_domain::{Choice, ModelId, ProviderId, StagePlan, Tier, WorkKind, health::MayCall};
use toonmill_flows::{Clock, health::HealthCache, inputs::Inputs, submit::Submitter};
use toonmill_http_api::{FieldError, Problem, ProblemKind};
use toonmill_outbound::{Fetcher, Network, Ports};
use toonmill_plans::{Finding, MAX_IMAGES_PER_JOB, Studio, TextLimits};
use toonmill_providers::{Catalogue, ImageModel, catalogue::Model};
use toonmill_runtime::{SettingError, Settings, catalogue, settings::names};

/// How long the answer to "may this provider be called?" is believed.
const HEALTH_BELIEVED: Duration = Duration::from_secs(5);
/// When to ask again while the catalogue cannot be used: somebody has to put it right.
const CLOSED_SECS: u32 = 300;
const DEFAULT_UPLOADS: u32 = 2_000;
const DEFAULT_UPLOAD_BYTES: u64 = 10 << 30;
const DEFAULT_PROVIDERS: &str = "gemini";
/// Whom a single call asks that names nobody, if it is configured.
const DEFAULT_SINGLE_PROVIDER: &str = "openai";

/// Takes orders.
#[derive(Debug)]
pub struct Desk {
    pub table: Table,
    pub blobs: Blobs,
    pub inputs: Inputs,
    pub clock: Clock,
    pub(crate) fetcher: Fetcher,
    offer: Offer,
    health: HealthCache,
}

/// What this deployment offers.
#[derive(Clone, Debug)]
pub struct Offer {
    /// Without models where the deployment's own cannot be used: then nothing is taken.
    pub catalogue: Catalogue,
    /// The providers that there are keys for.
    pub configured: BTreeSet<ProviderId>,
    /// Whom a single call asks that names nobody; `auto` if none.
    pub default_provider: Option<ProviderId>,
    pub text: TextLimits,
    /// The lowest membership that may have pictures drawn.
    pub image_tier: Tier,
    /// What an account may have uploaded at once.
    pub uploads: UploadQuota,
    /// Of servers on the internet that a user may have us ask.
    pub ports: Ports,
}

impl Offer {
    /// Checks every setting of it. A catalogue that could not be loaded does not stop the start, so that all else still works:
    /// jobs can be looked at, and the health check says what is wrong.
    pub fn from_settings(settings: &Settings, loaded: Result<Catalogue, SettingError>) -> Result<Self, SettingError> {
        let configured = configured(settings)?;
        Ok(Self {
            catalogue: loaded.unwrap_or_else(|fault| catalogue::closed(settings, &fault)),
            default_provider: default_provider(settings, &configured)?,
            configured,
            text: text_limits(settings)?,
            image_tier: image_tier(settings)?,
            uploads: upload_quota(settings)?,
            ports: ports(settings)?,
        })
    }
}

impl Desk {
    /// `fetcher` reads the pictures of other servers.
    pub fn new(submitter: &Submitter, offer: Offer, fetcher: Fetcher) -> Self {
        let Submitter { table, blobs, clock, ids, .. } = submitter.clone();
        let inputs =
            Inputs { table: table.clone(), blobs: blobs.clone(), clock: clock.clone(), ids, quota: offer.uploads };
        Self { table, blobs, inputs, clock, fetcher, offer, health: HealthCache::new(HEALTH_BELIEVED) }
    }

    /// What reads the pictures of other servers, by the settings.
    pub fn fetcher(settings: &Settings) -> Result<Fetcher, SettingError> {
        let network = Network::internet().map_err(|why| SettingError::wrong(names::OUTBOUND_PORTS, why))?;
        Ok(Fetcher::new(network, ports(settings)?))
    }

    pub(crate) const fn ports(&self) -> &Ports {
        &self.offer.ports
    }

    pub const fn catalogue(&self) -> &Catalogue {
        &self.offer.catalogue
    }

    /// Refuses where the deployment's catalogue cannot be used: what has no price is not taken.
    pub fn check_open(&self) -> Result<(), Problem> {
        if self.offer.catalogue.is_empty() {
            let detail = "This deployment's model catalogue (MODEL_CATALOGUE) cannot be used, so that nothing has a price. \
                          Nothing was taken. Its operators find the fault in the log.";
            return Err(Problem::new(ProblemKind::Unavailable, detail).retry_after(CLOSED_SECS));
        }
        Ok(())
    }

    pub const fn configured(&self) -> &BTreeSet<ProviderId> {
        &self.offer.configured
    }

    /// The lowest membership that may have this stage made.
    pub(crate) fn tier_of(&self, stage: &StagePlan) -> Tier {
        let of_model = self.offer.catalogue.model(&stage.model).map_or(Tier::Premium, Model::min_tier);
        match stage.work.kind() {
            WorkKind::Image => of_model.max(self.offer.image_tier),
            WorkKind::Text => of_model,
        }
    }

    /// Those that this membership does not include.
    pub(crate) fn above(&self, tier: Tier) -> impl Iterator<Item = ModelId> {
        self.offer.catalogue.models().filter(move |model| model.min_tier() > tier).map(|model| model.id().clone())
    }

    pub(crate) fn studio<'a>(&'a self, unhealthy: &'a BTreeSet<ModelId>) -> Studio<'a> {
        Studio {
            catalogue: &self.offer.catalogue,
            configured: &self.offer.configured,
            unhealthy,
            default_provider: self.offer.default_provider.as_ref(),
            max_images_per_job: MAX_IMAGES_PER_JOB,
            text: self.offer.text,
        }
    }

    /// The models of configured providers that cannot be called now.
    pub async fn unhealthy(&self) -> Result<BTreeSet<ModelId>, CloudError> {
        let now = self.clock.now();
        let health = self.health.load(&self.table, &self.offer.configured, now).await?;
        let callable = |model: &ImageModel| {
            let choice = Choice { provider: model.provider.clone(), model: model.id.clone() };
            !matches!(health.may_call(&choice, now), MayCall::NotBefore(_))
        };
        let models = self.offer.catalogue.image_models();
        Ok(models.filter(|model| !callable(model)).map(|model| model.id.clone()).collect())
    }
}

/// The problem of a body in which these things are wrong.
pub fn invalid(findings: Vec<Finding>) -> Problem {
    Problem::invalid(findings.into_iter().map(|found| FieldError::new(found.pointer, found.detail)).collect())
}

/// The providers that this deployment has keys for, by name: whoever takes orders is never given a key.
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

fn ports(settings: &Settings) -> Result<Ports, SettingError> {
    settings.parsed_or(names::OUTBOUND_PORTS, Ports::default())
}

fn upload_quota(settings: &Settings) -> Result<UploadQuota, SettingError> {
    Ok(UploadQuota {
        files: settings.number(names::MAX_UPLOADS, DEFAULT_UPLOADS, 1, 1_000_000)?.into(),
        bytes: settings.parsed_or(names::MAX_UPLOAD_BYTES, DEFAULT_UPLOAD_BYTES)?,
    })
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
