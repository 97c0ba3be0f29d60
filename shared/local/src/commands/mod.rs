//! One file a command.

pub(crate) mod audit;
pub(crate) mod cost;
pub(crate) mod demo;
pub(crate) mod down;
pub(crate) mod invoke;
pub(crate) mod keys;
pub(crate) mod load;
pub(crate) mod set_webhook;
pub(crate) mod smoke;
pub(crate) mod telegram;
pub(crate) mod token;
pub(crate) mod up;
pub(crate) mod verify;

use std::fs;

use anyhow::{Context, Result};
use serde_json::{Map, Value};
use toonmill_standins::faults::{Fault, Match, Rule, Script};

use crate::cli::{CloudArgs, FaultArgs};
use crate::local_cloud::Options;
use crate::providers::Provider;

/// A call that hangs does so for longer than any function waits.
const HANG_MS: u64 = 200_000;
/// What an image function is given beyond the slowest picture: it keeps 12 s of it to store one.
const BEYOND_A_PICTURE_SECS: u64 = 29;

const IMAGE_TIME_OUT: &str = "ImageTimeoutSeconds";

impl FaultArgs {
    /// The stand-in's script: the flags, and over them the fields of the file.
    fn script(&self) -> Result<Script> {
        let script = Script {
            seed: self.seed,
            latency_ms: self.latency,
            failure_rate: self.failure_rate,
            hang_ms: HANG_MS,
            requests_per_minute: self.requests_per_minute,
            rules: self.down.iter().map(|provider| down(provider.name())).collect(),
            ..Script::default()
        };
        let Some(path) = &self.faults else {
            return Ok(script);
        };
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let fields: Map<String, Value> =
            serde_json::from_str(&text).with_context(|| format!("{} is no JSON object", path.display()))?;
        let mut merged = serde_json::to_value(script)?;
        if let Some(merged) = merged.as_object_mut() {
            merged.extend(fields);
        }
        serde_json::from_value(merged).with_context(|| format!("in {}", path.display()))
    }
}

/// That a provider answers every call with 503.
fn down(provider: &str) -> Rule {
    let matches = Match { provider: Some(provider.to_owned()), ..Match::default() };
    Rule { matches, ..Rule::always(Fault::Error { status: 503, message: None, wrapped: false }) }
}

impl CloudArgs {
    /// What the template's parameters are set to, the flags with names of their own included.
    fn all_parameters(&self) -> Vec<(String, String)> {
        let concurrency = Provider::ALL.map(|one| (format!("{}MaxConcurrency", one.parameter()), self.concurrency));
        let own = concurrency.into_iter().chain([("ImageBatchSize".to_owned(), self.batch_size)]);
        let own = own.filter_map(|(name, value)| Some((name, value?.to_string())));
        own.chain(self.parameters.iter().cloned()).collect()
    }

    fn options(self, script: Script, stays: bool) -> Options {
        let keys = self.keys.given();
        let mut parameters = self.all_parameters();
        if keys.is_empty() && parameters.iter().all(|(name, _)| name != IMAGE_TIME_OUT) {
            // The template's time-out is made for real providers. A stand-in's picture takes a second, and a call of
            // its that hangs should not take three minutes.
            let slowest = script.latency_ms.max_ms.div_ceil(1_000);
            let time_out = slowest.saturating_add(BEYOND_A_PICTURE_SECS).clamp(30, 180);
            parameters.push((IMAGE_TIME_OUT.to_owned(), time_out.to_string()));
        }
        Options {
            port: self.port,
            stays,
            keys,
            script,
            parameters,
            log_level: self.log_level,
            https_proxy: self.https_proxy,
            account_concurrency: self.account_concurrency,
        }
    }
}
