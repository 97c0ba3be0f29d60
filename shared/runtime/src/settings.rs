//! Settings: read from the environment in one place. A missing or wrong one stops the start with one line that
//! names it.

use std::{collections::BTreeMap, fmt, str::FromStr};

/// Every setting there is. The names are those of the environment.
pub mod names {
    /// Declares settings, and a list of them all.
    macro_rules! settings {
        ($(#[$of_list:meta])* $list:ident: $($(#[$doc:meta])* $name:ident;)*) => {
            $($(#[$doc])* pub const $name: &str = stringify!($name);)*
            $(#[$of_list])*
            pub const $list: &[&str] = &[$($name),*];
        };
    }

    settings! {
        /// What Lambda itself sets, or a local cloud.
        OF_LAMBDA:
        AWS_ENDPOINT_URL;
        AWS_REGION;
        AWS_LAMBDA_FUNCTION_NAME;
    }

    settings! {
        /// What the template sets, besides the settings of single providers below and those of limits.
        OF_TEMPLATE:
        /// Whom a single call asks that names nobody.
        AI_PROVIDER_DEFAULT;
        ALLOWED_ORIGINS;
        BUCKET_NAME;
        /// The queue of deliveries.
        DELIVER_QUEUE_URL;
        /// The longest that a stream of events goes on, in seconds.
        EVENTS_SECONDS;
        /// What the addresses of streams of events begin with.
        EVENTS_URL;
        /// Where the certificates of Firebase's ID tokens are.
        FIREBASE_CERTIFICATES_URL;
        FIREBASE_PROJECT_ID;
        /// The lowest membership that may have pictures drawn.
        IMAGE_MIN_TIER;
        IMAGE_TIMEOUT_SECONDS;
        JOB_RETENTION_DAYS;
        JWT_PUBLIC_KEYS;
        JWT_SIGNING_KEY;
        MAX_OUTPUT_TOKENS;
        MAX_TEXT_CHARS;
        BREAKER_COOL_DOWN_SECONDS;
        BREAKER_FAILURES;
        /// What an account may have uploaded at once: files, and bytes of them together.
        MAX_UPLOADS;
        MAX_UPLOAD_BYTES;
        MODEL_CATALOGUE;
        /// Ports of servers on the internet that a user may have us ask.
        OUTBOUND_PORTS;
        /// The providers that are configured, for functions that have none of their keys: `gemini`.
        PROVIDERS;
        RECEIPT_PUBLIC_KEYS;
        RECEIPT_SIGNING_KEY;
        RECONCILE_QUEUE_URL;
        SIGNUP_GRANT_CREDITS;
        STAGE_WINDOW;
        TABLE_NAME;
        /// Another address of Telegram's Bot API than its own.
        TELEGRAM_API_BASE_URL;
        TELEGRAM_BOT_TOKEN;
        TELEGRAM_BOT_USERNAME;
        /// By which the webhook's caller shows that it is Telegram.
        TELEGRAM_WEBHOOK_SECRET;
        TEXT_QUEUE_URL;
        WEBP_METHOD;
        WEBP_QUALITY;
    }

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

    #[cfg(test)]
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (String, String)> {
        self.0.clone().into_iter()
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
