//! Generate-image: one message, one slot, at most one provider call, one image.

use std::process::ExitCode;

use toonmill_runtime::{Aws, Settings, logging, serve::serve, worker};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    logging::start();
    serve(worker::start(&Settings::from_env(), &Aws::from_env()).await, worker::handle).await
}
