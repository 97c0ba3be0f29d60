//! `cargo local invoke FUNCTION EVENT`: what `sam local invoke` does where there is Docker.

use std::fs;
use std::io::Read as _;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use toonmill_standins::faults::Script;

use crate::cli::InvokeArgs;
use crate::deploy::signed::{SignedClient, Throttled};
use crate::deploy::template::Template;
use crate::local_cloud;
use crate::pause;
use crate::session::{Ready, Session};
use crate::tokens::SigningKey;
use crate::workspace::Workspace;

/// How often a call is made, a second apart, while all functions are busy.
const TRIES: u32 = 60;
const TOKEN_PLACEHOLDER: &str = "<token>";

pub(crate) async fn run(workspace: &Workspace, args: InvokeArgs) -> Result<ExitCode> {
    let function = Template::load(&workspace.template())?.function(&args.function)?.clone();
    let event = read_event(workspace, &args)?;
    let answer = match Session::open(workspace)? {
        Session::Running(state) => {
            let (_, ready) = state.ready(workspace).await?;
            invoke(&ready, &function.output_key(), event).await?
        }
        Session::Ours(lock) => {
            let options = args.cloud.options(Script::default(), false);
            local_cloud::with(workspace, lock, options, async |_, ready| {
                invoke(ready, &function.output_key(), event).await
            })
            .await?
        }
    };
    eprint!("{}", answer.log);
    println!("{}", serde_json::to_string_pretty(&answer.payload)?);
    Ok(match answer.error {
        None => ExitCode::SUCCESS,
        Some(error) => {
            eprintln!("error: {} failed ({error})", function.binary);
            ExitCode::FAILURE
        }
    })
}

/// What a function answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) payload: Value,
    /// The end of its log.
    log: String,
    pub(crate) error: Option<String>,
}

pub(crate) async fn invoke(ready: &Ready, output_key: &str, event: Vec<u8>) -> Result<Answer> {
    let name = ready.outputs.get(output_key)?;
    let client = SignedClient::new(&ready.endpoint)?;
    let path = format!("/2015-03-31/functions/{name}/invocations");
    let mut tries = 0;
    let answer = loop {
        tries += 1;
        match client.post("lambda", &path, &[("x-amz-log-type", "Tail")], event.clone()).await {
            Ok(answer) => break answer,
            // All functions are busy that may run at the same time.
            Err(error) if tries < TRIES && error.is::<Throttled>() => pause(Duration::from_secs(1)).await,
            Err(error) => return Err(error),
        }
    };
    let header = |name| answer.headers.get(name).and_then(|value| value.to_str().ok());
    let log = header("x-amz-log-result").and_then(|log| STANDARD.decode(log).ok());
    Ok(Answer {
        log: log.map(|log| with_line_end(&log)).unwrap_or_default(),
        error: header("x-amz-function-error").map(str::to_owned),
        payload: read_payload(&answer.body).context("the function answered no JSON")?,
    })
}

/// JSON. That of a function that streams is a text: status and headers, eight zero bytes, and the whole body, which is shown
/// beside them.
fn read_payload(answer: &[u8]) -> serde_json::Result<Value> {
    let payload: Value = serde_json::from_slice(answer)?;
    let Some((begun, body)) = payload.as_str().and_then(|text| text.split_once(&"\0".repeat(8))) else {
        return Ok(payload);
    };
    let mut shown: Value = serde_json::from_str(begun)?;
    if let Some(members) = shown.as_object_mut() {
        members.insert("body".to_owned(), body.into());
    }
    Ok(shown)
}

fn with_line_end(log: &[u8]) -> String {
    let log = String::from_utf8_lossy(log);
    format!("{}\n", log.trim_end())
}

fn read_event(workspace: &Workspace, args: &InvokeArgs) -> Result<Vec<u8>> {
    let mut text = String::new();
    if args.event.as_os_str() == "-" {
        std::io::stdin().read_to_string(&mut text)?;
    } else {
        text = fs::read_to_string(&args.event).with_context(|| format!("cannot read {}", args.event.display()))?;
    }
    if text.contains(TOKEN_PLACEHOLDER) {
        let token = SigningKey::load_or_make(workspace)?.token("demo-studio", Duration::from_hours(1))?;
        text = text.replace(TOKEN_PLACEHOLDER, &token);
    }
    let event: Value = serde_json::from_str(&text).context("the event is no JSON")?;
    Ok(serde_json::to_vec(&event)?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_streamed_answer_is_shown_like_another() {
        assert_eq!(read_payload(b"[1]").unwrap(), json!([1]));
        let streamed = format!("{{\"statusCode\":200}}{}retry: 1", "\0".repeat(8));
        let streamed = serde_json::to_vec(&streamed).unwrap();
        assert_eq!(read_payload(&streamed).unwrap(), json!({ "statusCode": 200, "body": "retry: 1" }));
    }
}
