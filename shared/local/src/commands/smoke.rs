//! `cargo local smoke --url URL --token TOKEN`: whether a deployed stack does its work, step by step, as one of its clients.

mod client;
mod report;
mod stream;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::time::timeout;
use toonmill_receipts::{PublicKeys, inspect};

use self::client::{Answer, Client};
use self::report::Report;
use crate::cli::SmokeArgs;
use crate::pause;

/// Between two looks at the job: few enough for any limit of requests.
const PACE: Duration = Duration::from_secs(2);
/// How long the stream may go on once its job has ended.
const LAST_EVENTS: Duration = Duration::from_secs(30);
/// A token of nobody, which every stack turns away.
const NOBODY: &str = "not.a.token";

pub(crate) async fn run(args: SmokeArgs) -> Result<ExitCode> {
    let client = Client::new(&args.url, &args.token)?;
    let mut report = Report::new(args.json);
    let limit = Duration::from_secs(args.limit);
    if timeout(limit, steps(&client, &args, &mut report)).await.is_err() {
        report.cut(args.limit);
    }
    Ok(if report.finish(&args.url) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Each step in turn; none after one that failed.
async fn steps(client: &Client, args: &SmokeArgs, report: &mut Report) -> Option<()> {
    report.step("health", health(client)).await?;
    report.step("sign-in", sign_in(client)).await?;
    let body = body(args);
    report.step("estimate", estimate(client, &body)).await?;
    let (id, events) = report.step("submit", submit(client, &body)).await?;
    let stream = tokio::spawn(stream::follow(client.without_token(), client.address(&events)));
    let job = report.step("job", ended(client, &id)).await?;
    report.step("stream", followed(stream)).await?;
    report.step("picture", picture(client, &id)).await?;
    report.step("receipt", receipt(client, &id, &job)).await
}

fn body(args: &SmokeArgs) -> Value {
    let mut stage =
        json!({ "prompt": "A lighthouse at dusk, one boat on the water", "quantity": 1, "aspectRatio": "1:1" });
    if let (Some(provider), Some(members)) = (args.provider, stage.as_object_mut()) {
        members.insert("provider".to_owned(), provider.name().into());
    }
    json!({ "stages": [stage] })
}

type Step<T> = Result<(T, String)>;

async fn health(client: &Client) -> Step<()> {
    let health = client.get("/api/v1/health").await?.expect(200)?;
    let of = |name: &str| health.get(name).and_then(Value::as_str).unwrap_or_default();
    let services = health.get("services").and_then(Value::as_object).context("it names no services")?;
    let ill: Vec<_> =
        services.iter().filter(|(_, state)| *state == "unhealthy").map(|(name, _)| name.as_str()).collect();
    ensure!(of("status") == "healthy" && ill.is_empty(), "{}: {}", of("status"), ill.join(", "));
    Ok(((), format!("version {}, {} services", of("version"), services.len())))
}

/// A token opens the API, and nothing else does.
async fn sign_in(client: &Client) -> Step<()> {
    let refused = client.get_as("/api/v1/jobs?limit=1", NOBODY).await?;
    ensure!(refused.status == 401, "a token of nobody is answered {}, not 401", refused.status);
    let found = client.get("/api/v1/jobs?limit=1").await?;
    ensure!(found.status != 401, "the token is not taken: {}", found.said());
    found.expect(200)?;
    // A service key may lack the scope for this; its jobs are what counts.
    let profile = client.get("/api/v1/auth/profile").await?;
    if profile.status != 200 {
        return Ok(((), "the token opens jobs".to_owned()));
    }
    let text = |pointer: &str| profile.body.pointer(pointer).map(Value::to_string).unwrap_or_default();
    Ok(((), format!("{} with {} credits", text("/user/username").trim_matches('"'), text("/credits/balance"))))
}

async fn estimate(client: &Client, body: &Value) -> Step<()> {
    let estimate = client.post("/api/v1/jobs/estimate", body, None).await?.expect(200)?;
    let number = |pointer: &str| estimate.pointer(pointer).and_then(Value::as_u64);
    let credits = number("/credits").context("it names no price")?;
    let model = estimate.pointer("/stages/0/modelId").and_then(Value::as_str).unwrap_or("?");
    Ok(((), format!("one image by {model} is {credits} credits")))
}

/// The job's id and the address of its events. The request is sent twice with one key, and is one job.
async fn submit(client: &Client, body: &Value) -> Step<(String, String)> {
    let key = key();
    let first = client.post("/api/v1/jobs", body, Some(&key)).await?.expect(202)?;
    let again = client.post("/api/v1/jobs", body, Some(&key)).await?.expect(202)?;
    let text = |answer: &Value, name: &str| answer.get(name).and_then(Value::as_str).map(str::to_owned);
    let id = text(&first, "jobId").context("the answer names no job")?;
    ensure!(text(&again, "jobId").as_deref() == Some(&id), "the same request with the same key made another job");
    let events = text(&first, "eventsUrl").context("the answer has no eventsUrl")?;
    Ok(((id.clone(), events), format!("job {id}")))
}

async fn ended(client: &Client, id: &str) -> Step<Value> {
    loop {
        let job = client.get(&format!("/api/v1/jobs/{id}")).await?.expect(200)?;
        let status = job.get("status").and_then(Value::as_str).context("the job has no status")?.to_owned();
        if matches!(status.as_str(), "IN_QUEUE" | "IN_PROGRESS") {
            pause(PACE).await;
            continue;
        }
        let number = |pointer: &str| job.pointer(pointer).and_then(Value::as_u64).unwrap_or(0);
        let [held, captured, released] =
            ["held", "captured", "released"].map(|name| number(&format!("/credits/{name}")));
        ensure!(
            status == "COMPLETED",
            "it ended {status}: {}",
            job.pointer("/stages/0/failures").unwrap_or(&Value::Null)
        );
        ensure!(
            captured > 0 && held == captured && released == 0,
            "{held} held, {captured} captured, {released} released"
        );
        return Ok((job, format!("COMPLETED, {captured} credits captured")));
    }
}

async fn followed(stream: tokio::task::JoinHandle<Result<Vec<String>>>) -> Step<()> {
    let events = timeout(LAST_EVENTS, stream).await.context("it goes on though the job has ended")???;
    let last = events.last().map(String::as_str).unwrap_or_default();
    ensure!(events.iter().any(|event| event == "progress"), "it told no progress: {}", events.join(", "));
    ensure!(last == "job.completed", "its last event is {last:?}, not job.completed");
    Ok(((), format!("{} events, the last job.completed", events.len())))
}

async fn picture(client: &Client, id: &str) -> Step<()> {
    let page = client.get(&format!("/api/v1/jobs/{id}/images")).await?.expect(200)?;
    let images = page.get("data").and_then(Value::as_array).context("no images are listed")?;
    let [image] = images.as_slice() else { bail!("{} images are listed, not 1", images.len()) };
    let text = |name: &str| image.get(name).and_then(Value::as_str).with_context(|| format!("the image has no {name}"));
    let bytes = client.download(text("url")?).await?;
    let found = hex::encode(Sha256::digest(&bytes));
    ensure!(found == text("sha256")?, "the link gives {} bytes with the sha256 {found}", bytes.len());
    Ok(((), format!("{} bytes of {} by {}", bytes.len(), text("mimeType")?, text("provider").unwrap_or("?"))))
}

async fn receipt(client: &Client, id: &str, job: &Value) -> Step<()> {
    let answer = client.get(&format!("/api/v1/jobs/{id}/receipt")).await?;
    ensure!(answer.status != 503, "the stack signs none (ReceiptSigningKeySecret): {}", answer.said());
    let receipt = answer.expect(200)?.to_string();
    let keys = client.get("/.well-known/toonmill-keys.json").await?.expect(200)?.to_string();
    let inspected = inspect(&receipt, &PublicKeys::parse(Some(&keys))?)?;
    let wrong: Vec<_> = inspected.wrong.iter().map(ToString::to_string).collect();
    ensure!(wrong.is_empty(), "{}", wrong.join("; "));
    let captured = job.pointer("/credits/captured").and_then(Value::as_u64);
    let of = &inspected.receipt;
    ensure!(of.job == id && of.stored == 1 && Some(of.credits.captured) == captured, "it is of something else");
    Ok(((), format!("signed by {}, {} credits for {} image", inspected.key_id, of.credits.captured, of.stored)))
}

#[expect(clippy::disallowed_methods, reason = "a new test is a new request")]
fn key() -> String {
    format!("smoke-{}", uuid::Uuid::now_v7())
}

impl Answer {
    /// Its body, if it has this status.
    fn expect(self, status: u16) -> Result<Value> {
        ensure!(self.status == status, "{} answered {}, not {status}: {}", self.path, self.status, self.said());
        Ok(self.body)
    }

    /// What a problem says, for people.
    fn said(&self) -> String {
        let detail = self.body.get("detail").and_then(Value::as_str);
        detail.map_or_else(|| self.body.to_string(), str::to_owned)
    }
}
