//! `GET /api/v1/jobs/{id}/events` as the gateway has it, which would collect the stream: the way to where it flows.
//!
//! The address has a ticket, since clients keep their token to themselves when a redirect leads to another server.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use toonmill_http_api::{Caller, Params, Problem};

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
    let has = place(&headers, &params);
    params.finish()?;
    if app.events_base.is_empty() {
        return Err(Problem::not_found("stream of events in this deployment"));
    }
    let (job, _) = app.load_job(&caller, job_id(&id)?).await?;
    let mut url = app.showing().events_url(job.id, job.ticket_key.as_deref());
    if let Some(has) = has {
        url.push(if url.contains('?') { '&' } else { '?' });
        url.push_str("lastEventId=");
        url.push_str(&has);
    }
    Ok((StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, url)]).into_response())
}

/// How far the client is, as it says itself. What is none is not led on.
fn place(headers: &HeaderMap, params: &Params) -> Option<String> {
    let of_parameter = params.text("lastEventId");
    let text = match headers.get("last-event-id") {
        Some(value) => value.to_str().ok(),
        None => of_parameter,
    };
    let is_place = |text: &&str| text.len() <= LONGEST_PLACE && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    text.filter(is_place).map(str::to_owned)
}
