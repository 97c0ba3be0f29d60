//! The HTTP API as a client sees it: the few requests that the demo makes and the fields that it reads.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use http::{HeaderMap, StatusCode, header};
use reqwest::{Client, RequestBuilder, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::pause;

/// A request that was turned away for a moment (429, 503) is made again this often: where functions are few, they are busy with
/// drawing for a while.
const PATIENCE: u32 = 40;
/// As long as the API holds an answer at most.
const HELD: &str = "wait=25";

#[derive(Debug)]
pub(crate) struct Api {
    client: Client,
    /// Of the whole API, and of its first version.
    root: String,
    base: String,
    token: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Accepted {
    pub(crate) job_id: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Job {
    pub(crate) revision: u64,
    pub(crate) status: String,
    pub(crate) stages: Vec<Stage>,
    pub(crate) credits: Credits,
    pub(crate) statistics: Statistics,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Stage {
    pub(crate) quantity: u64,
    pub(crate) stored: u64,
    pub(crate) given_up: u64,
    pub(crate) round: u64,
    pub(crate) failures: Vec<Failure>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Failure {
    pub(crate) slot: u64,
    pub(crate) code: String,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Credits {
    pub(crate) held: u64,
    pub(crate) captured: u64,
    pub(crate) released: u64,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Statistics {
    pub(crate) attempts: u64,
    pub(crate) stages: Vec<StageStatistics>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct StageStatistics {
    pub(crate) retried: u64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Image {
    pub(crate) stage: u64,
    pub(crate) slot: u64,
    #[serde(alias = "presignedUrl")]
    pub(crate) url: String,
    pub(crate) sha256: String,
    pub(crate) size_bytes: u64,
    pub(crate) mime_type: String,
    #[serde(default)]
    pub(crate) provider: String,
    #[serde(default)]
    pub(crate) model: String,
    #[serde(default)]
    pub(crate) attempt: u64,
    /// From the claim to the stored object.
    #[serde(default)]
    pub(crate) elapsed_ms: u64,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page<T> {
    data: Vec<T>,
    next_cursor: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Upload {
    file_id: String,
    #[serde(rename = "uploadUrl")]
    url: String,
    #[serde(default)]
    headers: serde_json::Map<String, Value>,
}

impl Job {
    pub(crate) fn ended(&self) -> bool {
        !matches!(self.status.as_str(), "IN_QUEUE" | "IN_PROGRESS")
    }

    pub(crate) fn requested(&self) -> u64 {
        self.stages.iter().map(|stage| stage.quantity).sum()
    }
}

impl Api {
    pub(crate) fn new(url: &str, token: String) -> Result<Self> {
        Ok(Self {
            client: Client::builder().no_proxy().timeout(Duration::from_mins(1)).build()?,
            root: url.to_owned(),
            base: format!("{url}/api/v1"),
            token,
        })
    }

    pub(crate) async fn upload(&self, name: &str, mime_type: &str, bytes: Vec<u8>) -> Result<String> {
        let body = json!({"fileName": name, "mimeType": mime_type, "sizeBytes": bytes.len()});
        let upload: Upload = self.post("/uploads", &body).await?;
        let mut request = self.client.put(&upload.url).body(bytes);
        let mut headers = upload.headers;
        headers.entry("content-type").or_insert_with(|| mime_type.into());
        for (name, value) in &headers {
            request = request.header(name, value.as_str().context("a header is text")?);
        }
        let answer = request.send().await?;
        if !answer.status().is_success() {
            bail!("the upload of {name} was refused: {} {}", answer.status(), answer.text().await?);
        }
        Ok(upload.file_id)
    }

    pub(crate) async fn submit(&self, job: &Value) -> Result<Accepted> {
        self.post("/jobs", job).await
    }

    /// Answers when there is a newer revision, or after some seconds as it is.
    pub(crate) async fn job(&self, id: &str, after: u64) -> Result<Job> {
        self.get(&format!("/jobs/{id}?wait=5&after={after}")).await
    }

    pub(crate) async fn cancel(&self, id: &str) -> Result<()> {
        let _: Value = self.post(&format!("/jobs/{id}/cancel"), &json!({})).await?;
        Ok(())
    }

    /// One page of a finished job's images and the cursor of the next.
    pub(crate) async fn images(&self, id: &str, cursor: Option<&str>) -> Result<(Vec<Image>, Option<String>)> {
        let cursor = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
        let page: Page<Image> = self.get(&format!("/jobs/{id}/images?limit=100{cursor}")).await?;
        Ok((page.data, page.next_cursor))
    }

    /// An ended job's receipt. Its bytes are free: what is signed is their canonical form.
    pub(crate) async fn receipt(&self, id: &str) -> Result<String> {
        let receipt: Value = self.get(&format!("/jobs/{id}/receipt")).await?;
        Ok(serde_json::to_string_pretty(&receipt)?)
    }

    /// The public keys by which anybody checks a receipt.
    pub(crate) async fn public_keys(&self, url: &str) -> Result<String> {
        let answer = self.client.get(format!("{url}/.well-known/toonmill-keys.json")).send().await?;
        Ok(answer.error_for_status()?.text().await?)
    }

    pub(crate) async fn download(&self, url: &str) -> Result<Vec<u8>> {
        let answer = self.client.get(url).send().await?.error_for_status()?;
        Ok(answer.bytes().await?.to_vec())
    }

    /// What is at a path.
    pub(super) async fn read(&self, path: &str) -> Result<Value> {
        self.send(|| self.client.get(format!("{}{path}", self.root)), path).await
    }

    /// The answer of an endpoint once there is a result, if it makes a job: held, or found in the ended job.
    pub(super) async fn held(&self, path: &str, body: &Value) -> Result<Value> {
        let request = || self.client.post(format!("{}{path}", self.root)).header("prefer", HELD).json(body);
        let answer: Value = self.send(request, path).await?;
        let Some(id) = answer.get("jobId").and_then(Value::as_str) else { return Ok(answer) };
        let (mut status, mut revision) = (String::new(), 0);
        while matches!(status.as_str(), "" | "IN_QUEUE" | "IN_PROGRESS") {
            let job = self.job(id, revision).await?;
            (status, revision) = (job.status, job.revision);
        }
        let job = self.read(&format!("/api/v1/jobs/{id}")).await?;
        if status != "COMPLETED" {
            bail!("the job {id} ended {status}: {}", job.get("error").unwrap_or(&Value::Null));
        }
        Ok(job.get("result").filter(|result| !result.is_null()).cloned().unwrap_or(answer))
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        self.send(|| self.client.get(format!("{}{path}", self.base)), path).await
    }

    async fn post<T: DeserializeOwned>(&self, path: &str, body: &Value) -> Result<T> {
        self.send(|| self.client.post(format!("{}{path}", self.base)).json(body), path).await
    }

    async fn send<T: DeserializeOwned>(&self, request: impl Fn() -> RequestBuilder, path: &str) -> Result<T> {
        for _ in 0..PATIENCE {
            let answer = request().bearer_auth(&self.token).send().await?;
            match answer.status() {
                StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                    pause(retry_after(answer.headers())).await;
                }
                status if status.is_success() => {
                    return answer.json().await.with_context(|| format!("{path} answered something unexpected"));
                }
                _ => return Err(refused(path, answer).await),
            }
        }
        bail!("{path} was turned away {PATIENCE} times")
    }
}

async fn refused(path: &str, answer: Response) -> anyhow::Error {
    let status = answer.status();
    let body = answer.text().await.unwrap_or_default();
    anyhow::anyhow!("{path} answered {status}: {body}")
}

fn retry_after(headers: &HeaderMap) -> Duration {
    let seconds = headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
    Duration::from_secs(seconds.unwrap_or(1_u64).clamp(1, 60))
}
