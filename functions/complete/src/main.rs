//! Complete: reconciles jobs, whoever rings.

mod handler;
mod metrics;

use std::process::ExitCode;

use mimalloc::MiMalloc;
use toonmill_runtime::{Aws, Settings, logging, serve::serve};

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    logging::start();
    let started = handler::start(&Settings::from_env(), &Aws::from_env());
    serve(started, handler::handle).await
}
