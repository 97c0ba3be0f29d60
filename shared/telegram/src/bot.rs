//! The bot's calls: one function a method, one request a call. Nothing waits, and nothing is tried again.
//!
//! The token is in every URL, so no URL is in any error. The client that is handed in must follow no redirects and make
//! no retries of its own (`toonmill_providers::http_client` is one).

mod call;
mod error;
mod files;
mod form;
mod messages;
mod setup;

use std::time::Duration;

use reqwest::{Client, Url};

pub use error::{Error, ErrorKind};
pub use files::File;
pub use setup::{Me, Webhook, WebhookInfo};

use crate::token::Token;

const BASE_URL: &str = "https://api.telegram.org";

/// A bot, as its token lets it be. Clones share the client's connections.
#[derive(Clone, Debug)]
pub struct Bot {
    client: Client,
    token: Token,
    base_url: Url,
    time_limits: TimeLimits,
}

/// How long a call may take, from the first byte sent to the last one read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeLimits {
    pub call: Duration,
    /// For a call that brings or fetches files.
    pub transfer: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the base URL of Telegram's API is not an http or https URL")]
pub struct NotABaseUrl;

impl Default for TimeLimits {
    fn default() -> Self {
        Self { call: Duration::from_secs(10), transfer: Duration::from_mins(1) }
    }
}

impl Bot {
    /// Telegram's own API, unless another base is given: a server of one's own, or a stand-in.
    pub fn new(client: Client, token: Token, base_url: Option<&str>) -> Result<Self, NotABaseUrl> {
        let base_url: Url = base_url.unwrap_or(BASE_URL).parse().map_err(|_| NotABaseUrl)?;
        if !matches!(base_url.scheme(), "http" | "https") || base_url.query().is_some() || base_url.fragment().is_some()
        {
            return Err(NotABaseUrl);
        }
        Ok(Self { client, token, base_url, time_limits: TimeLimits::default() })
    }

    #[must_use]
    pub fn within(self, time_limits: TimeLimits) -> Self {
        Self { time_limits, ..self }
    }

    /// Its own id, by which messages name it as their sender.
    pub const fn id(&self) -> i64 {
        self.token.bot_id()
    }
}
