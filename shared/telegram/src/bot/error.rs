//! How a call ended that did not end well.
//!
//! Telegram says most by its status and by `parameters`; the rest it says in words alone, which [`SAID`] lists.

use std::time::Duration;

use serde::Deserialize;

#[derive(Debug, thiserror::Error)]
#[error("{method}: {kind}")]
pub struct Error {
    /// Telegram's name for it.
    pub method: &'static str,
    pub kind: ErrorKind,
    #[source]
    pub(super) cause: Option<Cause>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ErrorKind {
    /// Too many calls: none of this bot's in this chat before so long.
    #[error("Telegram asks to wait {} s", .0.as_secs())]
    RetryAfter(Duration),
    /// It already says that: as good as done.
    #[error("the message is as it should be")]
    NotModified,
    /// Somebody has deleted the message that was to be changed or deleted.
    #[error("the message is gone")]
    MessageGone,
    /// The user has blocked the bot, or has left Telegram; the group has thrown it out, silenced it, or is gone. Nothing can
    /// be said there, so nothing should be tried.
    #[error("the chat is closed to the bot")]
    Blocked,
    /// The group has become a supergroup, with this id.
    #[error("the group is now chat {0}")]
    Migrated(i64),
    /// The upload, or the file that was to be downloaded.
    #[error("the file is too large")]
    TooLarge,
    /// A file that can no longer be downloaded by its path.
    #[error("the file is gone")]
    FileGone,
    /// Telegram does not take the call as it is.
    #[error("Telegram refuses the call")]
    BadRequest,
    /// The token is wrong, or no longer right.
    #[error("Telegram does not know the token")]
    Unauthorized,
    /// Telegram, or what stands before it, is down or overloaded.
    #[error("Telegram is unavailable")]
    Unavailable,
    /// Sent, but the answer is lost: it may have been done.
    #[error("Telegram's answer is lost")]
    Lost,
    /// No connection: nothing was done.
    #[error("Telegram cannot be reached")]
    NotSent,
}

impl ErrorKind {
    /// Whether the call may have had its effect all the same. A gateway's 502 or 504 does not say either.
    pub const fn may_have_been_done(self) -> bool {
        matches!(self, Self::Lost | Self::Unavailable)
    }

    /// Whether the same call may end otherwise later.
    pub const fn is_passing(self) -> bool {
        matches!(self, Self::RetryAfter(_) | Self::Unavailable | Self::Lost | Self::NotSent)
    }
}

/// What is known of it, for the log.
#[derive(Debug, thiserror::Error)]
pub(super) enum Cause {
    #[error("status {status}: {description}")]
    Refused { status: u16, description: String },
    #[error("status {0}, and not in Telegram's words")]
    NotTelegram(u16),
    #[error("the answer is not as described")]
    Unreadable(#[source] serde_json::Error),
    #[error("the answer is larger than it can be")]
    Endless,
    /// Without its URL, which holds the token.
    #[error(transparent)]
    Network(reqwest::Error),
}

/// What every answer of Telegram's has, and what one has that refuses.
#[derive(Default, Deserialize)]
pub(super) struct Refusal {
    pub(super) ok: bool,
    pub(super) error_code: Option<u16>,
    #[serde(default)]
    pub(super) description: String,
    #[serde(default)]
    pub(super) parameters: Parameters,
}

#[derive(Default, Deserialize)]
pub(super) struct Parameters {
    pub(super) retry_after: Option<u64>,
    pub(super) migrate_to_chat_id: Option<i64>,
}

/// What is said of a 400 in words alone: after `Bad Request: `, up to the next colon. The first three are recorded, from
/// python-telegram-bot 22.8. The others are what public bots handle under these very words; a code in capitals is an error
/// 403 of Telegram's own, which its Bot API server makes a 400 (github.com/tdlib/telegram-bot-api, `Client.cpp`,
/// `fail_query_with_error`). Words that are not here are a plain [`ErrorKind::BadRequest`].
const SAID: [(&str, ErrorKind); 9] = [
    ("message is not modified", ErrorKind::NotModified),
    ("message to delete not found", ErrorKind::MessageGone),
    ("chat not found", ErrorKind::Blocked),
    ("message to edit not found", ErrorKind::MessageGone),
    ("not enough rights to send text messages to the chat", ErrorKind::Blocked),
    ("not enough rights to send photos to the chat", ErrorKind::Blocked),
    ("have no rights to send a message", ErrorKind::Blocked),
    ("CHAT_WRITE_FORBIDDEN", ErrorKind::Blocked),
    ("file is too big", ErrorKind::TooLarge),
];

impl Refusal {
    /// `retry_after` is the header's, which only counts where Telegram's own words are missing.
    pub(super) fn kind(&self, status: u16, retry_after: Option<u64>) -> ErrorKind {
        let seconds = self.parameters.retry_after.or(retry_after.filter(|_| status == 429));
        if let Some(seconds) = seconds {
            return ErrorKind::RetryAfter(Duration::from_secs(seconds));
        }
        if let Some(chat) = self.parameters.migrate_to_chat_id {
            return ErrorKind::Migrated(chat);
        }
        match status {
            400 => self.said().unwrap_or(ErrorKind::BadRequest),
            401 | 404 => ErrorKind::Unauthorized,
            403 => ErrorKind::Blocked,
            413 => ErrorKind::TooLarge,
            429 => ErrorKind::Unavailable,
            402..=499 => ErrorKind::BadRequest,
            _ => ErrorKind::Unavailable,
        }
    }

    fn said(&self) -> Option<ErrorKind> {
        let said = self.description.strip_prefix("Bad Request: ")?.split(':').next()?;
        SAID.iter().find(|(words, _)| *words == said).map(|(_, kind)| *kind)
    }
}
