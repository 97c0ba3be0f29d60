//! Cleanup: every ten minutes, removes what is over. An event with `"dryRun": true` removes nothing, and one with `"shard": 3`
//! begins with that shard of the due index.

mod handler;

use std::process::ExitCode;

use toonmill_runtime::{Aws, Settings, logging, serve::serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    logging::start();
    let started = handler::start(&Settings::from_env(), &Aws::from_env());
    serve(started, handler::handle).await
}
