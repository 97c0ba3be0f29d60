//! Telegram-webhook: takes what users write to the bot, and answers at once. What is said to them is delivered later.

use std::process::ExitCode;

use mimalloc::MiMalloc;
use telegram_webhook::{App, router};
use toonmill_http_api::gateway;
use toonmill_runtime::{Aws, Settings, logging, system};

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    logging::start();
    let app = App::start(&Settings::from_env(), &Aws::from_env(), system::clock(), system::ids()).await;
    gateway::serve(app.map(router)).await
}
