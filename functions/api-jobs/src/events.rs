//! `GET /api/v1/jobs/{id}/events` as the gateway has it, which would collect the stream: the way to where it flows.
//!
//! The address has a ticket, since clients keep their token to themselves when a redirect leads to another server.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use toonmill_http_api::{Caller, Params, Problem, last_event_id};

use crate::{App, app::job_id};

/// Longer than any place in a stream.
const LONGEST_PLACE: usize = 64;

pub(crate) async fn lead(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    params: Params,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let has = last_event_id(&headers, &params).filter(|text| is_place(text)).map(str::to_owned);
    params.finish()?;
    if app.events_base.is_empty() {
        return Err(Problem::not_found("stream of events in this deployment"));
    }
    let (job, _) = app.load_job(&caller, job_id(&id)?).await?;
    let mut url = app.showing().events_url(job.id, job.ticket_key.as_deref());
    if let Some(has) = has {
        url.push(if url.contains('?') { '&' } else { '?' });
        url.push_str(last_event_id::PARAMETER);
        url.push('=');
        url.push_str(&has);
    }
    Ok((StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, url)]).into_response())
}

/// Digits and dots. What is none is not led on.
fn is_place(text: &str) -> bool {
    text.len() <= LONGEST_PLACE && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}
