//! One file a command.

pub(crate) mod demo;
pub(crate) mod down;
pub(crate) mod invoke;
pub(crate) mod token;
pub(crate) mod up;

use std::fs;

use anyhow::{Context, Result};
use serde_json::{Map, Value};
use toonmill_standins::faults::Script;

use crate::cli::{CloudArgs, FaultArgs};
use crate::local_cloud::Options;

/// A call that hangs is cut after this time, not after the minutes that a real one may take.
const HANG_MS: u64 = 3000;

impl FaultArgs {
    /// The stand-in's script: the flags, and over them the fields of the file.
    fn script(&self) -> Result<Script> {
        let script = Script {
            seed: self.seed,
            latency_ms: self.latency,
            failure_rate: self.failure_rate,
            hang_ms: HANG_MS,
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

impl CloudArgs {
    /// What the template's parameters are set to, the flags with names of their own included.
    fn all_parameters(&self) -> Vec<(String, String)> {
        let own = [("GeminiMaxConcurrency", self.concurrency), ("ImageBatchSize", self.batch_size)];
        let own = own.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.to_string())));
        own.chain(self.parameters.iter().cloned()).collect()
    }

    fn options(self, script: Script, stays: bool) -> Options {
        let parameters = self.all_parameters();
        Options {
            port: self.port,
            stays,
            gemini_api_key: self.gemini_api_key.filter(|key| !key.trim().is_empty()),
            script,
            parameters,
            log_level: self.log_level,
            https_proxy: self.https_proxy,
        }
    }
}
