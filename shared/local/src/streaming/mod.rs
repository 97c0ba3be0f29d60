//! The function whose answers are streams. The emulator collects such an answer before it sends it, so this one function is
//! run here in its place: the same program, with the variables, the role and the concurrency that the deployed template
//! gives it, and a process for each viewer.

mod event;
mod instance;

use std::collections::BTreeMap;
use std::fs::File;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;

use anyhow::{Context, Result};
use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;
use tokio::process::Command;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::deploy::REGION;
use crate::deploy::signed::SignedClient;
use instance::Instance;

#[derive(Debug, Clone)]
pub(crate) struct Streaming(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    program: PathBuf,
    log: PathBuf,
    endpoint: String,
    client: SignedClient,
    function: Configuration,
    /// One for each instance that may run at the same time.
    places: Arc<Semaphore>,
}

/// A function as it was deployed.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Configuration {
    function_name: String,
    role: String,
    memory_size: u32,
    environment: Environment,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Environment {
    variables: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Concurrency {
    /// None if the template reserves none for the function.
    reserved_concurrent_executions: Option<usize>,
}

/// What a function may take that has none reserved: the quota of an account, unless it asks for another.
const UNRESERVED: usize = 1_000;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Assumed {
    credentials: Credentials,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Credentials {
    access_key_id: String,
    secret_access_key: String,
    session_token: String,
}

impl Streaming {
    /// The function of this name, whose program is this.
    pub(crate) async fn of(endpoint: &str, name: &str, program: PathBuf, log: PathBuf) -> Result<Self> {
        let client = SignedClient::new(endpoint)?;
        let function = client.get_json("lambda", &format!("/2015-03-31/functions/{name}/configuration")).await?;
        let function = serde_json::from_value(function).context("a function without a configuration")?;
        let concurrency = client.get_json("lambda", &format!("/2019-09-30/functions/{name}/concurrency")).await?;
        let concurrency: Concurrency = serde_json::from_value(concurrency).context("no answer about concurrency")?;
        File::create(&log)?;
        let places = Arc::new(Semaphore::new(concurrency.reserved_concurrent_executions.unwrap_or(UNRESERVED)));
        Ok(Self(Arc::new(Inner { program, log, endpoint: endpoint.to_owned(), client, function, places })))
    }

    /// Answers a request as the function URL would.
    pub(crate) async fn answer(self, request: Request) -> Response {
        let Ok(place) = Arc::clone(&self.0.places).try_acquire_owned() else {
            let busy = "as many streams are open as there may be: ask the API with ?wait instead\n";
            return (StatusCode::TOO_MANY_REQUESTS, busy).into_response();
        };
        self.0.run(event::of(&request), place).await.unwrap_or_else(|error| {
            (StatusCode::BAD_GATEWAY, format!("the function does not answer: {error:#}\n")).into_response()
        })
    }
}

impl Inner {
    async fn run(&self, event: Value, place: OwnedSemaphorePermit) -> Result<Response> {
        let mut command = Command::new(&self.program);
        // Nothing of the user's shell.
        command.env_clear().envs(&self.function.environment.variables).envs(self.own_variables().await?);
        let log = File::options().append(true).open(&self.log)?;
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let (instance, answer) = Instance::run(command, serde_json::to_vec(&event)?).await?;
        // When the answer has been read, or nobody reads it any more, the process goes and its place is free.
        let chunks = stream::unfold((answer.chunks, instance, place), async |(mut chunks, instance, place)| {
            let chunk = chunks.recv().await?;
            Some((chunk, (chunks, instance, place)))
        });
        let mut response = Response::new(Body::from_stream(chunks));
        *response.status_mut() = answer.status;
        *response.headers_mut() = answer.headers;
        Ok(response)
    }

    /// What Lambda gives every function.
    async fn own_variables(&self) -> Result<Vec<(&'static str, String)>> {
        let Credentials { access_key_id, secret_access_key, session_token } = self.credentials().await?;
        Ok(vec![
            ("AWS_ENDPOINT_URL", self.endpoint.clone()),
            ("AWS_REGION", REGION.to_owned()),
            ("AWS_ACCESS_KEY_ID", access_key_id),
            ("AWS_SECRET_ACCESS_KEY", secret_access_key),
            ("AWS_SESSION_TOKEN", session_token),
            ("AWS_LAMBDA_FUNCTION_NAME", self.function.function_name.clone()),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", self.function.memory_size.to_string()),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
            ("AWS_LAMBDA_LOG_GROUP_NAME", self.function.function_name.clone()),
            ("AWS_LAMBDA_LOG_STREAM_NAME", "local".to_owned()),
        ])
    }

    /// Of the function's own role, for an hour.
    async fn credentials(&self) -> Result<Credentials> {
        let wish = serde_json::json!({ "RoleArn": self.function.role, "RoleSessionName": self.function.function_name });
        let headers = [
            ("content-type", "application/x-amz-json-1.1"),
            ("x-amz-target", "AWSSecurityTokenServiceV20110615.AssumeRole"),
        ];
        let answer = self.client.post("sts", "/", &headers, serde_json::to_vec(&wish)?).await?;
        let assumed: Assumed = serde_json::from_slice(&answer.body).context("no credentials of the function's role")?;
        Ok(assumed.credentials)
    }
}
