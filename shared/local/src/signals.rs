//! Being asked to end: Ctrl-C, `kill`, or the terminal going away.

use anyhow::{Error, Result, anyhow};
use tokio::signal::unix::{SignalKind, signal};

/// Ends when the process is asked to, with an error that says so.
pub(crate) async fn asked_to_end() -> Result<Error> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hangup = signal(SignalKind::hangup())?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        _ = hangup.recv() => {}
    }
    Ok(anyhow!(Interrupted))
}

/// Somebody wanted the command to end before its work was done.
#[derive(Debug)]
pub(crate) struct Interrupted;

impl std::fmt::Display for Interrupted {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("interrupted")
    }
}

impl std::error::Error for Interrupted {}
