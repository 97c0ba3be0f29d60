//! Secrets: in AWS a setting holds a Secrets Manager ARN, and the value is fetched at the cold start.

use aws_sdk_secretsmanager::{Client, error::DisplayErrorContext};
use toonmill_providers::Secret;

use crate::settings::{SettingError, Settings};

const ARN: &str = "arn:aws:secretsmanager:";

/// The secret that a setting holds or refers to; none if the setting is empty or the secret is `-`, which stands
/// for "none yet" because Secrets Manager keeps no empty one.
pub async fn secret(
    settings: &Settings,
    name: &str,
    config: &aws_config::SdkConfig,
) -> Result<Option<Secret>, SettingError> {
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
