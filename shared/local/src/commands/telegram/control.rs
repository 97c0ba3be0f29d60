//! The stand-in's control endpoints, as far as a chat needs them.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

use crate::bot::TOKEN;

/// The bot must have taken an update by then.
const ARRIVES_WITHIN: Duration = Duration::from_secs(30);

pub(super) struct Control {
    client: Client,
    base: String,
}

impl Control {
    pub(super) fn new(standins: &str) -> Result<Self> {
        let base = format!("{standins}/_control/telegram/bots/{TOKEN}");
        Ok(Self { client: Client::builder().no_proxy().build()?, base })
    }

    pub(super) async fn act(&self, action: &Value) -> Result<()> {
        let url = format!("{}/actions?wait_ms={}", self.base, ARRIVES_WITHIN.as_millis());
        let answer = self.client.post(url).json(action).send().await?;
        let (status, body) = (answer.status(), answer.json::<Value>().await.unwrap_or_default());
        if status != StatusCode::OK {
            bail!("{}", body.get("error").and_then(Value::as_str).unwrap_or("the stand-in of Telegram refuses"));
        }
        if body.get("arrived") == Some(&Value::Bool(false)) {
            bail!("the bot does not take the update: is telegram-webhook running? (see the emulator's log)");
        }
        Ok(())
    }

    /// The chat, once it is newer than that version, or after so long.
    pub(super) async fn changed(&self, chat: i64, since: u64, within: Duration) -> Result<Value> {
        let url = format!("{}/chats/{chat}?since={since}&wait_ms={}", self.base, within.as_millis());
        let answer = self.client.get(url).send().await?;
        match answer.status() {
            StatusCode::OK => Ok(answer.json().await?),
            // Nobody has written yet.
            StatusCode::NOT_FOUND => {
                crate::pause(within).await;
                Ok(json!({}))
            }
            status => bail!("the stand-in of Telegram answers {status}"),
        }
    }

    /// Whether a picture was shown for each of so many wishes.
    pub(super) async fn is_settled(&self, chat: i64, wishes: usize) -> Result<bool> {
        let url = format!("{}/calls", self.base);
        let calls: Value = self.client.get(url).send().await?.json().await?;
        let shows = ["editMessageMedia", "sendPhoto", "sendDocument", "sendMediaGroup"];
        let is_shown = |call: &&Value| {
            let method = call.get("method").and_then(Value::as_str).unwrap_or_default();
            call.get("chat_id") == Some(&chat.into())
                && call.get("done") == Some(&true.into())
                && shows.contains(&method)
        };
        Ok(calls.as_array().into_iter().flatten().filter(is_shown).count() >= wishes)
    }

    pub(super) async fn picture(&self, chat: i64, message: i64) -> Result<Vec<u8>> {
        let url = format!("{}/chats/{chat}/messages/{message}/file?as=sent", self.base);
        Ok(self.client.get(url).send().await?.error_for_status()?.bytes().await?.to_vec())
    }
}

/// A file, as an action has it.
pub(super) fn file(path: &Path) -> Result<String> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(BASE64_STANDARD.encode(bytes))
}
