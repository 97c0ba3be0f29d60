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
    fn options(self, script: Script, stays: bool) -> Options {
        Options {
            port: self.port,
            stays,
            gemini_api_key: self.gemini_api_key.filter(|key| !key.trim().is_empty()),
            script,
            concurrency: self.concurrency,
            batch_size: self.batch_size,
            log_level: self.log_level,
            https_proxy: self.https_proxy,
        }
    }
}
