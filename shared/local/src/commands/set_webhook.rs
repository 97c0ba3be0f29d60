//! `cargo local set-webhook`: has a real bot's updates sent to a deployed API, and checks that they can come.

use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};
use reqwest::StatusCode;
use serde_json::json;
use toonmill_telegram::update::SECRET_TOKEN_HEADER;

use crate::bot::{bot, introduce};
use crate::cli::SetWebhookArgs;

pub(crate) async fn run(args: SetWebhookArgs) -> Result<ExitCode> {
    let is_of = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    ensure!(
        (1..=256).contains(&args.secret.len()) && args.secret.chars().all(is_of),
        "the secret must be 1 to 256 of A-Z, a-z, 0-9, _ and -"
    );
    let bot = bot(&args.token, args.api_base_url.as_deref())?;
    let me = bot.get_me().await.context("Telegram does not know the bot")?;
    let username = me.username.unwrap_or_default();
    println!("the bot is @{username} (TelegramBotUsername={username})");
    check(&args).await?;
    let url = introduce(&bot, &args.url, &args.secret).await?;
    let info = bot.get_webhook_info().await?;
    ensure!(info.url == url, "Telegram has another webhook: {}", info.url);
    println!("updates go to {url}");
    if info.pending_update_count > 0 {
        println!("{} updates are waiting and will come now", info.pending_update_count);
    }
    if let Some(message) = &info.last_error_message {
        println!("the last delivery had failed: {message}");
    }
    if me.can_read_all_group_messages {
        println!("its privacy mode is off: it sees all that is said in groups, and ignores what is not for it");
    }
    Ok(ExitCode::SUCCESS)
}

/// The API takes this secret and no other: an update that asks for nothing is sent to it both ways.
async fn check(args: &SetWebhookArgs) -> Result<()> {
    let url = format!("{}/telegram/webhook", args.url.trim_end_matches('/'));
    let client = reqwest::Client::new();
    let update = json!({ "update_id": 0 });
    let send = |secret: &str| client.post(&url).header(SECRET_TOKEN_HEADER, secret).json(&update).send();
    let status = send(&args.secret).await.with_context(|| format!("{url} does not answer"))?.status();
    match status {
        StatusCode::OK => {}
        StatusCode::UNAUTHORIZED => bail!("the API has another secret (TelegramWebhookSecret), or none"),
        status => bail!("{url} answers {status}"),
    }
    let wrong = send("another").await?.status();
    ensure!(wrong == StatusCode::UNAUTHORIZED, "the API takes updates without its secret ({wrong})");
    println!("the API takes updates with its secret alone");
    Ok(())
}
