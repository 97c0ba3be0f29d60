//! Settings: read from the environment in one place. A missing or wrong one stops the start with one line that
//! names it.

use std::{collections::BTreeMap, fmt, str::FromStr};

/// Every setting there is. The names are those of the environment.
pub mod names {
    /// Set by Lambda itself.
    pub const AWS_ENDPOINT_URL: &str = "AWS_ENDPOINT_URL";
    pub const AWS_REGION: &str = "AWS_REGION";
    pub const AWS_LAMBDA_FUNCTION_NAME: &str = "AWS_LAMBDA_FUNCTION_NAME";
    /// Whom a single call asks that names nobody.
    pub const AI_PROVIDER_DEFAULT: &str = "AI_PROVIDER_DEFAULT";
    pub const ALLOWED_ORIGINS: &str = "ALLOWED_ORIGINS";
    pub const BUCKET_NAME: &str = "BUCKET_NAME";
    /// The queue of deliveries.
    pub const DELIVER_QUEUE_URL: &str = "DELIVER_QUEUE_URL";
    /// The longest that a stream of events goes on, in seconds.
    pub const EVENTS_SECONDS: &str = "EVENTS_SECONDS";
    /// What the addresses of streams of events begin with.
    pub const EVENTS_URL: &str = "EVENTS_URL";
    /// Where the certificates of Firebase's ID tokens are.
    pub const FIREBASE_CERTIFICATES_URL: &str = "FIREBASE_CERTIFICATES_URL";
    pub const FIREBASE_PROJECT_ID: &str = "FIREBASE_PROJECT_ID";
    /// The lowest membership that may have pictures drawn.
    pub const IMAGE_MIN_TIER: &str = "IMAGE_MIN_TIER";
    pub const IMAGE_TIMEOUT_SECONDS: &str = "IMAGE_TIMEOUT_SECONDS";
    pub const JOB_RETENTION_DAYS: &str = "JOB_RETENTION_DAYS";
    pub const JWT_PUBLIC_KEYS: &str = "JWT_PUBLIC_KEYS";
    pub const JWT_SIGNING_KEY: &str = "JWT_SIGNING_KEY";
    pub const MAX_OUTPUT_TOKENS: &str = "MAX_OUTPUT_TOKENS";
    pub const MAX_TEXT_CHARS: &str = "MAX_TEXT_CHARS";
    pub const BREAKER_COOL_DOWN_SECONDS: &str = "BREAKER_COOL_DOWN_SECONDS";
    pub const BREAKER_FAILURES: &str = "BREAKER_FAILURES";
    /// What an account may have uploaded at once: files, and bytes of them together.
    pub const MAX_UPLOADS: &str = "MAX_UPLOADS";
    pub const MAX_UPLOAD_BYTES: &str = "MAX_UPLOAD_BYTES";
    pub const MODEL_CATALOGUE: &str = "MODEL_CATALOGUE";
    /// Ports of servers on the internet that a user may have us ask.
    pub const OUTBOUND_PORTS: &str = "OUTBOUND_PORTS";
    /// The providers that are configured, for functions that have none of their keys: `gemini`.
    pub const PROVIDERS: &str = "PROVIDERS";
    pub const RECEIPT_PUBLIC_KEYS: &str = "RECEIPT_PUBLIC_KEYS";
    pub const RECEIPT_SIGNING_KEY: &str = "RECEIPT_SIGNING_KEY";
    pub const RECONCILE_QUEUE_URL: &str = "RECONCILE_QUEUE_URL";
    pub const SIGNUP_GRANT_CREDITS: &str = "SIGNUP_GRANT_CREDITS";
    pub const STAGE_WINDOW: &str = "STAGE_WINDOW";
    pub const TABLE_NAME: &str = "TABLE_NAME";
    /// Another address of Telegram's Bot API than its own.
    pub const TELEGRAM_API_BASE_URL: &str = "TELEGRAM_API_BASE_URL";
    pub const TELEGRAM_BOT_TOKEN: &str = "TELEGRAM_BOT_TOKEN";
    pub const TELEGRAM_BOT_USERNAME: &str = "TELEGRAM_BOT_USERNAME";
    /// By which the webhook's caller shows that it is Telegram.
    pub const TELEGRAM_WEBHOOK_SECRET: &str = "TELEGRAM_WEBHOOK_SECRET";
    pub const TEXT_QUEUE_URL: &str = "TEXT_QUEUE_URL";
    pub const WEBP_METHOD: &str = "WEBP_METHOD";
    pub const WEBP_QUALITY: &str = "WEBP_QUALITY";

    /// The key of a provider, or the ARN of the secret that holds it: `GEMINI_API_KEY`.
    pub fn api_key(provider: &str) -> String {
        of(provider, "API_KEY")
    }

    /// Another address than the provider's own, as its SDK wants it: `SEEDREAM_API_BASE_URL`.
    pub fn api_base_url(provider: &str) -> String {
        of(provider, "API_BASE_URL")
    }

    /// The image queue of a provider: `GEMINI_IMAGE_QUEUE_URL`.
    pub fn image_queue_url(provider: &str) -> String {
        of(provider, "IMAGE_QUEUE_URL")
    }

    /// The model that a provider writes with when none is named: `OPENAI_TEXT_MODEL`.
    pub fn text_model(provider: &str) -> String {
        of(provider, "TEXT_MODEL")
    }

    /// How many requests a minute a provider takes from us: `GEMINI_REQUESTS_PER_MINUTE`.
    pub fn requests_per_minute(provider: &str) -> String {
        of(provider, "REQUESTS_PER_MINUTE")
    }

    fn of(provider: &str, what: &str) -> String {
        format!("{}_{what}", provider.to_ascii_uppercase().replace('-', "_"))
    }
}

/// The environment as it was at the start.
#[derive(Clone)]
pub struct Settings(BTreeMap<String, String>);

/// A setting that is missing or wrong. The value is not shown: it may be a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    #[error("the setting {0} is missing")]
    Missing(String),
    #[error("the setting {name} is wrong: {why}")]
    Wrong { name: String, why: String },
}

impl SettingError {
    pub fn wrong(name: impl Into<String>, why: impl fmt::Display) -> Self {
        Self::Wrong { name: name.into(), why: why.to_string() }
    }
}

impl Settings {
    pub fn from_env() -> Self {
        Self::from_pairs(
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))),
        )
    }

    pub fn from_pairs(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(pairs.into_iter().collect())
    }

    /// A setting that is given and not empty: an empty template parameter is none.
    pub fn optional(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    pub fn required(&self, name: &str) -> Result<&str, SettingError> {
        self.optional(name).ok_or_else(|| SettingError::Missing(name.to_owned()))
    }

    pub fn parsed<T: FromStr<Err: fmt::Display>>(&self, name: &str) -> Result<Option<T>, SettingError> {
        self.optional(name).map(|value| value.parse().map_err(|why| SettingError::wrong(name, why))).transpose()
    }

    pub fn parsed_or<T: FromStr<Err: fmt::Display>>(&self, name: &str, default: T) -> Result<T, SettingError> {
        Ok(self.parsed(name)?.unwrap_or(default))
    }

    /// A number within bounds.
    pub fn number(&self, name: &str, default: u32, from: u32, to: u32) -> Result<u32, SettingError> {
        let number = self.parsed_or(name, default)?;
        if (from..=to).contains(&number) {
            Ok(number)
        } else {
            Err(SettingError::wrong(name, format_args!("{number} is not from {from} to {to}")))
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        Settings::from_pairs(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
    }

    #[test]
    fn an_empty_setting_is_a_missing_one() {
        let missing = settings(&[("TABLE_NAME", " ")]).required("TABLE_NAME").unwrap_err();
        assert_eq!(missing.to_string(), "the setting TABLE_NAME is missing");
    }

    #[test]
    fn a_wrong_setting_is_named_and_its_value_is_not_shown() {
        let wrong = settings(&[("STAGE_WINDOW", "many-secrets")]).number("STAGE_WINDOW", 200, 1, 1_000).unwrap_err();
        assert_eq!(wrong.to_string(), "the setting STAGE_WINDOW is wrong: invalid digit found in string");
        let wrong = settings(&[("STAGE_WINDOW", "0")]).number("STAGE_WINDOW", 200, 1, 1_000).unwrap_err();
        assert_eq!(wrong.to_string(), "the setting STAGE_WINDOW is wrong: 0 is not from 1 to 1000");
    }
}
