//! Api-accounts: signs users in, shows them what they have, and keeps their service keys. It alone has the key that
//! signs tokens.

use std::process::ExitCode;

use api_accounts::{App, router};
use toonmill_http_api::gateway;
use toonmill_runtime::{Aws, Settings, logging, system};

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stderr, reason = "the one line of a failed start must not need a log reader")]
async fn main() -> ExitCode {
    logging::start();
    let aws = Aws::from_env();
    let app = match App::start(&Settings::from_env(), &aws, system::clock(), system::ids()) {
        Ok(app) => app,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    match gateway::serve(router(app)).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the runtime ended: {error}");
            ExitCode::FAILURE
        }
    }
}
