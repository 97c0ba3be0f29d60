//! Cleanup: every day, removes what is over. An event with `"dryRun": true` removes nothing.

mod handler;

use std::{process::ExitCode, sync::Arc};

use lambda_runtime::LambdaEvent;
use toonmill_runtime::{Aws, Settings, logging, serve::serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    logging::start();
    let cleanup = handler::start(&Settings::from_env(), &Aws::from_env().await).map(Arc::new);
    serve(cleanup.map(|cleanup| {
        move |event: LambdaEvent<handler::Event>| {
            let cleanup = Arc::clone(&cleanup);
            async move { Ok(handler::handle(&cleanup, event).await?) }
        }
    }))
    .await
}
