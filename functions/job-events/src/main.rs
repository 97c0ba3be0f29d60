//! Job-events: streams how a job goes on, while it does, to whoever has a ticket or a token for it.

use std::process::ExitCode;

use job_events::{App, gateway, router};
use mimalloc::MiMalloc;
use toonmill_runtime::{Aws, Settings, logging, system};

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    logging::start();
    let app = App::start(&Settings::from_env(), &Aws::from_env(), system::clock(), system::ids());
    gateway::serve_streaming(app.map(router)).await
}
