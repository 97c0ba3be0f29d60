//! Api-jobs: takes in jobs and uploads, and tells how they stand. It waits on no provider.

use std::process::ExitCode;

use api_jobs::{App, gateway, router};
use mimalloc::MiMalloc;
use toonmill_runtime::{Aws, Settings, logging, system};

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    logging::start();
    let app = App::start(&Settings::from_env(), &Aws::from_env(), system::clock(), system::ids()).await;
    gateway::serve(app.map(router)).await
}
