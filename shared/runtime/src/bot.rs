//! The Telegram bot, as the settings name it.

use std::sync::Arc;

use toonmill_telegram::{Bot, Token};

use crate::{
    http::LazyClient,
    secrets::LazySecret,
    settings::{SettingError, names},
};

/// A bot whose token is read when it is first needed, and anew every ten minutes. Clones share it.
#[derive(Clone, Debug)]
pub struct LazyBot(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    token: LazySecret,
    base_url: Option<String>,
    client: LazyClient,
}

impl LazyBot {
    pub(crate) fn new(token: LazySecret, base_url: Option<String>, client: LazyClient) -> Self {
        Self(Arc::new(Inner { token, base_url, client }))
    }

    /// None where there is no bot.
    pub async fn get(&self) -> Result<Option<Bot>, SettingError> {
        let Some(token) = self.0.token.get().await? else { return Ok(None) };
        let token = Token::new(token.expose()).map_err(|why| SettingError::wrong(names::TELEGRAM_BOT_TOKEN, why))?;
        let client = self.0.client.get().map_err(|why| SettingError::wrong(names::TELEGRAM_API_BASE_URL, why))?;
        let bot = Bot::new(client, token, self.0.base_url.as_deref());
        bot.map(Some).map_err(|why| SettingError::wrong(names::TELEGRAM_API_BASE_URL, why))
    }
}
