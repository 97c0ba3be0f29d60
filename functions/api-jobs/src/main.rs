//! Api-jobs: takes in jobs and uploads, and tells how they stand. It waits on no provider.

use std::process::ExitCode;

use api_jobs::{App, gateway, router};
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
