//! Secrets: in AWS a setting holds a Secrets Manager ARN, and the value is fetched at the cold start or when it is first needed.

use std::time::{Duration, Instant};

use aws_config::SdkConfig;
use aws_sdk_secretsmanager::{Client, error::DisplayErrorContext};
use tokio::sync::Mutex;
use toonmill_providers::Secret;

use crate::settings::{SettingError, Settings};

/// The secret that a setting holds or refers to; none if the setting is empty or the secret is `-`, which stands
/// for "none yet" because Secrets Manager keeps no empty one.
pub async fn secret(settings: &Settings, name: &str, config: &SdkConfig) -> Result<Option<Secret>, SettingError> {
    let Some(value) = settings.optional(name) else { return Ok(None) };
    if !is_arn_of_a_secret(value) {
        return Ok(Some(Secret::new(value)));
    }
    let answer = Client::new(config).get_secret_value().secret_id(value).send().await.map_err(|error| {
        SettingError::wrong(name, format_args!("its secret cannot be read: {}", DisplayErrorContext(error)))
    })?;
    let text = answer.secret_string.ok_or_else(|| SettingError::wrong(name, "its secret is not text"))?;
    Ok(Some(text.trim()).filter(|text| !text.is_empty() && *text != "-").map(Secret::new))
}

/// Whether a setting's value refers to a secret: `arn:PARTITION:secretsmanager:…`, where the partition is `aws`, or one such as
/// `aws-cn` and `aws-us-gov` (AWS, "Amazon Resource Names (ARNs)").
fn is_arn_of_a_secret(value: &str) -> bool {
    let mut parts = value.splitn(4, ':');
    let (arn, partition, service, rest) = (parts.next(), parts.next(), parts.next(), parts.next());
    let is_of_aws = |partition: &str| partition == "aws" || partition.starts_with("aws-");
    arn == Some("arn") && partition.is_some_and(is_of_aws) && service == Some("secretsmanager") && rest.is_some()
}

/// How long a fetched secret is believed. So long, at most, one that was replaced is still used.
pub(crate) const BELIEVED: Duration = Duration::from_mins(10);

/// A secret that is fetched when it is first needed, since a start does not wait for what few requests use, and fetched
/// again from time to time.
#[derive(Debug)]
pub struct LazySecret {
    settings: Settings,
    name: &'static str,
    config: SdkConfig,
    known: Mutex<Option<Known>>,
}

#[derive(Debug)]
struct Known {
    secret: Option<Secret>,
    since: Instant,
}

impl LazySecret {
    pub fn new(settings: &Settings, name: &'static str, config: SdkConfig) -> Self {
        Self { settings: settings.clone(), name, config, known: Mutex::const_new(None) }
    }

    pub async fn get(&self) -> Result<Option<Secret>, SettingError> {
        let mut known = self.known.lock().await;
        if let Some(known) = known.as_ref().filter(|known| known.since.elapsed() < BELIEVED) {
            return Ok(known.secret.clone());
        }
        let fetched = secret(&self.settings, self.name, &self.config).await;
        match (fetched, known.as_mut()) {
            (Ok(secret), _) => {
                *known = Some(Known { secret: secret.clone(), since: Instant::now() });
                Ok(secret)
            }
            // The old one is good until somebody has taken it back, and they would have waited for this.
            (Err(error), Some(known)) => {
                // Not with every request until then: each would wait for the same failure.
                known.since = Instant::now();
                tracing::warn!(
                    setting = self.name,
                    error = &error as &dyn std::error::Error,
                    "a secret could not be fetched again"
                );
                Ok(known.secret.clone())
            }
            (Err(error), None) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secrets_arn_is_known_in_every_partition_and_a_key_is_none() {
        let arn = |partition: &str| {
            format!("arn:{partition}:secretsmanager:eu-west-1:123456789012:secret:toonmill/gemini-a1b2c3")
        };
        for partition in ["aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-eusc"] {
            assert!(is_arn_of_a_secret(&arn(partition)), "{partition}");
        }
        let keys =
            ["AIzaSyKey", "sk-proj-1", "arn", "arn:aws:ssm:eu-west-1:1:parameter/a", "arn:aws:secretsmanager", ""];
        for key in keys.into_iter().chain([arn("azure").as_str(), arn("").as_str()]) {
            assert!(!is_arn_of_a_secret(key), "{key}");
        }
    }
}
