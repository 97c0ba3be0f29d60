//! S3: s3s, with a map behind it.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::TryStreamExt;
use http_body_util::{BodyExt, Collected};
use s3s::{
    S3, S3Request, S3Response, S3Result,
    auth::SimpleAuth,
    config::{S3Config, StaticConfigProvider},
    dto::{
        DeleteObjectsInput, DeleteObjectsOutput, GetObjectInput, GetObjectOutput, HeadObjectInput, HeadObjectOutput,
        ListObjectsV2Input, ListObjectsV2Output, Object, PutObjectInput, PutObjectOutput, StreamingBlob,
    },
    s3_error,
    service::{S3Service, S3ServiceBuilder},
};

#[derive(Clone, Default)]
struct Shelf(Arc<Mutex<BTreeMap<String, Bytes>>>);

#[derive(Clone)]
pub(crate) struct Objects {
    service: S3Service,
    shelf: Shelf,
}

impl Objects {
    pub(crate) fn new() -> Self {
        let shelf = Shelf::default();
        let mut builder = S3ServiceBuilder::new(shelf.clone());
        builder.set_auth(SimpleAuth::from_single("test", "test"));
        // s3s compares the time of a signature with the real clock, and ours is another.
        let mut config = S3Config::default();
        config.presigned_url_max_skew_time_secs = u32::MAX;
        builder.set_config(Arc::new(StaticConfigProvider::new(Arc::new(config))));
        Self { service: builder.build(), shelf }
    }

    pub(crate) fn keys(&self) -> Vec<String> {
        self.shelf.0.lock().unwrap().keys().cloned().collect()
    }

    pub(crate) async fn answer(&self, parts: http::request::Parts, body: Bytes) -> (u16, http::HeaderMap, Bytes) {
        let head = parts.method == http::Method::HEAD;
        let request = http::Request::from_parts(parts, s3s::Body::from(body));
        match self.service.call(request).await {
            Ok(answer) => {
                let (parts, body) = answer.into_parts();
                let body = body.collect().await.map(Collected::to_bytes).unwrap_or_default();
                // S3 sends no body with the answer to HEAD; s3s does when it is an error.
                (parts.status.as_u16(), parts.headers, if head { Bytes::new() } else { body })
            }
            Err(error) => (500, http::HeaderMap::new(), Bytes::from(format!("{error:?}"))),
        }
    }
}

impl fmt::Debug for Objects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Objects")
    }
}

#[async_trait]
impl S3 for Shelf {
    async fn put_object(&self, request: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
        let input = request.input;
        let Some(body) = input.body else { return Err(s3_error!(IncompleteBody)) };
        let chunks: Vec<Bytes> = body.try_collect().await.map_err(|_| s3_error!(IncompleteBody))?;
        self.0.lock().unwrap().insert(input.key, Bytes::from(chunks.concat()));
        Ok(S3Response::new(PutObjectOutput::default()))
    }

    async fn get_object(&self, request: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        let bytes = self.0.lock().unwrap().get(&request.input.key).cloned().ok_or_else(|| s3_error!(NoSuchKey))?;
        let content_length = i64::try_from(bytes.len()).ok();
        let body = Some(StreamingBlob::from(s3s::Body::from(bytes)));
        Ok(S3Response::new(GetObjectOutput { body, content_length, ..GetObjectOutput::default() }))
    }

    async fn head_object(&self, request: S3Request<HeadObjectInput>) -> S3Result<S3Response<HeadObjectOutput>> {
        let bytes = self.0.lock().unwrap().get(&request.input.key).cloned().ok_or_else(|| s3_error!(NoSuchKey))?;
        let content_length = i64::try_from(bytes.len()).ok();
        Ok(S3Response::new(HeadObjectOutput { content_length, ..HeadObjectOutput::default() }))
    }

    async fn list_objects_v2(
        &self,
        request: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        let prefix = request.input.prefix.unwrap_or_default();
        let objects = self.0.lock().unwrap();
        let keys = objects.keys().filter(|key| key.starts_with(&prefix));
        let contents = keys.map(|key| Object { key: Some(key.clone()), ..Object::default() }).collect();
        Ok(S3Response::new(ListObjectsV2Output { contents: Some(contents), ..ListObjectsV2Output::default() }))
    }

    async fn delete_objects(
        &self,
        request: S3Request<DeleteObjectsInput>,
    ) -> S3Result<S3Response<DeleteObjectsOutput>> {
        let mut objects = self.0.lock().unwrap();
        for object in request.input.delete.objects {
            objects.remove(&object.key);
        }
        Ok(S3Response::new(DeleteObjectsOutput::default()))
    }
}
