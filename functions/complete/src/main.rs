//! Complete: reconciles jobs, whoever rings.

mod handler;

use std::{process::ExitCode, sync::Arc};

use aws_lambda_events::sqs::SqsEvent;
use lambda_runtime::LambdaEvent;
use toonmill_runtime::{Aws, Settings, logging, serve::serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    logging::start();
    let handler = handler::start(&Settings::from_env(), &Aws::from_env().await).map(Arc::new);
    serve(handler.map(|handler| {
        move |event: LambdaEvent<SqsEvent>| {
            let handler = Arc::clone(&handler);
            async move { Ok(handler::handle(&handler, event.payload).await) }
        }
    }))
    .await
}
