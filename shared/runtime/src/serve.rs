//! The loop of a function that is not an API: start once, then answer invocations.

use std::{error::Error, process::ExitCode};

use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde::{Serialize, de::DeserializeOwned};

use crate::settings::SettingError;

/// Serves invocations until the environment ends. A start that failed is one line that names the setting.
#[expect(clippy::print_stderr, reason = "the one line of a failed start must not need a log reader")]
pub async fn serve<State, Event, Answer, Failure>(
    started: Result<State, SettingError>,
    handle: impl AsyncFn(&State, LambdaEvent<Event>) -> Result<Answer, Failure>,
) -> ExitCode
where
    Event: DeserializeOwned,
    Answer: Serialize,
    Failure: Error,
{
    let state = match started {
        Ok(state) => state,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    let answer = async |event| handle(&state, event).await.map_err(|error| diagnostic(&error));
    match lambda_runtime::run(service_fn(answer)).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the runtime ended: {error}");
            ExitCode::FAILURE
        }
    }
}

/// What the invoker is told: a sentence, and what it came from.
fn diagnostic(error: &dyn Error) -> Diagnostic {
    let mut error_message = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        // A transparent error repeats its cause.
        let cause_message = cause.to_string();
        if !error_message.ends_with(&cause_message) {
            error_message = format!("{error_message}: {cause_message}");
        }
        source = cause.source();
    }
    Diagnostic { error_type: "FunctionError".to_owned(), error_message }
}
