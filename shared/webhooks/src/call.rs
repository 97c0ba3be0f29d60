//! What a call of a hook needs, as it is kept until it has been made.

use serde::{Deserialize, Serialize};
use toonmill_domain::Timestamp;

use crate::Event;

/// One event for one URL, and what its last try came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Call {
    pub url: String,
    /// The event's name.
    pub event: String,
    /// Sent as it is, with each try.
    pub body: String,
    /// When the first try was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Try>,
}

/// A try, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Try {
    pub at: Timestamp,
    /// What was answered, if anything was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Why there was no answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl Call {
    pub fn new(url: String, event: &Event) -> Self {
        Self { url, event: event.kind().as_str().to_owned(), body: event.body(), first_at: None, last: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_spelt_as_the_last_version_spelt_it() {
        let mut call = Call {
            url: "https://studio.example/hook".to_owned(),
            event: "job.completed".to_owned(),
            body: "{}".to_owned(),
            first_at: None,
            last: None,
        };
        assert_eq!(
            serde_json::to_string(&call).unwrap(),
            r#"{"url":"https://studio.example/hook","event":"job.completed","body":"{}"}"#
        );
        let at = Timestamp::from_millis(7);
        call.first_at = Some(at);
        call.last = Some(Try { at, status: Some(503), error: None });
        let text = serde_json::to_string(&call).unwrap();
        assert!(text.ends_with(r#""firstAt":7,"last":{"at":7,"status":503}}"#), "{text}");
        assert_eq!(serde_json::from_str::<Call>(&text).unwrap(), call);
    }
}
