//! Api-accounts: signs users in, shows them what they have, and keeps their service keys. It alone has the key that
//! signs tokens.

use std::process::ExitCode;

use api_accounts::{App, router};
use mimalloc::MiMalloc;
use toonmill_http_api::gateway;
use toonmill_runtime::{Aws, Settings, logging, system};

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    logging::start();
    let app = App::start(&Settings::from_env(), &Aws::from_env(), system::clock(), system::ids());
    gateway::serve(app.map(router)).await
}
