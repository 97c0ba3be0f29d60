//! The stand-in providers as a program: starts them, says where they listen, waits to be ended.

use std::{
    fs,
    io::{self, Write as _},
    path::PathBuf,
};

use anyhow::{Context as _, ensure};
use clap::Parser;
use tokio::signal::unix::{SignalKind, signal};
use toonmill_standins::{
    Settings, Standins,
    faults::{Latency, Script},
};

/// Image providers that need no key: they speak the providers' wire formats on 127.0.0.1, draw
/// storyboard sketches, and fail on request.
///
/// Point a client's base URL at the address it prints. GET, PUT, POST and DELETE on /_control
/// show, set, change and reset what goes wrong.
#[derive(Debug, Parser)]
#[command(name = "toonmill-standins", version)]
struct Arguments {
    /// Port on 127.0.0.1; 0 takes any free one.
    #[arg(long, default_value_t = 8931)]
    port: u16,
    /// Where all chance comes from, pictures included.
    #[arg(long)]
    seed: Option<u64>,
    /// Seconds that a call takes, or a range of them.
    #[arg(long, value_name = "SECONDS[-SECONDS]")]
    latency: Option<Latency>,
    /// Share of calls that fail by chance, 0 to 1.
    #[arg(long, value_name = "SHARE")]
    failure_rate: Option<f64>,
    /// Seconds that a hanging call is kept waiting.
    #[arg(long, value_name = "SECONDS")]
    hang: Option<u64>,
    /// A script as /_control takes it, or a list of its rules; the other options go before it.
    #[arg(long, value_name = "FILE")]
    faults: Option<PathBuf>,
    /// The only key that is accepted; without one, any key that is not empty.
    #[arg(long, value_name = "KEY")]
    api_key: Option<String>,
}

impl Arguments {
    fn script(&self) -> anyhow::Result<Script> {
        let mut script = match &self.faults {
            Some(path) => read_script(path)?,
            None => Script::default(),
        };
        script.seed = self.seed.unwrap_or(script.seed);
        script.latency_ms = self.latency.unwrap_or(script.latency_ms);
        script.failure_rate = self.failure_rate.unwrap_or(script.failure_rate);
        script.hang_ms = self.hang.map_or(script.hang_ms, |seconds| seconds.saturating_mul(1000));
        ensure!((0.0..=1.0).contains(&script.failure_rate), "the failure rate is a share from 0 to 1");
        Ok(script)
    }
}

fn read_script(path: &PathBuf) -> anyhow::Result<Script> {
    let text = fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let script = if text.trim_start().starts_with('[') {
        serde_json::from_str(&text).map(|rules| Script { rules, ..Script::default() })
    } else {
        serde_json::from_str(&text)
    };
    script.with_context(|| format!("{} is not a script", path.display()))
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let script = arguments.script()?;
    let settings = Settings { port: arguments.port, api_key: arguments.api_key, script };
    let running = Standins::start(settings).await?;
    writeln!(io::stdout(), "stand-in providers listen on {}", running.base_url())?;
    let mut terminated = signal(SignalKind::terminate())?;
    tokio::select! {
        result = tokio::signal::ctrl_c() => result?,
        _ = terminated.recv() => {}
    }
    running.shutdown().await;
    Ok(())
}
