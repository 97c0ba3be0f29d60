//! Logs: one line of JSON each, readable message and fields. `RUST_LOG` chooses what is logged (default `info`).

use tracing_subscriber::EnvFilter;

/// Starts logging to standard output, which Lambda sends on.
pub fn start() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let started = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_target(false)
        .with_env_filter(filter)
        .try_init();
    // A second start in one process (a test) keeps the first.
    drop(started);
}
