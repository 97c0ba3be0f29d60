//! Where a message belongs, and in which language to answer: all that a job has to remember to speak with its user.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A chat, or a topic of one. Records keep it as it is spelt here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Chat {
    /// Of groups negative, and beyond 32 bits.
    pub id: i64,
    pub kind: ChatKind,
    /// The topic of a forum; none for the general one and wherever there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<i64>,
    /// Of the user whom we answer.
    pub language: Language,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChatKind {
    Private,
    Group,
    Supergroup,
}

/// What the bot speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    Ko,
    En,
}

impl Chat {
    pub const fn is_private(&self) -> bool {
        matches!(self.kind, ChatKind::Private)
    }

    /// How long to leave a message alone between two edits. Telegram takes about one message a second in a chat, and 20 a
    /// minute in a group, which all of its users' pictures share.
    pub const fn edit_interval(&self) -> Duration {
        match self.kind {
            ChatKind::Private => Duration::from_secs(1),
            ChatKind::Group | ChatKind::Supergroup => Duration::from_secs(4),
        }
    }
}

impl Language {
    pub const ALL: [Self; 2] = [Self::Ko, Self::En];

    /// Of a user's `language_code`, an IETF tag (`ko`, `ko-KR`). Everybody else is spoken to in English.
    pub fn of_code(code: Option<&str>) -> Self {
        let primary = code.and_then(|code| code.split(['-', '_']).next()).unwrap_or_default();
        if primary.eq_ignore_ascii_case("ko") { Self::Ko } else { Self::En }
    }

    pub const fn code(self) -> &'static str {
        match self {
            Self::Ko => "ko",
            Self::En => "en",
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_record_keeps_a_chat() {
        let chat = Chat { id: -1_001_234_567_890, kind: ChatKind::Supergroup, thread: Some(3), language: Language::Ko };
        let kept = json!({ "id": -1_001_234_567_890_i64, "kind": "supergroup", "thread": 3, "language": "ko" });
        assert_eq!(serde_json::to_value(chat).unwrap(), kept);
        assert_eq!(serde_json::from_value::<Chat>(kept).unwrap(), chat);

        let chat = Chat { id: 42, kind: ChatKind::Private, thread: None, language: Language::En };
        let kept = json!({ "id": 42, "kind": "private", "language": "en" });
        assert_eq!(serde_json::to_value(chat).unwrap(), kept);
        assert_eq!(serde_json::from_value::<Chat>(kept).unwrap(), chat);
    }

    #[test]
    fn korean_is_spoken_to_those_who_have_chosen_it() {
        for code in ["ko", "ko-KR", "KO", "ko_KR"] {
            assert_eq!(Language::of_code(Some(code)), Language::Ko, "{code}");
        }
        for code in ["en", "kok", "ja", "", "-ko", "한국어"] {
            assert_eq!(Language::of_code(Some(code)), Language::En, "{code}");
        }
        assert_eq!(Language::of_code(None), Language::En);
    }

    #[test]
    fn a_group_is_edited_more_slowly() {
        let interval = |kind| Chat { id: 1, kind, thread: None, language: Language::En }.edit_interval().as_secs();
        assert_eq!([ChatKind::Private, ChatKind::Group, ChatKind::Supergroup].map(interval), [1, 4, 4]);
    }
}
