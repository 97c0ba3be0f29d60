//! What both forms of a request may say about the job as a whole.

use std::time::Duration;

use serde_json::Value;
use toonmill_domain::{AccountId, DEFAULT_ROUNDS, MAX_ROUNDS};

use crate::{Finding, findings::Findings, reader::Fields};

const MIN_DEADLINE_SECS: u32 = 60;
const MAX_DEADLINE_SECS: u32 = 86_400;
const DEFAULT_DEADLINE_SECS: u32 = 21_600;
const MAX_URL_CHARS: usize = 2_048;

#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) production_id: Option<String>,
    pub(crate) max_rounds: u32,
    pub(crate) deadline: Duration,
    /// For the stages that do not say it themselves. Gemini can do neither.
    pub(crate) watermark: Option<bool>,
    /// Whom the body claims to be: never the owner, at most a mistake.
    pub(crate) user_id: Option<String>,
    /// Where the job's events are to be sent.
    pub(crate) webhook_url: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            production_id: None,
            max_rounds: DEFAULT_ROUNDS,
            deadline: Duration::from_secs(u64::from(DEFAULT_DEADLINE_SECS)),
            watermark: None,
            user_id: None,
            webhook_url: None,
        }
    }
}

pub(crate) fn read(fields: &Fields<'_>) -> Options {
    let default = Options::default();
    // The caller's own ids and our accounts allow the same characters.
    let production = fields.parsed::<AccountId>("productionId", "1 to 128 of A-Z, a-z, 0-9, _ and -");
    let rounds = fields.integer("maxRounds", 1, MAX_ROUNDS);
    let deadline = deadline(fields);
    let watermark = fields.flag("watermark");
    Options {
        webhook_url: webhook_url(fields),
        production_id: production.value.map(|id| id.to_string()),
        max_rounds: rounds.value.unwrap_or(default.max_rounds),
        deadline: deadline.unwrap_or(default.deadline),
        watermark: watermark.value,
        user_id: fields.choice("userId").value.map(str::to_owned),
    }
}

/// The deadline of a job that is opened again: a body's `deadlineSeconds`, or as for a new job. No body is an empty one.
pub fn deadline_of_retry(body: Option<&Value>) -> Result<Duration, Vec<Finding>> {
    let problems = Findings::default();
    let fields = body.and_then(|body| Fields::of(body, "", &problems));
    let seconds = fields.and_then(|fields| deadline(&fields));
    let problems = problems.into_vec();
    if problems.is_empty() { Ok(seconds.unwrap_or(Options::default().deadline)) } else { Err(problems) }
}

fn deadline(fields: &Fields<'_>) -> Option<Duration> {
    let seconds = fields.integer("deadlineSeconds", MIN_DEADLINE_SECS, MAX_DEADLINE_SECS);
    seconds.value.map(|seconds| Duration::from_secs(u64::from(seconds)))
}

/// As far as it shows by itself: whoever sends checks the address that is connected to.
fn webhook_url(fields: &Fields<'_>) -> Option<String> {
    let url = fields.choice("webhookUrl");
    let text = url.value?;
    let parsed = text.parse::<http::Uri>().ok().filter(|uri| uri.scheme_str() == Some("https"));
    let usable = parsed
        .and_then(|uri| uri.authority().cloned())
        .is_some_and(|to| !to.host().is_empty() && !to.as_str().contains('@'));
    if usable && text.len() <= MAX_URL_CHARS {
        Some(text.to_owned())
    } else {
        fields.problem(&url.pointer, format!("must be an https URL of at most {MAX_URL_CHARS} characters"));
        None
    }
}
