//! Sweep: every minute, rings for the unfinished jobs that are due.

mod handler;

use std::{process::ExitCode, sync::Arc};

use lambda_runtime::LambdaEvent;
use toonmill_runtime::{Aws, Settings, logging, serve::serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    logging::start();
    let sweeper = handler::start(&Settings::from_env(), &Aws::from_env().await).map(Arc::new);
    serve(sweeper.map(|sweeper| {
        // What the schedule sends does not matter.
        move |_: LambdaEvent<serde_json::Value>| {
            let sweeper = Arc::clone(&sweeper);
            async move { Ok(handler::handle(&sweeper).await?) }
        }
    }))
    .await
}
