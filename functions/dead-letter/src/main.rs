//! Dead-letter: buries messages that three workers did not survive.

mod handler;

use std::{process::ExitCode, sync::Arc};

use aws_lambda_events::sqs::SqsEvent;
use lambda_runtime::LambdaEvent;
use toonmill_runtime::{Aws, Settings, logging, serve::serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    logging::start();
    let undertaker = handler::start(&Settings::from_env(), &Aws::from_env().await).map(Arc::new);
    serve(undertaker.map(|undertaker| {
        move |event: LambdaEvent<SqsEvent>| {
            let undertaker = Arc::clone(&undertaker);
            async move { Ok(handler::handle(&undertaker, event.payload).await) }
        }
    }))
    .await
}
