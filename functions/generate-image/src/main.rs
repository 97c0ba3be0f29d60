//! Generate-image: one message, one slot, at most one provider call, one image.

mod handler;

use std::process::ExitCode;

use toonmill_runtime::{Aws, Settings, logging, serve::serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    logging::start();
    let started = handler::start(&Settings::from_env(), &Aws::from_env().await).await;
    serve(started, handler::handle).await
}
