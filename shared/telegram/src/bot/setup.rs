//! What is arranged once: who the bot is, where its updates go, and its menu.

use serde::{Deserialize, Serialize, de::IgnoredAny};
use serde_json::json;

use super::{Bot, Error};
use crate::{Language, command::Command};

/// What Telegram knows the bot as.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Me {
    pub id: i64,
    /// Without the `@`.
    pub username: Option<String>,
    /// Whether it sees all that is said in groups: its privacy mode is off.
    #[serde(default)]
    pub can_read_all_group_messages: bool,
}

/// Where updates go. It has no `Debug`: the secret is what shows that a call of the webhook is Telegram's.
#[derive(Clone, Copy, Serialize)]
pub struct Webhook<'a> {
    pub url: &'a str,
    /// 1 to 256 of `A-Z a-z 0-9 _ -`.
    #[serde(rename = "secret_token")]
    pub secret: &'a str,
    /// Updates that may be under way at a time, 1 to 100.
    pub max_connections: u8,
    /// Whether to forget what has come while there was no webhook.
    pub drop_pending_updates: bool,
}

/// How the webhook is doing.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct WebhookInfo {
    /// Empty if there is none.
    pub url: String,
    pub pending_update_count: u64,
    /// Seconds since 1970.
    pub last_error_date: Option<i64>,
    pub last_error_message: Option<String>,
    pub max_connections: Option<u8>,
    #[serde(default)]
    pub allowed_updates: Vec<String>,
}

#[derive(Serialize)]
struct SetWebhook<'a> {
    #[serde(flatten)]
    webhook: Webhook<'a>,
    allowed_updates: [&'static str; 2],
}

impl Bot {
    pub async fn get_me(&self) -> Result<Me, Error> {
        self.call("getMe", &json!({})).await
    }

    /// Has updates sent there of messages and of their edits: all others would be ignored.
    pub async fn set_webhook(&self, webhook: Webhook<'_>) -> Result<(), Error> {
        let body = SetWebhook { webhook, allowed_updates: ["message", "edited_message"] };
        self.call("setWebhook", &body).await.map(|IgnoredAny| ())
    }

    pub async fn get_webhook_info(&self) -> Result<WebhookInfo, Error> {
        self.call("getWebhookInfo", &json!({})).await
    }

    pub async fn delete_webhook(&self, drop_pending_updates: bool) -> Result<(), Error> {
        let body = json!({ "drop_pending_updates": drop_pending_updates });
        self.call("deleteWebhook", &body).await.map(|IgnoredAny| ())
    }

    /// Sets the menu that users of this language see. English is what users of all other languages see, so it is set without
    /// a language.
    pub async fn set_my_commands(&self, language: Language) -> Result<(), Error> {
        let describe =
            |command: &Command| json!({ "command": command.name(), "description": command.description(language) });
        let mut body = json!({ "commands": Command::ALL.iter().map(describe).collect::<Vec<_>>() });
        if let (Language::Ko, Some(members)) = (language, body.as_object_mut()) {
            members.insert("language_code".to_owned(), language.code().into());
        }
        self.call("setMyCommands", &body).await.map(|IgnoredAny| ())
    }
}
