//! The bot's token, which is in the path of every call, and so must not be in any log or error.

use std::fmt;

/// `123456:AAH…`: the bot's id, and a secret. It has no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    text: String,
    bot_id: i64,
}

/// What cannot be a token, of which nothing is repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a bot's token is a number, a colon, and letters, digits, _ and -")]
pub struct NotAToken;

impl Token {
    pub fn new(text: impl Into<String>) -> Result<Self, NotAToken> {
        let text = text.into();
        let (id, secret) = text.split_once(':').ok_or(NotAToken)?;
        // What is of these characters is a part of a path as it stands.
        let is_secret = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'-');
        if secret.is_empty() || !secret.bytes().all(is_secret) || !id.bytes().all(|c| c.is_ascii_digit()) {
            return Err(NotAToken);
        }
        let bot_id = id.parse().map_err(|_| NotAToken)?;
        Ok(Self { text, bot_id })
    }

    /// The bot's own id, as messages name their senders.
    pub const fn bot_id(&self) -> i64 {
        self.bot_id
    }

    /// The text itself, for the path that carries it.
    pub(crate) fn expose(&self) -> &str {
        &self.text
    }

    /// A text of somebody else's without the token, should it quote it.
    pub(crate) fn hidden_in(&self, text: &str) -> String {
        let secret = self.text.split_once(':').map_or(self.text.as_str(), |(_, secret)| secret);
        text.replace(secret, "***")
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_knows_its_bot_and_does_not_show_itself() {
        let token = Token::new("123456:AAH-x_Y").unwrap();
        assert_eq!(token.bot_id(), 123_456);
        assert_eq!(format!("{token:?}"), "***");
        assert_eq!(token.hidden_in("no /bot123456:AAH-x_Y/getMe"), "no /bot123456:***/getMe");
    }

    #[test]
    fn what_cannot_be_in_a_path_is_no_token() {
        for text in [
            "",
            ":",
            "1:",
            ":a",
            "1:a/b",
            "1:a?b",
            "1:a b",
            "1:a\n",
            "x:a",
            "-1:a",
            "+1:a",
            "1:ä",
            "99999999999999999999:a",
        ] {
            assert_eq!(Token::new(text), Err(NotAToken), "{text:?}");
        }
    }
}
