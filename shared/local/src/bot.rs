//! The Telegram bot of the local cloud: the stand-in's, with a token and a secret that only it knows.

use anyhow::{Context, Result};
use toonmill_telegram::{Bot, Language, Token, bot::Webhook};

/// Telegram's bots have a number and 35 characters.
pub(crate) const TOKEN: &str = "123456:a-stand-in-of-telegram-knows-this-bot";
pub(crate) const SECRET: &str = "a-secret-of-the-local-cloud";
/// What the stand-in calls it.
pub(crate) const USERNAME: &str = "standin_123456_bot";
/// Where the API takes updates.
const PATH: &str = "/telegram/webhook";
/// Updates that Telegram may have under way at a time.
const CONNECTIONS: u8 = 40;

/// A bot by its token, at Telegram's own address if no other is given.
pub(crate) fn bot(token: &str, base_url: Option<&str>) -> Result<Bot> {
    let client = reqwest::Client::builder().build()?;
    Ok(Bot::new(client, Token::new(token)?, base_url)?)
}

/// Has Telegram send updates to an API, and tells users what the bot can do.
pub(crate) async fn introduce(bot: &Bot, api: &str, secret: &str) -> Result<String> {
    let url = format!("{}{PATH}", api.trim_end_matches('/'));
    let webhook = Webhook { url: &url, secret, max_connections: CONNECTIONS, drop_pending_updates: false };
    bot.set_webhook(webhook).await.context("the webhook could not be set")?;
    for language in Language::ALL {
        bot.set_my_commands(language).await.context("the menu could not be set")?;
    }
    Ok(url)
}
