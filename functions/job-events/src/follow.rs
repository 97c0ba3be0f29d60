//! `GET /api/v1/jobs/{id}/events`.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use toonmill_domain::JobId;
use toonmill_http_api::{Params, Problem, last_event_id};

use crate::{App, feed::Feed, viewer::Viewer};

pub(crate) async fn follow(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<String>,
    params: Params,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    // What cannot be read is nothing.
    let has = last_event_id(&headers, &params).and_then(|text| text.parse().ok());
    params.finish()?;
    let found = match id.parse::<JobId>() {
        Ok(id) => app.table.load_job(id).await?,
        Err(_) => None,
    };
    let (job, stages) = viewer.admit(found, app.clock.now())?;
    let mut feed = Feed::new(app, job.id, has);
    let first = feed.news(&job, &stages).await?;
    if first.is_empty() && feed.is_over() {
        // The only answer after which an `EventSource` does not come back.
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    Ok(([(header::CONTENT_TYPE, "text/event-stream")], feed.into_body(&first)).into_response())
}
