//! Operator: a person's hand on jobs, credits and providers. It has no trigger; only IAM lets anybody invoke it.

mod handler;

use std::{process::ExitCode, sync::Arc};

use lambda_runtime::LambdaEvent;
use toonmill_runtime::{Aws, Settings, logging, serve::serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    logging::start();
    let operator = handler::start(&Settings::from_env(), &Aws::from_env().await).map(Arc::new);
    serve(operator.map(|operator| {
        move |event: LambdaEvent<serde_json::Value>| {
            let operator = Arc::clone(&operator);
            async move { Ok(handler::handle(&operator, event.payload).await?) }
        }
    }))
    .await
}
