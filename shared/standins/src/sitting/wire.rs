//! Bodies: reading them to their end, and sending only half of them.

use std::{io, sync::Arc, time::Duration};

use axum::{
    body::{Body, to_bytes},
    http::{HeaderValue, header::CONTENT_LENGTH},
    response::Response,
};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};

use crate::server::{Line, Studio};

/// Time for the half to be sent and read.
const READING: Duration = Duration::from_millis(100);

/// A body that is not there to be looked at.
#[derive(Debug)]
pub(crate) enum Unread {
    BrokenOff,
    TooLarge,
}

/// Reads a body to its end even when it is too long, so that the client gets to read why.
pub(crate) async fn collect(body: Body, max_bytes: usize) -> Result<Vec<u8>, Unread> {
    let mut chunks = body.into_data_stream();
    let mut bytes = Vec::new();
    let mut total = 0_usize;
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| Unread::BrokenOff)?;
        total = total.saturating_add(chunk.len());
        if total <= max_bytes {
            bytes.extend_from_slice(&chunk);
        }
    }
    if total > max_bytes { Err(Unread::TooLarge) } else { Ok(bytes) }
}

/// The same answer, of which half is sent before the connection is reset.
pub(crate) async fn torn(response: Response, line: Line, studio: Arc<Studio>) -> Response {
    let (head, half) = half(response).await;
    let rest = stream::once(async move {
        // Not at once: what is still in a buffer when the reset comes, on either side, is lost.
        studio.wait(READING).await;
        line.cut();
        Err(io::Error::from(io::ErrorKind::ConnectionReset))
    });
    let body = Body::from_stream(stream::StreamExt::chain(stream::iter([Ok(half)]), rest));
    Response::from_parts(head, body)
}

/// Half of the answer, which claims to be all of it.
pub(crate) async fn broken_json(response: Response) -> Response {
    let (mut head, half) = half(response).await;
    head.headers.insert(CONTENT_LENGTH, HeaderValue::from(half.len()));
    Response::from_parts(head, Body::from(half))
}

async fn half(response: Response) -> (axum::http::response::Parts, Bytes) {
    let (mut head, body) = response.into_parts();
    let whole = to_bytes(body, usize::MAX).await.unwrap_or_default();
    head.headers.insert(CONTENT_LENGTH, HeaderValue::from(whole.len()));
    let half = whole.slice(..whole.len() / 2);
    (head, half)
}
