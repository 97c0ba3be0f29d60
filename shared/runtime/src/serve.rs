//! The loop of a function that is not an API: start once, then answer invocations.

use std::{future::Future, process::ExitCode};

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::{Serialize, de::DeserializeOwned};

use crate::settings::SettingError;

/// Serves invocations until the environment ends. A start that failed is one line that names the setting.
#[expect(clippy::print_stderr, reason = "the one line of a failed start must not need a log reader")]
pub async fn serve<Event, Answer, Handler, Fut>(handler: Result<Handler, SettingError>) -> ExitCode
where
    Event: DeserializeOwned,
    Answer: Serialize,
    Handler: Fn(LambdaEvent<Event>) -> Fut,
    Fut: Future<Output = Result<Answer, Error>>,
{
    let handler = match handler {
        Ok(handler) => handler,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    match lambda_runtime::run(service_fn(handler)).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the runtime ended: {error}");
            ExitCode::FAILURE
        }
    }
}
