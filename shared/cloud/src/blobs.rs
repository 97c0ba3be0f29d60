//! The one private bucket: plans, uploads and images.

use std::time::Duration;

use aws_sdk_s3::{
    Client,
    presigning::PresigningConfig,
    primitives::{AggregatedBytes, ByteStream},
    types::{ChecksumAlgorithm, Delete, ObjectIdentifier},
};
use aws_smithy_types::base64;
use toonmill_domain::{
    JobId, Plan,
    sha256::{from_hex, hex_of},
};

use crate::{Lazy, error::CloudError};

/// How long a presigned link lives: one hour, at most.
pub const LINK_LIFETIME: Duration = Duration::from_hours(1);

/// The bucket.
#[derive(Clone, Debug)]
pub struct Blobs {
    client: Lazy<Client>,
    bucket: String,
}

/// A request that a browser makes itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresignedPut {
    pub url: String,
    /// Headers that were signed: without them the bucket refuses the upload.
    pub headers: Vec<(String, String)>,
}

impl Blobs {
    pub fn new(client: impl Into<Lazy<Client>>, bucket: impl Into<String>) -> Self {
        Self { client: client.into(), bucket: bucket.into() }
    }

    /// Writes an object whose bytes have this sha256 (in hex), which the bucket checks.
    pub async fn put(
        &self,
        key: &str,
        mime_type: &str,
        sha256: &str,
        bytes: impl Into<ByteStream>,
    ) -> Result<(), CloudError> {
        let hash = from_hex(sha256).ok_or_else(|| CloudError::corrupt("a sha256"))?;
        self.client
            .put_object()
            .bucket(&self.bucket)
            .key(key)
            .content_type(mime_type)
            .checksum_algorithm(ChecksumAlgorithm::Sha256)
            .checksum_sha256(base64::encode(hash))
            .body(bytes.into())
            .send()
            .await
            .map(|_| ())
            .map_err(|error| CloudError::from_sdk("PutObject", error))
    }

    /// An object's bytes; one of more than `limit_bytes` is an error before it is read.
    pub async fn get(&self, key: &str, limit_bytes: u64) -> Result<Vec<u8>, CloudError> {
        let answer = self
            .client
            .get_object()
            .bucket(&self.bucket)
            .key(key)
            .send()
            .await
            .map_err(|error| CloudError::from_sdk("GetObject", error))?;
        let size = answer.content_length().and_then(|length| u64::try_from(length).ok());
        if size.is_none_or(|size| size > limit_bytes) {
            return Err(CloudError::corrupt(format!("an object of more than {limit_bytes} bytes")));
        }
        let body = answer.body.collect().await;
        body.map(AggregatedBytes::to_vec).map_err(|_| CloudError::unavailable("GetObject (its body)"))
    }

    /// A whole text, at most `limit_bytes` of it in UTF-8.
    pub async fn get_text(&self, key: &str, limit_bytes: u64) -> Result<String, CloudError> {
        let bytes = self.get(key, limit_bytes).await?;
        String::from_utf8(bytes).map_err(|_| CloudError::corrupt("a text that is not UTF-8"))
    }

    /// The size of an object, none if it does not exist.
    pub async fn size_bytes(&self, key: &str) -> Result<Option<u64>, CloudError> {
        let answer = self.client.head_object().bucket(&self.bucket).key(key).send().await;
        match answer.map_err(|error| CloudError::from_sdk("HeadObject", error)) {
            Ok(answer) => Ok(answer.content_length().and_then(|length| u64::try_from(length).ok())),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A link to an object for one hour.
    pub async fn link(&self, key: &str) -> Result<String, CloudError> {
        let request = self.client.get_object().bucket(&self.bucket).key(key);
        let signed =
            request.presigned(lifetime()?).await.map_err(|error| CloudError::from_sdk("presigned GetObject", error))?;
        Ok(signed.uri().to_owned())
    }

    /// A request by which exactly this many bytes of this type can be put at `key`, for one hour; those of this sha256 (in
    /// hex) alone, if it is known.
    pub async fn upload_link(
        &self,
        key: &str,
        mime_type: &str,
        size_bytes: u64,
        sha256: Option<&str>,
    ) -> Result<PresignedPut, CloudError> {
        let hash = sha256.map(|hex| from_hex(hex).ok_or_else(|| CloudError::corrupt("a sha256"))).transpose()?;
        let length = i64::try_from(size_bytes).map_err(|_| CloudError::corrupt("the size of an upload"))?;
        let request = self
            .client
            .put_object()
            .bucket(&self.bucket)
            .key(key)
            .content_type(mime_type)
            .content_length(length)
            .set_checksum_sha256(hash.map(base64::encode));
        let signed =
            request.presigned(lifetime()?).await.map_err(|error| CloudError::from_sdk("presigned PutObject", error))?;
        let headers = signed.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Ok(PresignedPut { url: signed.uri().to_owned(), headers })
    }

    /// The keys that begin with `prefix`, a slot's or a job's own; the bucket is never listed as a whole.
    pub async fn list(&self, prefix: &str) -> Result<Vec<String>, CloudError> {
        let mut pages = self.client.list_objects_v2().bucket(&self.bucket).prefix(prefix).into_paginator().send();
        let mut keys = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| CloudError::from_sdk("ListObjectsV2", error))?;
            keys.extend(page.contents.unwrap_or_default().into_iter().filter_map(|object| object.key));
        }
        Ok(keys)
    }

    /// Removes objects. Removing one that does not exist is success.
    pub async fn delete(&self, keys: &[String]) -> Result<(), CloudError> {
        for batch in keys.chunks(1_000) {
            let objects = batch
                .iter()
                .map(|key| ObjectIdentifier::builder().key(key).build())
                .collect::<Result<Vec<_>, _>>()
                .map_err(|error| CloudError::corrupt(error.to_string()))?;
            let delete = Delete::builder().set_objects(Some(objects)).quiet(true).build();
            let delete = delete.map_err(|error| CloudError::corrupt(error.to_string()))?;
            let answer = self
                .client
                .delete_objects()
                .bucket(&self.bucket)
                .delete(delete)
                .send()
                .await
                .map_err(|error| CloudError::from_sdk("DeleteObjects", error))?;
            if let Some(error) = answer.errors().first() {
                return Err(CloudError::unavailable(format!("DeleteObjects ({})", error.code().unwrap_or("no code"))));
            }
        }
        Ok(())
    }

    /// Writes a job's plan. It is written once, before the job.
    pub async fn put_plan(&self, plan: &Plan) -> Result<(), CloudError> {
        let json = serde_json::to_vec(plan).map_err(|error| CloudError::corrupt(error.to_string()))?;
        self.put(&plan_key(plan.job), "application/json", &hex_of(&json), json).await
    }

    /// Removes the plan of a job that was not written.
    pub async fn delete_plan(&self, job: JobId) -> Result<(), CloudError> {
        self.delete(&[plan_key(job)]).await
    }

    /// A job's plan.
    pub async fn load_plan(&self, job: JobId) -> Result<Plan, CloudError> {
        let json = self.get(&plan_key(job), PLAN_LIMIT_BYTES).await?;
        serde_json::from_slice(&json).map_err(|_| CloudError::corrupt(format!("the plan of job {job}")))
    }

    /// Whether the bucket answers at all, for the health check.
    pub async fn answers(&self) -> Result<(), CloudError> {
        self.size_bytes("plans/health").await.map(|_| ())
    }
}

/// The key of a job's plan.
pub fn plan_key(job: JobId) -> String {
    format!("plans/{job}.json")
}

/// Far above any plan: 20 stages of 1,000 prompts of 4,000 characters would be refused as a request.
const PLAN_LIMIT_BYTES: u64 = 64 << 20;

fn lifetime() -> Result<PresigningConfig, CloudError> {
    PresigningConfig::expires_in(LINK_LIFETIME).map_err(|error| CloudError::corrupt(error.to_string()))
}
