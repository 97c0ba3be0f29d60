//! Dead-letter: buries messages that were received five times and never acknowledged.

mod handler;

use std::process::ExitCode;

use toonmill_runtime::{Aws, Settings, logging, serve::serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    logging::start();
    let started = handler::start(&Settings::from_env(), &Aws::from_env());
    serve(started, handler::handle).await
}
