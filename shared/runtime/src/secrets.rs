//! Secrets: in AWS a setting holds a Secrets Manager ARN, and the value is fetched at the cold start.

use aws_config::SdkConfig;
use aws_sdk_secretsmanager::{Client, error::DisplayErrorContext};
use tokio::sync::OnceCell;
use toonmill_providers::Secret;

use crate::settings::{SettingError, Settings};

const ARN: &str = "arn:aws:secretsmanager:";

/// The secret that a setting holds or refers to; none if the setting is empty or the secret is `-`, which stands
/// for "none yet" because Secrets Manager keeps no empty one.
pub async fn secret(settings: &Settings, name: &str, config: &SdkConfig) -> Result<Option<Secret>, SettingError> {
    let Some(value) = settings.optional(name) else { return Ok(None) };
    if !value.starts_with(ARN) {
        return Ok(Some(Secret::new(value)));
    }
    let answer = Client::new(config).get_secret_value().secret_id(value).send().await.map_err(|error| {
        SettingError::wrong(name, format_args!("its secret cannot be read: {}", DisplayErrorContext(error)))
    })?;
    let text = answer.secret_string.ok_or_else(|| SettingError::wrong(name, "its secret is not text"))?;
    Ok(Some(text.trim()).filter(|text| !text.is_empty() && *text != "-").map(Secret::new))
}

/// A secret that is fetched when it is first needed, and kept: a start does not wait for what few requests use.
#[derive(Debug)]
pub struct LazySecret {
    settings: Settings,
    name: &'static str,
    config: SdkConfig,
    known: OnceCell<Option<Secret>>,
}

impl LazySecret {
    pub fn new(settings: &Settings, name: &'static str, config: SdkConfig) -> Self {
        Self { settings: settings.clone(), name, config, known: OnceCell::new() }
    }

    pub async fn get(&self) -> Result<Option<&Secret>, SettingError> {
        let known = self.known.get_or_try_init(|| secret(&self.settings, self.name, &self.config)).await?;
        Ok(known.as_ref())
    }
}
