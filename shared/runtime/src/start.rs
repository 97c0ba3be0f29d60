//! The AWS side of a start: one configuration, and from it what the settings name.

use std::{error::Error, num::NonZeroU32, time::Duration};

use aws_config::{
    BehaviorVersion, Region, SdkConfig, environment::EnvironmentVariableCredentialsProvider, retry::RetryConfig,
    timeout::TimeoutConfig,
};
use aws_sdk_s3::config::SharedCredentialsProvider;
use futures_util::future::join_all;
use toonmill_cloud::{Blobs, Doorbell, Inbox, Lazy, Outbox, SlotQueue, Table};
use toonmill_domain::{Budget, Credits, Limit, Limits, ProviderId, health::BreakerRules};
use toonmill_flows::{
    Budgets, Clock, Ids, WorkQueues,
    draw::{Effort, InvalidEffort},
    submit::Submitter,
};
use toonmill_providers::{Account, Kind, Providers, SetupError};

use crate::{
    bot::LazyBot,
    calls,
    http::{LazyClient, SdkHttp},
    secrets::{LazySecret, secret},
    settings::{SettingError, Settings, names},
};

/// A storage call that hangs must not take the invocation with it: it is cut, and the SDK tries again.
const ATTEMPT_TIME_OUT: Duration = Duration::from_secs(8);

/// More turns than this would be closer together than the clock's milliseconds.
const MOST_REQUESTS_PER_MINUTE: u32 = 60_000;

/// The AWS configuration, and makers of what functions need from it.
#[derive(Clone, Debug)]
pub struct Aws {
    config: SdkConfig,
    http: LazyClient,
    /// One for all queues.
    sqs: Lazy<aws_sdk_sqs::Client>,
}

impl Aws {
    /// What Lambda gives every function: `AWS_REGION`, the credentials of its role, and for a local cloud
    /// `AWS_ENDPOINT_URL`. The SDK's own search for them (profiles, web identities, metadata services) is left out: a
    /// function has no others, and the search costs more than all else of a start.
    pub fn from_env() -> Self {
        Self::from_settings(&Settings::from_env())
    }

    pub(crate) fn from_settings(settings: &Settings) -> Self {
        let mut config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .credentials_provider(SharedCredentialsProvider::new(EnvironmentVariableCredentialsProvider::new()))
            .retry_config(RetryConfig::standard())
            .timeout_config(TimeoutConfig::builder().operation_attempt_timeout(ATTEMPT_TIME_OUT).build())
            .http_client(SdkHttp::default().shared());
        config.set_region(settings.optional(names::AWS_REGION).map(|region| Region::new(region.to_owned())));
        config.set_endpoint_url(settings.optional(names::AWS_ENDPOINT_URL).map(str::to_owned));
        Self::new(config.build())
    }

    pub fn new(config: SdkConfig) -> Self {
        let for_sqs = config.clone();
        Self { config, http: LazyClient::default(), sqs: Lazy::new(move || calls::queue_client(&for_sqs)) }
    }

    /// A secret that is fetched by its first use.
    pub fn lazy_secret(&self, settings: &Settings, name: &'static str) -> LazySecret {
        LazySecret::new(settings, name, self.config.clone())
    }

    pub fn table(&self, settings: &Settings) -> Result<Table, SettingError> {
        let config = self.config.clone();
        let client = Lazy::new(move || calls::table_client(&config));
        Ok(Table::new(client, settings.required(names::TABLE_NAME)?))
    }

    pub fn blobs(&self, settings: &Settings) -> Result<Blobs, SettingError> {
        let config = self.config.clone();
        let client = Lazy::new(move || aws_sdk_s3::Client::new(&config));
        Ok(Blobs::new(client, settings.required(names::BUCKET_NAME)?))
    }

    pub fn doorbell(&self, settings: &Settings) -> Result<Doorbell, SettingError> {
        Ok(Doorbell::new(self.sqs.clone(), settings.required(names::RECONCILE_QUEUE_URL)?))
    }

    pub fn outbox(&self, settings: &Settings) -> Result<Outbox, SettingError> {
        Ok(Outbox::new(self.sqs.clone(), settings.required(names::DELIVER_QUEUE_URL)?))
    }

    /// The queues whose messages start this function: one of which it knows the address lies beside them.
    pub fn inbox(&self, settings: &Settings) -> Result<Inbox, SettingError> {
        let beside = settings.optional(names::RECONCILE_QUEUE_URL);
        let beside = beside.map_or_else(|| settings.required(names::DELIVER_QUEUE_URL), Ok)?;
        Ok(Inbox::new(self.sqs.clone(), beside))
    }

    /// What submits jobs by these settings.
    pub fn submitter(&self, settings: &Settings, clock: Clock, ids: Ids) -> Result<Submitter, SettingError> {
        Ok(Submitter {
            table: self.table(settings)?,
            blobs: self.blobs(settings)?,
            doorbell: self.doorbell(settings)?,
            clock,
            ids,
            limits: limits(settings)?,
            signup_grant: signup_grant(settings)?,
        })
    }

    /// The bot that the settings name, if they name one. A wrong address is told here, a wrong token when it is read.
    pub fn bot(&self, settings: &Settings) -> Result<LazyBot, SettingError> {
        let base_url = settings.optional(names::TELEGRAM_API_BASE_URL).map(str::to_owned);
        let token = self.lazy_secret(settings, names::TELEGRAM_BOT_TOKEN);
        Ok(LazyBot::new(token, base_url, self.http.clone()))
    }

    /// The queues of slots that this function is told of: a worker those of its own kind, `complete` all of them.
    pub fn work_queues(&self, settings: &Settings) -> Result<WorkQueues, SettingError> {
        let mut queues = Vec::new();
        for kind in Kind::ALL {
            if let Some(url) = settings.optional(&names::image_queue_url(kind.as_str())) {
                queues.push((provider_id(kind)?, SlotQueue::new(self.sqs.clone(), url)));
            }
        }
        let texts = settings.optional(names::TEXT_QUEUE_URL).map(|url| SlotQueue::new(self.sqs.clone(), url));
        if queues.is_empty() && texts.is_none() {
            return Err(SettingError::Missing(names::image_queue_url("<provider>")));
        }
        Ok(WorkQueues::new(queues, texts))
    }

    /// Clients of all providers whose key is set. A provider whose key cannot be read, or is none that could be sent, is
    /// withheld, and the others work all the same.
    pub async fn providers(&self, settings: &Settings) -> Result<Providers, SettingError> {
        let mut providers = Providers::default();
        let http = self.http.get().map_err(|error| SettingError::wrong("providers", error))?;
        let keys = join_all(Kind::ALL.map(async |kind| {
            let setting = names::api_key(kind.as_str());
            (kind, secret(settings, &setting, &self.config).await)
        }));
        for (kind, key) in keys.await {
            let api_key = match key {
                Ok(Some(api_key)) => api_key,
                Ok(None) => continue,
                Err(error) => {
                    withhold(&mut providers, kind, &error)?;
                    continue;
                }
            };
            let base_url = settings.optional(&names::api_base_url(kind.as_str())).map(str::to_owned);
            match providers.add(kind, &Account { api_key, base_url }, &http) {
                Ok(()) => {}
                Err(error @ SetupError::Key { .. }) => withhold(&mut providers, kind, &error)?,
                Err(error @ SetupError::BaseUrl { provider }) => {
                    return Err(SettingError::wrong(names::api_base_url(provider), error));
                }
                Err(error) => return Err(SettingError::wrong("providers", error)),
            }
        }
        Ok(providers)
    }
}

fn withhold(providers: &mut Providers, kind: Kind, error: &(dyn Error + 'static)) -> Result<(), SettingError> {
    tracing::error!(provider = kind.as_str(), error, "a provider's key cannot be used: it is not called until it can");
    providers.withhold(provider_id(kind)?);
    Ok(())
}

/// The budgets of the providers that have one: 0 is none, and so is no setting.
pub fn budgets(settings: &Settings) -> Result<Budgets, SettingError> {
    let mut budgets = Vec::new();
    for kind in Kind::ALL {
        let per_minute = settings.number(&names::requests_per_minute(kind.as_str()), 0, 0, MOST_REQUESTS_PER_MINUTE)?;
        if let Some(per_minute) = NonZeroU32::new(per_minute) {
            budgets.push((provider_id(kind)?, Budget(per_minute)));
        }
    }
    Ok(Budgets::new(budgets))
}

/// What every account and user is allowed, as far as it has no limits of its own.
pub fn limits(settings: &Settings) -> Result<Limits, SettingError> {
    Limit::ALL.iter().try_fold(Limits::default(), |limits, limit| {
        let most = settings.number(limit.setting(), limit.default_most(), 1, u32::MAX)?;
        Ok(limits.with(*limit, most))
    })
}

/// What a new account starts with.
pub fn signup_grant(settings: &Settings) -> Result<Credits, SettingError> {
    let name = names::SIGNUP_GRANT_CREDITS;
    Credits::new(settings.parsed_or(name, 0)?).ok_or_else(|| SettingError::wrong(name, "too many credits"))
}

/// When circuit breakers open.
pub fn breaker_rules(settings: &Settings) -> Result<BreakerRules, SettingError> {
    let default = BreakerRules::default();
    let cool_down = u32::try_from(default.cool_down.as_secs()).unwrap_or(u32::MAX);
    let cool_down = settings.number(names::BREAKER_COOL_DOWN_SECONDS, cool_down, 1, 3_600)?;
    Ok(BreakerRules {
        failures: settings.number(names::BREAKER_FAILURES, default.failures, 1, 1_000)?,
        cool_down: Duration::from_secs(u64::from(cool_down)),
    })
}

/// How pictures are encoded.
pub fn effort(settings: &Settings) -> Result<Effort, SettingError> {
    let quality = settings.parsed_or(names::WEBP_QUALITY, Effort::QUALITY)?;
    let method = settings.parsed_or(names::WEBP_METHOD, Effort::METHOD)?;
    Effort::new(quality, method).map_err(|error| {
        let name = match error {
            InvalidEffort::Quality(_) => names::WEBP_QUALITY,
            InvalidEffort::Method(_) => names::WEBP_METHOD,
        };
        SettingError::wrong(name, error)
    })
}

pub(crate) fn provider_id(kind: Kind) -> Result<ProviderId, SettingError> {
    kind.as_str().parse().map_err(|error| SettingError::wrong("provider", error))
}
