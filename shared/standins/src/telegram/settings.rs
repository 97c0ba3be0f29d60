//! How the stand-in behaves, as tests and the control endpoints set it.

use serde::{Deserialize, Serialize};

use super::limits::RateLimits;
use crate::faults::Script;

/// How Telegram's stand-in behaves. In JSON every field may be left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// What goes wrong. It is Telegram's own script: the one of the other providers says nothing here. In it `method`
    /// and `method_call` stand for `model` and `model_call`, and a prompt is the text or the caption.
    pub script: Script,
    /// How fast a bot may talk; without it as fast as it can.
    pub rate_limits: Option<RateLimits>,
    /// How long an update waits before it is sent again, the first time and at most (milliseconds). It doubles between.
    pub backoff_ms: (u64, u64),
    /// How long a webhook may take for its answer (milliseconds).
    pub answer_timeout_ms: u64,
    /// Whether bots hear only what is meant for them in groups, which is how Telegram makes them.
    pub privacy: bool,
    /// The only tokens that are accepted; without it all that look like one.
    pub tokens: Option<Vec<String>>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            script: Script::default(),
            rate_limits: None,
            backoff_ms: (100, 5_000),
            answer_timeout_ms: 60_000,
            privacy: true,
            tokens: None,
        }
    }
}
