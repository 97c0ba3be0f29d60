//! The faults of the script, in Gemini's words.

use std::{io, time::Duration};

use axum::{
    body::{Body, to_bytes},
    http::{HeaderValue, StatusCode, header::CONTENT_LENGTH},
    response::{Html, IntoResponse, Response},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use futures_util::stream;
use serde_json::{Value, json};

use super::{
    answer::{Sitting, inline},
    error::ApiError,
    order::Order,
};
use crate::{
    faults::{BrokenPicture, Cut, Fault, Quota},
    server::Line,
    sketch::{self, Brief},
};

/// A page where a picture should be, as a proxy in between might put it there.
const NOT_A_PICTURE: &str = "<html><head><title>502 Bad Gateway</title></head></html>";

pub(super) async fn answer(sitting: Sitting<'_>, fault: Fault, line: &Line) -> Response {
    match fault {
        Fault::None {} => sitting.good().await,
        Fault::RateLimited { retry_after_ms, quota } => {
            let wait_ms = retry_after_ms.unwrap_or(1000 + sitting.chance % 1000);
            rate_limited(&sitting.order, wait_ms, quota).into_response()
        }
        Fault::Error { status: 408, message, .. } => {
            let message = message.unwrap_or_else(|| "timeout".into());
            (StatusCode::REQUEST_TIMEOUT, message).into_response()
        }
        Fault::Error { status, message, wrapped } => {
            error(status).with_message(message).wrapped(wrapped).into_response()
        }
        Fault::BadKey {} => ApiError::bad_key().into_response(),
        Fault::WrongPlace {} => {
            let message = "User location is not supported for the API use.";
            ApiError::new(400, "FAILED_PRECONDITION", message).into_response()
        }
        Fault::Retired {} => ApiError::retired_model(sitting.order.model.id).into_response(),
        Fault::BadGateway {} => (StatusCode::BAD_GATEWAY, Html(NOT_A_PICTURE)).into_response(),
        Fault::Reset { cut: Cut::BeforeAnswer } => {
            line.cut();
            StatusCode::OK.into_response()
        }
        Fault::Reset { cut: Cut::MidAnswer } => torn(sitting.good().await, line.clone()).await,
        Fault::Hang { ms } => {
            let time = ms.map_or_else(|| sitting.studio.hang(), Duration::from_millis);
            sitting.studio.wait(time).await;
            error(504).into_response()
        }
        Fault::Blocked { reason } => sitting.blocked(&reason),
        Fault::Finished { reason } => sitting.finished(&reason),
        Fault::TextOnly {} => sitting.text_only(),
        Fault::BrokenPicture { how } => broken_picture(&sitting, how).await,
        Fault::BrokenJson {} => broken_json(sitting.good().await).await,
        Fault::WrongRatio {} => {
            let brief = sitting.brief();
            let (width_px, height_px) = other_ratio(brief.width_px, brief.height_px);
            drawn(&sitting, Brief { width_px, height_px, ..brief }).await
        }
        Fault::Blank {} => {
            let (width, height) = (sitting.order.width_px, sitting.order.height_px);
            let work = move || sketch::png(&sketch::blank(width, height));
            with_png(&sitting, sitting.studio.work(work).await).await
        }
        Fault::Duplicate {} => drawn(&sitting, sitting.brief_of_call(1)).await,
    }
}

fn error(status: u16) -> ApiError {
    let (name, message) = match status {
        400 => return ApiError::value("generation_config.image_config.aspect_ratio"),
        401 => return ApiError::wrong_credentials(),
        403 => ("PERMISSION_DENIED", "Your API key was reported as leaked. Please use another API key."),
        404 => ("NOT_FOUND", "Requested entity was not found."),
        409 => ("ABORTED", "The operation was aborted."),
        429 => ("RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota)."),
        499 => ("CANCELLED", "The operation was cancelled."),
        500 => return ApiError::internal(),
        503 => ("UNAVAILABLE", "The model is overloaded. Please try again later."),
        504 => ("DEADLINE_EXCEEDED", "Deadline expired before operation could complete."),
        _ => ("UNKNOWN", "Unknown error."),
    };
    ApiError::new(status, name, message)
}

fn rate_limited(order: &Order, wait_ms: u64, quota: Quota) -> ApiError {
    let (message, id, value) = match quota {
        Quota::PerMinute => {
            ("You exceeded your current quota.", "GenerateRequestsPerMinutePerProjectPerModel-PaidTier", "20")
        }
        Quota::PerDay => (
            "You exceeded your current quota, please check your plan and billing details.",
            "GenerateRequestsPerDayPerProjectPerModel-PaidTier",
            "250",
        ),
        Quota::Spend => {
            ("Your project has exceeded its spend-based rate limit.", "SpendPerTenMinutesPerProject-PaidTier", "10")
        }
        Quota::Prepaid => {
            let message = "Your prepayment credits are depleted. Please go to AI Studio to manage \
                 your project and billing.";
            return ApiError::new(429, "RESOURCE_EXHAUSTED", message);
        }
    };
    let delay = format!("{}.{:03}s", wait_ms / 1000, wait_ms % 1000);
    let details = vec![
        json!({
            "@type": "type.googleapis.com/google.rpc.QuotaFailure",
            "violations": [{
                "quotaMetric": "generativelanguage.googleapis.com/generate_content_paid_tier_requests",
                "quotaId": id,
                "quotaDimensions": { "location": "global", "model": order.model.id },
                "quotaValue": value,
            }],
        }),
        json!({
            "@type": "type.googleapis.com/google.rpc.Help",
            "links": [{
                "description": "Learn more about Gemini API quotas",
                "url": "https://ai.google.dev/gemini-api/docs/rate-limits",
            }],
        }),
        json!({ "@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay }),
    ];
    ApiError::new(429, "RESOURCE_EXHAUSTED", format!("{message} Please retry in {delay}.")).with_details(details)
}

async fn drawn(sitting: &Sitting<'_>, brief: Brief) -> Response {
    with_png(sitting, sitting.draw(brief).await).await
}

async fn with_png(sitting: &Sitting<'_>, png: Option<Vec<u8>>) -> Response {
    match png {
        Some(png) => sitting.with_picture(&png).await,
        None => ApiError::internal().into_response(),
    }
}

async fn broken_picture(sitting: &Sitting<'_>, how: BrokenPicture) -> Response {
    let Some(mut png) = sitting.draw(sitting.brief()).await else {
        return ApiError::internal().into_response();
    };
    let part: Value = match how {
        BrokenPicture::Truncated => {
            png.truncate(png.len() * 3 / 5);
            inline("image/png", &BASE64_STANDARD.encode(png))
        }
        BrokenPicture::NotAPicture => inline("image/png", &BASE64_STANDARD.encode(NOT_A_PICTURE)),
        BrokenPicture::BadBase64 => inline("image/png", "iVBORw0KGgo*=not=base64"),
        BrokenPicture::Empty => inline("image/png", ""),
        BrokenPicture::WrongType => inline("image/jpeg", &BASE64_STANDARD.encode(png)),
    };
    sitting.with_picture_part(part).await
}

/// The same answer, of which half is sent before the connection is reset.
async fn torn(response: Response, line: Line) -> Response {
    let (head, half) = half(response).await;
    let rest = stream::once(async move {
        line.cut();
        Err(io::Error::from(io::ErrorKind::ConnectionReset))
    });
    let body = Body::from_stream(stream::StreamExt::chain(stream::iter([Ok(half)]), rest));
    Response::from_parts(head, body)
}

/// Half of the answer, which claims to be all of it.
async fn broken_json(response: Response) -> Response {
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

/// A square for everything but squares.
fn other_ratio(width: u32, height: u32) -> (u32, u32) {
    if width == height { (width * 4 / 3, height * 3 / 4) } else { (width.min(height), width.min(height)) }
}
