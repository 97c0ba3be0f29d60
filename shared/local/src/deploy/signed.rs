//! Signed calls to control planes that speak plain JSON over HTTP. A few of them, with one or two calls each, do not
//! pay for an SDK whose compilation takes longer than the whole deployment.

use std::time::SystemTime;

use anyhow::{Context, Result, bail};
use aws_sdk_s3::config::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use http::{HeaderMap, HeaderValue, Request, StatusCode};
use serde_json::Value;

use super::{ACCESS_KEY, REGION, SECRET_KEY};

#[derive(Debug, Clone)]
pub(crate) struct SignedClient {
    http: reqwest::Client,
    endpoint: String,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// The call was one too many: so many functions run already as may run at the same time.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("all functions are busy that may run at the same time")]
pub(crate) struct Throttled;

impl SignedClient {
    pub(crate) fn new(endpoint: &str) -> Result<Self> {
        Ok(Self { http: reqwest::Client::builder().no_proxy().build()?, endpoint: endpoint.to_owned() })
    }

    pub(crate) async fn post(
        &self,
        service: &str,
        path: &str,
        headers: &[(&'static str, &str)],
        body: Vec<u8>,
    ) -> Result<Answer> {
        let mut request = Request::post(format!("{}{path}", self.endpoint)).body(body)?;
        request.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
        for (name, value) in headers {
            request.headers_mut().insert(*name, HeaderValue::from_str(value)?);
        }
        self.send(service, path, request).await
    }

    pub(crate) async fn get_json(&self, service: &str, path: &str) -> Result<Value> {
        let request = Request::get(format!("{}{path}", self.endpoint)).body(Vec::new())?;
        let answer = self.send(service, path, request).await?;
        serde_json::from_slice(&answer.body).with_context(|| format!("{service} {path} answered no JSON"))
    }

    async fn send(&self, service: &str, path: &str, mut request: Request<Vec<u8>>) -> Result<Answer> {
        sign_request(&mut request, service)?;
        let answer = self.http.execute(request.try_into()?).await?;
        let status = answer.status();
        let headers = answer.headers().clone();
        let body = answer.bytes().await?.to_vec();
        if status == StatusCode::TOO_MANY_REQUESTS {
            return Err(Throttled.into());
        }
        if !status.is_success() {
            bail!("{service} {path}: {status} {}", String::from_utf8_lossy(&body));
        }
        Ok(Answer { headers, body })
    }

    pub(crate) async fn post_json(&self, service: &str, path: &str, body: &Value) -> Result<Value> {
        let answer = self.post(service, path, &[], serde_json::to_vec(body)?).await?;
        serde_json::from_slice(&answer.body).with_context(|| format!("{service} {path} answered no JSON"))
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a signature needs the real time, and nothing here is tested against another"
)]
fn sign_request(request: &mut Request<Vec<u8>>, service: &str) -> Result<()> {
    let identity = Credentials::new(ACCESS_KEY, SECRET_KEY, None, None, "local").into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(REGION)
        .name(service)
        .time(SystemTime::now())
        .settings(SigningSettings::default())
        .build()?
        .into();
    let uri = request.uri().to_string();
    let headers = request
        .headers()
        .iter()
        .map(|(name, value)| Ok((name.as_str(), value.to_str()?)))
        .collect::<Result<Vec<_>>>()?;
    let body = SignableBody::Bytes(request.body());
    let signable = SignableRequest::new(request.method().as_str(), uri, headers.into_iter(), body)?;
    let (instructions, _) = sign(signable, &params)?.into_parts();
    instructions.apply_to_request_http1x(request);
    Ok(())
}
