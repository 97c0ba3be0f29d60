//! Generate-image: one message, one slot, at most one provider call, one image.

mod handler;

use std::{process::ExitCode, sync::Arc};

use aws_lambda_events::sqs::SqsEvent;
use lambda_runtime::LambdaEvent;
use toonmill_runtime::{Aws, Settings, logging, serve::serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    logging::start();
    let worker = handler::start(&Settings::from_env(), &Aws::from_env().await).await.map(Arc::new);
    serve(worker.map(|worker| {
        move |event: LambdaEvent<SqsEvent>| {
            let worker = Arc::clone(&worker);
            async move { Ok(handler::handle(&worker, event).await) }
        }
    }))
    .await
}
