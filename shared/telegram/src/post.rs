//! What the bot is to say, as it is kept until it is said: an answer, or the message that shows how a job stands and becomes
//! its picture.

use serde::{Deserialize, Serialize};

use crate::Chat;

/// Something to be said in a chat, and how far it has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Post {
    pub chat: Chat,
    /// The message that it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<i64>,
    pub what: Content,
    /// The message that says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<i64>,
    /// What that message says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<String>,
    /// Somebody has deleted the message: there is nothing to be edited, and pictures come as messages of their own.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_deleted: bool,
    /// Pictures that are there, of several: those that the albums so far have brought.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub shown: u32,
    /// Calls in a row that failed of Telegram's own accord.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub failures: u32,
}

/// What is said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Content {
    Answer {
        text: String,
    },
    /// How a job stands that draws this, in its epoch.
    Job {
        prompt: String,
        epoch: u32,
    },
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
const fn is_zero(count: &u32) -> bool {
    *count == 0
}

impl Post {
    pub fn answer(chat: Chat, reply_to: i64, text: String) -> Self {
        Self::new(chat, reply_to, Content::Answer { text })
    }

    pub fn job(chat: Chat, reply_to: i64, prompt: String, epoch: u32) -> Self {
        Self::new(chat, reply_to, Content::Job { prompt, epoch })
    }

    const fn new(chat: Chat, reply_to: i64, what: Content) -> Self {
        Self {
            chat,
            reply_to: Some(reply_to),
            what,
            message: None,
            said: None,
            is_deleted: false,
            shown: 0,
            failures: 0,
        }
    }

    /// What is asked for, of a job.
    pub fn prompt(&self) -> Option<&str> {
        match &self.what {
            Content::Answer { .. } => None,
            Content::Job { prompt, .. } => Some(prompt),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ChatKind, Language};

    #[test]
    fn a_post_is_spelt_as_the_last_version_spelt_it() {
        let chat = Chat { id: -100, kind: ChatKind::Supergroup, thread: Some(7), language: Language::Ko };
        let mut post = Post::job(chat, 12, "a wolf".to_owned(), 2);
        post.message = Some(13);
        let text = serde_json::to_string(&post).unwrap();
        let expected = concat!(
            r#"{"chat":{"id":-100,"kind":"supergroup","thread":7,"language":"ko"},"replyTo":12,"#,
            r#""what":{"job":{"prompt":"a wolf","epoch":2}},"message":13}"#
        );
        assert_eq!(text, expected);
        assert_eq!(serde_json::from_str::<Post>(&text).unwrap(), post);
    }
}
